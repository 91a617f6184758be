/** A few training steps of a network at its full size: what one costs here, before a whole training is asked for. */
import { SignalbookError } from "../core/errors";
import { collate, type Dataset, epochBatches } from "./dataset";
import type { FitOptions } from "./fit-options";
import { type RanPrecision, ranPrecision } from "./ran-precision";
import { createTrainStep, type StepResult } from "./train-step";

export type TrialOptions = Pick<
  FitOptions,
  "model" | "loss" | "optimizer" | "batchSize" | "seed" | "precision" | "scaler"
> & {
  /** Its first examples, in their order: `steps` batches of them. */
  train: Dataset;
  steps: number;
  rate: number;
  signal?: AbortSignal;
};

export interface TrialStep extends StepResult {
  /** The first one also traces and prepares the step. */
  seconds: number;
}

export interface Trial {
  steps: TrialStep[];
  /** Resident memory of this process in bytes: before the steps, and the highest that was seen while they ran. */
  memory: { before: number; peak: number };
  /** What the steps computed in, and on what. */
  ran: RanPrecision;
}

/** Milliseconds between two looks at the memory. */
const LOOK_EVERY = 10;

/** Trains the model in place. @throws SignalbookError for fewer examples than the steps need. */
export async function trialSteps(options: TrialOptions): Promise<Trial> {
  const { model, train, loss, optimizer, batchSize, steps, seed, rate, scaler, signal } = options;
  const { precision = "float32" } = options;
  const batches = epochBatches(train.length, { batchSize, dropLast: true }).slice(0, steps);
  if (batches.length < steps)
    throw new SignalbookError("too few examples for so many steps", {
      place: train.name,
      found: `${train.length} examples`,
      expected: `${steps * batchSize}`,
    });
  const before = process.memoryUsage.rss();
  const memory = { before, peak: before };
  const look = (): void => {
    memory.peak = Math.max(memory.peak, process.memoryUsage.rss());
  };
  const run = optimizer.create(model.parameters);
  const step = createTrainStep({
    ...{ model, loss, optimizer: run, inputShape: train.inputShape, seed, weighted: false },
    precision,
    ...(scaler !== undefined && { scaler }),
  });
  // Steps run on a thread of their own: this one is free to look.
  const watch = setInterval(look, LOOK_EVERY);
  try {
    const done: TrialStep[] = [];
    for (const [number, indices] of batches.entries()) {
      signal?.throwIfAborted();
      const batch = collate(
        train,
        Array.from(indices, (i) => train.example(i)),
      );
      const started = performance.now();
      const result = await step.run(batch, number, rate);
      done.push({ ...result, seconds: (performance.now() - started) / 1000 });
      look();
    }
    return { steps: done, memory, ran: ranPrecision(model, train, precision) };
  } finally {
    clearInterval(watch);
    step.dispose();
    run.dispose();
  }
}
