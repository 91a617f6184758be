/** The training loop: epochs of compiled steps, validation, early stopping, checkpoints that resume exactly. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { tf } from "../engine";
import {
  type Checkpoint,
  type EpochRecord,
  giveModel,
  giveSlots,
  hasCheckpoint,
  type RunState,
  readCheckpoint,
  requireSameRun,
  takeModel,
  takeSlots,
  type Weights,
  writeCheckpoint,
} from "./checkpoint";
import { type Batch, batchCount, collate, type Dataset, epochBatches, targetsOf } from "./dataset";
import { EarlyStopping } from "./early-stopping";
import { type CheckpointOptions, checkOptions, describeRun, type FitOptions, type FitResult } from "./fit-options";
import { MetricsFile } from "./metrics-file";
import { saveNonFinite } from "./non-finite";
import type { OptimizerRun } from "./optimizers";
import { createPredictor, type Predictor } from "./predict";
import { toProbabilities } from "./probabilities";
import { createTrainStep } from "./train-step";

/**
 * Trains a model in place.
 * Throws where the loss or a gradient is not finite: the error names epoch, step and examples, and where the batch and
 * the weights before that step were saved.
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  checkOptions(options);
  const run = describeRun(options);
  const saved = options.checkpoint ? savedRun(options.checkpoint, run) : null;
  const optimizer = options.optimizer.create(options.model.parameters);
  try {
    if (saved !== null) {
      giveModel(options.model, saved.weights);
      giveSlots(optimizer.slots, saved.weights);
    }
    return await train(options, { run, optimizer, saved });
  } finally {
    optimizer.dispose();
  }
}

interface Prepared {
  run: Record<string, unknown>;
  optimizer: OptimizerRun;
  /** What to go on from. */
  saved: Checkpoint | null;
}

async function train(options: FitOptions, { run, optimizer, saved }: Prepared): Promise<FitResult> {
  const { model, validation, loss, batchSize, epochs, seed, checkpoint, precision = "float32" } = options;
  const examples = options.train;
  const batching = { batchSize, dropLast: options.dropLast ?? true };
  const steps = batchCount(examples.length, batching);
  const plan = { stepsPerEpoch: steps, epochs };
  const state: RunState = saved?.state ?? newState(seed);
  let best: Weights | null = saved?.best ?? null;
  const stopper = options.earlyStopping && new EarlyStopping(options.earlyStopping, state.earlyStopping ?? undefined);
  const metricsFile = options.metricsFile && new MetricsFile(options.metricsFile, saved === null ? null : state.step);
  if (metricsFile && saved === null) metricsFile.append({ kind: "run", step: 0, ...run });

  const step = createTrainStep({
    model,
    loss,
    optimizer,
    inputShape: examples.inputShape,
    seed,
    precision,
    weighted: hasWeights(examples),
  });
  const predictor = validation && createPredictor(model, { batchSize, precision });
  const began = performance.now();
  const secondsBefore = state.seconds;
  const clock = { steps: 0, stepSeconds: 0, validations: 0, validationSeconds: 0 };

  const save = (): void => {
    if (checkpoint === undefined) return;
    const weights: Weights = new Map([...takeModel(model), ...takeSlots(optimizer.slots)]);
    writeCheckpoint(checkpoint.folder, { run, state, weights, best });
  };
  const seconds = (): number => secondsBefore + (performance.now() - began) / 1000;
  const aborted = (): boolean => options.signal?.aborted === true;

  /** Steps of the epoch in progress, from where it stands. False where the signal ended it. */
  const runEpoch = async (): Promise<boolean> => {
    const batches = epochBatches(examples.length, batching, Generator.restore(state.shuffle));
    const assemble = (position: number): Batch => {
      const random = new Generator(mix(seed, state.epoch * steps + position));
      const { augment } = options;
      const drawn = Array.from(batches[position]!, (i) => examples.example(i));
      const changed = augment ? drawn.map((example) => augment(example, examples.inputShape, random)) : drawn;
      return collate(examples, changed);
    };
    while (state.position < steps) {
      if (aborted()) return false;
      const started = performance.now();
      const batch = assemble(state.position);
      const learningRate = options.schedule.rate(state.step, plan, state.history);
      const result = await step.run(batch, state.step, learningRate);
      if (!result.finite) {
        const place = { epoch: state.epoch + 1, step: state.position + 1, runStep: state.step };
        throw saveNonFinite({ ...place, model, batch, result, learningRate, folder: checkpoint?.folder, run });
      }
      state.step++;
      state.position++;
      state.lossSum += result.loss;
      state.seconds = seconds();
      clock.steps++;
      clock.stepSeconds += (performance.now() - started) / 1000;
      const { logEverySteps } = options;
      if (metricsFile && logEverySteps !== undefined && state.step % logEverySteps === 0) {
        const { gradientNorm } = result;
        metricsFile.append({
          kind: "steps",
          step: state.step,
          epoch: state.epoch + 1,
          loss: result.loss,
          learningRate,
          gradientNorm,
        });
      }
      reportProgress();
      const { everySteps } = checkpoint ?? {};
      if (everySteps !== undefined && state.step % everySteps === 0 && state.position < steps) save();
    }
    return true;
  };

  const reportProgress = (): void => {
    const last = state.history[state.history.length - 1]?.metrics;
    const watched = options.earlyStopping?.metric ?? "loss";
    const stepsLeft = epochs * steps - state.step;
    const epochsLeft = epochs - state.history.length;
    options.progress?.({
      epoch: state.epoch + 1,
      epochs,
      step: state.position,
      steps,
      loss: state.lossSum / state.position,
      ...(last?.[watched] !== undefined && {
        metric: { name: watched === "loss" ? "validation loss" : watched, value: last[watched] },
      }),
      secondsLeft:
        (stepsLeft * clock.stepSeconds) / clock.steps +
        (clock.validations === 0 ? 0 : (epochsLeft * clock.validationSeconds) / clock.validations),
    });
  };

  /** Validation, the epoch's record, early stopping. False where the signal ended it. */
  const endEpoch = async (): Promise<boolean> => {
    const started = performance.now();
    let metrics: Record<string, number> = {};
    try {
      if (validation && predictor) metrics = await measure(options, validation, predictor);
    } catch (error) {
      if (aborted()) return false;
      throw error;
    }
    clock.validations++;
    clock.validationSeconds += (performance.now() - started) / 1000;
    state.seconds = seconds();
    const record: EpochRecord = {
      epoch: state.epoch + 1,
      step: state.step,
      loss: state.lossSum / steps,
      learningRate: options.schedule.rate(state.step - 1, plan, state.history),
      metrics,
      seconds: state.seconds - state.history.reduce((total, epoch) => total + epoch.seconds, 0),
    };
    state.history.push(record);
    if (stopper) {
      const { improved, stop } = stopper.update(state.epoch, metrics);
      if (improved) best = takeModel(model);
      state.earlyStopping = stopper.state;
      if (stop) state.stopped = "early";
    }
    if (metricsFile) metricsFile.append({ kind: "epoch", ...record });
    const shuffle = Generator.restore(state.shuffle);
    epochBatches(examples.length, batching, shuffle); // draws this epoch's order: the next one starts behind it
    Object.assign(state, { epoch: state.epoch + 1, position: 0, lossSum: 0, shuffle: shuffle.state() });
    if (state.epoch === epochs && state.stopped === null) state.stopped = "finished";
    if (state.stopped !== null || state.epoch % (checkpoint?.everyEpoch ?? 1) === 0) save();
    return true;
  };

  try {
    let interrupted = false;
    while (state.stopped === null && !interrupted) interrupted = !((await runEpoch()) && (await endEpoch()));
    if (interrupted) save();
    const stopped = interrupted ? "aborted" : state.stopped!;
    if (!interrupted && best !== null) giveModel(model, best);
    if (metricsFile) metricsFile.append({ kind: "end", step: state.step, stopped, seconds: state.seconds });
    const { bestEpoch = null, best: value = null } = state.earlyStopping ?? {};
    return {
      stopped,
      steps: state.step,
      history: state.history,
      best: bestEpoch === null || value === null ? null : { epoch: bestEpoch + 1, value },
      seconds: state.seconds,
    };
  } finally {
    step.dispose();
    predictor?.dispose();
  }
}

