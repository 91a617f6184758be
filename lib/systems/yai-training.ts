/** How system 001's networks are trained and blended: as meant, and as published. */
import { Generator } from "../core/random";
import type { Precision } from "../engine";
import { softVote } from "../ensembling/blend";
import { averageLogits, averageProbabilitiesWithLogitsAsPublished } from "../ensembling/logits";
import type { BlendScores } from "../ensembling/members";
import { MAIC_STAGES } from "../formats";
import { createModel, type ModelName, type StripIitnetName } from "../models";
import { STRIP_ROWS } from "../preprocessing";
import type { ImageAugmentationName } from "../training/image-examples";
import { crossEntropy } from "../training/losses";
import { adam, adamW } from "../training/optimizers";
import { type Logits, type Probabilities, toProbabilities } from "../training/probabilities";
import { constantRate, reduceOnPlateau, warmupCosine } from "../training/schedules";
import { maicImages } from "./maic-data";
import type { MaicNetwork } from "./maic-training";
import type { PresetName } from "./pipeline";
import { SLEEPINGDRAGON_INPUT, SLEEPINGDRAGON_TRAINING } from "./sleepingdragon";
import { imageModel, sleepingdragonSchedule } from "./sleepingdragon-training";
import { YAI_BILSTM_TRAINING, YAI_NETWORKS, YAI_RESNET_SCRIPT } from "./yai";
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
  model: StripIitnetName;
  rate: number;
  batchSize: number;
  epochs: number;
  /**
   * As published, the rate falls tenfold where validation accuracy stays, training ends where it goes on to stay, and the
   * best epoch's weights are kept. A sample's few validation exams would end it by chance: half a cosine, and its last weights.
   */
  ends: { patience: number } | "cosine";
  /** Between filters and LSTMs. */
  dropout: number;
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
  augmentation: ImageAugmentationName | null;
}

/** The two strips by the names of the networks that read them. */
export const YAI_STRIP_ROWS = { "bilstm-eog": STRIP_ROWS.eog, "bilstm-eeg-eog-emg": STRIP_ROWS.eegEogChin } as const;
export type YaiStripName = keyof typeof YAI_STRIP_ROWS;

const { rate, batchSize, epochs, patience, folds } = YAI_BILSTM_TRAINING;

/** Pictures of a fifth of the pixels, and larger steps: its weights begin anew. */
function smallCnn(model: ModelName): YaiCnn {
  return {
    ...{ model, height: 96, width: 112, epochs: 10, augmentation: "sleep, sample" },
    ...{ rate: 30 * SLEEPINGDRAGON_TRAINING.rate, batchSize: 16, precision: "float32" },
  };
}

export const YAI_PRESETS: Readonly<Record<PresetName, YaiPreset>> = {
  /** For two cores and minutes: strips at full size, small networks, few epochs. */
  sample: {
    name: "sample",
    bilstm: {
      model: "iitnet_strip_small",
      rate: 0.8 * rate,
      batchSize: 16,
      epochs: 10,
      ends: "cosine",
      dropout: 0.2,
      stripsAsPublished: false,
    },
    cnns: { efficientnet: smallCnn("efficientnet_small"), resnext: smallCnn("resnext14_small") },
    folds: 2,
    trained: [0, 1],
  },
  /** The published code's constants; one fold of a CNN was trained, all five of a BiLSTM. */
  published: {
    name: "published",
    bilstm: {
      model: "iitnet_strip",
      rate,
      batchSize,
      epochs,
      ends: { patience },
      dropout: 0.5,
      stripsAsPublished: false,
    },
    cnns: Object.fromEntries(
      YAI_NETWORKS.filter(({ name }) => name !== "bilstm").map(({ name, model, epochs }) => [
        name,
        {
          ...{ model, epochs, height: SLEEPINGDRAGON_INPUT.height, width: SLEEPINGDRAGON_INPUT.width },
          ...{
            rate: SLEEPINGDRAGON_TRAINING.rate,
            batchSize: SLEEPINGDRAGON_TRAINING.batchSize,
            ...{ precision: "bfloat16", augmentation: null },
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
    ...Object.entries(preset.cnns).map(([name, cnn]) => [name, yaiCnnNetwork(cnn, preset.name === "sample")] as const),
    ...names.map((name) => [name, yaiBilstmNetwork(name, preset.bilstm)] as const),
  ]);
}

/** The image BiLSTM on one of the strips. */
export function yaiBilstmNetwork(name: YaiStripName, bilstm: YaiBilstm): MaicNetwork {
  const rows = YAI_STRIP_ROWS[name];
  const { model, rate, batchSize, epochs, ends, dropout, stripsAsPublished } = bilstm;
  const { weightDecay, plateau } = YAI_BILSTM_TRAINING;
  const best = { metric: "accuracy", mode: "max" } as const;
  const height = rows.last - rows.first + 1;
  return {
    model: (seed) => createModel(model, { height, classes: MAIC_STAGES.length, dropout }, new Generator(seed)),
    source: (list, ids) => yaiStrips(list, ids, { rows, asPublished: stripsAsPublished }),
    keep: false,
    training: {
      loss: crossEntropy(),
      optimizer: adamW({ weightDecay }),
      ...{ batchSize, epochs },
      ...(ends === "cosine"
        ? { schedule: warmupCosine({ rate, warmupEpochs: 1 }) }
        : { schedule: reduceOnPlateau({ rate, ...best, ...plateau }), earlyStopping: { ...best, ...ends } }),
    },
  };
}

/**
 * A CNN on whole images: AdamW, warm restarts and early stopping are told, all else is system 000's.
 * @param keep pictures in memory for validation
 */
export function yaiCnnNetwork(
  { model, height, width, epochs, rate, batchSize, precision, augmentation }: YaiCnn,
  keep = false,
): MaicNetwork {
  const { mean, deviation } = SLEEPINGDRAGON_INPUT;
  return {
    model: (seed) => imageModel(model, { height, width, classes: MAIC_STAGES.length }, seed),
    source: (list, ids, learning) =>
      maicImages(
        list,
        { height, width, scale: { mean, deviation }, augmentation: learning ? augmentation : null },
        { ids },
      ),
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

/** A CNN as the repository's ResNet-50 script trains it: Adam, one rate throughout, nothing that stops it early. */
export function yaiResnetNetwork(
  cnn: Pick<YaiCnn, "model" | "height" | "width" | "epochs" | "augmentation">,
  keep = false,
): MaicNetwork {
  const { rate, weightDecay, batchSize } = YAI_RESNET_SCRIPT;
  const { training, ...network } = yaiCnnNetwork({ ...cnn, rate, batchSize, precision: "float32" }, keep);
  const { earlyStopping: _, ...rest } = training;
  return { ...network, training: { ...rest, optimizer: adam({ weightDecay }), schedule: constantRate(rate) } };
}

/** Soft voting: the mean of the networks' probabilities, each of which is the mean of its folds'. */
export function blendYai(cnn: Probabilities, bilstmFolds: readonly Logits[]): Probabilities {
  return softVote([cnn, softVote(bilstmFolds.map((fold) => toProbabilities(fold, "softmax")))]);
}

/** As handed in: the plain mean of the CNN's probabilities and the BiLSTM's logits, these averaged over folds. */
export function blendYaiAsPublished(cnn: Probabilities, bilstmFolds: readonly Logits[]): BlendScores {
  return averageProbabilitiesWithLogitsAsPublished(cnn, averageLogits(bilstmFolds));
}
