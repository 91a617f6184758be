/** The training loop: epochs of compiled steps, validation, early stopping, checkpoints that resume exactly. */
import { SignalbookError } from "../core/errors";
import {
  type Checkpoint,
  hasCheckpoint,
  isSameRun,
  newRunState,
  type RunState,
  readCheckpoint,
  requireSameRun,
  writeCheckpoint,
} from "./checkpoint";
import { giveModel, giveSlots, takeModel, takeSlots } from "./checkpoint-weights";
import { batchCount } from "./dataset";
import { Divergence } from "./divergence";
import { EarlyStopping } from "./early-stopping";
import { finishEpoch, runBatches, type Training } from "./fit-epoch";
import {
  type CheckpointOptions,
  checkOptions,
  describeRun,
  type FitOptions,
  type FitResult,
  loaderOf,
} from "./fit-options";
import { FitReport } from "./fit-report";
import type { BatchLoader } from "./loader";
import type { OptimizerRun } from "./optimizers";
import { createPredictor, type Predictor } from "./predict";
import { ranPrecision } from "./ran-precision";
import { createTrainStep, type TrainStep } from "./train-step";
import { TrainingClock } from "./training-clock";

/**
 * Trains a model in place. It ends with the weights of its best epoch; without early stopping with the last ones, or
 * their averages where there are some; where the signal ended the run, with the weights as they are.
 * Throws where the loss or a gradient is not finite, or the loss diverges: the error names epoch, step and examples, and
 * where the batch and the weights were saved.
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const loader = loaderOf(options);
  checkOptions(options, loader.dataset);
  const run = describeRun(options, loader);
  const saved = options.checkpoint ? savedRun(options.checkpoint, run) : null;
  const optimizer = options.optimizer.create(options.model.parameters);
  const parts: { dispose(): void }[] = [optimizer];
  try {
    const step = trainStepOf(options, loader, optimizer);
    parts.push(step);
    if (saved !== null) {
      giveModel(options.model, saved.weights);
      giveSlots("optimizer", optimizer.slots, saved.weights);
      giveSlots("step", step.slots, saved.weights);
    }
    const { validation, batchSize, precision = "float32" } = options;
    const predictor = validation ? createPredictor(options.model, { batchSize, precision }) : null;
    if (predictor) parts.push(predictor);
    return await train({ options, loader, run, saved, optimizer, step, predictor });
  } finally {
    for (const part of parts.reverse()) part.dispose();
  }
}

interface Prepared {
  options: FitOptions;
  loader: BatchLoader;
  run: Record<string, unknown>;
  /** What to go on from. */
  saved: Checkpoint | null;
  optimizer: OptimizerRun;
  step: TrainStep;
  predictor: Predictor | null;
}

async function train({ options, loader, run, saved, optimizer, step, predictor }: Prepared): Promise<FitResult> {
  const { model, batchSize, seed, checkpoint, earlyStopping, precision = "float32" } = options;
  const batching = { batchSize, dropLast: options.dropLast ?? true };
  const steps = batchCount(loader.dataset.length, batching);
  requireWholeGroup(options, steps);
  requireSchedule(options, steps);
  const state: RunState = saved?.state ?? newRunState(seed);
  const clock = new TrainingClock(state.timing);
  const stopper = earlyStopping ? new EarlyStopping(earlyStopping, state.earlyStopping ?? undefined) : null;
  const divergence = options.divergence ? new Divergence(options.divergence, state.divergence) : null;
  const ran = ranPrecision(model, loader.dataset, precision);
  const report = new FitReport({
    options,
    run,
    ran,
    workers: loader.workers,
    state,
    resumed: saved !== null,
    clock,
    steps,
  });
  const training: Training = {
    ...{ options, run, loader, batching, steps, step, predictor, stopper, divergence, state, clock, report },
    best: saved?.best ?? null,
    firstAbove: null,
    save: async () => {
      if (checkpoint === undefined) return;
      await clock.in("checkpoint", () => {
        const slots = [...takeSlots("optimizer", optimizer.slots), ...takeSlots("step", step.slots)];
        state.timing = clock.now();
        const weights = new Map([...takeModel(model), ...slots]);
        writeCheckpoint(checkpoint.folder, { run, state, weights, best: training.best });
      });
    },
  };

  let interrupted = false;
  while (state.stopped === null && !interrupted)
    interrupted = !((await runBatches(training)) && (await finishEpoch(training)));
  if (interrupted) await training.save();
  else if (training.best !== null) giveModel(model, training.best);
  else step.ema?.swapIn();
  const stopped = interrupted ? "aborted" : state.stopped!;
  state.timing = clock.now();
  report.end(stopped);
  const { bestEpoch = null, best: value = null } = state.earlyStopping ?? {};
  const { step: batches, updates, skipped, history, timing } = state;
  return {
    ...{ stopped, steps: batches, updates, skipped, history, ran, timing, seconds: timing.total },
    workers: loader.workers,
    best: bestEpoch === null || value === null ? null : { epoch: bestEpoch + 1, value },
  };
}

/** Throws where a run would end before the optimizer has made a step. */
function requireWholeGroup({ accumulate, epochs }: FitOptions, steps: number): void {
  if (accumulate === undefined || accumulate.batches <= steps * epochs) return;
  throw new SignalbookError("a run without one step of the optimizer", {
    found: `${steps * epochs} batches in all, ${accumulate.batches} to accumulate`,
    expected: "as many batches as are accumulated, or more",
    fix: "accumulate fewer batches, use smaller ones, or train for more epochs",
  });
}

/** Throws before the first batch is made where a schedule does not fit the run: a warm-up that is longer. */
function requireSchedule({ schedule, accumulate, epochs }: FitOptions, steps: number): void {
  schedule.rate(0, { stepsPerEpoch: steps / (accumulate?.batches ?? 1), epochs }, []);
}

function trainStepOf(options: FitOptions, loader: BatchLoader, optimizer: OptimizerRun): TrainStep {
  const { model, loss, seed, precision = "float32", accumulate, clipNorm, ema, scaler } = options;
  return createTrainStep({
    ...{ model, loss, optimizer, seed, precision },
    inputShape: loader.dataset.inputShape,
    weighted: loader.weighted,
    ...(accumulate && { accumulate }),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(ema && { ema }),
    ...(scaler && { scaler }),
  });
}

/** The checkpoint to go on from. Throws where one is in the way, or there is none to go on from, or of another run. */
function savedRun({ folder, resume = false }: CheckpointOptions, run: Record<string, unknown>): Checkpoint | null {
  if (!resume && hasCheckpoint(folder))
    throw new SignalbookError("a folder that holds a checkpoint already", {
      file: folder,
      fix: "pass resume to go on from it, or remove the folder",
    });
  if (!resume || (resume === "if same run" && !hasCheckpoint(folder))) return null;
  const saved = readCheckpoint(folder);
  if (resume === "if same run" && !isSameRun(saved.run, run)) return null;
  requireSameRun(folder, saved.run, run);
  return saved;
}
