/**
 * An EEG of the HMS competition from Parquet (5 minutes, 20 columns, Snappy), a window of 50 s of it, and a night of BEETL's
 * pickles (48 MB): ours beside pyarrow, pandas and Python's pickle, in turn on the same machine, one thread each, the
 * files in the page cache.
 */
import { SignalbookError } from "../lib/core/errors";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const rounds = 3;
const repeats = 12;
/** The first of each process are left out: they compile and load. */
const warmUps = 4;
/** Sums of a column in different orders of addition may differ by this share of its length. */
const tolerance = 1e-6;

interface Output {
  seconds: Record<string, number[]>;
  sums: Record<string, number[]>;
}

const names: Record<string, string> = {
  whole: "an EEG of 60,000 rows",
  window: "10,000 rows of it",
  night: "a night's pickle",
};

async function main(folder: string): Promise<void> {
  if (!peersAvailable()) {
    process.stdout.write(
      "tables: the peers are not here, and with them pyarrow, which writes the files: nothing run\n",
    );
    return;
  }
  await runPeer("peers/tables.py", ["make", folder]);
  const sides: Record<string, () => Promise<ProcessRun>> = {
    ours: () => runOurs("tables-side.ts", [folder, String(repeats)]),
  };
  for (const library of ["pyarrow", "pandas"])
    sides[library] = () => runPeer("peers/tables.py", [library, folder, String(repeats)]);
  const runs = await alternate(sides, { rounds });
  const outputs = Object.fromEntries(
    Object.entries(runs).map(([side, done]) => [side, done.map(({ output }) => output as Output)]),
  );
  const difference = largestDifference(Object.values(outputs).map(([first]) => first!));
  if (!(difference <= tolerance))
    throw new SignalbookError("sides that read different values", {
      found: String(difference),
      expected: "the same",
    });
  process.stdout.write(`tables: largest difference of a column's mean ${difference.toExponential(1)}\n`);
  const results: Record<string, unknown> = { difference };
  const rows: BenchRow[] = [];
  for (const [task, told] of Object.entries(names)) {
    const seconds = Object.fromEntries(
      Object.entries(outputs).map(([side, all]) => [
        side,
        median(all.flatMap((output) => output.seconds[task]!.slice(warmUps))),
      ]),
    );
    const best = Math.min(seconds["pyarrow"]!, seconds["pandas"]!);
    const ratio = best / seconds["ours"]!;
    const times = Object.entries(seconds).map(([side, value]) => `${side} ${(1000 * value).toFixed(1)} ms`);
    process.stdout.write(`  ${told}: ${times.join(", ")}; ${ratio.toFixed(2)} times the best peer\n`);
    results[task] = { seconds, ratio };
    const inMs = (value: number): string => `${(1000 * value).toFixed(1)} ms`;
    const beside = seconds["pyarrow"] === best ? "pyarrow" : "pandas";
    rows.push({
      work: told,
      beside: task === "night" ? "Python's pickle" : beside,
      ...{ ours: inMs(seconds["ours"]!), peer: inMs(best), ratio, goal: null },
    });
  }
  process.stdout.write(`${writeBench("tables", rows, { rounds, repeats, results })}\n`);
}

/** Of the columns' sums, as a share of the rows. */
function largestDifference(outputs: readonly Output[]): number {
  const [first, ...others] = outputs;
  return Math.max(
    ...others.flatMap(({ sums }) =>
      Object.entries(sums).flatMap(([task, columns]) =>
        columns.map((sum, i) => Math.abs(sum - first!.sums[task]![i]!) / (task === "night" ? 6e6 : 1e4)),
      ),
    ),
  );
}

runBench("tables", main);
