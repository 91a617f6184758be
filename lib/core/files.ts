/** Files written so that nothing is lost: to a temporary name beside the target, flushed, then renamed. */
import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Writes `data` to `path` atomically: a reader sees the old file or the new one, never half of it. Makes folders. What
 * does not fit in memory comes in chunks; each is written before the next is asked for.
 * @param flush whether to wait until the disk has it. Without, a machine that loses power may keep half of a file under
 * its name: for what carries a checksum and can be made again.
 */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array | Iterable<Uint8Array>,
  { flush = true }: { flush?: boolean } = {},
): void {
  const chunks = typeof data === "string" ? [Buffer.from(data, "utf8")] : data instanceof Uint8Array ? [data] : data;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  const fd = openSync(temporary, "w");
  try {
    for (const bytes of chunks)
      for (let written = 0; written < bytes.byteLength; )
        written += writeSync(fd, bytes, written, bytes.byteLength - written);
    if (flush) fsyncSync(fd);
    closeSync(fd);
    renameSync(temporary, path);
  } catch (error) {
    try {
      closeSync(fd);
    } catch {
      // already closed: the error to report is the first one
    }
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes `data` under another name, lets `check` read that file back, and gives it its name only then: a file that fails
 * the check never stands at `path`.
 */
export function writeFileChecked(path: string, data: string | Uint8Array, check: (written: string) => void): void {
  const unchecked = `${path}.unchecked.tmp`;
  writeFileAtomic(unchecked, data);
  try {
    check(unchecked);
    renameSync(unchecked, path);
  } finally {
    rmSync(unchecked, { force: true });
  }
}

/** The project's root: the folder that holds package.json, lib and notebooks. */
export const projectRoot: string = resolve(__dirname, "..", "..");

/** Where a run writes: SIGNALBOOK_OUTPUTS, or the project's outputs/. */
export function outputsFolder(): string {
  return process.env["SIGNALBOOK_OUTPUTS"] || join(projectRoot, "outputs");
}
