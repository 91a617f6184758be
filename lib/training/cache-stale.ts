/** Cached examples that nothing can ask for any more: a file that they were made from has changed, or is gone. */
import { statSync } from "node:fs";
import { entryFiles, type MadeFrom } from "./cache-entry";
import { type CacheEntry, entriesOf } from "./cache-size";

export interface CacheFindings {
  stale: CacheEntry[];
  /** The others: what still may be asked for, and what does not tell what it was made from. */
  kept: CacheEntry[];
}

/**
 * Looks through a cache's folder. Entries tell their files where those are told by size and time
 * (`identity: "modified"`): such an entry's name holds both, so that no run finds it once they are others.
 * @param removed whether a file that is there is about to be removed; whether one that is not was, or may come back: a
 * disk of data can be away for a while
 */
export function findStale(folder: string, removed: (path: string, there: boolean) => boolean): CacheFindings {
  const findings: CacheFindings = { stale: [], kept: [] };
  for (const entry of entriesOf(folder)) {
    const files = entryFiles(entry.path);
    const stale = files?.some((file) => isAnother(file, removed)) ?? false;
    (stale ? findings.stale : findings.kept).push(entry);
  }
  return findings;
}

function isAnother({ path, size, modified }: MadeFrom, removed: Parameters<typeof findStale>[1]): boolean {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (removed(path, found !== undefined)) return true;
  return found !== undefined && (String(found.size) !== size || String(found.mtimeNs) !== modified);
}
