/** The beginning of a file, without loading the rest. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { unreadable } from "./text";

/**
 * The file's first bytes: `wanted(size)` of them, given its size, or all where it has fewer.
 * @throws SignalbookError when it cannot be read, with `expected` saying what should be there.
 */
export function readBeginning(
  path: string,
  expected: string,
  wanted: (size: number) => number,
): { bytes: Buffer; size: number } {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw unreadable(path, expected, cause);
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw unreadable(path, expected, { code: "EISDIR" });
    const bytes = Buffer.allocUnsafe(Math.min(stat.size, wanted(stat.size)));
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(fd, bytes, filled, bytes.length - filled, filled);
      if (count === 0) break; // shrunk while it was read
      filled += count;
    }
    return { bytes: bytes.subarray(0, filled), size: stat.size };
  } finally {
    closeSync(fd);
  }
}
