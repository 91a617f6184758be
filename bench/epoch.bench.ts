/**
 * What one epoch of training goes into, for image models at 224 x 224: fit with a loader in worker threads, an epoch after
 * the first; the share of time in which the engine is at work, as fit itself records it. Beside it what the same steps
 * take by themselves, on a batch that lies ready: what the loader's threads take away from the engine shows there.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import type { BenchRow } from "../lib/report/speed";
import type { Timing } from "../lib/training/training-clock";
import { median, runBench, runOurs, writeBench } from "./harness";

const runs = [
  { model: "resnet50", batch: 8, steps: 6, workers: 1 },
  { model: "vit_tiny_patch16_224", batch: 16, steps: 8, workers: 1 },
] as const;
/** Share of the time that training itself takes: without validation and checkpoints. */
const asked = 0.9;

async function main(folder: string): Promise<void> {
  const rows: BenchRow[] = [];
  const figures: Record<string, unknown> = {};
  for (const { model, batch, steps, workers } of runs) {
    const place = join(folder, model);
    mkdirSync(place);
    const { output } = await runOurs("epoch-side.ts", [place, model, ...[batch, steps, workers].map(String)]);
    const { timing, alone, loss } = output as { timing: Timing; alone: number[]; loss: number };
    if (!Number.isFinite(loss)) throw new SignalbookError("an epoch that does not learn", { found: `loss ${loss}` });
    const { engine, waiting, other, checkpoint } = timing;
    const training = engine + waiting + other;
    const busy = engine / training;
    const stepAlone = median(alone);
    const told = {
      busy,
      waiting: waiting / training,
      other: other / training,
      stepSeconds: training / steps,
      stepAlone,
      /** What a checkpoint costs, in steps. */
      checkpointSteps: checkpoint / (training / steps),
    };
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    const text = `engine ${percent(busy)}, waiting for batches ${percent(told.waiting)}, rest ${percent(told.other)}`;
    const each = `a step ${told.stepSeconds.toFixed(2)} s, by itself ${stepAlone.toFixed(2)} s`;
    process.stdout.write(`${model}: ${text}; ${each}; a checkpoint is ${told.checkpointSteps.toFixed(2)} steps\n`);
    figures[model] = { batch, steps, workers, timing, alone, ...told };
    const work = `an epoch of ${model}, batch ${batch}, 224 x 224, PNG files through ${workers} thread`;
    const goal = `engine busy, at least ${percent(asked)} asked`;
    rows.push({ work, beside: goal, ours: percent(busy), peer: null, ratio: null, goal: null });
    const step = `a step ${told.stepSeconds.toFixed(2)} s`;
    rows.push({ work, beside: `the step by itself: ${stepAlone.toFixed(2)} s`, ours: step, peer: null, ratio: null, goal: null }); // biome-ignore format: short
  }
  process.stdout.write(`${writeBench("epoch", rows, { asked, figures })}\n`);
}

runBench("epoch", main);
