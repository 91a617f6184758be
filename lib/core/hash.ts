/** SHA-256 of files and of values: what tells that two runs saw the same data. */
import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "./errors";

export interface FilesHash {
  files: number;
  bytes: number;
  /** SHA-256 over the lines "<SHA-256 of file>  <path in the folder>", sorted by path. */
  sha256: string;
}

/** SHA-256 of a file's bytes, in hexadecimal. Read piece by piece. */
export function hashFile(path: string): string {
  return hashed(path).sha256;
}

/** One hash for some of a folder's files. @param paths in the folder, with forward slashes */
export function hashFiles(folder: string, paths: readonly string[]): FilesHash {
  const total = createHash("sha256");
  let bytes = 0;
  const sorted = [...new Set(paths)].sort();
  for (const path of sorted) {
    const file = hashed(join(folder, path));
    bytes += file.bytes;
    total.update(`${file.sha256}  ${path}\n`);
  }
  return { files: sorted.length, bytes, sha256: total.digest("hex") };
}

/**
 * One hash for plain data: numbers, texts, lists, records (whatever the order of their keys), maps, typed arrays. What is
 * undefined counts as if it were not there.
 * @throws SignalbookError for what is no data: a function, an object of a class
 */
export function hashValue(value: unknown): string {
  const hash = createHash("sha256");
  feed(hash, value, "the value");
  return hash.digest("hex");
}

/** Every part begins with its kind and length, so that no two values feed the same bytes. */
function feed(hash: Hash, value: unknown, place: string): void {
  if (ArrayBuffer.isView(value)) {
    hash.update(`${value.constructor.name} ${value.byteLength}:`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (Array.isArray(value)) {
    hash.update(`list ${value.length}:`);
    value.forEach((item, i) => {
      feed(hash, item, `${place}[${i}]`);
    });
  } else if (value instanceof Map) {
    feed(hash, [...value], place);
  } else if (value === null || value === undefined || ["number", "boolean", "bigint"].includes(typeof value)) {
    hash.update(`${typeof value} ${Object.is(value, -0) ? "-0" : value};`);
  } else if (typeof value === "string") {
    hash.update(`text ${value.length}:${value}`);
  } else if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    hash.update(`record ${entries.length}:`);
    for (const [key, item] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
      feed(hash, key, place);
      feed(hash, item, `${place}.${key}`);
    }
  } else
    throw new SignalbookError("a value that is no plain data", {
      place,
      found: typeof value === "function" ? "a function" : String(value),
      expected: "numbers, texts, lists, records, maps, typed arrays",
    });
}

function hashed(path: string): { sha256: string; bytes: number } {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, "r");
  try {
    let bytes = 0;
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read));
      bytes += read;
    }
    return { sha256: hash.digest("hex"), bytes };
  } finally {
    closeSync(file);
  }
}
