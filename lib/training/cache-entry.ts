/** One cached example as a file: named arrays behind a checksum, laid out so that they are read without a copy. */
import { closeSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";

const TYPES = { Uint8Array, Int16Array, Int32Array, Float32Array, Float64Array } as const;
type TypeName = keyof typeof TYPES;
export type CachedArray = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;
export type CachedArrays = Readonly<Record<string, CachedArray>>;

/** "SIGCACH1", checksum of all that follows (4 bytes), length of the header (4 bytes), header, arrays. */
const MAGIC = Buffer.from("SIGCACH1", "latin1");
const HEADER_AT = 16;
/** Arrays begin at multiples of this many bytes. */
const ALIGNMENT = 8;
/** More than any header has: of a damaged entry no more is read. */
const LONGEST_HEADER = 1 << 20;

/** A file as it was when an example was made from it: what tells that the example can't be asked for any more. */
export interface MadeFrom {
  path: string;
  /** Bytes, and nanoseconds since 1970, as digits. */
  size: string;
  modified: string;
}

interface Header {
  key: string;
  /** Of a cache whose files are told by size and time; entries of older versions have none. */
  files?: readonly MadeFrom[];
  arrays: { name: string; type: TypeName; length: number }[];
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export function encodeEntry(key: string, arrays: CachedArrays, files?: readonly MadeFrom[]): Uint8Array {
  const entries = Object.entries(arrays);
  const header: Header = {
    key,
    ...(files && { files }),
    arrays: entries.map(([name, array]) => ({ name, type: array.constructor.name as TypeName, length: array.length })),
  };
  const text = Buffer.from(JSON.stringify(header), "utf8");
  const start = aligned(HEADER_AT + text.length);
  const bytes = Buffer.alloc(entries.reduce((total, [, { byteLength }]) => total + aligned(byteLength), start));
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(text.length, 12);
  text.copy(bytes, HEADER_AT);
  let at = start;
  for (const [, array] of entries) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += aligned(array.byteLength);
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(12)), 8);
  return bytes;
}

/** The files that an entry was made from; null where it does not say so, or is no whole entry. Reads its head only. */
export function entryFiles(path: string): readonly MadeFrom[] | null {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(HEADER_AT);
    if (readSync(fd, head) < HEADER_AT || !MAGIC.equals(head.subarray(0, MAGIC.length))) return null;
    const text = Buffer.alloc(Math.min(head.readUInt32LE(12), LONGEST_HEADER));
    readSync(fd, text);
    return (JSON.parse(text.toString("utf8")) as Header).files ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // damaged
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The arrays, views of `bytes` where their alignment allows; or what is wrong with the file. */
export function decodeEntry(key: string, bytes: Uint8Array): CachedArrays | string {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < HEADER_AT || !MAGIC.equals(file.subarray(0, MAGIC.length))) return "no cached example";
  if (crc32(file.subarray(12)) !== file.readUInt32LE(8)) return "a wrong checksum";
  // The checksum holds: what follows is as it was written.
  const length = file.readUInt32LE(12);
  const header = JSON.parse(file.toString("utf8", HEADER_AT, HEADER_AT + length)) as Header;
  if (header.key !== key) return `the example of another key, ${header.key}`;
  const aligns = bytes.byteOffset % ALIGNMENT === 0 && bytes.buffer instanceof ArrayBuffer;
  const memory = aligns ? bytes : Uint8Array.from(bytes);
  let at = memory.byteOffset + aligned(HEADER_AT + length);
  const arrays: Record<string, CachedArray> = {};
  for (const { name, type, length: count } of header.arrays) {
    const array = new TYPES[type](memory.buffer as ArrayBuffer, at, count);
    arrays[name] = array;
    at += aligned(array.byteLength);
  }
  return arrays;
}
