/**
 * Our side of the bench of tables and arrays.
 *   tables-side.ts FOLDER REPEATS
 */
import { join } from "node:path";
import { arrayIn, readHmsEeg, readPickle } from "../lib/formats";

const [folder = "", repeats = "1"] = process.argv.slice(2);
const eeg = join(folder, "eeg.parquet");
const night = join(folder, "night.npy");
const tasks: Record<string, () => ArrayLike<number>[]> = {
  whole: () => readHmsEeg(eeg).signals.map(({ samples }) => samples),
  window: () => readHmsEeg(eeg, { from: 25_000, to: 35_000 }).signals.map(({ samples }) => samples),
  night: () => [arrayIn(readPickle(night), night).data as Float64Array],
};

const seconds: Record<string, number[]> = {};
const sums: Record<string, number[]> = {};
for (const [name, task] of Object.entries(tasks)) {
  let columns: ArrayLike<number>[] = [];
  seconds[name] = Array.from({ length: Number(repeats) }, () => {
    const begun = performance.now();
    columns = task();
    return (performance.now() - begun) / 1000;
  });
  sums[name] = columns.map((column) => {
    let sum = 0;
    for (let i = 0; i < column.length; i++) sum += column[i]!;
    return sum;
  });
}
process.stdout.write(`${JSON.stringify({ seconds, sums })}\n`);