/** The loss, and what `evaluate` measures, on the validation data. */
async function measure(
  { loss, evaluate, signal }: FitOptions,
  validation: Dataset,
  predictor: Predictor,
): Promise<Record<string, number>> {
  const predicted = await predictor.logits(validation, signal);
  const shape: [number, number] = [validation.length, validation.classes.length];
  const value = tf.tidy(
    () =>
      loss
        .compute(tf.tensor2d(predicted.values as Float32Array, shape), tf.tensor2d(targetsOf(validation), shape))
        .dataSync()[0]!,
  );
  if (!Number.isFinite(value))
    throw new SignalbookError("the validation loss is not finite", {
      place: validation.name,
      found: String(value),
      fix: "lower the learning rate, or look for NaN in the validation data",
    });
  return { loss: value, ...evaluate?.(toProbabilities(predicted, loss.activation), validation) };
}

/** The checkpoint to go on from. Throws where one is in the way, or there is none to go on from, or of another run. */
function savedRun({ folder, resume = false }: CheckpointOptions, run: Record<string, unknown>): Checkpoint | null {
  if (!resume && hasCheckpoint(folder))
    throw new SignalbookError("a folder that holds a checkpoint already", {
      file: folder,
      fix: "pass resume to go on from it, or remove the folder",
    });
  if (!resume) return null;
  const saved = readCheckpoint(folder);
  requireSameRun(folder, saved.run, run);
  return saved;
}

function newState(seed: number): RunState {
  return {
    epoch: 0,
    position: 0,
    step: 0,
    lossSum: 0,
    shuffle: new Generator(seed).state(),
    earlyStopping: null,
    history: [],
    seconds: 0,
    stopped: null,
  };
}

function hasWeights(dataset: Dataset): boolean {
  for (let i = 0; i < dataset.length; i++) if (dataset.example(i).weight !== 1) return true;
  return false;
}

/** Seeds the augmentation of a batch: from run and batch alone, so that a resumed run draws the same. */
function mix(seed: number, batch: number): number {
  let h = (seed ^ Math.imul(batch + 1, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
