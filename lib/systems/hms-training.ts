/** How system 002's network is trained: everything a preset says, and the run that follows from it. */
import { applySteps, system002Image } from "../augmentation";
import { Generator } from "../core/random";
import type { Precision } from "../engine";
import { splitByVotes } from "../ensembling/pseudolabels";
import type { HmsRow } from "../formats";
import { createModel, type Model } from "../models";
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
import { HMS_FULL_SIZE, type HmsImageSize, type HmsSource, windowId, windowsByEeg } from "./hms-data";
import { precisionChoice } from "./precision-choice";

export interface HmsPreset {
  name: "sample" | "published";
  model: "tiny_vit_5m_224" | "tiny_vit_21m_512";
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
};

/** For two cores and minutes: a tenth of the size each way, the small network, fewer epochs. */
export const HMS_SAMPLE_PRESET: HmsPreset = {
  ...HMS_PUBLISHED_PRESET,
  name: "sample",
  model: "tiny_vit_5m_224",
  size: { height: 64, width: 192 },
  epochs: 10,
  batchSize: 4,
  accumulated: 1,
  precision: "float32",
};

/** A new network, its first weights drawn from the seed. */
export function hmsModel({ model }: Pick<HmsPreset, "model">, dataset: Dataset, seed: number): Model {
  return createModel(model, { channels: 1, classes: dataset.classes.length }, new Generator(seed));
}

/**
 * The published augmentation: any of the EEG's windows with many votes, the mirrored head, then tone, noise or blur, and holes.
 */
export function hmsAugmentation(source: HmsSource, rows: readonly HmsRow[]): Augmentation {
  const byId = new Map(rows.map((row) => [windowId(row), row]));
  const eegs = new Set(rows.map(({ eegId }) => eegId));
  const windows = windowsByEeg(splitByVotes(source.rows).high.filter(({ eegId }) => eegs.has(eegId)));
  const { height, width } = source.size;
  const { steps } = system002Image(height);
  return (example, _shape, random) => {
    const all = windows.get(byId.get(example.id)!.eegId)!;
    const row = all[random.below(all.length)]!;
    const mirrored = random.random() < HMS_AUGMENTATION.flip.chance;
    const image = { height, width, channels: 1, pixels: source.image(row, mirrored) };
    return { ...example, input: applySteps(image, steps, random).pixels };
  };
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
