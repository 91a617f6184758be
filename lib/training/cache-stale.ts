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
 * @param goes of a file that is still there: whether it is about to be removed
 */
export function findStale(folder: string, goes: (path: string) => boolean): CacheFindings {
  const findings: CacheFindings = { stale: [], kept: [] };
  for (const entry of entriesOf(folder)) {
    const files = entryFiles(entry.path);
    const stale = files?.some((file) => goes(file.path) || isAnother(file)) ?? false;
    (stale ? findings.stale : findings.kept).push(entry);
  }
  return findings;
}

function isAnother({ path, size, modified }: MadeFrom): boolean {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined || String(found.size) !== size || String(found.mtimeNs) !== modified;
}
