/**
 * TensorFlow writes start-up lines (oneDNN, CPU features, absl's own warning) straight to file descriptor 2, past
 * Node. They must not show up in a user's cells, but must not be lost either when a start fails.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";

let libc: { dup: (fd: number) => number; dup2: (from: number, to: number) => number } | undefined;

function load(): NonNullable<typeof libc> {
  const library = koffi.load("libc.so.6");
  return {
    dup: library.func("int dup(int fd)") as (fd: number) => number,
    dup2: library.func("int dup2(int from, int to)") as (from: number, to: number) => number,
  };
}

/** Runs `work` with file descriptor 2 aside. What was written there is shown only if `work` throws, before the error. */
export function quietly<T>(work: () => T): T {
  libc ??= load();
  const folder = mkdtempSync(join(tmpdir(), "signalbook-stderr-"));
  const file = join(folder, "stderr");
  const sink = openSync(file, "w");
  const kept = libc.dup(2);
  libc.dup2(sink, 2);
  let failed = true;
  try {
    const result = work();
    failed = false;
    return result;
  } finally {
    libc.dup2(kept, 2);
    closeSync(kept);
    closeSync(sink);
    if (failed) process.stderr.write(readFileSync(file, "utf8"));
    rmSync(folder, { recursive: true, force: true });
  }
}
