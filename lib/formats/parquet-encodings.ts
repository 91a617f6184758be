/**
 * Encodings of Parquet's pages (https://github.com/apache/parquet-format/blob/master/Encodings.md). Each decoder checks
 * its input's length and throws a RangeError saying what is wrong; whoever calls knows file, column and page.
 */
import type { ParquetKind } from "./parquet-metadata";

/** Values of a column, or of a page without its nulls. Booleans are 0 and 1. */
export type ParquetArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array
  | (string | null)[];

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  boolean: Uint8Array,
} as const;

/** Room for `length` values. */
export function parquetArray(kind: ParquetKind, length: number): ParquetArray {
  if (kind === "other") throw new RangeError("values of this type are not read");
  return kind === "text" ? new Array<string | null>(length).fill(null) : new ARRAYS[kind](length);
}

/** The widest dictionary index or level that is read: dictionaries of 16 million values. */
const WIDEST = 24;

/**
 * Run lengths and bit-packed values in turn, `count` in all, into `out`.
 * @param width bits a value.
 */
export function decodeHybrid(bytes: Uint8Array, width: number, out: Int32Array, count: number): void {
  if (width > WIDEST) throw new RangeError(`values of ${width} bits, where at most ${WIDEST} are read`);
  let from = 0;
  let to = 0;
  while (to < count) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (from >= bytes.length || shift > 28)
        throw new RangeError(`run lengths that end after ${to} of ${count} values`);
      const byte = bytes[from++]!;
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const packed = header % 2 === 1;
    const size = Math.min((header >>> 1) * (packed ? 8 : 1), count - to);
    const needed = packed ? Math.ceil((size * width) / 8) : (width + 7) >> 3;
    if (size === 0) throw new RangeError("a run of no values");
    if (from + needed > bytes.length) throw new RangeError(`run lengths that end after ${to} of ${count} values`);
    if (packed) unpackBits(bytes, from, width, out, to, size);
    else {
      let value = 0;
      for (let i = 0; i < needed; i++) value |= bytes[from + i]! << (8 * i);
      out.fill(value, to, to + size);
    }
    // The last bit-packed group may be padded beyond the values that are asked for; then nothing follows.
    from += packed ? Math.max(needed, (header >>> 1) * width) : needed;
    to += size;
  }
}

/** `count` values of `width` bits, least significant bit first; the caller has checked that the bytes are there. */
function unpackBits(bytes: Uint8Array, from: number, width: number, out: Int32Array, to: number, count: number): void {
  const mask = (1 << width) - 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, bytes.byteLength - from);
  // A value starts within a byte: 32 bits from there hold it, and are one load. The last few have fewer bytes after them.
  const whole = width === 0 ? 0 : Math.max(0, Math.min(count, Math.floor((8 * (view.byteLength - 4)) / width)));
  let bit = 0;
  for (let i = 0; i < whole; i++) {
    out[to + i] = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
    bit += width;
  }
  for (let i = whole; i < count; i++) {
    let held = 0;
    const last = Math.ceil((bit + width) / 8);
    for (let at = last - 1; at >= bit >>> 3; at--) held = held * 256 + view.getUint8(at);
    out[to + i] = Math.floor(held / 2 ** (bit & 7)) & mask;
    bit += width;
  }
}

/** The first `count` values of PLAIN encoding. */
export function decodePlain(bytes: Uint8Array, kind: ParquetKind, count: number): ParquetArray {
  if (kind === "text") return plainTexts(bytes, count);
  const values = plainRoom(bytes, kind, count);
  if (kind === "boolean") for (let i = 0; i < count; i++) values[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
  else bytesOf(values).set(bytes.subarray(0, values.byteLength));
  return values;
}

/** BYTE_STREAM_SPLIT: first bytes of all values, then all second bytes, and so on. */
export function decodeByteStreamSplit(bytes: Uint8Array, kind: ParquetKind, count: number): ParquetArray {
  if (kind === "text" || kind === "boolean") throw new RangeError(`split byte streams of type ${kind} are not read`);
  const values = plainRoom(bytes, kind, count);
  const target = bytesOf(values);
  const width = values.BYTES_PER_ELEMENT;
  for (let b = 0; b < width; b++)
    for (let i = 0, at = b, from = b * count; i < count; i++, at += width) target[at] = bytes[from + i]!;
  return values;
}

/** Room for `count` values of fixed width, when there are bytes for so many. */
function plainRoom(bytes: Uint8Array, kind: ParquetKind, count: number): Exclude<ParquetArray, (string | null)[]> {
  if (kind === "other" || kind === "text") throw new RangeError("values of this type are not read");
  const needed = kind === "boolean" ? Math.ceil(count / 8) : count * ARRAYS[kind].BYTES_PER_ELEMENT;
  if (bytes.length < needed) throw new RangeError(`${bytes.length} bytes where ${count} values take ${needed}`);
  return new ARRAYS[kind](count);
}

function plainTexts(bytes: Uint8Array, count: number): string[] {
  if (4 * count > bytes.length) throw new RangeError(`${bytes.length} bytes for ${count} texts`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : bytes.length;
    at += 4;
    if (at + length > bytes.length) throw new RangeError(`text ${i} of ${count} ends after the page`);
    texts.push(utf8(bytes.subarray(at, at + length)));
    at += length;
  }
  return texts;
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RangeError("text that is not UTF-8", { cause });
  }
}

/** The memory of an array, as bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
