"use strict";
/**
 * A lock file that names its process; a lock whose process is gone is broken. Plain JavaScript, because set-up locks
 * before there is a compiler: scripts/lib/lock.mjs waits for the lock, lock-file.ts refuses at once.
 */
const { randomUUID } = require("node:crypto");
const { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } = require("node:fs");
const { hostname } = require("node:os");
const { dirname } = require("node:path");

/** A lock without a whole name in it is being written at this moment, or was cut off by a crash: its age tells. */
const writingMilliseconds = 2_000;

/** When the process started, in the kernel's ticks, so that a process number used again is not taken for the old one. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Ended, but nobody took note: it does nothing any more.
    return fields[0] === "Z" ? "ended" : fields[19];
  } catch {
    return "unknown";
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Who holds the lock, and whether that process is gone. `undefined` when nobody does. */
function lockHolder(path, staleAfter) {
  let text;
  let touched;
  try {
    text = readFileSync(path, "utf8");
    touched = statSync(path).mtimeMs;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
  const quiet = Date.now() - touched;
  let holder;
  try {
    holder = JSON.parse(text);
  } catch {
    return { pid: undefined, host: undefined, gone: quiet > writingMilliseconds };
  }
  // Of another machine's process nobody here knows whether it lives.
  if (holder.host !== hostname()) return { ...holder, gone: quiet > staleAfter };
  return { ...holder, gone: !alive(holder.pid) || startOf(holder.pid) !== holder.started };
}

/** Takes the lock, or tells who has it; also over a process that is gone. */
function tryLock(path, staleAfter) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    token: randomUUID(),
  });
  for (;;) {
    try {
      const fd = openSync(path, "wx");
      writeSync(fd, mine);
      closeSync(fd);
      return { giveBack: () => giveBack(path, mine) };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = lockHolder(path, staleAfter);
    if (holder === undefined) continue;
    if (!holder.gone) return { holder };
    breakLock(path, staleAfter);
  }
}

function giveBack(path, mine) {
  try {
    if (readFileSync(path, "utf8") === mine) rmSync(path);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

/** Renamed first and looked at again: of two processes that break a dead lock, neither removes the other's new one. */
function breakLock(path, staleAfter) {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  const moved = lockHolder(aside, staleAfter);
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

module.exports = { alive, lockHolder, startOf, tryLock };
