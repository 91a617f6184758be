/**
 * System 001: the YAI team in the MAIC 2021 sleep challenge (github.com/oungji212/Sleep-AI-Challenge, commit 7781ee8): CNNs
 * on images, and a BiLSTM that reads strips of four epochs. Constants as published; the code of its best network, the
 * EfficientNet-B4, is not in the repository, nor are its rates, batch and image size.
 */
import type { ModelName } from "../models";
import type { System } from "./system";

/** The two strips: rows of the 480x270 image, and the height they give. */
export const YAI_STRIPS = {
  eog: { rows: 21, epochs: 4, publishedEpochsTrained: 4 },
  eegEogEmg: { rows: 75, epochs: 4, publishedEpochsTrained: 7 },
} as const;

export const YAI_NETWORKS: readonly { name: string; model: ModelName; epochs: number; pretrained: boolean }[] = [
  { name: "efficientnet", model: "tf_efficientnet_b4", epochs: 5, pretrained: true },
  { name: "resnext", model: "resnext50_32x4d", epochs: 2, pretrained: true },
  { name: "bilstm", model: "iitnet_strip", epochs: 200, pretrained: false },
];

export const YAI_BILSTM_TRAINING = {
  rate: 5e-3,
  weightDecay: 1e-6,
  plateau: { factor: 0.1, patience: 2 },
  batchSize: 128,
  epochs: 200,
  /** On micro F1, which for one label an image is accuracy. */
  patience: 5,
  folds: 5,
  seed: 42,
} as const;

/** Macro F1 of the leaderboard where "submitted", otherwise means of folds as the team measured them, in per cent. */
export const YAI_SCORES: readonly { network: string; score: number; submitted: boolean }[] = [
  { network: "BiLSTM, EOG, after 1 epoch", score: 62.1, submitted: false },
  { network: "BiLSTM, EOG, early stop", score: 65.8, submitted: false },
  { network: "BiLSTM, EOG, five folds", score: 66.9, submitted: true },
  { network: "BiLSTM, EEG+EOG+EMG, after 1 epoch", score: 65.4, submitted: false },
  { network: "BiLSTM, EEG+EOG+EMG, early stop", score: 69.2, submitted: false },
  { network: "EfficientNet-B4, 4 epochs", score: 76.5, submitted: true },
  { network: "EfficientNet-B4, 4 epochs, and BiLSTM", score: 76.9, submitted: true },
  { network: "EfficientNet-B4, 5 epochs", score: 78.0, submitted: true },
  { network: "EfficientNet-B4, 5 epochs, and ResNeXt-50", score: 78.1, submitted: true },
];

export const YAI: System = {
  number: "001",
  title: "YAI, MAIC 2021",
  task: "five sleep stages of 30 s polysomnography images; macro F1",
  sources: [
    "https://github.com/oungji212/Sleep-AI-Challenge (commit 7781ee8; no licence: facts only)",
    "https://github.com/gist-ailab/IITNet-official (MIT; the network that was adapted)",
  ],
  deviations: [
    {
      point: "context of the strips",
      published:
        "from an exam's fourth epoch on, a stale index: black, the exam's first and second epoch, the epoch itself",
      here: "the three epochs before, and the epoch itself; the published strips as an option",
      why: "the write-up says so, and it is what the recurrent part is for",
      asPublished: true,
    },
    {
      point: "last step of the BiLSTM",
      published: "the last step of both directions: the backward half has seen one step",
      here: "the same",
      why: "it is the network that was scored",
      asPublished: true,
    },
    {
      point: "blend",
      published: "the mean of the CNN's probabilities and the BiLSTM's averaged logits",
      here: "logits become probabilities first; the published mean by a name of its own",
      why: "logits have another scale: the mean follows the BiLSTM alone where it is sure",
      asPublished: true,
    },
    {
      point: "early stopping and precision",
      published:
        "the write-up: validation loss, mixed precision, stratified folds; the code: micro F1, float32, folds in the order of exams",
      here: "as in the code",
      why: "the scores come from it",
      asPublished: true,
    },
    {
      point: "settings of the CNNs",
      published: "not known: rate, batch, image size, first period of the restarts",
      here: "those of system 000, which entered the same challenge",
      why: "something has to be set; it is said where it is",
      asPublished: false,
    },
    {
      point: "folds of the ResNet script",
      published: "stratified by stage over images",
      here: "grouped by exam",
      why: "images of one night on both sides flatter",
      asPublished: true,
    },
  ],
};
