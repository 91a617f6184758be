/**
 * One example of the HMS competition, from its two Parquet files to the 640 x 1920 image: ours beside the published
 * pipeline rebuilt from pandas, SciPy, librosa, NumPy, OpenCV and justpyplot. One thread each. The images are compared.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const seed = 20240509;
const times = 12;
const rounds = 3;
/** How many times as fast ours is to be. */
const goal = 5;
const [width, height, side] = [1920, 640, 320];

interface Timing {
  seconds: number[];
  /** Of processor time, all threads: what another program on the machine does not change much. */
  processor: number[];
  stages: Record<string, number[]>;
}

interface Differences {
  /** Pixels of the plot that differ, of 1,024,000. */
  plot: number;
  /** Largest difference of the 10-minute spectrogram, 0 .. 1. */
  minutes: number;
  /** Largest difference of the 50-second spectrogram, and the share of its pixels that differ by more than 1e-4. */
  seconds: number;
  secondsShare: number;
}

/** Single precision against double; a byte that rounds to its neighbour; a line is either there or not. */
const allowed: Differences = { plot: 0, minutes: 1e-6, seconds: 1.01 / 255, secondsShare: 0.01 };

function compare(ours: Float32Array, peer: Float32Array): Differences {
  const found: Differences = { plot: 0, minutes: 0, seconds: 0, secondsShare: 0 };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const difference = Math.abs(ours[i]! - peer[i]!);
      if (x >= side) found.plot += difference === 0 ? 0 : 1;
      else if (y < side) found.minutes = Math.max(found.minutes, difference);
      else {
        found.seconds = Math.max(found.seconds, difference);
        found.secondsShare += difference > 1e-4 ? 1 / (side * side) : 0;
      }
    }
  }
  for (const [name, most] of Object.entries(allowed)) {
    const value = found[name as keyof Differences];
    if (!(value <= most))
      throw new SignalbookError("both sides made different images", {
        place: name,
        found: String(value),
        expected: `at most ${most}`,
      });
  }
  return found;
}

const imageOf = (folder: string, name: string): Float32Array =>
  new Float32Array(Uint8Array.from(readFileSync(join(folder, name))).buffer);

function timingOf(runs: readonly ProcessRun[]): { example: number; processor: number; stages: Record<string, number> } {
  const results = runs.map(({ output }) => output as Timing);
  const names = Object.keys(results[0]!.stages);
  const of = (values: (timing: Timing) => number[]): number => median(results.flatMap(values)) * 1000;
  return {
    example: of(({ seconds }) => seconds),
    processor: of(({ processor }) => processor),
    stages: Object.fromEntries(names.map((name) => [name, of(({ stages }) => stages[name]!)])),
  };
}

async function main(folder: string): Promise<void> {
  if (!peersAvailable()) {
    process.stdout.write(
      "hms-image: the peers are missing, and pyarrow writes the files this bench reads: nothing measured\n",
    );
    return;
  }
  const peer = "peers/hms_image.py";
  await runPeer(peer, ["write", folder, String(seed)]);
  const given = [folder, String(times)];
  const runs = await alternate(
    { ours: () => runOurs("hms-image-run.ts", given), peer: () => runPeer(peer, ["run", ...given]) },
    { rounds },
  );
  const differences = compare(imageOf(folder, "our-image.f32"), imageOf(folder, "peer-image.f32"));
  const [ours, theirs] = [timingOf(runs.ours), timingOf(runs.peer)];
  const ratio = theirs.example / ours.example;
  process.stdout.write("HMS image, milliseconds an example   ours     peer   times as fast\n");
  const rows = [...Object.keys(ours.stages).map((name) => [name, ours.stages[name]!, theirs.stages[name]!] as const)];
  rows.push(["processor time", ours.processor, theirs.processor], ["file to image", ours.example, theirs.example]);
  for (const [name, mine, other] of rows)
    process.stdout.write(
      `  ${name.padEnd(30)} ${mine.toFixed(1).padStart(8)} ${other.toFixed(1).padStart(8)} ${(other / mine).toFixed(2).padStart(8)}\n`,
    );
  process.stdout.write(
    `plot: ${differences.plot} of ${(width - side) * height} pixels differ; 10 minutes: ${differences.minutes.toExponential(1)}; ` +
      `50 seconds: ${differences.seconds.toExponential(1)}, ${(100 * differences.secondsShare).toFixed(3)} % of pixels\n`,
  );
  process.stdout.write(`file to image: ${ratio.toFixed(2)} times the peer (goal: at least ${goal})\n`);
  const milliseconds = { ours, peer: theirs };
  const inMs = (value: number): string => `${value.toFixed(1)} ms`;
  const table: BenchRow[] = [
    {
      work: "one HMS example, from its files to the 640 x 1920 image",
      beside: "the published pipeline of pandas, SciPy, librosa, NumPy, OpenCV",
      ...{ ours: inMs(ours.example), peer: inMs(theirs.example), ratio, goal },
    },
  ];
  process.stdout.write(
    `${writeBench("hms-image", table, { seed, times, rounds, milliseconds, ratio, goal, differences, allowed })}\n`,
  );
}

runBench("hms-image", main);
