/** One process at a time in a folder: a file that names the process, left behind only by one that was killed. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { SignalbookError } from "./errors";

/**
 * Takes the lock, also over that of a process of this machine that is no longer there.
 * @param what the folder is used for: "a training"
 * @returns gives it back
 * @throws SignalbookError where another process has it
 */
export function takeLock(file: string, what: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  for (let tries = 0; ; tries++) {
    try {
      const fd = openSync(file, "wx");
      writeSync(fd, `${process.pid} ${hostname()}\n`);
      closeSync(fd);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = holderOf(file);
    if (holder.alive || tries > 0)
      throw new SignalbookError(`${what} that another process is at`, {
        file,
        found: `process ${holder.pid} on ${holder.host}`,
        fix: "wait for it, or stop it; if it is no longer there, remove this file",
      });
    rmSync(file, { force: true });
  }
}

/** Of another machine's process nobody here knows whether it lives. */
function holderOf(file: string): { pid: number; host: string; alive: boolean } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { pid: 0, host: "", alive: false }; // given back in this moment
  }
  // Still empty: its process is about to write.
  const [pid = "", host = ""] = text.trim().split(" ");
  return { pid: Number(pid), host, alive: host !== hostname() || isAlive(Number(pid)) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
