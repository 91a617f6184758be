/** How an ECG network is trained: everything a preset says, and the run that follows from it. */
import { augmentEcg, type EcgAugmentation } from "../augmentation/ecg";
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { createModel, type EcgResNetName, type Model } from "../models";
import { type Augmentation, classCounts, type Dataset, targetsOf } from "../training/dataset";
import type { EarlyStoppingOptions } from "../training/early-stopping";
import { fit } from "../training/fit";
import type { FitOptions, FitResult } from "../training/fit-options";
import { binaryCrossEntropy, type Loss, publishedClassWeights } from "../training/losses";
import { averageScores, countMarks, threshold } from "../training/metrics";
import { adam } from "../training/optimizers";
import type { Probabilities } from "../training/probabilities";
import { perClass, rocAuc } from "../training/ranking";
import { warmupCosine } from "../training/schedules";
import { precisionChoice } from "./precision-choice";

/** What is chosen before training. */
export interface EcgPreset {
  name: string;
  model: EcgResNetName;
  /** Channels after the stem; absent: the model's own. */
  width?: number;
  /** Whether age and sex are inputs. */
  ageAndSex: boolean;
  dropout: number;
  epochs: number;
  batchSize: number;
  /** Highest learning rate, after the warm-up. */
  rate: number;
  warmupEpochs: number;
  weightDecay: number;
  loss: {
    /** Weights of 1 / ln(count) a class. */
    classWeights: boolean;
    /** See {@link binaryCrossEntropy}. */
    positives: "none" | "element" | "batch";
  };
  augmentation: Readonly<EcgAugmentation> | null;
  /** Which epoch's weights are kept; null: the last. */
  keep: EarlyStoppingOptions | null;
}

/** What a run adds to a preset. */
export type EcgRun = { train: Dataset } & Pick<
  FitOptions,
  "validation" | "seed" | "checkpoint" | "metricsFile" | "signal" | "progress" | "precision"
>;

/** The loss of a preset; class weights are counted on the training data. */
export function ecgLossOf({ loss }: EcgPreset, train: Dataset): Loss {
  const { positives } = loss;
  if (!loss.classWeights) return binaryCrossEntropy({ positives });
  return binaryCrossEntropy({ positives, classWeights: publishedClassWeights(classCounts(train), train.classes) });
}

/** A new model for a data set, its first weights drawn from the seed. */
export function ecgModel(preset: EcgPreset, dataset: Dataset, seed: number): Model {
  const [, channels] = dataset.inputShape;
  if (channels === undefined)
    throw new SignalbookError("a data set that is no signals", {
      found: `inputs of shape [${dataset.inputShape.join(", ")}]`,
      expected: "[time, leads]",
    });
  const { ageAndSex, dropout, width } = preset;
  const options = {
    channels,
    classes: dataset.classes.length,
    ageAndSex,
    dropout,
    ...(width !== undefined && { width }),
  };
  return createModel(preset.model, options, new Generator(seed));
}

/** Trains a preset's model from new weights. Dispose the model when done with it. */
export async function trainEcg(preset: EcgPreset, run: EcgRun): Promise<{ model: Model; result: FitResult }> {
  const train = preset.ageAndSex ? run.train : withoutExtras(run.train);
  const validation = run.validation && (preset.ageAndSex ? run.validation : withoutExtras(run.validation));
  const model = ecgModel(preset, train, run.seed);
  try {
    const result = await fit({
      ...run,
      ...precisionChoice("float32", run.precision),
      model,
      train,
      ...(validation && { validation }),
      loss: ecgLossOf(preset, train),
      optimizer: adam({ weightDecay: preset.weightDecay }),
      schedule: warmupCosine({ rate: preset.rate, warmupEpochs: preset.warmupEpochs }),
      batchSize: preset.batchSize,
      epochs: preset.epochs,
      ...(preset.augmentation && { augment: ecgAugmentation(preset.augmentation) }),
      ...(preset.keep && validation && { earlyStopping: preset.keep }),
      evaluate: ecgMetrics,
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The same examples without age and sex, for models that do not take them. */
export function withoutExtras(dataset: Dataset): Dataset {
  return { ...dataset, extraLengths: {}, example: (i) => ({ ...dataset.example(i), extras: {} }) };
}

/** The augmentation of signals as the training loop takes it. */
export function ecgAugmentation(options: Readonly<EcgAugmentation>): Augmentation {
  return (example, inputShape, random) => ({
    ...example,
    input: augmentEcg(example.input, inputShape[1]!, random, options),
  });
}

/** Records whose micro F1 system 004 averaged into one validation score. */
const PUBLISHED_BATCH = 32;

/**
 * Validation metrics: `auc` (mean over the classes where it is defined), `f1` (micro, threshold 0.5), and `batchF1`, the
 * mean over batches of 32 records of their micro F1, which is what system 004 reports.
 */
export function ecgMetrics({ values, classes }: Probabilities, dataset: Dataset): Record<string, number> {
  const truth = targetsOf(dataset);
  const areas = perClass(rocAuc, truth, values, classes.length).filter((area): area is number => area !== null);
  const marks = threshold(values);
  const microF1 = (from: number, to: number): number =>
    averageScores(countMarks(truth.subarray(from, to), marks.subarray(from, to), classes.length), "micro").f1;
  const step = PUBLISHED_BATCH * classes.length;
  const batches = Array.from({ length: Math.ceil(truth.length / step) }, (_, b) =>
    microF1(b * step, Math.min((b + 1) * step, truth.length)),
  );
  return {
    ...(areas.length > 0 && { auc: areas.reduce((sum, area) => sum + area, 0) / areas.length }),
    f1: microF1(0, truth.length),
    batchF1: batches.reduce((sum, value) => sum + value, 0) / batches.length,
  };
}
