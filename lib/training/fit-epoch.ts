/** One epoch of a run: its batches from where it stands, then what is measured, kept and written at its end. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import type { EpochRecord, RunState } from "./checkpoint";
import { takeModel, type Weights } from "./checkpoint-weights";
import { type Batch, type BatchOptions, epochBatches } from "./dataset";
import type { Divergence } from "./divergence";
import type { EarlyStopping } from "./early-stopping";
import { copyBatch, type FailedStep, saveDiverged, saveNonFinite } from "./failed-step";
import type { FitOptions } from "./fit-options";
import type { FitReport } from "./fit-report";
import { measure } from "./fit-validation";
import type { BatchLoader, BatchPlan } from "./loader";
import type { Predictor } from "./predict";
import type { TrainStep } from "./train-step";
import { type TrainingClock, timeSince } from "./training-clock";

/** A run in this process, with all that it works with. */
export interface Training {
  readonly options: FitOptions;
  readonly run: Record<string, unknown>;
  readonly loader: BatchLoader;
  readonly batching: BatchOptions;
  /** Batches of an epoch. */
  readonly steps: number;
  readonly step: TrainStep;
  /** Null without validation data. */
  readonly predictor: Predictor | null;
  readonly stopper: EarlyStopping | null;
  /** Null where the run is not watched for it. */
  readonly divergence: Divergence | null;
  readonly state: RunState;
  readonly clock: TrainingClock;
  readonly report: FitReport;
  /** The model at its best epoch. */
  best: Weights | null;
  /** The step that the loss is too high since. */
  firstAbove: FailedStep | null;
  /** Writes a checkpoint, where the run has a folder for them. */
  save(): Promise<void>;
}

/** The epoch's batches, from where it stands. False where the signal ended it. */
export async function runBatches(training: Training): Promise<boolean> {
  const { options, loader, batching, steps, state, clock } = training;
  const { seed, signal, checkpoint, shuffle = true } = options;
  const order = epochBatches(loader.dataset.length, batching, shuffle ? Generator.restore(state.shuffle) : undefined);
  const plans = order.map((indices, i): BatchPlan => ({ indices, seed: mix(seed, state.epoch * steps + i) }));
  const walk = loader.batches(plans.slice(state.position), signal)[Symbol.asyncIterator]();
  try {
    while (state.position < steps) {
      if (signal?.aborted) return false;
      const next = await clock.in("waiting", () => walk.next());
      if (next.done)
        throw new SignalbookError("a loader that ended before its epoch", {
          place: loader.dataset.name,
          found: `${state.position} batches`,
          expected: String(steps),
        });
      await runBatch(training, next.value);
      const { everySteps } = checkpoint ?? {};
      if (everySteps !== undefined && state.step % everySteps === 0 && state.position < steps) await training.save();
    }
    return true;
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return false;
    throw error;
  } finally {
    await walk.return?.();
  }
}

async function runBatch(training: Training, batch: Batch): Promise<void> {
  const { options, run, step, state, clock, report, divergence } = training;
  const learningRate = rateOf(training, state.step);
  const result = await clock.in("engine", () => step.run(batch, state.step, learningRate));
  const place = { epoch: state.epoch + 1, step: state.position + 1, runStep: state.step };
  const thisStep: FailedStep = { ...place, batch, result, learningRate };
  const thisRun = { model: options.model, folder: options.checkpoint?.folder, run };
  // The loss is not scaled: where it overflows, no other scale would help.
  if (!Number.isFinite(result.loss) || !(result.finite || result.skipped)) throw saveNonFinite(thisStep, thisRun);
  if (divergence !== null) {
    const diverged = divergence.update(result.loss);
    const { above, best } = divergence.state;
    if (above === 0) training.firstAbove = null;
    else training.firstAbove ??= { ...thisStep, batch: copyBatch(batch) };
    if (diverged) throw saveDiverged(training.firstAbove!, thisRun, options.divergence!, best!);
  }
  state.step++;
  state.position++;
  state.lossSum += result.loss;
  if (result.updated) state.updates++;
  // An overflow anywhere in a group of batches leaves the whole group out, at its end.
  if (result.skipped && state.step % (options.accumulate?.batches ?? 1) === 0) state.skipped++;
  report.step(result, learningRate);
}

/** Validation, the epoch's record, early stopping, a checkpoint. False where the signal ended it. */
export async function finishEpoch(training: Training): Promise<boolean> {
  const { options, loader, batching, steps, step, state, clock, report } = training;
  if (!state.averaged) {
    step.endEpoch();
    state.averaged = true;
  }
  const metrics = await validateOrSave(training);
  if (metrics === null) return false;
  const { history } = state;
  const earlier = history.map((epoch) => epoch.timing);
  const timing = timeSince(earlier, clock.now());
  const record: EpochRecord = {
    epoch: state.epoch + 1,
    step: state.step,
    loss: state.lossSum / steps,
    learningRate: rateOf(training, state.step - 1),
    metrics,
    skipped: state.skipped - history.reduce((total, epoch) => total + epoch.skipped, 0),
    seconds: timing.total,
    timing,
  };
  history.push(record);
  report.epoch(record, loader.stats.skipped);
  const shuffle = Generator.restore(state.shuffle);
  epochBatches(loader.dataset.length, batching, shuffle); // draws this epoch's order: the next one starts behind it
  Object.assign(state, { epoch: state.epoch + 1, position: 0, averaged: false, lossSum: 0, shuffle: shuffle.state() });
  if (state.epoch === options.epochs && state.stopped === null) state.stopped = "finished";
  if (state.stopped !== null || state.epoch % (options.checkpoint?.everyEpoch ?? 1) === 0) await training.save();
  return true;
}

/**
 * What was learnt in the epoch is not lost to what ends the run now: a metric that is NaN, an image that cannot be read. A
 * resumed run measures again.
 */
async function validateOrSave(training: Training): Promise<Record<string, number> | null> {
  try {
    return await training.clock.in("validation", () => validate(training));
  } catch (error) {
    try {
      await training.save();
    } catch (notSaved) {
      throw new AggregateError([error, notSaved], `${(error as Error).message}; and ${(notSaved as Error).message}`);
    }
    throw error;
  }
}

/**
 * The epoch's metrics, measured with the averaged weights where there are some; where they are the best so far, these
 * weights are kept. Null where the signal ended it.
 */
async function validate(training: Training): Promise<Record<string, number> | null> {
  const { options, predictor, stopper, state, step } = training;
  const { validation, signal, model } = options;
  if (!validation || !predictor) return {};
  step.ema?.swapIn();
  try {
    const metrics = await measure(options, validation, predictor);
    if (!stopper) return metrics;
    const { improved, stop } = stopper.update(state.epoch, metrics);
    if (improved) training.best = takeModel(model);
    state.earlyStopping = stopper.state;
    if (stop) state.stopped = "early";
    return metrics;
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return null;
    throw error;
  } finally {
    step.ema?.swapOut();
  }
}

/** The rate at a batch (from 0, over the run). Schedules count steps of the optimizer. */
function rateOf({ options, steps, state }: Training, batch: number): number {
  const { schedule, epochs, accumulate } = options;
  const group = accumulate?.batches ?? 1;
  return schedule.rate(Math.floor(batch / group), { stepsPerEpoch: steps / group, epochs }, state.history);
}

/** Seeds the augmentation of a batch: from run and batch alone, so that a resumed run draws the same. */
function mix(seed: number, batch: number): number {
  let h = (seed ^ Math.imul(batch + 1, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
