/** `signalbook clean`: what lies in the outputs folder that no source of now would use, and its removal. */
import { randomUUID } from "node:crypto";
import { type Dirent, lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { outputsFolder } from "../core/files";
import { SAMPLE_SETS, type SampleLayout, sampleSetFolder } from "../simulation/sample-sets";
import { findStale } from "../training/cache-stale";

export interface StaleFolder {
  path: string;
  bytes: number;
  why: "made by another simulator" | "left unfinished";
}

export interface Leftovers {
  /** Simulated sets. */
  folders: StaleFolder[];
  /** Cached examples, cache by cache. */
  entries: { folder: string; paths: string[]; bytes: number }[];
  /** What stays, of the same places. */
  kept: { path: string; bytes: number }[];
}

/** A set that is being written: none takes so long. */
const ABANDONED_MILLISECONDS = 3_600_000;

/** Looks, and changes nothing but what killed processes left half written in caches. */
export function findLeftovers(): Leftovers {
  const simulated = join(outputsFolder(), "simulated");
  const layouts = Object.keys(SAMPLE_SETS) as SampleLayout[];
  const current = new Set(layouts.map(sampleSetFolder));
  const name = new RegExp(`^(?:${layouts.join("|")})-[0-9a-f]{12}(\\.[0-9a-f]{8}\\.tmp)?$`);
  const found: Leftovers = { folders: [], entries: [], kept: [] };
  for (const folder of foldersIn(simulated)) {
    const path = join(simulated, folder.name);
    const matched = name.exec(folder.name);
    const unfinished = matched?.[1] !== undefined;
    const bytes = bytesBelow(path);
    // Whatever has another name is somebody's own.
    if (matched === null || current.has(path) || (unfinished && ageOf(path) < ABANDONED_MILLISECONDS))
      found.kept.push({ path, bytes });
    else found.folders.push({ path, bytes, why: unfinished ? "left unfinished" : "made by another simulator" });
  }
  const going = found.folders.map(({ path }) => resolve(path) + sep);
  // Of what lies here it is known that it does not come back.
  const removed = (path: string, there: boolean): boolean =>
    there ? going.some((start) => path.startsWith(start)) : path.startsWith(resolve(outputsFolder()) + sep);
  const caches = join(outputsFolder(), "cache");
  for (const { name: cache } of foldersIn(caches)) {
    const folder = join(caches, cache);
    const { stale, kept } = findStale(folder, removed);
    const total = (entries: typeof stale): number => entries.reduce((sum, { bytes }) => sum + bytes, 0);
    if (stale.length > 0) found.entries.push({ folder, paths: stale.map(({ path }) => path), bytes: total(stale) });
    if (kept.length > 0) found.kept.push({ path: folder, bytes: total(kept) });
  }
  return found;
}

/** Removes what {@link findLeftovers} found. A set is renamed first: nobody sees half of one under its name. */
export function removeLeftovers({ folders, entries }: Leftovers): void {
  for (const { path } of folders) {
    const aside = join(dirname(path), `${basename(path).split(".")[0]}.${randomUUID().slice(0, 8)}.tmp`);
    renameSync(path, aside);
    rmSync(aside, { recursive: true });
  }
  for (const { paths } of entries) for (const path of paths) rmSync(path, { force: true });
}

/** @returns 0 */
export async function cleanCommand({ remove, json }: { remove: boolean; json: boolean }): Promise<number> {
  const found = findLeftovers();
  if (remove) removeLeftovers(found);
  process.stdout.write(json ? `${JSON.stringify({ removed: remove, ...found }, null, 2)}\n` : textOf(found, remove));
  return 0;
}

function textOf({ folders, entries, kept }: Leftovers, removed: boolean): string {
  const stale = [
    ...folders.map(({ path, bytes, why }) => ({ path, bytes, why: why as string })),
    ...entries.map(({ folder, paths, bytes }) => ({
      ...{ path: folder, bytes },
      why: `${paths.length} example${paths.length === 1 ? "" : "s"} of files that are gone or changed`,
    })),
  ];
  const total = stale.reduce((sum, { bytes }) => sum + bytes, 0);
  const line = (path: string, bytes: number, why = ""): string =>
    `  ${megabytes(bytes).padStart(10)}  ${path}${why === "" ? "" : `: ${why}`}`;
  return [
    stale.length === 0 ? "nothing stale" : `${removed ? "removed" : "stale"}, ${megabytes(total)}:`,
    ...stale.map(({ path, bytes, why }) => line(path, bytes, why)),
    ...(kept.length === 0 ? [] : ["kept:", ...kept.map(({ path, bytes }) => line(path, bytes))]),
    ...(stale.length === 0 || removed ? [] : ["remove it with: signalbook clean --remove"]),
    "",
  ].join("\n");
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Real folders only: what a link leads to is not looked at. */
function foldersIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(path) : lstatSync(path).size);
  }, 0);
}

/** Milliseconds since something was last written into the folder itself or anything below it. */
function ageOf(folder: string): number {
  const newest = (path: string): number => {
    const own = lstatSync(path);
    const below = own.isDirectory() ? readdirSync(path).map((name) => newest(join(path, name))) : [];
    return below.reduce((latest, time) => Math.max(latest, time), own.mtimeMs);
  };
  return Date.now() - newest(folder);
}
