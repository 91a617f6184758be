/** System 003 as the command line runs it: the competition's folder in, an archive of answer.txt out. */
import { SignalbookError } from "../core/errors";
import { mostLikely } from "../ensembling/decisions";
import { BEETL_STAGES, type BeetlFiles, readBeetlNight, readBeetlSubmission, writeBeetlSubmission } from "../formats";
import { holdOutGroups } from "../training/hold-out";
import { BEETL } from "./beetl";
import {
  type BeetlRound,
  beetlPaths,
  beetlSource,
  beetlTarget,
  beetlToLabel,
  beetlWindows,
  nightName,
} from "./beetl-data";
import { BEETL_PRESETS, type BeetlPreset, beetlMetrics, beetlModel, trainBeetl } from "./beetl-training";
import type { Pipeline, PipelinePreset, SourceData, SubmissionFacts } from "./pipeline";

/** The network that was handed in; the other two tries are in the notebooks. */
const MEMBER = "attnsleep";

/** The final round: its testing/ is what is labelled. */
export const BEETL_PIPELINE: Pipeline = pipelineOf("beetl", "final");
/** The leaderboard's round, with the same network. */
export const BEETL_LEADERBOARD_PIPELINE: Pipeline = pipelineOf("beetl-leaderboard", "leaderboard");

function pipelineOf(name: string, round: BeetlRound): Pipeline {
  const asked = round === "final" ? "testing" : "leaderboard";
  return {
    name,
    submissionFile: "answer.zip",
    system: BEETL,
    layout:
      "training_s<subject>r<night>X.npy and ...y.npy, sleep_target/leaderboard_s*r*X.npy and ...y.npy (held back to " +
      `choose an epoch), testing/${asked}_s*r*X.npy (nights to label)`,
    preset: (preset) => beetlPipelinePreset(BEETL_PRESETS[preset], round),
    check: (file, folder) => checkAnswers(file, beetlToLabel(folder, round)),
  };
}

/** A pipeline's preset of other settings. */
export function beetlPipelinePreset(preset: BeetlPreset, round: BeetlRound): PipelinePreset {
  const nights = (name: string, folder: string, list: readonly BeetlFiles[]): SourceData => ({
    classes: BEETL_STAGES,
    files: beetlPaths(folder, list),
    dataset: () => beetlWindows(name, list, preset.input),
  });
  return {
    members: [MEMBER],
    folds: [0],
    activation: "softmax",
    batchSize: preset.batchSize,
    labelled: (folder) =>
      nights("source and labelled target", folder, [...beetlSource(folder), ...beetlTarget(folder, "leaderboard")]),
    unlabelled: (folder) => nights("unlabelled target", folder, beetlToLabel(folder, round)),
    split({ groups }) {
      // As published, an epoch is chosen by all labelled subjects of the leaderboard's round, and none of them is learnt from.
      return holdOutGroups(groups, [...new Set(groups.filter((group) => !group.startsWith("training_")))]);
    },
    inputs: (_member, dataset) => dataset,
    model: () => beetlModel(preset, 0),
    train: (_member, run) => trainBeetl(preset, run),
    evaluate: beetlMetrics,
    ensemble(answers) {
      // One network was handed in: of several seeds, the one that did best on the labelled target.
      const scores = answers.map((answer) => answer.scores["balancedAccuracy"]!);
      const best = scores.indexOf(Math.max(...scores));
      return { blend: answers[best]!.probabilities, weights: answers.map((_, i) => (i === best ? 1 : 0)) };
    },
    submit(file, blend, folder) {
      const asked = beetlToLabel(folder, round);
      requireOrder(blend.ids, asked, folder);
      writeBeetlSubmission(file, mostLikely(blend));
      return checkAnswers(file, asked);
    },
  };
}

function checkAnswers(file: string, asked: readonly BeetlFiles[]): SubmissionFacts {
  const windows = asked.reduce((sum, files) => sum + readBeetlNight(files).length, 0);
  const stages = readBeetlSubmission(file, windows);
  const counts = BEETL_STAGES.map((stage, k) => [stage, stages.filter((given) => given === k).length]);
  return { windows, nights: asked.length, ...Object.fromEntries(counts) };
}

/** Answers have no names: only their order says whose they are. */
function requireOrder(ids: readonly string[], asked: readonly BeetlFiles[], folder: string): void {
  const found = [...new Set(ids.map((id) => id.split(":")[0]!))];
  const expected = asked.map(nightName);
  if (found.join() === expected.join()) return;
  throw new SignalbookError("predictions of other nights, or in another order", {
    file: folder,
    found: found.join(", "),
    expected: expected.join(", "),
  });
}
