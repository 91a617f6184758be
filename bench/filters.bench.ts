/**
 * Filters and resampling beside SciPy, in turn on the same machine, one thread each: 20 channels of 10 minutes, at 200 Hz
 * for a Butterworth band-pass of order 5 and at 500 Hz to be resampled. Milliseconds for all channels.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import { Generator } from "../lib/core/random";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const channels = 20;
const minutes = 10;
const setup = { channels, order: 5, band: [1, 70], sampleRate: 200 };
const fastRate = 500;
const repeats = 7;
const rounds = 5;

/** What ours must reach, as a multiple of SciPy's speed; null where it is only reported. */
const tasks: Readonly<Record<string, { title: string; goal: number | null }>> = {
  sosfiltfilt: { title: "sosfiltfilt, order 5 band-pass", goal: 1 },
  sosfilt: { title: "sosfilt, the same", goal: null },
  lfilter: { title: "lfilter, the same as polynomials", goal: null },
  resamplePoly: { title: "resample_poly, 500 to 100 Hz", goal: 1 },
  resamplePolyThreeTenths: { title: "resample_poly, 500 to 150 Hz", goal: null },
};

type Milliseconds = Record<string, number[]>;

/** White noise in microvolts: filters do not mind what they filter. */
function writeInputs(folder: string): void {
  const random = new Generator(1);
  for (const [name, rate] of [
    ["eeg.f64", setup.sampleRate],
    ["fast.f64", fastRate],
  ] as const) {
    const values = Float64Array.from({ length: channels * minutes * 60 * rate }, () => 100 * (random.random() - 0.5));
    writeFileSync(join(folder, name), new Uint8Array(values.buffer));
  }
  writeFileSync(join(folder, "setup.json"), JSON.stringify(setup));
}

/** The largest difference between both sides, relative to the largest value. */
function apart(folder: string, task: string, tolerance: number): number {
  const read = (side: string): Float64Array =>
    new Float64Array(new Uint8Array(readFileSync(join(folder, `${side}-${task}.f64`))).buffer);
  const [ours, theirs] = [read("ours"), read("scipy")];
  let [worst, largest] = [ours.length === theirs.length ? 0 : Infinity, 0];
  for (let i = 0; i < theirs.length; i++) {
    worst = Math.max(worst, Math.abs(ours[i]! - theirs[i]!));
    largest = Math.max(largest, Math.abs(theirs[i]!));
  }
  if (!(worst / largest < tolerance))
    throw new SignalbookError("sides that computed different things", {
      place: task,
      found: `${worst / largest} of the largest value`,
      expected: `less than ${tolerance}`,
    });
  return worst / largest;
}

async function bench(folder: string): Promise<void> {
  writeInputs(folder);
  const side = (run: typeof runOurs, script: string): (() => Promise<ProcessRun>) => {
    let first = true;
    return () => {
      const save = first ? "yes" : "no";
      first = false;
      return run(script, [folder, String(repeats), save]);
    };
  };
  const ours = side(runOurs, "filters-side.ts");
  const hasPeers = peersAvailable();
  if (!hasPeers) process.stdout.write("filters: the peers are not installed; ours alone is measured\n");
  const sides: Record<string, () => Promise<ProcessRun>> = hasPeers
    ? { ours, scipy: side(runPeer, "peers/filters.py") }
    : { ours };
  const runs = await alternate(sides, { rounds });
  const times = (which: "ours" | "scipy", task: string): number[] =>
    (runs[which] ?? []).flatMap(({ output }) => (output as Milliseconds)[task]!);
  const results = Object.entries(tasks).map(([task, { title, goal }]) => {
    const oursMilliseconds = median(times("ours", task));
    if (!hasPeers) return { task, title, oursMilliseconds };
    const scipyMilliseconds = median(times("scipy", task));
    // Coefficients of our own design differ in their last bits; polynomials of order 10 make 1e-7 of that.
    const difference = apart(folder, task, task === "lfilter" ? 1e-6 : 1e-9);
    const ratio = scipyMilliseconds / oursMilliseconds;
    const fastest = Math.min(...times("scipy", task)) / Math.min(...times("ours", task));
    return { task, title, oursMilliseconds, scipyMilliseconds, ratio, ratioOfFastest: fastest, goal, difference };
  });
  for (const result of results) {
    const peer =
      "ratio" in result
        ? `, SciPy ${result.scipyMilliseconds!.toFixed(1)} ms: ${result.ratio!.toFixed(2)} times as fast ` +
          `(fastest runs: ${result.ratioOfFastest!.toFixed(2)}` +
          `${result.goal === null ? "" : `; goal: at least ${result.goal!.toFixed(1)}`}), ` +
          `largest difference ${result.difference!.toExponential(0)}`
        : "";
    process.stdout.write(`filters ${result.title}: ours ${result.oursMilliseconds.toFixed(1)} ms${peer}\n`);
  }
  const rows = results.map(
    (result): BenchRow => ({
      work: `${result.title}, ${channels} channels x ${minutes} min`,
      beside: hasPeers ? "SciPy" : "no peer",
      ours: `${result.oursMilliseconds.toFixed(1)} ms`,
      peer: "ratio" in result ? `${result.scipyMilliseconds!.toFixed(1)} ms` : null,
      ratio: "ratio" in result ? result.ratio! : null,
      goal: "ratio" in result ? result.goal! : null,
    }),
  );
  process.stdout.write(`${writeBench("filters", rows, { ...setup, minutes, fastRate, rounds, repeats, results })}\n`);
}

runBench("filters", bench);
