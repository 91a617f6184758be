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
  // In the order of the bytes: the signals of a record, then the next record.
  const ordered = stretches
    .filter(({ begin, end }) => begin < end)
    .sort((a, b) => a.signal.byteOffset - b.signal.byteOffset);
  if (ordered.length === 0) return;
  const decoders = ordered.map((stretch) => decoderOf(stretch, size));
  // Of each piece of a run: its stretch, its number of samples, and where they go.
  const of: number[] = [];
  const counts: number[] = [];
  const targets: number[] = [];
  const reader = new PieceReader(file, (run, offset, piece) => {
    decoders[of[piece]!]!(run, offset, counts[piece]!, targets[piece]!);
  });
  const recordOf = (sample: number, { samplesPerRecord }: EdfSignalHeader): number =>
    Math.floor(sample / samplesPerRecord);
  const first = Math.min(...ordered.map(({ begin, signal }) => recordOf(begin, signal)));
  const last = Math.max(...ordered.map(({ end, signal }) => recordOf(end - 1, signal)));
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
  reader.flush();
}

type Decoder = (run: Run, offset: number, count: number, at: number) => void;

function decoderOf({ signal, target }: Stretch, bytesPerSample: 2 | 3): Decoder {
  const physical = target instanceof Float64Array || target instanceof Float32Array;
  const digitalMinimum = physical ? signal.digitalMinimum : 0;
  const physicalMinimum = physical ? signal.physicalMinimum : 0;
  const scale = physical ? scaleOf(signal) : 1;
  if (bytesPerSample === 3)
    return ({ bytes }, offset, count, at) => {
      for (let i = 0, from = offset; i < count; i++, from += 3) {
        const stored = bytes[from]! | (bytes[from + 1]! << 8) | ((bytes[from + 2]! << 24) >> 8);
        target[at + i] = physicalMinimum + (stored - digitalMinimum) * scale;
      }
    };
  return ({ bytes, integers }, offset, count, at) => {
    if (BIG_ENDIAN) bytes.subarray(offset, offset + 2 * count).swap16();
    const from = offset >> 1;
    if (target instanceof Int16Array) target.set(integers.subarray(from, from + count), at);
    else if (target instanceof Float64Array)
      toDoubles(integers, from, count, target, at, digitalMinimum, physicalMinimum, scale);
    else
      for (let i = 0; i < count; i++) target[at + i] = physicalMinimum + (integers[from + i]! - digitalMinimum) * scale;
  };
}

const BIG_ENDIAN = endianness() === "BE";

/** The usual case, on its own so that the compiler meets one type of array only: a night is millions of samples. */
function toDoubles(
  stored: Int16Array,
  from: number,
  count: number,
  target: Float64Array,
  at: number,
  digitalMinimum: number,
  physicalMinimum: number,
  scale: number,
): void {
  for (let i = 0; i < count; i++) target[at + i] = physicalMinimum + (stored[from + i]! - digitalMinimum) * scale;
}

/** Physical units a stored unit: NaN or 0 for a signal that has no scale. */
export function scaleOf(signal: EdfSignalHeader): number {
  const { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum } = signal;
  const scale = (physicalMaximum - physicalMinimum) / (digitalMaximum - digitalMinimum);
  return Number.isFinite(scale) ? scale : Number.NaN;
}
