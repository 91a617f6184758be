/** How system 002's network is trained: everything a preset says, and the run that follows from it. */
import { applySteps, type FloatImage, system002Image } from "../augmentation";
import { Generator } from "../core/random";
import type { Precision } from "../engine";
import { splitByVotes } from "../ensembling/pseudolabels";
import type { HmsRow } from "../formats";
import { createModel, type Model } from "../models";
import { HMS_TRACES_FROM } from "../preprocessing/hms-areas";
import type { Augmentation, Dataset } from "../training/dataset";
import { targetsOf } from "../training/dataset";
import type { EmaOptions } from "../training/ema";
import { fit } from "../training/fit";
import type { FitOptions, FitResult } from "../training/fit-options";
import { klRows } from "../training/likelihood";
import { klDivergence } from "../training/losses";
import { adamW } from "../training/optimizers";
import type { Probabilities } from "../training/probabilities";
import { warmupCosine } from "../training/schedules";
import { HMS_AUGMENTATION, HMS_TRAINING } from "./hms";
import { HMS_FULL_SIZE, type HmsImageSize, type HmsSource, voteTarget, windowId, windowsByEeg } from "./hms-data";
import { precisionChoice } from "./precision-choice";

export interface HmsPreset {
  name: "sample" | "published";
  model: "tiny_vit_small" | "tiny_vit_21m_512";
  size: HmsImageSize;
  epochs: number;
  batchSize: number;
  /** Batches whose gradients make one step. */
  accumulated: number;
  rate: number;
  weightDecay: number;
  schedule: { startFraction: number; warmupShare: number; endFraction: number };
  ema: EmaOptions | null;
  precision: Precision;
  /**
   * What else is done to training pictures besides other windows and mirrored heads. "published": tone, noise or blur, and
   * holes; "shift": the traces begin at another time and go round.
   */
  pictures: "published" | "shift";
}

export const HMS_PUBLISHED_PRESET: HmsPreset = {
  name: "published",
  model: "tiny_vit_21m_512",
  size: HMS_FULL_SIZE,
  epochs: HMS_TRAINING.epochs,
  batchSize: HMS_TRAINING.batchSize,
  accumulated: HMS_TRAINING.accumulated,
  rate: HMS_TRAINING.rate,
  weightDecay: HMS_TRAINING.weightDecay,
  schedule: HMS_TRAINING.schedule,
  ema: HMS_TRAINING.ema,
  precision: HMS_TRAINING.precision,
  pictures: "published",
};

/**
 * For two cores and minutes: a tenth of the width and an eighth of the height, which is four rows a trace; a small network,
 * a higher rate and more epochs, for it starts from nothing. The published noise is made for sharp black and white traces:
 * in pictures averaged down it drowns them. So few pictures are soon known by heart; shifted in time they are new ones.
 */
export const HMS_SAMPLE_PRESET: HmsPreset = {
  ...HMS_PUBLISHED_PRESET,
  name: "sample",
  model: "tiny_vit_small",
  size: { height: 80, width: 192 },
  epochs: 18,
  batchSize: 8,
  accumulated: 1,
  rate: 1e-3,
  weightDecay: 0.05,
  ema: { decay: 0.98, rule: "capped", every: "step" },
  precision: "float32",
  pictures: "shift",
};

/** A new network, its first weights drawn from the seed. */
export function hmsModel({ model }: Pick<HmsPreset, "model">, dataset: Dataset, seed: number): Model {
  return createModel(model, { channels: 1, classes: dataset.classes.length }, new Generator(seed));
}

export interface HmsAugmentationOptions {
  /** Windows that one of the same EEG is drawn from. Default: the source's with many votes, as published. */
  windows?: readonly HmsRow[];
  /** What a drawn window is learnt as. Default its own votes. */
  target?: (row: HmsRow) => Float32Array;
  /** As in {@link HmsPreset}. Default "published". */
  pictures?: HmsPreset["pictures"];
}

/**
 * The published augmentation: any of the EEG's windows, the mirrored head, then tone, noise or blur, and holes.
 * @param rows those of the examples
 */
export function hmsAugmentation(
  source: HmsSource,
  rows: readonly HmsRow[],
  {
    windows = splitByVotes(source.rows).high,
    target = voteTarget,
    pictures = "published",
  }: HmsAugmentationOptions = {},
): Augmentation {
  const byId = new Map(rows.map((row) => [windowId(row), row]));
  const eegs = new Set(rows.map(({ eegId }) => eegId));
  const drawn = windowsByEeg(windows.filter(({ eegId }) => eegs.has(eegId)));
  const { height, width } = source.size;
  const { steps } = system002Image(height);
  return (example, _shape, random) => {
    const all = drawn.get(byId.get(example.id)!.eegId)!;
    const row = all[random.below(all.length)]!;
    const pixels = source.image(row, random.random() < HMS_AUGMENTATION.flip.chance);
    const image = { height, width, channels: 1, pixels };
    const input = pictures === "published" ? applySteps(image, steps, random).pixels : shifted(image, random);
    return { ...example, input, target: target(row) };
  };
}

/** The picture with its traces, not its spectrograms, begun at a random column and gone round. */
function shifted({ height, width, pixels }: FloatImage, random: Generator): Float32Array {
  const left = Math.round(HMS_TRACES_FROM * width);
  const by = left + random.below(width - left);
  const out = pixels.slice();
  for (let row = 0; row < height * width; row += width) {
    out.set(pixels.subarray(row + by, row + width), row + left);
    out.set(pixels.subarray(row + left, row + by), row + width - by + left);
  }
  return out;
}

export type HmsRun = { train: Dataset; validation: Dataset; augment?: Augmentation } & Pick<
  FitOptions,
  "seed" | "checkpoint" | "metricsFile" | "signal" | "progress" | "precision"
>;

/** Trains from new weights. Dispose the model when done with it. */
export async function trainHms(preset: HmsPreset, run: HmsRun): Promise<{ model: Model; result: FitResult }> {
  const model = hmsModel(preset, run.train, run.seed);
  const { rate, weightDecay, batchSize, accumulated, epochs, ema, precision, schedule } = preset;
  try {
    const result = await fit({
      ...run,
      model,
      loss: klDivergence(),
      optimizer: adamW({ weightDecay }),
      schedule: warmupCosine({
        rate,
        warmupEpochs: schedule.warmupShare * epochs,
        startFraction: schedule.startFraction,
        endFraction: schedule.endFraction,
      }),
      batchSize,
      epochs,
      ...precisionChoice(precision, run.precision),
      ...(accumulated > 1 && { accumulate: { batches: accumulated, reduce: "mean" as const } }),
      ...(ema && { ema }),
      evaluate: hmsScores,
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** System 002 keeps its predictions this far from 0 and 1. */
const HMS_CLIP = 1e-7;

/** The competition's measure, smaller is better, and its negative, larger is better. */
export function hmsScores({ values, classes }: Probabilities, dataset: Dataset): Record<string, number> {
  const rows = klRows(targetsOf(dataset), values, classes.length, HMS_CLIP);
  const kl = rows.reduce((sum, value) => sum + value, 0) / rows.length;
  return { kl, negativeKl: -kl };
}
