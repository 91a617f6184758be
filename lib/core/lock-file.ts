/** One process at a time in a folder: a file that names the process, left behind only by one that was killed. */
import { SignalbookError } from "./errors";
import { tryLock } from "./lock.cjs";

/**
 * Takes the lock, also over that of a process of this machine that is no longer there. Another machine's is never taken
 * over: its process may be at long work that lets nothing else run.
 * @param what the folder is used for: "a training"
 * @returns gives it back
 * @throws SignalbookError where another process has it
 */
export function takeLock(file: string, what: string): () => void {
  const { giveBack, holder } = tryLock(file, Number.POSITIVE_INFINITY);
  if (giveBack !== undefined) return giveBack;
  throw new SignalbookError(`${what} that another process is at`, {
    file,
    found: holder.pid === undefined ? "a lock that is being written" : `process ${holder.pid} on ${holder.host}`,
    fix: "wait for it, or stop it; if it is no longer there, remove this file",
  });
}
