/**
 * Loaders of training examples beside PyTorch's DataLoader, in turn on the same machine, with 1 and with 2 workers each.
 *
 * images: PNG files in the layout of the MAIC challenge (480 x 270, grey) decoded, resized to 224 x 224 as OpenCV does,
 * normalised into three channels, with system 000's coarse dropout and cutout. The peer decodes and resizes by OpenCV.
 * signals: .npy files of 12 leads of 10 s at 500 Hz (16-bit) cut to 4096 samples, scaled to mV, a random gain each lead.
 *
 * Both sides draw the same numbers (NumPy's RandomState) and must give the same arrays.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import { Generator } from "../lib/core/random";
import { writeNpy } from "../lib/formats";
import { blankImage, encodePng } from "../lib/preprocessing";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const rounds = 5;
const count = 512;
const batchSize = 32;
const setup = { workers: [1, 2], epochs: 2, prefetch: 2, side: 224 };
const signal = { length: 4096, recorded: 5000, leads: 12, unit: 0.00488, gain: 0.1 };
const tasks = {
  images: "PNG 480x270 to 224x224x3, dropout and cutout",
  signals: "ECG .npy, crop, mV, gain a lead",
} as const;
type Task = keyof typeof tasks;
type Rates = Record<string, { perSecond: number; processorMilliseconds: number }>;

/** Thirteen traces over the width, as a page of a sleep study has them: each moves up and down about its own line. */
async function tracesPng(random: Generator): Promise<Uint8Array> {
  const image = blankImage(480, 270);
  for (let trace = 0; trace < 13; trace++) {
    const line = 12 + 20 * trace;
    let before = line;
    for (let x = 0; x < image.width; x++) {
      const y = Math.min(269, Math.max(0, Math.round(line + 0.9 * (before - line) + 3 * random.normal())));
      for (let row = Math.min(before, y); row <= Math.max(before, y); row++)
        image.pixels[row * image.width + x] = 96 + random.below(160);
      before = y;
    }
  }
  return encodePng(image);
}

async function writeInputs(folder: string): Promise<void> {
  const random = new Generator(1);
  mkdirSync(join(folder, "exam"));
  const images: string[] = [];
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    images.push(join(folder, "exam", `exam_${String(i + 1).padStart(4, "0")}.png`));
    writeFileSync(images[i]!, await tracesPng(random));
    const data = new Int16Array(signal.recorded * signal.leads).map(() => random.below(1000) - 500);
    paths.push(join(folder, `${i}.npy`));
    writeNpy(paths[i]!, { dtype: "int16", shape: [signal.recorded, signal.leads], data });
  }
  const order = random.permutation(count);
  const plans = Array.from({ length: count / batchSize }, (_, b) => ({
    indices: [...order.slice(b * batchSize, (b + 1) * batchSize)],
    seed: 100 + b,
  }));
  writeFileSync(join(folder, "setup.json"), JSON.stringify({ ...setup, images, signals: { ...signal, paths }, plans }));
}

/** The largest difference between both sides' first batches. Normalised values reach 2.6, millivolts some 3. */
function apart(folder: string, task: Task): number {
  const read = (side: string): Float32Array =>
    new Float32Array(new Uint8Array(readFileSync(join(folder, `${side}-${task}.f32`))).buffer);
  const [ours, theirs] = [read("ours"), read("torch")];
  const same = ours.length === theirs.length;
  const worst = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), same ? 0 : Infinity);
  if (!(worst < 1e-6))
    throw new SignalbookError("sides that made different examples", {
      place: task,
      found: String(worst),
      expected: "less than 1e-6",
    });
  return worst;
}

async function measure(folder: string, task: Task, hasPeers: boolean): Promise<Record<string, Rates[]>> {
  const side = (run: typeof runOurs, script: string): (() => Promise<ProcessRun>) => {
    let save = "yes";
    return () => {
      const result = run(script, [folder, task, save]);
      save = "no";
      return result;
    };
  };
  const ours = side(runOurs, "loader-side.ts");
  const sides: Record<string, () => Promise<ProcessRun>> = hasPeers
    ? { ours, torch: side(runPeer, "peers/loader.py") }
    : { ours };
  const runs = await alternate(sides, { rounds });
  return Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [name, list.map(({ output }) => output as Rates)]),
  );
}

async function bench(folder: string): Promise<void> {
  const hasPeers = peersAvailable();
  if (!hasPeers) process.stdout.write("loader: the peers are not installed; ours alone is measured\n");
  await writeInputs(folder);
  const rows: BenchRow[] = [];
  const results: Record<string, unknown> = {};
  for (const task of Object.keys(tasks) as Task[]) {
    const runs = await measure(folder, task, hasPeers);
    const of = (name: string, workers: number, what: keyof Rates[string]): number =>
      median(runs[name]!.map((rates) => rates[workers]![what]));
    const difference = hasPeers ? apart(folder, task) : null;
    for (const workers of setup.workers) {
      const [ours, used] = [of("ours", workers, "perSecond"), of("ours", workers, "processorMilliseconds")];
      const torch = hasPeers ? of("torch", workers, "perSecond") : null;
      const torchUsed = hasPeers ? of("torch", workers, "processorMilliseconds") : null;
      const ratio = torch === null ? null : ours / torch;
      results[`${task}, ${workers}`] = { ours, torch, ratio, used, torchUsed, difference };
      rows.push({
        work: `${tasks[task]}, ${workers} ${workers === 1 ? "worker" : "workers"}`,
        beside: hasPeers ? "PyTorch DataLoader" : "no peer",
        ours: `${ours.toFixed(0)} examples/s`,
        peer: torch === null ? null : `${torch.toFixed(0)} examples/s`,
        ratio,
        goal: ratio === null ? null : 1,
      });
      const peer =
        torch === null
          ? ""
          : `, PyTorch ${torch.toFixed(0)}: ${ratio!.toFixed(2)} times as many (goal: at least 1); processor time an ` +
            `example ${used.toFixed(2)} and ${torchUsed!.toFixed(2)} ms; largest difference ${difference}`;
      process.stdout.write(`loader ${task}, ${workers} workers: ours ${ours.toFixed(0)} examples/s${peer}\n`);
    }
  }
  process.stdout.write(`${writeBench("loader", rows, { ...setup, signal, count, batchSize, rounds, results })}\n`);
}

runBench("loader", bench);
