/** When an EDF file's data records happened: how many there are, their onsets, the gaps between them, annotations. */
import { parseTals } from "./edf-annotations";
import { type ByteFile, PieceReader } from "./edf-bytes";
import type { EdfDamage } from "./edf-damage";
import type { EdfHeader } from "./edf-header";
import type { Annotation } from "./types";

/** Data records without a gap between them. */
export interface EdfSegment {
  /** Seconds from the recording's start. */
  onset: number;
  /** Seconds. */
  duration: number;
  firstRecord: number;
  records: number;
}

/** Two records are contiguous when their onsets differ from the duration by less: half a millisecond. */
const GAP_TOLERANCE = 5e-4;

/**
 * How many whole data records the file holds.
 * @throws SignalbookError where that is not what the header says; when lenient, all that are there count.
 */
export function countRecords(
  { records, headerBytes, recordBytes }: EdfHeader,
  size: number,
  damage: EdfDamage,
): number {
  const body = size - headerBytes;
  const whole = recordBytes === 0 ? 0 : Math.floor(body / recordBytes);
  const fix = "copy or download the file again";
  if (records === -1 || recordBytes === 0) {
    // -1: the recorder never wrote the count.
    const found = `${body - whole * recordBytes} bytes`;
    const expected = `a whole number of data records of ${recordBytes} bytes`;
    if (body !== whole * recordBytes)
      damage.found(
        "bytes after the last whole data record",
        headerBytes + whole * recordBytes,
        { found, expected, fix },
        "left out",
      );
    return whole;
  }
  const expected = `${records * recordBytes}: ${records} records of ${recordBytes} bytes`;
  if (body < records * recordBytes)
    damage.found(
      "a truncated file",
      size,
      { found: `${body} bytes of data`, expected, fix },
      `${whole} of ${records} data records read`,
    );
  if (body > records * recordBytes)
    damage.found(
      "a file that is too long",
      headerBytes + records * recordBytes,
      { found: `${body} bytes of data`, expected, fix },
      whole === records ? "the bytes after the last data record left out" : `${whole} whole data records read`,
    );
  return whole;
}

/** What the annotation signals of some data records say, times in seconds after the header's start. */
export interface RecordTimes {
  /** Of every record read, NaN without a time-keeping annotation; empty where no annotation signal could keep them. */
  onsets: Float64Array;
  annotations: Annotation[];
}

/** Reads the annotation signals of the first `records` data records. Throws as {@link parseTals}. */
export function readRecordTimes(file: ByteFile, header: EdfHeader, records: number, damage: EdfDamage): RecordTimes {
  const lists = header.signals.filter((signal) => signal.isAnnotations && signal.samplesPerRecord > 0);
  // A continuous file without annotation signals has no times to keep: nothing is held for its records.
  const timed = lists.length > 0 || header.kind.endsWith("+D");
  const onsets = new Float64Array(timed ? records : 0).fill(Number.NaN);
  const annotations: Annotation[] = [];
  // The pieces' order: every list of the first record, every list of the second ...
  let taken = 0;
  const reader = new PieceReader(file, ({ bytes }, offset) => {
    const record = Math.floor(taken / lists.length);
    const list = lists[taken % lists.length]!;
    const length = list.samplesPerRecord * header.bytesPerSample;
    const at = header.headerBytes + record * header.recordBytes + list.byteOffset;
    const tals = parseTals(bytes.subarray(offset, offset + length), at, record + 1, damage);
    // The first annotation signal keeps the time.
    if (list === lists[0] && tals.recordOnset !== null) onsets[record] = tals.recordOnset;
    for (const annotation of tals.annotations) annotations.push(annotation);
    taken++;
  });
  if (lists.length > 0)
    for (let record = 0; record < records; record++)
      for (const { byteOffset, samplesPerRecord } of lists)
        reader.add(
          header.headerBytes + record * header.recordBytes + byteOffset,
          samplesPerRecord * header.bytesPerSample,
        );
  reader.finish();
  return { onsets, annotations };
}

