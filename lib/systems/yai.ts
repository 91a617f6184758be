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

/** The repository's ResNet-50 script, which is not finished; none of the scores is its own. */
export const YAI_RESNET_SCRIPT = {
  model: "resnet50",
  rate: 1e-3,
  weightDecay: 1e-4,
  batchSize: 16,
  folds: 5,
} as const;

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

const slides = "slides of the team in https://github.com/oungji212/Sleep-AI-Challenge";
/** Figures while training: the code prints micro F1, which for one stage an image is accuracy. */
const folds = {
  measure: "accuracy",
  protocol: "mean of five folds in the order of exams, the team's own validation, real exams",
  source: slides,
} as const;
const oneFold = {
  measure: "F1 (which average is not said)",
  protocol: "one fold, real exams; on which images is not said, and the code is not published",
  source: slides,
} as const;
const hidden = { measure: "macro F1", protocol: "hidden exams of the challenge (200 real exams)", source: slides };

export const YAI: System = {
  number: "001",
  title: "YAI, MAIC 2021",
  task: "five sleep stages of 30 s polysomnography images; macro F1",
  sources: [
    "https://github.com/oungji212/Sleep-AI-Challenge (commit 7781ee8; no licence: facts only)",
    "https://github.com/gist-ailab/IITNet-official (MIT; the network that was adapted)",
  ],
  scores: [
    { what: "BiLSTM, EOG strip, after 1 epoch", ...folds, score: 0.621 },
    { what: "BiLSTM, EOG strip, early stop after 4 epochs", ...folds, score: 0.658 },
    { what: "BiLSTM, EOG strip, blend of five folds", ...hidden, score: 0.669 },
    { what: "BiLSTM, EEG, EOG and EMG strip, after 1 epoch", ...folds, score: 0.654 },
    { what: "BiLSTM, EEG, EOG and EMG strip, early stop after 7 epochs", ...folds, score: 0.692 },
    { what: "EfficientNet-B4, 4 epochs", ...oneFold, score: 0.765 },
    { what: "EfficientNet-B4, 4 epochs, and BiLSTM, EOG strip", ...oneFold, score: 0.769 },
    { what: "EfficientNet-B4, 5 epochs", ...oneFold, score: 0.78 },
    { what: "EfficientNet-B4, 5 epochs, and ResNeXt-50, 2 epochs (about)", ...oneFold, score: 0.781 },
  ],
  scoresRemark: "the BiLSTM's scores are of strips with a stale context: black, the exam's first two epochs, the epoch",
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
