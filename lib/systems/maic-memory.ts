/**
 * Networks of systems 000 and 001 on pictures in memory, with targets as they are given: for sample sets, and for controls
 * whose stages were dealt out anew.
 */
import { SignalbookError } from "../core/errors";
import type { Model } from "../models";
import { anyExample, imageAugmentation } from "../training/augment";
import { type Augmentation, type Dataset, subset } from "../training/dataset";
import { fit } from "../training/fit";
import type { FitOptions, FitResult } from "../training/fit-options";
import { IMAGE_AUGMENTATIONS, type ImageAugmentationName } from "../training/image-examples";
import { type MaicNetwork, maicScores } from "./maic-training";
import { precisionChoice } from "./precision-choice";

/** Parts of a data set; no exam is in both `train` and `held`. */
export interface MaicParts {
  train: Dataset;
  /** What the network never learns from. */
  held: Dataset;
  /** Some exams of `held`, to draw learning curves with. Nothing may be chosen by them. */
  watched: Dataset;
}

/**
 * Exams in the order of the list: the first ones to learn from, all others held back, the first of those watched.
 * @throws SignalbookError for numbers that leave nothing to hold back or to watch
 */
export function maicParts(dataset: Dataset, { learn, watch }: { learn: number; watch: number }): MaicParts {
  const exams = [...new Set(dataset.groups)];
  if (!(learn >= 1 && watch >= 1 && learn + watch <= exams.length))
    throw new SignalbookError("exams that do not suffice", {
      place: dataset.name,
      found: `${exams.length} exams`,
      expected: `one or more to learn from (${learn}) and to watch (${watch})`,
    });
  const part = (name: string, from: number, to: number): Dataset => {
    const chosen = new Set(exams.slice(from, to));
    const indices = dataset.groups.flatMap((group, i) => (chosen.has(group) ? [i] : []));
    return subset(dataset, indices, name);
  };
  return {
    train: part("learnt from", 0, learn),
    held: part("held back", learn, exams.length),
    watched: part("watched", learn, learn + watch),
  };
}

/** A preset's augmentation of examples in memory, each mixed with any other of them where it mixes; null where it has none. */
export function maicAugmentation(
  { augmentation }: { augmentation: ImageAugmentationName | null },
  train: Dataset,
): Augmentation | null {
  return augmentation === null ? null : imageAugmentation(IMAGE_AUGMENTATIONS[augmentation], anyExample(train));
}

export type MaicMemoryRun = Required<Pick<FitOptions, "train" | "validation">> & {
  augment: Augmentation | null;
} & Pick<FitOptions, "seed" | "checkpoint" | "signal" | "progress">;

/** Trains from new weights, batches made between the steps in this thread. Dispose the model when done with it. */
export async function trainMaicInMemory(
  { model: newModel, training, scores = maicScores }: Pick<MaicNetwork, "model" | "training" | "scores">,
  { augment, ...run }: MaicMemoryRun,
): Promise<{ model: Model; result: FitResult }> {
  const model = newModel(run.seed);
  try {
    const { precision, ...rest } = training;
    const chosen = { ...rest, ...precisionChoice(precision ?? "float32") };
    const result = await fit({ ...run, ...chosen, ...(augment && { augment }), model, evaluate: scores });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
