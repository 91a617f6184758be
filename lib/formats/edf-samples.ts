/** Samples of EDF files: stored integers, in any number of signals at once, read in as few calls as makes sense. */
import { endianness } from "node:os";
import { type ByteFile, PIECE_BYTES, PieceReader, type Run } from "./edf-bytes";
import type { EdfHeader, EdfSignalHeader } from "./edf-header";

/** What samples are read into: floating point in physical units, integers as stored. */
export type EdfArray = Float64Array | Float32Array | Int16Array | Int32Array;

/** A stretch of one signal within records that follow each other. */
export interface Stretch {
  signal: EdfSignalHeader;
  /** First sample, and the one after the last, counted from the first of the records. */
  begin: number;
  end: number;
  target: EdfArray;
  /** Where the first sample goes. */
  at: number;
}

/**
 * Reads stretches of signals.
 * @param firstRecord the data record that samples are counted from.
 */
export function readStretches(
  file: ByteFile,
  header: EdfHeader,
  firstRecord: number,
  stretches: readonly Stretch[],
): void {
  const { bytesPerSample: size, headerBytes, recordBytes } = header;
  const [single] = stretches;
  if (stretches.length === 1 && single !== undefined && readWithinRecord(file, header, firstRecord, single)) return;
  // In the order of the bytes: the signals of a record, then the next record.
  const ordered = stretches.filter(({ begin, end }) => begin < end);
  if (ordered.length === 0) return;
  if (ordered.length > 1) ordered.sort((a, b) => a.signal.byteOffset - b.signal.byteOffset);
  // Of each piece of a run: its stretch, its number of samples, and where they go.
  const of: number[] = [];
  const counts: number[] = [];
  const targets: number[] = [];
  const reader = new PieceReader(file, (run, offset, piece) => {
    decode(ordered[of[piece]!]!, size, run, offset, counts[piece]!, targets[piece]!);
  });
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const { begin, end, signal } of ordered) {
    first = Math.min(first, Math.floor(begin / signal.samplesPerRecord));
    last = Math.max(last, Math.floor((end - 1) / signal.samplesPerRecord));
  }
  const most = Math.floor(PIECE_BYTES / size);
  for (let record = first; record <= last; record++) {
    for (let i = 0; i < ordered.length; i++) {
      const { signal, begin, end, at } = ordered[i]!;
      const recordBegin = record * signal.samplesPerRecord;
      const stop = Math.min(end, recordBegin + signal.samplesPerRecord);
      const position = headerBytes + (firstRecord + record) * recordBytes + signal.byteOffset;
      for (let sample = Math.max(begin, recordBegin); sample < stop; sample += most) {
        const count = Math.min(most, stop - sample);
        const piece = reader.add(position + (sample - recordBegin) * size, count * size);
        of[piece] = i;
        counts[piece] = count;
        targets[piece] = at + sample - begin;
      }
    }
  }
  reader.finish();
}

/** Reads a stretch that one record holds, without a plan; false where it is none. */
function readWithinRecord(file: ByteFile, header: EdfHeader, firstRecord: number, stretch: Stretch): boolean {
  const { signal, begin, end, at } = stretch;
  const { bytesPerSample, headerBytes, recordBytes } = header;
  const record = Math.floor(begin / signal.samplesPerRecord);
  const length = (end - begin) * bytesPerSample;
  if (length <= 0 || length > PIECE_BYTES || end > (record + 1) * signal.samplesPerRecord) return false;
  const inRecord = signal.byteOffset + (begin - record * signal.samplesPerRecord) * bytesPerSample;
  const position = headerBytes + (firstRecord + record) * recordBytes + inRecord;
  PieceReader.readOne(file, position, length, (run, offset) =>
    decode(stretch, bytesPerSample, run, offset, end - begin, at),
  );
  return true;
}

const BIG_ENDIAN = endianness() === "BE";

/** Puts `count` stored samples of a run to where they belong, from `at`. */
function decode(
  { signal, target }: Stretch,
  bytesPerSample: 2 | 3,
  { bytes, integers }: Run,
  offset: number,
  count: number,
  at: number,
): void {
  let [stored, from]: [Int16Array | Int32Array, number] = [integers, offset >> 1];
  if (bytesPerSample === 3) [stored, from] = [unpack24(bytes, offset, count), 0];
  else if (BIG_ENDIAN) bytes.subarray(offset, offset + 2 * count).swap16();
  if (target instanceof Float64Array) scaleInto(stored, from, count, signal, target, at);
  else if (target instanceof Float32Array) {
    // By way of doubles: the loop that does the work then meets one type of array only, which makes it fast.
    scaleInto(stored, from, count, signal, doubles, 0);
    target.set(doubles.subarray(0, count), at);
  } else target.set(stored.subarray(from, from + count), at);
}

/** Room for a piece's samples between two steps. */
const doubles = new Float64Array(PIECE_BYTES >> 1);
const unpacked = new Int32Array(Math.floor(PIECE_BYTES / 3));

function unpack24(bytes: Buffer, offset: number, count: number): Int32Array {
  for (let i = 0, from = offset; i < count; i++, from += 3)
    unpacked[i] = bytes[from]! | (bytes[from + 1]! << 8) | ((bytes[from + 2]! << 24) >> 8);
  return unpacked;
}

function scaleInto(
  stored: Int16Array | Int32Array,
  from: number,
  count: number,
  signal: EdfSignalHeader,
  target: Float64Array,
  at: number,
): void {
  const { digitalMinimum, physicalMinimum } = signal;
  const scale = scaleOf(signal);
  const shift = at - from;
  const end = from + count;
  let i = from;
  // Four at a time: the loop itself costs as much as what it does to a sample, and a night has millions.
  for (const last = end - 3; i < last; i += 4) {
    target[shift + i] = physicalMinimum + (stored[i]! - digitalMinimum) * scale;
    target[shift + i + 1] = physicalMinimum + (stored[i + 1]! - digitalMinimum) * scale;
    target[shift + i + 2] = physicalMinimum + (stored[i + 2]! - digitalMinimum) * scale;
    target[shift + i + 3] = physicalMinimum + (stored[i + 3]! - digitalMinimum) * scale;
  }
  for (; i < end; i++) target[shift + i] = physicalMinimum + (stored[i]! - digitalMinimum) * scale;
}

/** Physical units a stored unit: NaN or 0 for a signal that has no scale. */
export function scaleOf(signal: EdfSignalHeader): number {
  const { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum } = signal;
  const scale = (physicalMaximum - physicalMinimum) / (digitalMaximum - digitalMinimum);
  return Number.isFinite(scale) ? scale : Number.NaN;
}
