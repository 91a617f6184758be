/** How system 001's networks are trained and blended: as meant, and as published. */
import { Generator } from "../core/random";
import type { Precision } from "../engine";
import { softVote } from "../ensembling/blend";
import { averageLogits, averageProbabilitiesWithLogitsAsPublished } from "../ensembling/logits";
import type { BlendScores } from "../ensembling/members";
import { MAIC_STAGES } from "../formats";
import { createModel, type ModelName } from "../models";
import { STRIP_ROWS } from "../preprocessing";
import { crossEntropy } from "../training/losses";
import { adamW } from "../training/optimizers";
import { type Logits, type Probabilities, toProbabilities } from "../training/probabilities";
import { reduceOnPlateau } from "../training/schedules";
import { maicImages } from "./maic-data";
import type { MaicNetwork } from "./maic-training";
import type { PresetName } from "./pipeline";
import { SLEEPINGDRAGON_INPUT, SLEEPINGDRAGON_TRAINING } from "./sleepingdragon";
import { imageModel, sleepingdragonSchedule } from "./sleepingdragon-training";
import { YAI_BILSTM_TRAINING, YAI_NETWORKS } from "./yai";
import { yaiStrips } from "./yai-strips";

export interface YaiPreset {
  name: PresetName;
  bilstm: YaiBilstm;
  /** By name; their settings are not known, and taken from system 000. */
  cnns: Readonly<Record<string, YaiCnn>>;
  /** Folds of exams in their order, and those that are held back in turn. */
  folds: number;
  trained: readonly number[];
}

export interface YaiBilstm {
  rate: number;
  batchSize: number;
  epochs: number;
  /** Epochs whose accuracy is not better, until training ends. */
  patience: number;
  /** Of the stale index in the published code: nearly no context. */
  stripsAsPublished: boolean;
}

export interface YaiCnn {
  model: ModelName;
  height: number;
  width: number;
  epochs: number;
  rate: number;
  batchSize: number;
  precision: Precision;
}

/** The two strips by the names of the networks that read them. */
export const YAI_STRIP_ROWS = { "bilstm-eog": STRIP_ROWS.eog, "bilstm-eeg-eog-emg": STRIP_ROWS.eegEogChin } as const;
export type YaiStripName = keyof typeof YAI_STRIP_ROWS;

const { rate, batchSize, epochs, patience, folds } = YAI_BILSTM_TRAINING;

export const YAI_PRESETS: Readonly<Record<PresetName, YaiPreset>> = {
  /** For two cores and minutes: the strips and their network at full size, for few epochs; a small CNN. */
  sample: {
    name: "sample",
    bilstm: { rate: rate / 2, batchSize: 8, epochs: 12, patience, stripsAsPublished: false },
    cnns: {
      efficientnet: {
        ...{ model: "tf_efficientnet_b0", height: 96, width: 112, epochs: 5 },
        ...{ rate: 10 * SLEEPINGDRAGON_TRAINING.rate, batchSize: 8, precision: "float32" },
      },
    },
    folds: 2,
    trained: [0, 1],
  },
  /** The published code's constants; one fold of a CNN was trained, all five of a BiLSTM. */
  published: {
    name: "published",
    bilstm: { rate, batchSize, epochs, patience, stripsAsPublished: false },
    cnns: Object.fromEntries(
      YAI_NETWORKS.filter(({ name }) => name !== "bilstm").map(({ name, model, epochs }) => [
        name,
        {
          ...{ model, epochs, height: SLEEPINGDRAGON_INPUT.height, width: SLEEPINGDRAGON_INPUT.width },
          ...{
            rate: SLEEPINGDRAGON_TRAINING.rate,
            batchSize: SLEEPINGDRAGON_TRAINING.batchSize,
            precision: "bfloat16",
          },
        },
      ]),
    ),
    folds,
    trained: Array.from({ length: folds }, (_, fold) => fold),
  },
};

/** All of a preset's networks, ready for trainMaic. */
export function yaiNetworks(preset: YaiPreset): Record<string, MaicNetwork> {
  const names = Object.keys(YAI_STRIP_ROWS) as YaiStripName[];
  return Object.fromEntries([
    ...Object.entries(preset.cnns).map(([name, cnn]) => [name, cnnNetwork(cnn, preset.name === "sample")] as const),
    ...names.map((name) => [name, yaiBilstmNetwork(name, preset.bilstm)] as const),
  ]);
}

/** The image BiLSTM on one of the strips. */
export function yaiBilstmNetwork(name: YaiStripName, bilstm: YaiBilstm): MaicNetwork {
  const rows = YAI_STRIP_ROWS[name];
  const { rate, batchSize, epochs, patience, stripsAsPublished } = bilstm;
  const { weightDecay, plateau } = YAI_BILSTM_TRAINING;
  const best = { metric: "accuracy", mode: "max" } as const;
  const height = rows.last - rows.first + 1;
  return {
    model: (seed) => createModel("iitnet_strip", { height, classes: MAIC_STAGES.length }, new Generator(seed)),
    source: (list, ids) => yaiStrips(list, ids, { rows, asPublished: stripsAsPublished }),
    keep: false,
    training: {
      loss: crossEntropy(),
      optimizer: adamW({ weightDecay }),
      schedule: reduceOnPlateau({ rate, ...best, ...plateau }),
      batchSize,
      epochs,
      earlyStopping: { ...best, patience },
    },
  };
}

/** A CNN on whole images: AdamW, warm restarts and early stopping are told, all else is system 000's. */
function cnnNetwork({ model, height, width, epochs, rate, batchSize, precision }: YaiCnn, keep: boolean): MaicNetwork {
  const { mean, deviation } = SLEEPINGDRAGON_INPUT;
  return {
    model: (seed) => imageModel(model, { height, width, classes: MAIC_STAGES.length }, seed),
    source: (list, ids) => maicImages(list, { height, width, scale: { mean, deviation } }, { ids }),
    keep,
    training: {
      loss: crossEntropy(),
      optimizer: adamW({ weightDecay: SLEEPINGDRAGON_TRAINING.weightDecay }),
      schedule: sleepingdragonSchedule({ rate }),
      batchSize,
      epochs,
      earlyStopping: { metric: "accuracy", mode: "max", patience: YAI_BILSTM_TRAINING.patience },
      precision,
    },
  };
}

/** Soft voting: the mean of the networks' probabilities, each of which is the mean of its folds'. */
export function blendYai(cnn: Probabilities, bilstmFolds: readonly Logits[]): Probabilities {
  return softVote([cnn, softVote(bilstmFolds.map((fold) => toProbabilities(fold, "softmax")))]);
}

/** As handed in: the plain mean of the CNN's probabilities and the BiLSTM's logits, these averaged over folds. */
export function blendYaiAsPublished(cnn: Probabilities, bilstmFolds: readonly Logits[]): BlendScores {
  return averageProbabilitiesWithLogitsAsPublished(cnn, averageLogits(bilstmFolds));
}
