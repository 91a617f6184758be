/**
 * System 002: mkotyushev in HMS - Harmful Brain Activity Classification (github.com/mkotyushev/hms, commit 45f42d2), 16th:
 * a TinyViT on one image of two spectrograms and twenty drawn traces, trained in two stages with pseudolabels. Constants as
 * published.
 */
import type { System } from "./system";

export const HMS_MODEL = { name: "tiny_vit_21m_512", height: 640, width: 1920, channels: 1, dropPath: 0.1 } as const;

export const HMS_TRAINING = {
  rate: 3e-4,
  /** PyTorch's AdamW, its defaults kept. */
  weightDecay: 0.01,
  /** From a tenth of the rate over a tenth of the steps, then half a cosine to a hundredth. */
  schedule: { startFraction: 0.1, warmupShare: 0.1, endFraction: 0.01 },
  epochs: 16,
  batchSize: 8,
  accumulated: 3,
  precision: "bfloat16",
  /** Decay 0.8, once an epoch; the library caps it at (1 + n) / (10 + n), so that it never gets there. */
  ema: { decay: 0.8, rule: "capped", every: "epoch" },
  folds: 5,
} as const;

export const HMS_AUGMENTATION = {
  flip: { chance: 0.5 },
  brightnessContrast: { chance: 0.5, brightness: 0.1, contrast: 0.1 },
  /** One of the three. */
  noiseOrBlur: { chance: 0.4, noiseVariance: [0.1, 0.3] },
  coarseDropout: { chance: 0.5, holes: 5, size: 64 },
} as const;

/** Of the first stage's networks; two of them are above what the trainer takes, see the deviations. */
export const HMS_SEEDS: readonly number[] = [
  28490463, 28123213, 285675463, 28446341235, 28491236524, 1235666234, 38765223, 45757854, 98744522, 567857687,
  684355834,
];
/** Models of the second stage, and how many of them the final blend has; which, was not published. */
export const HMS_SECOND_STAGE = { models: 10, blended: 6 } as const;

export const HMS: System = {
  number: "002",
  title: "mkotyushev, HMS (Kaggle)",
  task: "shares of six votes on 50 s of EEG and 10 minutes of spectrogram; KL divergence",
  sources: [
    "https://github.com/mkotyushev/hms (commit 45f42d2; no licence: facts only)",
    "https://www.kaggle.com/competitions/hms-harmful-brain-activity-classification",
  ],
  scores: [],
  scoresRemark: "16th place in the competition; neither its leaderboard nor its validation score was published",
  deviations: [
    {
      point: "spectrograms of 50 s",
      published: "the write-up credits another participant's; the code computes its own, with other windows and scales",
      here: "as in the code",
      why: "the networks were trained on them",
      asPublished: true,
    },
    {
      point: "averaged weights",
      published: "decay 0.8 by name; once an epoch and capped, it runs from 0.18 to 0.65",
      here: "the same, told as what it is",
      why: "it can be reproduced exactly",
      asPublished: true,
    },
    {
      point: "augmentation",
      published: "noise and blur are in the code, not in the text",
      here: "as in the code",
      why: "the networks were trained with them",
      asPublished: true,
    },
    {
      point: "order of the spectrogram's columns",
      published: "sorted with decimals taken for whole numbers: 12.11 Hz after 12.7, 16.21 and 16.41 after 16.8",
      here: "the same; hmsColumnsByFrequency puts them in order",
      why: "the networks were trained on them",
      asPublished: true,
    },
    {
      point: "mains filter",
      published: "text and comment name 50 and 60 Hz; only 60 Hz is removed",
      here: "as in the code",
      why: "the recordings are American",
      asPublished: true,
    },
    {
      point: "traces",
      published: "twenty bipolar derivations, the text says; two of them are single channels (EKG and C3)",
      here: "as in the code",
      why: "the constants that scale them belong to these traces",
      asPublished: true,
    },
    {
      point: "equal seeds",
      published: "two of eleven seeds give equal results: both are above 2^32 - 1, and the trainer takes 0 instead",
      here: "a seed out of range is an error; so are equal models in a blend, unless they are to be counted as published",
      why: "a model counted twice weighs double",
      asPublished: true,
    },
    {
      point: "folds",
      published: "grouped by patient while developing; the final networks have no validation",
      here: "grouped by patient, always",
      why: "a score on training windows says nothing",
      asPublished: false,
    },
  ],
};
