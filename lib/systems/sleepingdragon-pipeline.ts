/** System 000 as the command line runs it. */
import { toShares } from "../ensembling/means";
import { stratifiedFolds } from "../training/fold-rules";
import { stratifiedGroupFolds } from "../training/stratified-groups";
import { checkMaicStages, MAIC_LAYOUT, MAIC_SUBMISSION, type MaicAnswer, maicPreset } from "./maic-pipeline";
import type { Pipeline, PipelinePreset } from "./pipeline";
import { SLEEPINGDRAGON, SLEEPINGDRAGON_INPUT, SLEEPINGDRAGON_TRAINING } from "./sleepingdragon";
import {
  blendSleepingdragon,
  SLEEPINGDRAGON_PRESETS,
  type SleepingdragonPreset,
  sleepingdragonNetwork,
  sleepingdragonStages,
  sleepingdragonWeights,
} from "./sleepingdragon-training";

export const SLEEPINGDRAGON_PIPELINE: Pipeline = {
  name: "sleepingdragon",
  system: SLEEPINGDRAGON,
  layout: MAIC_LAYOUT,
  submissionFile: MAIC_SUBMISSION,
  preset: (name) => sleepingdragonPipelinePreset(SLEEPINGDRAGON_PRESETS[name]),
  check: checkMaicStages,
};

/** The pipeline's preset of other settings. */
export function sleepingdragonPipelinePreset(preset: SleepingdragonPreset): PipelinePreset {
  const { height, width, members, trained, folds } = preset;
  const { mean, deviation } = SLEEPINGDRAGON_INPUT;
  return maicPreset({
    networks: Object.fromEntries(
      Object.entries(members).map(([name, member]) => [name, sleepingdragonNetwork(preset, member)]),
    ),
    trained,
    // The published folds deal out images stage by stage; so do these, but all images of an exam together.
    split: (groups, labels) => stratifiedGroupFolds({ groups, labels, folds, seed: SLEEPINGDRAGON_TRAINING.seed }),
    publishedSplit: (groups, labels) =>
      stratifiedFolds({ groups, labels, folds, seed: SLEEPINGDRAGON_TRAINING.seed, leak: "as published" }),
    images: { height, width, scale: { mean, deviation } },
    keep: preset.name === "sample",
    blend: blendOf,
    stages(blend, exams) {
      const { stages, corrected } = sleepingdragonStages(blend, exams);
      return { stages, facts: { "corrected by the rules": corrected } };
    },
  });
}

/** Both networks by the published rule; one alone, where only it was trained. */
function blendOf(members: readonly MaicAnswer[]): ReturnType<Parameters<typeof maicPreset>[0]["blend"]> {
  const [first, second] = members;
  if (second === undefined) return { blend: first!.probabilities, weights: [1] };
  const blend = blendSleepingdragon(first!.probabilities, second.probabilities);
  return { blend: toShares(blend), weights: sleepingdragonWeights() };
}
