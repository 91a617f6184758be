/** Values of a page to their rows: nulls spread out, dictionary indices replaced. Throws RangeErrors, as the decoders do. */
import { decodeHybrid, type ParquetArray } from "./parquet-encodings";

/** One level a row, 1 for a value and 0 for a null; null when no row is null. */
export function decodeLevels(bytes: Uint8Array, rows: number): Int32Array | null {
  // Nearly always one run says that nothing is missing.
  if (rows > 0 && isRunOfOnes(bytes, rows)) return null;
  const levels = new Int32Array(rows);
  decodeHybrid(bytes, 1, levels, rows);
  return countOnes(levels, 0, rows) === rows ? null : levels;
}

/** Whether the first run is one of ones, for all rows. */
function isRunOfOnes(bytes: Uint8Array, rows: number): boolean {
  let header = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[i] ?? 1;
    header |= (byte & 127) << (7 * i);
    if (byte < 128) return header % 2 === 0 && header >> 1 >= rows && bytes[i + 1] === 1;
  }
  return false;
}

/** How many levels from `from` to `to` are 1. */
export function countOnes(levels: Int32Array, from: number, to: number): number {
  let ones = 0;
  for (let i = from; i < to; i++) ones += levels[i]!;
  return ones;
}

/** The 32-bit length in front of run lengths. */
export function lengthAt(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw new RangeError("a page that ends before its levels");
  return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
}

/** What the loops below need of an array; the two arrays they get are of one kind. */
type Cells = { [index: number]: number | bigint | string | null; readonly length: number };

/** `values[begin .. end)` into `out` at `at`. */
export function placeValues(values: ParquetArray, begin: number, end: number, out: ParquetArray, at: number): void {
  if (Array.isArray(values)) for (let i = begin; i < end; i++) (out as Cells)[at + i - begin] = values[i]!;
  else (out as Float32Array).set(values.subarray(begin, end) as Float32Array, at);
}

/** `dictionary[indices[begin .. end)]` into `out` at `at`. */
export function gatherValues(
  dictionary: ParquetArray,
  indices: Int32Array,
  begin: number,
  end: number,
  out: ParquetArray,
  at: number,
): void {
  // Recordings are float32: a loop of its own keeps it one typed load and one typed store.
  if (out instanceof Float32Array) {
    gatherFloats(dictionary as Float32Array, indices, begin, end, out, at);
    return;
  }
  for (let i = begin; i < end; i++) {
    if (indices[i]! >= dictionary.length) throw outside(indices[i]!, dictionary.length);
    (out as Cells)[at + i - begin] = (dictionary as Cells)[indices[i]!]!;
  }
}

function outside(index: number, length: number): RangeError {
  return new RangeError(`index ${index} into a dictionary of ${length} values`);
}

function gatherFloats(
  dictionary: Float32Array,
  indices: Int32Array,
  begin: number,
  end: number,
  out: Float32Array,
  at: number,
): void {
  const { length } = dictionary;
  for (let i = begin; i < end; i++) {
    const index = indices[i]!;
    if (index >= length) throw outside(index, length);
    out[at + i - begin] = dictionary[index]!;
  }
}

/** `values` to the rows whose level is 1; the others become NaN, null, or 0 with a 1 in `nulls`. */
export function spreadValues(
  values: ParquetArray,
  levels: Int32Array,
  out: ParquetArray,
  at: number,
  nulls: Uint8Array | null,
): void {
  const floats = out instanceof Float32Array || out instanceof Float64Array;
  for (let i = 0, next = 0; i < levels.length; i++) {
    if (levels[i] === 1) (out as Cells)[at + i] = (values as Cells)[next++]!;
    else if (floats) out[at + i] = Number.NaN;
    else if (nulls !== null) nulls[at + i] = 1;
  }
}
