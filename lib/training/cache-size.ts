/** How much a cache's folder holds, and what to remove first. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

export interface CacheEntry {
  path: string;
  bytes: number;
  /** Milliseconds since 1970. */
  used: number;
}

/** Removal goes on to this share of the limit, so that it is not needed again at once. */
const AFTER_REMOVAL = 0.9;
/** What a killed process left half written: no write takes so long. */
const ABANDONED_MILLISECONDS = 3_600_000;

/** Bytes of all entries. */
export function bytesHeld(folder: string): number {
  return entriesOf(folder).reduce((total, { bytes }) => total + bytes, 0);
}

/** Removes the entries not used for longest, and what killed processes left. @returns the bytes that are left. */
export function removeOldest(folder: string, maxBytes: number): number {
  const entries = entriesOf(folder).sort((a, b) => a.used - b.used);
  let held = entries.reduce((total, { bytes }) => total + bytes, 0);
  for (const { path, bytes } of entries) {
    if (held <= AFTER_REMOVAL * maxBytes) break;
    rmSync(path, { force: true });
    held -= bytes;
  }
  return held;
}

/** Also removes what killed processes left half written. */
export function entriesOf(folder: string): CacheEntry[] {
  const entries: CacheEntry[] = [];
  for (const part of readdirSync(folder)) {
    if (!/^[0-9a-f]{2}$/.test(part)) continue;
    for (const name of readdirSync(join(folder, part))) {
      const path = join(folder, part, name);
      // Another process may remove it meanwhile.
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined) continue;
      if (/^[0-9a-f]{64}\.bin$/.test(name)) entries.push({ path, bytes: found.size, used: found.mtimeMs });
      else if (name.endsWith(".tmp") && Date.now() - found.mtimeMs > ABANDONED_MILLISECONDS)
        rmSync(path, { force: true });
    }
  }
  return entries;
}
