/**
 * System 000: SleepingDragon in the MAIC 2021 sleep challenge (github.com/HyeonhoonLee/MAIC2021_Sleep, commit 5d628bf): a
 * vision transformer and an EfficientNet on images of polysomnographies, blended by square roots, then seven rules on the
 * sequence of stages. Constants as published.
 */
import type { ModelName } from "../models";
import type { System } from "./system";

/** What both networks see: the whole image, its aspect ratio not kept, three equal channels, ImageNet's mean and deviation. */
export const SLEEPINGDRAGON_INPUT = {
  height: 224,
  width: 224,
  channels: 3,
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
} as const;

export interface SleepingdragonMember {
  name: string;
  model: ModelName;
  /** Of timm's model; system 000 began from them. */
  pretrained: string;
  optimizer: "adam" | "adamp";
  /** Outputs: the published EfficientNet keeps its 1,000-way head, and its probabilities are folded to five. */
  publishedOutputs: number;
  /** Epochs until the checkpoint that was used. */
  epochsUsed: number;
}

export const SLEEPINGDRAGON_MEMBERS: readonly SleepingdragonMember[] = [
  {
    name: "vit",
    model: "vit_base_patch16_224",
    pretrained: "jx_vit_base_p16_224-80ecf9dd",
    optimizer: "adam",
    publishedOutputs: 5,
    epochsUsed: 5,
  },
  {
    name: "efficientnet",
    model: "tf_efficientnet_b4",
    pretrained: "tf_efficientnet_b4_ns-d6313a46",
    optimizer: "adamp",
    publishedOutputs: 1000,
    epochsUsed: 2,
  },
];

export const SLEEPINGDRAGON_TRAINING = {
  rate: 1e-4,
  weightDecay: 1e-6,
  /** Spread over the other classes; of all classes the head has. */
  labelSmoothing: 0.1,
  /** Warm restarts. The published loop steps the schedule twice an epoch: a restart every five epochs. */
  restarts: { period: 10, minimum: 1e-6, stepsPerEpoch: 2 },
  batchSize: 32,
  /** Batches whose gradients are added up, not averaged, before a step. */
  accumulated: 2,
  epochs: 100,
  folds: 5,
  seed: 72,
} as const;

/** Each with its chance; lambda of FMix from Beta(1, 1), clipped. */
export const SLEEPINGDRAGON_AUGMENTATION = {
  coarseDropout: { chance: 0.5, holes: 8, size: 8 },
  cutout: { chance: 0.5, holes: 8, size: 8 },
  fmix: { chance: 0.5, decay: 3, lambda: [0.6, 0.7] },
} as const;

const finalists = {
  measure: "macro F1",
  protocol: "hidden exams of the challenge (200 real exams), another team's system",
} as const;

export const SLEEPINGDRAGON: System = {
  number: "000",
  title: "SleepingDragon, MAIC 2021",
  task: "five sleep stages of 30 s polysomnography images; macro F1",
  sources: [
    "https://github.com/HyeonhoonLee/MAIC2021_Sleep (commit 5d628bf; no licence: facts only)",
    "https://github.com/AI-Challange/Sleep (the challenge's own pages)",
  ],
  scores: [
    { what: "winner of the challenge", ...finalists, score: 0.794, source: "medigatenews.com/news/3074356460" },
    { what: "13th of 40 finalists", ...finalists, score: 0.7681, source: "https://github.com/mireiffe/maic_sleep" },
  ],
  scoresRemark: "SleepingDragon published no score of its own: these two are other teams' in the same challenge",
  deviations: [
    {
      point: "classes of the EfficientNet",
      published:
        "the head of 1,000 classes stays; at inference columns c, c+5, c+10 ... are added up and divided by 200",
      here: "a head of five classes; the folding as an option",
      why: "what was set to five outputs is an attribute that timm does not use",
      asPublished: true,
    },
    {
      point: "labels of mixed images",
      published: "FMix blends class numbers and truncates: 0.65 of class 4 and 0.35 of class 0 become class 2",
      here: "shares of both classes",
      why: "numbers of classes have no order to blend in",
      asPublished: true,
    },
    {
      point: "masks of FMix",
      published: "the reference code takes the two halves of its complex spectrum from the wrong axis",
      here: "the spectrum as its paper means it; the published masks as an option",
      why: "which frequencies a mask has is what its decay is about",
      asPublished: true,
    },
    {
      point: "schedule",
      published: "T_0 = 10, stepped after training and after validation: a restart every five epochs",
      here: "the same rates, told as what they are",
      why: "it can be reproduced exactly",
      asPublished: true,
    },
    {
      point: "accumulated gradients",
      published: "the gradients of two batches are added up; their loss is not divided by two",
      here: "the same; the mean as an option of the training loop",
      why: "Adam and AdamP divide by the gradients' own size, so that a factor of two comes to nearly nothing",
      asPublished: true,
    },
    {
      point: "folds",
      published: "stratified by stage over images: images of one night on both sides",
      here: "grouped by exam; the published split only where a leak is asked for",
      why: "neighbouring epochs of one night look alike, and the hidden exams are other people",
      asPublished: true,
    },
    {
      point: "weights of the blend",
      published: "0.06 and 0.94 on probabilities that carry factors of 1/4 and 1/800: 47 % and 53 % in effect",
      here: "0.47 and 0.53 on probabilities that add up to 1",
      why: "square roots of unscaled probabilities make the same blend readable",
      asPublished: true,
    },
    {
      point: "validation of the blend",
      published: "plain means of the probabilities, one of which is folded and divided by 200: the transformer alone",
      here: "the blend that is handed in",
      why: "a score of another blend says nothing about it; softVote of folded probabilities gives the published one",
      asPublished: true,
    },
    {
      point: "rules on the sequence",
      published: "over the whole list of the test set, without a break between exams",
      here: "exam by exam; a Viterbi smoother beside them",
      why: "the last epoch of one night says nothing about the first of the next",
      asPublished: true,
    },
    {
      point: "normalisation",
      published: "ImageNet's mean and deviation, for transformer weights that were trained with 0.5 and 0.5",
      here: "the same",
      why: "the first layer's weights adapt within the first steps",
      asPublished: true,
    },
  ],
};
