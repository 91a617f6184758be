/** One set-up at a time: a lock file that names its process. A lock whose process is gone is broken. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

/** A lock of another machine (a shared folder, a container) counts as left behind when it was not touched for so long. */
const staleMilliseconds = 60_000;
const touchMilliseconds = 5_000;

/** When the process started, in the kernel's ticks, so that a process number used again is not taken for the old one. */
export function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Ended, but nobody took note: it does nothing any more.
    return fields[0] === "Z" ? "ended" : fields[19];
  } catch {
    return "unknown";
  }
}

export function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Who holds the lock, and whether that process is gone. `undefined` when nobody does. */
export function lockHolder(path) {
  let text;
  let touched;
  try {
    text = readFileSync(path, "utf8");
    touched = statSync(path).mtimeMs;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
  const quiet = Date.now() - touched > staleMilliseconds;
  let holder;
  try {
    holder = JSON.parse(text);
  } catch {
    // Being written at this moment, or cut off by a crash: its age tells.
    return { pid: undefined, gone: quiet || Date.now() - touched > 2000 };
  }
  if (holder.host !== hostname()) return { ...holder, gone: quiet };
  return { ...holder, gone: !alive(holder.pid) || startOf(holder.pid) !== holder.started };
}

/**
 * Waits for the lock and takes it.
 * @param {string} path the lock file
 * @param {(holder: { pid?: number, host?: string }) => void} onWait called once when another process holds it
 * @returns {Promise<() => void>} gives the lock back; safe to call twice
 */
export async function takeLock(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    token: randomUUID(),
  });
  for (let told = false; ; ) {
    try {
      const fd = openSync(path, "wx");
      writeSync(fd, mine);
      closeSync(fd);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = lockHolder(path);
    if (holder === undefined) continue;
    if (holder.gone) {
      breakLock(path);
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 250));
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
    try {
      if (readFileSync(path, "utf8") === mine) rmSync(path);
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  };
}

/** Renamed first and looked at again: of two processes that break a dead lock, neither removes the other's new one. */
function breakLock(path) {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  const moved = lockHolder(aside);
  if (moved !== undefined && !moved.gone) {
    // Somebody took the lock between the look and the move: it is put back.
    try {
      renameSync(aside, path);
    } catch {
      // the holder will find it missing when it gives the lock back, which is no error
    }
    return;
  }
  rmSync(aside, { force: true });
}
