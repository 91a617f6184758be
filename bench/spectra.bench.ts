/**
 * Spectrograms of an HMS recording beside SciPy's, and its mel spectrograms in dB beside librosa's, in turn on the same
 * machine, one thread each: 5 s frames each 0.2 s at 200 Hz, of 10 minutes and of 50 s. Milliseconds for all channels.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import { Generator } from "../lib/core/random";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const setup = {
  channels: 20,
  /** Of them, the mel spectrograms take as many as there are differences in the four chains. */
  traces: 16,
  sampleRate: 200,
  points: 1000,
  hop: 40,
  mels: 128,
  high: 20,
  shortSamples: 50 * 200,
};
const minutes = 10;
const repeats = 2;
const rounds = 3;
/** Every so manieth frame is compared. */
const compared = 10;

interface Task {
  title: string;
  peer: "SciPy" | "librosa";
  /** What ours must reach, as a multiple of the peer's speed. */
  goal: number;
  /** The largest difference allowed: of the largest value, or in dB. */
  tolerance: number;
}

const tasks: Readonly<Record<string, Task>> = {
  spectrogram: { title: "spectrogram, 20 x 10 min", peer: "SciPy", goal: 1, tolerance: 1e-12 },
  spectrogramDetrended: { title: "the same less each frame's mean", peer: "SciPy", goal: 1, tolerance: 1e-12 },
  spectrogramShort: { title: "spectrogram, 20 x 50 s", peer: "SciPy", goal: 1, tolerance: 1e-12 },
  mel: { title: "mel in dB, 16 x 10 min", peer: "librosa", goal: 3, tolerance: 1e-9 },
  melShort: { title: "mel in dB, 16 x 50 s", peer: "librosa", goal: 3, tolerance: 1e-9 },
};

/** White noise in microvolts, as float32: how fast a transform is does not depend on what it transforms. */
function writeInputs(folder: string): void {
  const random = new Generator(1);
  const length = setup.channels * minutes * 60 * setup.sampleRate;
  const values = Float32Array.from({ length }, () => 100 * (random.random() - 0.5));
  writeFileSync(join(folder, "eeg.f32"), new Uint8Array(values.buffer));
  writeFileSync(join(folder, "setup.json"), JSON.stringify(setup));
}

/** The largest difference between both sides: relative to the largest value for powers, in dB for mel spectrograms. */
function apart(folder: string, task: string, suffix: string): number {
  const read = (name: string): Float64Array =>
    new Float64Array(new Uint8Array(readFileSync(join(folder, name))).buffer);
  const [ours, theirs] = [read(`ours-${task}.f64`), read(`peer-${task}${suffix}.f64`)];
  let [worst, largest] = [ours.length === theirs.length ? 0 : Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < theirs.length; i++) {
    worst = Math.max(worst, Math.abs(ours[i]! - theirs[i]!));
    largest = Math.max(largest, Math.abs(theirs[i]!));
  }
  return task.startsWith("mel") ? worst : worst / largest;
}

interface Results {
  figures: Record<string, unknown>;
  row: BenchRow;
}

const told = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`;

function resultOf(folder: string, name: string, ours: readonly ProcessRun[], peers: readonly ProcessRun[]): Results {
  const { title, peer, goal, tolerance } = tasks[name]!;
  const oursTimes = ours.flatMap(({ output }) => (output as Record<string, number[]>)[name]!);
  const oursMilliseconds = median(oursTimes);
  process.stdout.write(`spectra ${title}: ours ${oursMilliseconds.toFixed(1)} ms`);
  if (peers.length === 0) {
    process.stdout.write("\n");
    const row = { work: title, beside: "no peer", ours: told(oursMilliseconds), peer: null, ratio: null, goal };
    return { figures: { title, oursMilliseconds }, row };
  }
  const ways = peers.map(({ output }) => (output as Record<string, Record<string, number[]>>)[name]!);
  const medians = Object.keys(ways[0]!).map((way) => ({ way, milliseconds: median(ways.flatMap((run) => run[way]!)) }));
  const best = medians.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));
  const ratio = best.milliseconds / oursMilliseconds;
  const fastest = Math.min(...ways.flatMap((run) => Object.values(run).flat())) / Math.min(...oursTimes);
  const difference = apart(folder, name, "");
  process.stdout.write(
    `, ${peer} ${best.milliseconds.toFixed(1)} ms (${best.way}): ${ratio.toFixed(2)} times as fast ` +
      `(fastest runs: ${fastest.toFixed(2)}; goal: at least ${goal.toFixed(1)}), largest difference ${difference.toExponential(0)}\n`,
  );
  if (!(difference < tolerance))
    throw new SignalbookError("sides that computed different things", {
      place: title,
      found: String(difference),
      expected: `less than ${tolerance}`,
    });
  const single = existsSync(join(folder, `peer-${name}-single.f64`)) ? apart(folder, name, "-single") : undefined;
  const ratios = { ratio, ratioOfFastest: fastest, goal };
  return {
    figures: { title, oursMilliseconds, peer, ways: medians, ...ratios, difference, differenceFromSingle: single },
    row: { work: title, beside: peer, ours: told(oursMilliseconds), peer: told(best.milliseconds), ratio, goal },
  };
}

async function bench(folder: string): Promise<void> {
  writeInputs(folder);
  const side = (run: typeof runOurs, script: string): (() => Promise<ProcessRun>) => {
    let save = compared;
    return () => {
      const args = [folder, String(repeats), String(save)];
      save = 0;
      return run(script, args);
    };
  };
  const ours = side(runOurs, "spectra-side.ts");
  if (!peersAvailable()) process.stdout.write("spectra: the peers are not installed; ours alone is measured\n");
  const sides: Record<string, () => Promise<ProcessRun>> = peersAvailable()
    ? { ours, peers: side(runPeer, "peers/spectra.py") }
    : { ours };
  const runs = await alternate(sides, { rounds });
  const results = Object.keys(tasks).map((name) => resultOf(folder, name, runs["ours"]!, runs["peers"] ?? []));
  const figures = { ...setup, minutes, rounds, repeats, results: results.map((result) => result.figures) };
  const rows = results.map(({ row }) => row);
  process.stdout.write(`${writeBench("spectra", rows, figures)}\n`);
}

runBench("spectra", bench);
