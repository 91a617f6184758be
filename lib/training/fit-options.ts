/** What a training run is given and gives back, and the checks before it begins. */
import { SignalbookError } from "../core/errors";
import type { Precision } from "../engine";
import type { Model } from "../models";
import type { EpochRecord } from "./checkpoint";
import type { Augmentation, Dataset } from "./dataset";
import type { DivergenceOptions } from "./divergence";
import type { EarlyStoppingOptions } from "./early-stopping";
import type { EmaOptions } from "./ema";
import { frozenParameters } from "./freeze";
import { describeExamples, short } from "./learnt-from";
import { type BatchLoader, type DatasetInfo, memoryLoader } from "./loader";
import type { LossScalerOptions } from "./loss-scaler";
import type { Loss } from "./losses";
import type { Optimizer } from "./optimizers";
import type { Probabilities } from "./probabilities";
import type { RanPrecision } from "./ran-precision";
import type { Schedule } from "./schedules";
import type { Accumulation } from "./train-step";
import type { Timing } from "./training-clock";

export interface FitOptions {
  model: Model;
  /** What to learn from; this or `loader`. Its batches are made between the steps, in this thread. */
  train?: Dataset;
  /** Makes the batches, and augments them; this or `train`. It stays open: whoever made it closes it. */
  loader?: BatchLoader;
  /** Measured after each epoch, with the averaged weights where there are some. */
  validation?: Dataset;
  /** Makes the same examples, where that takes long; not augmented. It stays open: whoever made it closes it. */
  validationLoader?: BatchLoader;
  loss: Loss;
  optimizer: Optimizer;
  schedule: Schedule;
  batchSize: number;
  /** Leave out the last, smaller batch of each epoch (another order, another rest). Default true. */
  dropLast?: boolean;
  /** Another order of the examples in each epoch. false: as they lie in the data set, as system 003 learnt. Default true. */
  shuffle?: boolean;
  epochs: number;
  /** Seeds the order of examples, augmentation and dropout. The model's weights were drawn before. */
  seed: number;
  /** Of `train`'s examples. */
  augment?: Augmentation;
  /** Gradients of several batches make one step of the optimizer. */
  accumulate?: Accumulation;
  /** The largest L2 norm of all gradients together; longer ones are scaled down to it. */
  clipNorm?: number;
  /** Averages of the weights: validation measures them, and the model ends with them. */
  ema?: EmaOptions;
  /** For float16. Steps whose gradients overflow are left out and counted. */
  scaler?: LossScalerOptions;
  /** Needs `validation`. The model ends with the weights of the best epoch. */
  earlyStopping?: EarlyStoppingOptions;
  /** Also ends a run whose numbers are finite, but get worse for good. A loss that is not finite always does. */
  divergence?: DivergenceOptions;
  checkpoint?: CheckpointOptions;
  /** JSON lines; see metrics-file.ts. */
  metricsFile?: string;
  /** Folder for TensorBoard's event files; see event-file.ts. */
  eventFolder?: string;
  /** Also a line in the metrics file, and in the event file, after so many steps. Default: epochs only. */
  logEverySteps?: number;
  /** Ends training within one step, leaving a checkpoint (where there is a folder) to go on from. */
  signal?: AbortSignal;
  progress?: (event: TrainingProgress) => void;
  /** Of convolutions and matrix products. Default float32. */
  precision?: Precision;
  /** Metrics of the validation data, beside its loss. */
  evaluate?: (probabilities: Probabilities, validation: Dataset) => Record<string, number>;
}

export interface CheckpointOptions {
  folder: string;
  /** Also within an epoch, after so many steps. */
  everySteps?: number;
  /** After so many epochs. Default 1. */
  everyEpoch?: number;
  /**
   * Go on from the folder's checkpoint. Without it, a folder that holds one is an error. "if same run": go on from it
   * where there is one of this very run; one of other data or settings is replaced.
   */
  resume?: boolean | "if same run";
}

