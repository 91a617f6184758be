/** What the benches measured: ours beside what a user would take instead, in one run. Kept with the reference results. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { projectRoot } from "../core/files";

/** One comparison. */
export interface BenchRow {
  /** What was done: "sosfiltfilt, order 5 band-pass, 20 channels x 10 min". */
  work: string;
  /** The peer, the fastest where there are several: "SciPy 1.17.1". */
  beside: string;
  /** What each side took, with its unit: "64 ms"; null for a row that has no peer. */
  ours: string;
  peer: string | null;
  /** How many times as fast as the peer ours is; null where there was none to measure. */
  ratio: number | null;
  /** What it is to be at least; null where nothing was asked. */
  goal: number | null;
}

/** A bench's file, as far as the report needs it. */
export interface BenchFile {
  bench: string;
  /** ISO time of the run. */
  time: string;
  machine: { processor: string; cores: number; instructions: readonly string[] };
  rows: readonly BenchRow[];
}

/** The committed benches, by name. @throws SignalbookError for a file that holds no rows. */
export function readBenches(folder: string = join(projectRoot, "outputs", "reference")): BenchFile[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => /^bench-.*\.json$/.test(name));
  return files.sort().map((name) => {
    const file = join(folder, name);
    const bench = JSON.parse(readFileSync(file, "utf8")) as BenchFile;
    if (!Array.isArray(bench.rows))
      throw new SignalbookError("a bench without rows", {
        file,
        expected: "a list `rows`, as `npm run bench` writes it",
      });
    return bench;
  });
}
