/**
 * ResNet-50, one training step (forward, backward, Adam), batch 16 at 224 x 224, float32 and bfloat16: ours compiled,
 * beside PyTorch eager (autocast for bfloat16), in turn on the same machine: as it is written everywhere, and with the
 * channels last in memory, which is faster on processors. Images a second and peak resident memory.
 */
import { SignalbookError } from "../lib/core/errors";
import type { Precision } from "../lib/engine";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const batch = 16;
const steps = 4;
const rounds = 3;
/** Ours is to be at least as fast. */
const goal = 1;

interface Figures {
  imagesPerSecond: number;
  /** Of each step kept, in seconds. */
  stepSeconds: number[];
  /** Bytes; null where the system does not tell. */
  peakMemory: number | null;
  /** After the last step: a finite loss that fell shows that the step learns. */
  loss: number;
}

function figuresOf(runs: readonly ProcessRun[]): Figures {
  const results = runs.map(({ output }) => output as { seconds: number[]; loss: number });
  const { loss } = results[0]!;
  // an untrained network's loss is ln(1000) = 6.9
  if (!(loss < 6)) throw new SignalbookError("a training step that does not learn", { found: `loss ${loss}` });
  const stepSeconds = results.flatMap(({ seconds }) => seconds);
  const memory = runs.map(({ peakMemory }) => peakMemory).filter((bytes) => bytes !== null);
  return {
    imagesPerSecond: batch / median(stepSeconds),
    stepSeconds,
    peakMemory: memory.length === 0 ? null : Math.max(...memory),
    loss,
  };
}

const speed = ({ imagesPerSecond }: Figures): string => `${imagesPerSecond.toFixed(2)} images/s`;

async function bench(precision: Precision): Promise<{ rows: BenchRow[]; figures: Record<string, unknown> }> {
  const args = [precision, String(batch), String(steps)];
  const ours = (): Promise<ProcessRun> => runOurs("resnet50-step.ts", args);
  const peer = (layout: string) => (): Promise<ProcessRun> => runPeer("peers/resnet50.py", [...args, layout]);
  const sides: Record<string, () => Promise<ProcessRun>> = peersAvailable()
    ? { ours, pytorch: peer("contiguous"), pytorchChannelsLast: peer("channels_last") }
    : { ours };
  const runs = await alternate(sides, { rounds });
  const figures = Object.fromEntries(Object.entries(runs).map(([side, done]) => [side, figuresOf(done)]));
  for (const [side, { imagesPerSecond, peakMemory }] of Object.entries(figures)) {
    const memory = peakMemory === null ? "unknown memory" : `${(peakMemory / 1e9).toFixed(2)} GB`;
    process.stdout.write(`resnet50 ${precision} ${side}: ${imagesPerSecond.toFixed(2)} images/s, ${memory}\n`);
  }
  const ratios = Object.fromEntries(
    Object.entries(figures)
      .filter(([side]) => side !== "ours")
      .map(([side, { imagesPerSecond }]) => [side, figures["ours"]!.imagesPerSecond / imagesPerSecond]),
  );
  for (const [side, ratio] of Object.entries(ratios))
    process.stdout.write(
      `resnet50 ${precision}: ${ratio.toFixed(2)} times ${side} (goal: at least ${goal.toFixed(1)})\n`,
    );
  const peers: Record<string, string> = {
    pytorch: precision === "float32" ? "PyTorch eager" : "PyTorch autocast",
    pytorchChannelsLast: "the same, channels last in memory",
  };
  const rows = Object.entries(ratios).map(
    ([side, ratio]): BenchRow => ({
      work: `ResNet-50 training step, batch ${batch}, 224 x 224, ${precision}`,
      ...{ beside: peers[side]!, ours: speed(figures["ours"]!), peer: speed(figures[side]!), ratio, goal },
    }),
  );
  return { rows, figures: { ...figures, ratios, goal } };
}

async function main(): Promise<void> {
  const results: Record<string, unknown> = {};
  const rows: BenchRow[] = [];
  for (const precision of ["float32", "bfloat16"] as const) {
    const done = await bench(precision);
    results[precision] = done.figures;
    rows.push(...done.rows);
  }
  const path = writeBench("resnet50", rows, { batch, side: 224, steps, rounds, results });
  process.stdout.write(`${path}\n`);
}

runBench("resnet50", main);