export interface TrainingProgress {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Steps done in this epoch. */
  step: number;
  /** Steps of an epoch. */
  steps: number;
  /** Mean of the epoch's steps so far. */
  loss: number;
  /** Of the last step. */
  learningRate: number;
  /** Of this process' steps, with the waiting for batches; from the second step on without the first, traced one. */
  examplesPerSecond: number;
  /** The watched metric of the last validation. */
  metric?: { name: string; value: number };
  secondsLeft: number;
  /** What the run computes in, and on what. */
  ran: RanPrecision;
}

export interface FitResult {
  /** finished: all epochs. early: patience was used up. aborted: by the signal. */
  stopped: "finished" | "early" | "aborted";
  /** Batches done since the start of the run. */
  steps: number;
  /** Steps of the optimizer: fewer with accumulation. */
  updates: number;
  /** Steps of the optimizer that the loss scaler left out, the gradients having overflowed. */
  skipped: number;
  history: EpochRecord[];
  /** The epoch (from 1) whose weights the model has now; null without early stopping. */
  best: { epoch: number; value: number } | null;
  /** Threads that made the batches; 0: they were made between the steps. */
  workers: number;
  /** Of training, over all processes. */
  seconds: number;
  timing: Timing;
  /** What this process computed in, and on what. */
  ran: RanPrecision;
}

/** Throws where options do not fit each other. */
export function checkOptions(options: FitOptions, examples: DatasetInfo): void {
  const { model, validation, validationLoader, earlyStopping, epochs } = options;
  if (!Number.isInteger(epochs) || epochs < 1)
    throw new SignalbookError("a number of epochs out of range", { found: String(epochs), expected: "1 or more" });
  if (earlyStopping && !validation)
    throw new SignalbookError("early stopping without validation data", { fix: "pass `validation`" });
  if (model.parameters.size === 0) throw new SignalbookError("a model without weights", { place: model.name });
  if (validationLoader && validationLoader.dataset.ids.join("\n") !== validation?.ids.join("\n"))
    throw new SignalbookError("a loader of other examples than the validation data", {
      place: validationLoader.dataset.name,
      expected: "the same examples in the same order",
      fix: "pass `validation`, and a loader made of it",
    });
  if (!validation) return;
  const text = ({ classes, inputShape }: DatasetInfo): string =>
    `[${inputShape.join(", ")}], classes ${classes.join(", ")}`;
  if (text(examples) !== text(validation))
    throw new SignalbookError("training and validation data differ in kind", {
      place: validation.name,
      found: text(validation),
      expected: text(examples),
    });
}

/** Where the batches come from. Throws unless there is one source, and one that augments. */
export function loaderOf({ train, loader, augment }: FitOptions): BatchLoader {
  if (train && !loader) return memoryLoader(train, augment);
  if (loader && !train && !augment) return loader;
  throw new SignalbookError("not one source of batches", {
    found: Object.entries({ train, loader, augment })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name)
      .join(", "),
    expected: "train, with or without augment; or a loader, which augments by itself",
  });
}

/** What must be the same for a checkpoint to fit. Data are described by hashes; see learnt-from.ts. */
export function describeRun(options: FitOptions, loader: BatchLoader): Record<string, unknown> {
  const { model, validation, loss, optimizer, schedule, batchSize, epochs, seed } = options;
  const named = ({ name, length, inputShape, ids }: DatasetInfo): object => ({
    ...{ name, examples: length, inputShape },
    ids: short(ids),
  });
  const part = ({ name, config }: { name: string; config: object }): object => ({ name, ...config });
  const frozen = frozenParameters(model);
  const description = {
    model: part(model),
    frozen: frozen.length > 0 ? frozen : undefined,
    train: { ...named(loader.dataset), classes: loader.dataset.classes, ...loader.describe() },
    validation: validation && { ...named(validation), ...describeExamples(validation) },
    loss: part(loss),
    optimizer: part(optimizer),
    schedule: part(schedule),
    batchSize,
    dropLast: options.dropLast ?? true,
    shuffle: options.shuffle === false ? false : undefined,
    epochs,
    seed,
    precision: options.precision ?? "float32",
    accumulate: options.accumulate,
    clipNorm: options.clipNorm,
    ema: options.ema,
    scaler: options.scaler,
    earlyStopping: options.earlyStopping,
    divergence: options.divergence,
  };
  return JSON.parse(JSON.stringify(description)) as Record<string, unknown>;
}
