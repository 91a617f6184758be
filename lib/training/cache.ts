/**
 * Preprocessed examples kept on disk. An entry's name is a hash of what it was made from: the files, the parameters, and
 * the version that the caller gives to its code; so an entry is never out of date, only unused.
 *
 * Any number of threads and processes may use one folder: an entry appears under its name when it is whole, and two that
 * make the same one write the same bytes. A cache never fails a run: an entry that is damaged is made again, and where
 * nothing can be written (a full disk) the run goes on without; each is told.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statfsSync, statSync, utimesSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { canonicalJson } from "../core/canonical-json";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { readBytes, unreadable } from "../formats/text";
import { type CachedArrays, decodeEntry, encodeEntry, type MadeFrom } from "./cache-entry";
import { bytesHeld, removeOldest } from "./cache-size";

export interface CacheOptions {
  folder: string;
  /** What examples are made with besides their files: sizes, filters, channels. Plain JSON. */
  parameters: unknown;
  /** Of the code that makes them: to be changed whenever its numbers change. */
  version: string | number;
  /**
   * How a file is told from another: by its bytes (each is read and hashed every time), or by path, size and time of the
   * last change, which is quicker for large files and blind to changes that keep all three. Default content.
   */
  identity?: "content" | "modified";
  /** Above this, entries not used for longest are removed. Default: no limit. */
  maxBytes?: number;
}

/** A cache as it is sent to threads: all that open it share its counts. */
export interface CacheSetup extends Required<CacheOptions> {
  counts: Int32Array;
}

/** Places in the counts. held: KiB. removing: 1 while a thread does. */
const AT = { off: 0, hits: 1, misses: 2, damaged: 3, held: 4, removing: 5 } as const;

/** What threads and processes that share a setup have done so far. */
export interface CacheStats {
  hits: number;
  misses: number;
  damaged: number;
  /** Whether writing failed, and the run goes on without. */
  off: boolean;
}

/** @throws SignalbookError for a folder that cannot be made, parameters that are not JSON, and a limit of no bytes. */
export function cacheSetup({ identity = "content", maxBytes = Infinity, ...options }: CacheOptions): CacheSetup {
  const folder = resolve(options.folder);
  canonicalJson(options.parameters, "parameters");
  if (!(maxBytes > 0))
    throw new SignalbookError("a size of a cache out of range", { found: String(maxBytes), expected: "above 0 bytes" });
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const found = (cause as Error).message;
    throw new SignalbookError("a folder that cannot be made", { file: folder, found, fix: "name another", cause });
  }
  const counts = new Int32Array(new SharedArrayBuffer(24));
  if (maxBytes !== Infinity) counts[AT.held] = bytesHeld(folder) / 1024;
  return { ...options, folder, identity, maxBytes, counts };
}

export function cacheStats({ counts }: CacheSetup): CacheStats {
  const of = (what: keyof typeof AT): number => Atomics.load(counts, AT[what]);
  return { hits: of("hits"), misses: of("misses"), damaged: of("damaged"), off: of("off") === 1 };
}

export class ExampleCache {
  private readonly prefix: string;

  constructor(private readonly setup: CacheSetup) {
    const { parameters, version, identity } = setup;
    this.prefix = canonicalJson({ parameters, version, identity });
  }

  /**
   * The arrays of one example: from disk, or made and written there. Those from disk are the caller's own.
   * @param files what the example is made from @param part which part of them: an epoch's number, a window's start
   * @throws SignalbookError where a file cannot be read, and whatever `make` throws.
   */
  arrays(files: readonly string[], part: unknown, make: () => CachedArrays): CachedArrays {
    const { counts } = this.setup;
    if (Atomics.load(counts, AT.off) === 1) return make();
    const told = this.setup.identity === "modified" ? files.map(madeFrom) : undefined;
    const key = this.keyOf(files, part, told);
    const path = join(this.setup.folder, key.slice(0, 2), `${key}.bin`);
    const found = this.read(key, path);
    if (found !== null) {
      Atomics.add(counts, AT.hits, 1);
      return found;
    }
    Atomics.add(counts, AT.misses, 1);
    const arrays = make();
    this.write(path, encodeEntry(key, arrays, told));
    return arrays;
  }

  private keyOf(files: readonly string[], part: unknown, told: readonly MadeFrom[] | undefined): string {
    const hash = createHash("sha256").update(`${this.prefix}\n${canonicalJson(part, "part")}`);
    for (const { path, size, modified } of told ?? []) hash.update(`\n${canonicalJson([path, size, modified])}\n`);
    for (const file of told === undefined ? files : []) {
      const bytes = readBytes(file, "an example's file");
      hash.update(`\n${bytes.length}\n`).update(bytes);
    }
    return hash.digest("hex");
  }

  private read(key: string, path: string): CachedArrays | null {
    let found: CachedArrays | string;
    try {
      found = decodeEntry(key, readFileSync(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      found = (error as Error).message;
    }
    if (typeof found !== "string") {
      if (this.setup.maxBytes !== Infinity) markUsed(path);
      return found;
    }
    Atomics.add(this.setup.counts, AT.damaged, 1);
    tell(`${path}: a damaged entry of the cache (${found}); it is made again`);
    return null;
  }

  private write(path: string, bytes: Uint8Array): void {
    const { counts, folder } = this.setup;
    try {
      writeFileAtomic(path, bytes, { flush: false });
      this.keepWithin(bytes.length);
    } catch (error) {
      // Of all threads the first one tells.
      if (Atomics.compareExchange(counts, AT.off, 0, 1) === 0)
        tell(
          `${folder}: examples cannot be cached (${(error as Error).message}; ${freeBytes(path)}); ` +
            "the run goes on without the cache",
        );
    }
  }

  /** Removes what was not used for longest, where there is too much. One thread at a time. */
  private keepWithin(added: number): void {
    const { counts, maxBytes, folder } = this.setup;
    const held = Atomics.add(counts, AT.held, Math.ceil(added / 1024)) * 1024 + added;
    if (held <= maxBytes || Atomics.compareExchange(counts, AT.removing, 0, 1) !== 0) return;
    try {
      // Other processes write and remove as well: what is held is counted anew.
      Atomics.store(counts, AT.held, Math.ceil(removeOldest(folder, maxBytes) / 1024));
    } finally {
      Atomics.store(counts, AT.removing, 0);
    }
  }
}

function madeFrom(file: string): MadeFrom {
  try {
    const { size, mtimeNs } = statSync(file, { bigint: true });
    return { path: resolve(file), size: String(size), modified: String(mtimeNs) };
  } catch (cause) {
    throw unreadable(file, "an example's file", cause);
  }
}

/** Entries are removed by the time of their last change. */
function markUsed(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Another process removed it just now, or may only read here: nothing depends on it.
  }
}

function freeBytes(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return `${bavail * bsize} bytes free`;
    } catch (error) {
      if (folder === dirname(folder)) return `free space unknown: ${(error as Error).message}`;
    }
  }
}

function tell(message: string): void {
  process.emitWarning(message, "SignalbookCache");
}
