/** SHA-256 of files: what tells that two runs saw the same data. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

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
