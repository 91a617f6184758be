/** How system 000's networks are trained, blended and corrected: as meant, and as published. */
import { Generator } from "../core/random";
import type { Precision } from "../engine";
import { applyContextRules } from "../ensembling/context-rules";
import { mostLikely } from "../ensembling/decisions";
import type { BlendScores } from "../ensembling/members";
import {
  effectiveSquareRootWeights,
  foldClasses,
  PUBLISHED_SQUARE_ROOTS,
  weightedSquareRoots,
} from "../ensembling/square-roots";
import { MAIC_STAGES } from "../formats";
import { createModel, type Model, type ModelName } from "../models";
import type { ImageAugmentationName } from "../training/image-examples";
import type { ImageSourceOptions } from "../training/image-source";
import { crossEntropy } from "../training/losses";
import { adam, adamP, type Optimizer } from "../training/optimizers";
import type { Probabilities } from "../training/probabilities";
import { cosineWarmRestarts, type Schedule } from "../training/schedules";
import { maicImages } from "./maic-data";
import { type MaicNetwork, maicScores } from "./maic-training";
import type { PresetName } from "./pipeline";
import { SLEEPINGDRAGON_INPUT, SLEEPINGDRAGON_MEMBERS, SLEEPINGDRAGON_TRAINING } from "./sleepingdragon";

export interface SleepingdragonPreset {
  name: PresetName;
  /** Pixels that images are resized to; multiples of 16, the transformer's patches. */
  height: number;
  width: number;
  /** vit and efficientnet. */
  members: Readonly<Record<string, SleepingdragonNetwork>>;
  augmentation: ImageAugmentationName | null;
  batchSize: number;
  /** Batches whose gradients are added up before a step. */
  accumulated: number;
  precision: Precision;
  /** Folds of exams, and those that are held back in turn. */
  folds: number;
  trained: readonly number[];
}

export interface SleepingdragonNetwork {
  model: ModelName;
  optimizer: "adam" | "adamp";
  rate: number;
  epochs: number;
  /** Of its head: five, or more, whose probabilities are then folded to five. */
  outputs: number;
}

const { rate, batchSize, accumulated, folds } = SLEEPINGDRAGON_TRAINING;

export const SLEEPINGDRAGON_PRESETS: Readonly<Record<PresetName, SleepingdragonPreset>> = {
  /** For two cores and minutes: small networks that begin anew, with larger steps, on pictures of a fifth of the pixels. */
  sample: {
    name: "sample",
    height: 96,
    width: 112,
    members: {
      vit: { model: "vit_patch16_small", optimizer: "adam", rate: 10 * rate, epochs: 10, outputs: MAIC_STAGES.length },
      efficientnet: {
        model: "efficientnet_small",
        optimizer: "adamp",
        rate: 30 * rate,
        epochs: 10,
        outputs: MAIC_STAGES.length,
      },
    },
    augmentation: "sleep, sample",
    batchSize: 16,
    accumulated: 1,
    precision: "float32",
    folds: 2,
    trained: [0],
  },
  /** Every constant as published, and the defects mended; of five folds one was trained. */
  published: {
    name: "published",
    height: SLEEPINGDRAGON_INPUT.height,
    width: SLEEPINGDRAGON_INPUT.width,
    members: Object.fromEntries(
      SLEEPINGDRAGON_MEMBERS.map(({ name, model, optimizer, epochsUsed }) => [
        name,
        { model, optimizer, rate, epochs: epochsUsed, outputs: MAIC_STAGES.length },
      ]),
    ),
    augmentation: "system 000, intended",
    batchSize,
    accumulated,
    precision: "float16",
    folds,
    trained: [0],
  },
};

/**
 * A preset with the published slips: the EfficientNet's head of 1,000 outputs, masks of FMix that hardly vary along x, and
 * mixed class numbers cut to a class. For trainMaic; the blend's and the rules' slips are options of their own.
 */
export function sleepingdragonAsPublished(preset: SleepingdragonPreset): SleepingdragonPreset {
  const outputs = new Map(SLEEPINGDRAGON_MEMBERS.map(({ name, publishedOutputs }) => [name, publishedOutputs]));
  return {
    ...preset,
    augmentation: "system 000, published",
    members: Object.fromEntries(
      Object.entries(preset.members).map(([name, member]) => [
        name,
        { ...member, outputs: outputs.get(name) ?? member.outputs },
      ]),
    ),
  };
}

