/** System 001 as the command line runs it. Which networks vote is up to which were trained: the team voted with two. */
import { softVote } from "../ensembling/blend";
import { mostLikely } from "../ensembling/decisions";
import { orderedGroupFolds, stratifiedFolds } from "../training/fold-rules";
import { checkMaicStages, MAIC_LAYOUT, MAIC_SUBMISSION, maicPreset } from "./maic-pipeline";
import type { Pipeline, PipelinePreset } from "./pipeline";
import { SLEEPINGDRAGON_INPUT } from "./sleepingdragon";
import { YAI, YAI_BILSTM_TRAINING } from "./yai";
import { YAI_PRESETS, type YaiPreset, yaiNetworks } from "./yai-training";

export const YAI_PIPELINE: Pipeline = {
  name: "yai",
  system: YAI,
  layout: MAIC_LAYOUT,
  submissionFile: MAIC_SUBMISSION,
  preset: (name) => yaiPipelinePreset(YAI_PRESETS[name]),
  check: checkMaicStages,
};

/** The pipeline's preset of other settings. */
export function yaiPipelinePreset(preset: YaiPreset): PipelinePreset {
  const { height, width } = Object.values(preset.cnns)[0]!;
  const { mean, deviation } = SLEEPINGDRAGON_INPUT;
  return maicPreset({
    networks: yaiNetworks(preset),
    trained: preset.trained,
    split: (exams) => orderedGroupFolds(exams, preset.folds),
    // Of the team's base code, seeded alike; its CNNs come from there.
    publishedSplit: (groups, labels) =>
      stratifiedFolds({ groups, labels, folds: preset.folds, seed: YAI_BILSTM_TRAINING.seed, leak: "as published" }),
    images: { height, width, scale: { mean, deviation } },
    keep: preset.name === "sample",
    blend: (members) => ({
      blend: softVote(members.map(({ probabilities }) => probabilities)),
      weights: members.map(() => 1 / members.length),
    }),
    stages: (blend) => ({ stages: mostLikely(blend), facts: {} }),
    submission: { byteOrderMark: true }, // as the team's files had it
  });
}