/** Seconds from the recording's start, of a time `onset` seconds after the header's start: rounded to nanoseconds. */
export function sinceStart(onset: number, first: number): number {
  return Math.round(1e9 * (onset - first)) / 1e9;
}

/** When the data records happened. */
export interface Timeline {
  /** Seconds from the header's start to the first record's. */
  first: number;
  segments: EdfSegment[];
}

/**
 * The records of a file in time: one segment for a continuous file, whose records follow each other whatever they say.
 * @param onsets of the records, in seconds after the header's start; of a continuous file the first ones do.
 * @throws SignalbookError for a record of a discontinuous file without its time, or that begins before the last one
 * ends; when lenient, records whose time contradicts the others' follow the one before.
 */
export function timelineOf(onsets: Float64Array, records: number, header: EdfHeader, damage: EdfDamage): Timeline {
  const { recordDuration, kind } = header;
  const trusted = damage.lenient ? trustedOnsets(onsets, recordDuration) : null;
  const known = onsets.findIndex((onset, record) => !Number.isNaN(onset) && trusted?.[record] !== 0);
  const first = known < 0 ? 0 : onsets[known]! - known * recordDuration;
  if (kind.endsWith("+D")) return { first, segments: findSegments(onsets, first, trusted, header, damage) };
  const whole = { onset: 0, duration: records * recordDuration, firstRecord: 0, records };
  return { first, segments: records === 0 ? [] : [whole] };
}

/** @param trusted 0 for records whose time cannot be right; null where all are taken at their word. */
function findSegments(
  onsets: Float64Array,
  first: number,
  trusted: Uint8Array | null,
  { recordDuration, headerBytes, recordBytes }: EdfHeader,
  damage: EdfDamage,
): EdfSegment[] {
  const segments: EdfSegment[] = [];
  let end = 0;
  onsets.forEach((value, record) => {
    const byte = headerBytes + record * recordBytes;
    const place = `data record ${record + 1}, byte ${byte}`;
    let onset = sinceStart(value, first);
    if (Number.isNaN(value))
      damage.found(
        "a data record without its time",
        byte,
        { place, expected: "a time-keeping annotation first, as a discontinuous file must have" },
        "taken to follow the one before",
      );
    else if (trusted?.[record] === 0 || onset < end - GAP_TOLERANCE)
      damage.found(
        "data records that overlap",
        byte,
        { place, found: `${onset} s`, expected: `${end} s or later` },
        "taken to follow the one before",
      );
    if (Number.isNaN(value) || trusted?.[record] === 0) onset = end;
    const last = segments[segments.length - 1];
    if (last === undefined || onset > end + GAP_TOLERANCE) {
      segments.push({ onset, duration: recordDuration, firstRecord: record, records: 1 });
      end = onset + recordDuration;
    } else {
      last.records++;
      last.duration = last.records * recordDuration;
      end = last.onset + last.duration;
    }
  });
  return segments;
}

/**
 * Which records' onsets can all be right together, as many as possible: 1, others 0. Onset less the records before it
 * must not fall, so this is the longest non-falling subsequence of that.
 */
function trustedOnsets(onsets: Float64Array, recordDuration: number): Uint8Array {
  const slack = onsets.map((onset, record) => onset - record * recordDuration);
  const lastOfLength: number[] = [];
  const before = new Int32Array(onsets.length).fill(-1);
  slack.forEach((value, record) => {
    if (Number.isNaN(value)) return;
    let low = 0;
    for (let high = lastOfLength.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (slack[lastOfLength[middle]!]! <= value + GAP_TOLERANCE) low = middle + 1;
      else high = middle;
    }
    before[record] = low === 0 ? -1 : lastOfLength[low - 1]!;
    lastOfLength[low] = record;
  });
  const trusted = new Uint8Array(onsets.length);
  for (let record = lastOfLength.at(-1) ?? -1; record >= 0; record = before[record]!) trusted[record] = 1;
  return trusted;
}
