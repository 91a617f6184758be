/** System 002 as the command line runs it: the competition's folder in, a row of shares for each EEG out. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { softVote } from "../ensembling/blend";
import { splitByVotes } from "../ensembling/pseudolabels";
import { HMS_CLASSES, type HmsRow, readHmsTable } from "../formats";
import { readHmsSubmission, writeHmsSubmission } from "../formats/hms-submission";
import { stratifiedGroupFolds } from "../training/stratified-groups";
import { HMS, HMS_TRAINING } from "./hms";
import { type HmsSource, hmsDataset, hmsSource, middleWindows, windowId } from "./hms-data";
import {
  HMS_PUBLISHED_PRESET,
  HMS_SAMPLE_PRESET,
  type HmsPreset,
  hmsAugmentation,
  hmsModel,
  hmsScores,
  trainHms,
} from "./hms-training";
import type { Pipeline, PipelinePreset, SubmissionFacts } from "./pipeline";

/** Few patients fall into fewer folds; of the sample's one is trained and held back, of the published all. */
const SAMPLE = { folds: 3, trained: [0] } as const;

export const HMS_PIPELINE: Pipeline = {
  name: "hms",
  submissionFile: "submission.csv",
  system: HMS,
  layout: "train.csv, test.csv, train_eegs/<eeg_id>.parquet, train_spectrograms/<spectrogram_id>.parquet, test_...",
  preset: (name) => hmsPipelinePreset(name === "sample" ? HMS_SAMPLE_PRESET : HMS_PUBLISHED_PRESET),
  check: checkShares,
};

function checkShares(file: string, folder: string): SubmissionFacts {
  const rows = readHmsTable(join(folder, "test.csv"));
  const asked = rows.map(({ eegId }) => eegId);
  return {
    EEGs: readHmsSubmission(file, asked).length,
    patients: new Set(rows.map(({ patientId }) => patientId)).size,
  };
}

/** Files of windows, as paths in the folder. */
function filesOf(kind: "train" | "test", rows: readonly HmsRow[]): string[] {
  const eegs = new Set(rows.map(({ eegId }) => `${kind}_eegs/${eegId}.parquet`));
  const spectrograms = new Set(rows.map(({ spectrogramId }) => `${kind}_spectrograms/${spectrogramId}.parquet`));
  return [`${kind}.csv`, ...eegs, ...spectrograms];
}

/** The pipeline's preset of other settings. */
export function hmsPipelinePreset(preset: HmsPreset): PipelinePreset {
  const sample = preset.name === "sample";
  const keep = sample;
  /** The folder that training examples are from: augmentation draws from all windows of their EEGs. */
  let opened: HmsSource | null = null;
  const open = (folder: string): HmsSource => {
    if (opened?.folder !== folder) opened = hmsSource(folder, "train", { size: preset.size, keep });
    return opened;
  };
  const source = (): HmsSource => {
    if (opened !== null) return opened;
    throw new SignalbookError("windows whose folder was not opened", { fix: "read the labelled data first" });
  };
  return {
    members: [preset.model],
    folds: sample ? SAMPLE.trained : Array.from({ length: HMS_TRAINING.folds }, (_, fold) => fold),
    activation: "softmax",
    batchSize: preset.batchSize,
    labelled(folder) {
      const { high } = splitByVotes(readHmsTable(join(folder, "train.csv")));
      const rows = middleWindows(high);
      return {
        classes: HMS_CLASSES,
        files: filesOf("train", high),
        dataset: () => hmsDataset(open(folder), rows),
      };
    },
    unlabelled(folder) {
      const rows = readHmsTable(join(folder, "test.csv"));
      return {
        classes: HMS_CLASSES,
        files: filesOf("test", rows),
        dataset: () => hmsDataset(hmsSource(folder, "test", { size: preset.size, keep }), rows),
      };
    },
    split({ ids, groups }) {
      // The strata are what most people voted for; from the table, for no image need be drawn to know them.
      const rows = new Map(source().rows.map((row) => [windowId(row), row]));
      const labels = ids.map((id) => rows.get(id)!.expertConsensus!);
      return stratifiedGroupFolds({ groups, labels, folds: sample ? SAMPLE.folds : HMS_TRAINING.folds });
    },
    inputs: (_member, dataset) => dataset,
    model: (_member, dataset) => hmsModel(preset, dataset, 0),
    train(_member, run) {
      const ids = new Set(run.train.ids);
      const rows = source().rows.filter((row) => ids.has(windowId(row)));
      return trainHms(preset, { ...run, augment: hmsAugmentation(source(), rows, preset) });
    },
    evaluate: hmsScores,
    ensemble(answers) {
      const weight = 1 / answers.length;
      return { blend: softVote(answers.map(({ probabilities }) => probabilities)), weights: answers.map(() => weight) };
    },
    submit(file, blend, folder) {
      const rows = readHmsTable(join(folder, "test.csv"));
      const place = new Map(blend.ids.map((id, i) => [id, i]));
      const width = blend.classes.length;
      const predictions = rows.map((row) => {
        const i = place.get(windowId(row));
        if (i === undefined)
          throw new SignalbookError("an EEG without a prediction", { file: "test.csv", place: `line ${row.line}` });
        return { eegId: row.eegId, shares: blend.values.subarray(i * width, (i + 1) * width) };
      });
      writeHmsSubmission(file, predictions);
      return checkShares(file, folder);
    },
  };
}
