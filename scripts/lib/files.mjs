/** Files and folders of set-up: written whole or not at all. */
import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Writes JSON under a temporary name, flushes it and renames it over `path`. */
export function writeJson(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  const fd = openSync(temporary, "w");
  try {
    writeSync(fd, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}

/** The JSON in `path`, or `undefined` when it is missing or damaged: set-up then makes it again. */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256Of(path) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/** The file's length, or `undefined` when there is no such file. */
export function sizeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** All bytes of the files below a folder; 0 when there is none. Files that vanish meanwhile count as nothing. */
export function bytesBelow(folder) {
  let total = 0;
  let names = [];
  try {
    names = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return 0;
  }
  for (const entry of names) {
    if (entry.isFile()) total += sizeOf(join(entry.parentPath ?? entry.path, entry.name)) ?? 0;
  }
  return total;
}

/** Removes what earlier runs left half done: names that begin with `prefix`. Call it only while holding the lock. */
export function sweep(folder, prefix) {
  let names = [];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  for (const name of names) {
    if (name.startsWith(prefix)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
