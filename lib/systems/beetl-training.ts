/** How system 003's AttnSleep is trained on younger sleepers, and trained on with older ones. */
import { Generator } from "../core/random";
import { BEETL_WINDOW } from "../formats";
import { createModel, type Model } from "../models";
import { classCounts, type Dataset, targetsOf } from "../training/dataset";
import type { EarlyStoppingOptions } from "../training/early-stopping";
import { fit } from "../training/fit";
import type { FitOptions, FitResult } from "../training/fit-options";
import { freeze } from "../training/freeze";
import { cohenKappa } from "../training/kappa";
import { attnSleepClassWeights, crossEntropy, type Loss } from "../training/losses";
import { accuracy, argmax, balancedAccuracy } from "../training/metrics";
import { adam } from "../training/optimizers";
import type { Probabilities } from "../training/probabilities";
import { constantRate, type Schedule, warmupCosine } from "../training/schedules";
import { transferWeights } from "../training/transfer";
import { BEETL_ATTNSLEEP_TRAINING, BEETL_PUBLISHED_SCALE } from "./beetl";
import { BEETL_WINDOW_SECONDS, type BeetlInput } from "./beetl-data";
import type { PresetName } from "./pipeline";
import { precisionChoice } from "./precision-choice";

/** What is chosen before training. */
export interface BeetlPreset {
  name: PresetName;
  input: Readonly<BeetlInput>;
  /** In AttnSleep's branches of filters. */
  dropout: number;
  epochs: number;
  batchSize: number;
  /** Another order of the windows in each epoch; the published training kept the order of the files. */
  shuffle: boolean;
  /** Of the whole training; the highest one where it is scheduled. */
  rate: number;
  schedule: "constant" | "warm-up and cosine";
  /** A weight a stage, or the published rule on the stages of the training data. */
  classWeights: readonly number[] | "published rule";
  /** Which epoch's weights are kept; null: the last. */
  keep: EarlyStoppingOptions | null;
  /** Of training on with the labelled target. */
  fineTuning: { epochs: number; rate: number };
}

const { rate, batchSize, epochs, classWeights } = BEETL_ATTNSLEEP_TRAINING;

export const BEETL_PRESETS: Readonly<Record<PresetName, BeetlPreset>> = {
  /**
   * For two cores and minutes: about half the samples (which the five heads of the attention divide), weaker dropout and
   * smaller batches, since there are few steps.
   */
  sample: {
    name: "sample",
    input: { channels: 1, scale: 1, samples: 1640 },
    dropout: 0.1,
    epochs: 6,
    batchSize: 32,
    shuffle: true,
    rate: 2e-3,
    schedule: "warm-up and cosine",
    classWeights: "published rule",
    keep: null,
    fineTuning: { epochs: 3, rate: 5e-4 },
  },
  published: {
    name: "published",
    input: { channels: 1, scale: BEETL_PUBLISHED_SCALE, samples: BEETL_WINDOW },
    dropout: 0.5,
    epochs,
    batchSize,
    shuffle: true,
    rate,
    schedule: "constant",
    classWeights,
    keep: { metric: "balancedAccuracy", mode: "max", patience: epochs },
    fineTuning: { epochs, rate },
  },
};

/** Shares of importance in the published rule of class weights, before they are divided by the number of stages. */
const IMPORTANCE = [1.5, 2, 1.5, 1, 1.5, 1.5];

/** The loss of a preset. @throws SignalbookError where a stage's weight is to be counted and the data have none of it */
export function beetlLoss({ classWeights }: BeetlPreset, train: Dataset): Loss {
  if (classWeights !== "published rule") return crossEntropy({ classWeights });
  const counts = classCounts(train);
  return crossEntropy({
    classWeights: attnSleepClassWeights(counts, train.classes, { importance: IMPORTANCE, rule: "team" }),
  });
}

/** AttnSleep for a preset's windows, its first weights drawn from the seed. */
export function beetlModel({ input, dropout }: BeetlPreset, seed: number): Model {
  return createModel("attnsleep", { sampleRate: input.samples / BEETL_WINDOW_SECONDS, dropout }, new Generator(seed));
}

/** What a run adds to a preset. */
export type BeetlRun = { train: Dataset } & Pick<
  FitOptions,
  "validation" | "seed" | "checkpoint" | "metricsFile" | "signal" | "progress" | "precision"
>;

/** Trains AttnSleep from new weights. Dispose the model when done with it. */
export async function trainBeetl(preset: BeetlPreset, run: BeetlRun): Promise<{ model: Model; result: FitResult }> {
  return learn(preset, run, { loss: beetlLoss(preset, run.train), epochs: preset.epochs, rate: preset.rate });
}

/** all: every weight goes on learning. last layer: all others stay, and batch norms keep their statistics. */
export type FineTuned = "all" | "last layer";

/**
 * Trains a copy of a trained network on with other sleepers.
 * @param loss of the first training: the competition's target sets are too small to weigh stages by, and may lack some
 */
export async function fineTuneBeetl(
  preset: BeetlPreset,
  { base, what, loss }: { base: Model; what: FineTuned; loss: Loss },
  run: BeetlRun,
): Promise<{ model: Model; result: FitResult }> {
  const { epochs, rate } = preset.fineTuning;
  return learn(preset, run, { loss, epochs, rate, base, what });
}

interface Learning {
  loss: Loss;
  epochs: number;
  rate: number;
  base?: Model;
  what?: FineTuned;
}

async function learn(
  preset: BeetlPreset,
  run: BeetlRun,
  { loss, epochs, rate, base, what = "all" }: Learning,
): Promise<{ model: Model; result: FitResult }> {
  const { batchSize, shuffle, keep, schedule } = preset;
  const rates: Schedule =
    schedule === "constant" ? constantRate(rate) : warmupCosine({ rate, warmupEpochs: Math.min(1, epochs - 1) });
  const model = beetlModel(preset, run.seed);
  try {
    if (base !== undefined) transferWeights(model, base.readState());
    const result = await fit({
      ...run,
      ...precisionChoice("float32", run.precision),
      model: what === "all" ? model : freeze(model, { except: "last layer" }),
      loss,
      optimizer: adam(),
      schedule: rates,
      batchSize: Math.min(batchSize, run.train.length),
      shuffle,
      dropLast: preset.name === "sample", // a last, smaller batch would be compiled by itself
      epochs,
      ...(keep && run.validation && { earlyStopping: keep }),
      evaluate: beetlMetrics,
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Balanced accuracy (the competition's score, over the stages that occur), accuracy, and Cohen's kappa where defined. */
export function beetlMetrics({ values, classes }: Probabilities, dataset: Dataset): Record<string, number> {
  const count = classes.length;
  const [truth, predicted] = [argmax(targetsOf(dataset), count), argmax(values, count)];
  const kappa = cohenKappa(truth, predicted, count);
  return {
    balancedAccuracy: balancedAccuracy(truth, predicted, count),
    accuracy: accuracy(truth, predicted),
    ...(kappa !== null && { kappa }),
  };
}
