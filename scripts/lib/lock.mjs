/** One set-up at a time: waits for the lock file of lib/core/lock.cjs. */
import { utimesSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { alive, startOf, tryLock } from "../../lib/core/lock.cjs";

export { alive, startOf };

/** A lock of another machine (a shared folder, a container) counts as left behind when it was not touched for so long. */
const staleMilliseconds = 60_000;
const touchMilliseconds = 5_000;

/**
 * Waits for the lock and takes it.
 * @param {string} path the lock file
 * @param {(holder: { pid?: number, host?: string }) => void} onWait called once when another process holds it
 * @returns {Promise<() => void>} gives the lock back; safe to call twice
 */
export async function takeLock(path, onWait) {
  let taken = tryLock(path, staleMilliseconds);
  if (taken.holder) onWait(taken.holder);
  while (taken.holder) {
    await sleep(250);
    taken = tryLock(path, staleMilliseconds);
  }
  const touching = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The lock is gone only if somebody removed the folder: there is nothing left to protect.
    }
  }, touchMilliseconds);
  touching.unref();
  return () => {
    clearInterval(touching);
    taken.giveBack();
  };
}