/** The stages, and names for further outputs. */
export function outputNames(outputs: number): string[] {
  return Array.from({ length: outputs }, (_, i) => MAIC_STAGES[i] ?? `output ${i}`);
}

/** One of a preset's networks, ready for trainMaic. */
export function sleepingdragonNetwork(preset: SleepingdragonPreset, member: SleepingdragonNetwork): MaicNetwork {
  const { height, width, augmentation, batchSize, accumulated, precision } = preset;
  const { model, outputs, rate, epochs, optimizer } = member;
  const classes = outputNames(outputs);
  return {
    model: (seed) => imageModel(model, { height, width, classes: outputs }, seed),
    source: (list, ids, learning) =>
      maicImages(list, pictures({ height, width }, learning ? augmentation : null), { ids, classes }),
    keep: preset.name === "sample",
    training: {
      loss: crossEntropy({ smoothing: SLEEPINGDRAGON_TRAINING.labelSmoothing, spread: "others" }),
      optimizer: optimizerOf(optimizer),
      schedule: sleepingdragonSchedule({ rate }),
      batchSize,
      epochs,
      ...(accumulated > 1 && { accumulate: { batches: accumulated, reduce: "sum" as const } }),
      precision,
    },
    scores: (answers, dataset) => maicScores(foldClasses(answers, MAIC_STAGES), dataset),
  };
}

function pictures(
  size: { height: number; width: number },
  augmentation: ImageAugmentationName | null,
): ImageSourceOptions {
  const { mean, deviation } = SLEEPINGDRAGON_INPUT;
  return { ...size, scale: { mean, deviation }, augmentation };
}

/** A new network for images of a size; only transformers are made for one. */
export function imageModel(
  name: ModelName,
  { height, width, classes }: { height: number; width: number; classes: number },
  seed: number,
): Model {
  const size = name.startsWith("vit") ? { height, width } : {};
  return createModel(
    name as string,
    { ...size, channels: SLEEPINGDRAGON_INPUT.channels, classes },
    new Generator(seed),
  );
}

function optimizerOf(name: SleepingdragonNetwork["optimizer"]): Optimizer {
  const { weightDecay } = SLEEPINGDRAGON_TRAINING;
  return name === "adam" ? adam({ weightDecay }) : adamP({ weightDecay });
}

/** Warm restarts; the published loop moved the schedule twice an epoch, so that a period of 10 is five epochs. */
export function sleepingdragonSchedule({ rate }: Pick<SleepingdragonNetwork, "rate">): Schedule {
  const { period, minimum, stepsPerEpoch } = SLEEPINGDRAGON_TRAINING.restarts;
  return cosineWarmRestarts({ rate, period, minimum, unit: "epoch", movesPerEpoch: stepsPerEpoch });
}

export interface SleepingdragonBlendOptions {
  /** The published weights as they stand, on folded probabilities where a network has more outputs than stages. */
  asPublished?: boolean;
}

/** What vit and efficientnet weigh in the blend. */
export function sleepingdragonWeights({ asPublished = false }: SleepingdragonBlendOptions = {}): number[] {
  const { weights, factors } = PUBLISHED_SQUARE_ROOTS;
  return asPublished ? [...weights] : effectiveSquareRootWeights(weights, factors);
}

/**
 * The weighted mean of square roots of both networks' probabilities. Those of a head with more outputs are folded to the
 * stages, which divides them by 200: the published weights are for such ones.
 */
export function blendSleepingdragon(
  vit: Probabilities,
  efficientnet: Probabilities,
  options: SleepingdragonBlendOptions = {},
): BlendScores {
  return weightedSquareRoots(
    [vit, efficientnet].map((answers) => foldClasses(answers, MAIC_STAGES)),
    sleepingdragonWeights(options),
  );
}

/**
 * The most likely stages, corrected by the rules on their sequence: exam by exam, or as published over the whole list.
 * @param exams of each epoch
 */
export function sleepingdragonStages(
  blend: Probabilities | BlendScores,
  exams: readonly string[],
  { asPublished = false }: { asPublished?: boolean } = {},
): { stages: Int32Array; corrected: number } {
  const before = mostLikely(blend);
  const stages = asPublished ? applyContextRules(before) : applyContextRules(before, exams);
  return { stages, corrected: stages.filter((stage, i) => stage !== before[i]).length };
}
