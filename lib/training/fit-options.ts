/** What a training run is given and gives back, and the checks before it begins. */
import { createHash } from "node:crypto";
import { SignalbookError } from "../core/errors";
import type { Precision } from "../engine";
import type { Model } from "../models";
import type { EpochRecord } from "./checkpoint";
import type { Augmentation, Dataset } from "./dataset";
import type { EarlyStoppingOptions } from "./early-stopping";
import type { Loss } from "./losses";
import type { Optimizer } from "./optimizers";
import type { Probabilities } from "./probabilities";
import type { Schedule } from "./schedules";

export interface FitOptions {
  model: Model;
  train: Dataset;
  /** Measured after each epoch. */
  validation?: Dataset;
  loss: Loss;
  optimizer: Optimizer;
  schedule: Schedule;
  batchSize: number;
  /** Leave out the last, smaller batch of each epoch (another order, another rest). Default true. */
  dropLast?: boolean;
  epochs: number;
  /** Seeds the order of examples, augmentation and dropout. The model's weights were drawn before. */
  seed: number;
  augment?: Augmentation;
  /** Needs `validation`. The model ends with the weights of the best epoch. */
  earlyStopping?: EarlyStoppingOptions;
  checkpoint?: CheckpointOptions;
  /** JSON lines; see metrics-file.ts. */
  metricsFile?: string;
  /** Also a line in the metrics file after so many steps. Default: epochs only. */
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
  /** Go on from the folder's checkpoint. Without it, a folder that holds one is an error. */
  resume?: boolean;
}

export interface TrainingProgress {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Steps done in this epoch. */
  step: number;
  /** Steps of an epoch. */
  steps: number;
  loss: number;
  /** The watched metric of the last validation. */
  metric?: { name: string; value: number };
  /** Absent before the first step of a process is timed. */
  secondsLeft?: number;
}

export interface FitResult {
  /** finished: all epochs. early: patience was used up. aborted: by the signal. */
  stopped: "finished" | "early" | "aborted";
  /** Steps done since the start of the run. */
  steps: number;
  history: EpochRecord[];
  /** The epoch (from 1) whose weights the model has now; null without early stopping. */
  best: { epoch: number; value: number } | null;
  /** Of training, over all processes. */
  seconds: number;
}

/** Throws where options do not fit each other. */
export function checkOptions({ model, train, validation, earlyStopping, epochs }: FitOptions): void {
  if (!Number.isInteger(epochs) || epochs < 1)
    throw new SignalbookError("a number of epochs out of range", { found: String(epochs), expected: "1 or more" });
  if (earlyStopping && !validation)
    throw new SignalbookError("early stopping without validation data", { fix: "pass `validation`" });
  if (model.parameters.size === 0) throw new SignalbookError("a model without weights", { place: model.name });
  if (!validation) return;
  const text = ({ classes, inputShape }: Dataset): string =>
    `[${inputShape.join(", ")}], classes ${classes.join(", ")}`;
  if (text(train) !== text(validation))
    throw new SignalbookError("training and validation data differ in kind", {
      place: validation.name,
      found: text(validation),
      expected: text(train),
    });
}

/** What must be the same for a checkpoint to fit. */
export function describeRun(options: FitOptions): Record<string, unknown> {
  const { model, train, validation, loss, optimizer, schedule, batchSize, epochs, seed } = options;
  const digest = (dataset: Dataset): string =>
    createHash("sha256").update(dataset.ids.join("\n")).digest("hex").slice(0, 16);
  const part = ({ name, config }: { name: string; config: object }): object => ({ name, ...config });
  const description = {
    model: part(model),
    train: { name: train.name, examples: train.length, ids: digest(train), classes: train.classes },
    validation: validation && { name: validation.name, examples: validation.length, ids: digest(validation) },
    loss: part(loss),
    optimizer: part(optimizer),
    schedule: part(schedule),
    batchSize,
    dropLast: options.dropLast ?? true,
    epochs,
    seed,
    precision: options.precision ?? "float32",
    augment: options.augment !== undefined,
    earlyStopping: options.earlyStopping,
  };
  return JSON.parse(JSON.stringify(description)) as Record<string, unknown>;
}
