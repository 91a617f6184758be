/** System 004 as the command line runs it: the competition's folder in, a list with labels appended out. */
import { basename, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { blendByScore, scoreWeights } from "../ensembling/blend";
import { labelsAbove } from "../ensembling/decisions";
import { type HefeiEntry, readHefeiLabels, readHefeiList, readHefeiSubmission, writeHefeiSubmission } from "../formats";
import { type Dataset, type Example, memoryDataset } from "../training/dataset";
import type { Split } from "../training/folds";
import { stratifiedGroupFolds } from "../training/stratified-groups";
import { type EcgPreset, ecgMetrics, ecgModel, trainEcg, withoutExtras } from "./ecg-training";
import {
  HEFEI,
  HEFEI_ENSEMBLE,
  hefeiExample,
  hefeiFolder,
  hefeiSplit,
  publishedPreset,
  readStoredInput,
  STORED_INPUT_SHAPE,
} from "./hefei";
import { readSmallInput, SMALL_INPUT_SHAPE } from "./hefei-small-input";
import type { Pipeline, PipelinePreset, PresetName, SourceData, SubmissionFacts } from "./pipeline";
import { SAMPLE_PRESET } from "./ptbxl";

/** What the presets differ in. */
interface Choice {
  networks: Readonly<Record<string, EcgPreset>>;
  folds: readonly number[];
  inputShape: readonly number[];
  read(path: string): { id: string; input: Float32Array };
  /** Labels with fewer records are not learnt. */
  leastRecords: number;
  split(dataset: Dataset): Split;
}

/** Halves of the records; each network of the sample learns from one and is scored on the other. */
const SAMPLE_FOLDS = 2;

const CHOICES: Readonly<Record<PresetName, () => Choice>> = {
  sample: () => ({
    networks: { small: SAMPLE_PRESET },
    folds: [0, 1],
    inputShape: SMALL_INPUT_SHAPE,
    read: readSmallInput,
    leastRecords: 8,
    split: ({ groups, classes, length, example }) => {
      const labels = Array.from({ length }, (_, i) => {
        const named = classes.filter((_label, k) => example(i).target[k] === 1);
        return named.length > 0 ? named : ["none of the labels learnt"];
      });
      return stratifiedGroupFolds({ groups, labels, folds: SAMPLE_FOLDS, seed: 0 });
    },
  }),
  published: () => ({
    networks: Object.fromEntries(HEFEI_ENSEMBLE.best.members.map((name) => [name, publishedPreset(name)])),
    folds: [HELD],
    inputShape: STORED_INPUT_SHAPE,
    read: readStoredInput,
    leastRecords: 0,
    split: ({ length, groups }) => {
      const held = new Set(hefeiSplit(length).test);
      return {
        kind: "16,000 of 20,036 records, shuffled",
        folds: 2,
        seed: 0,
        foldOf: Array.from({ length }, (_, i) => (held.has(i) ? HELD : HELD + 1)),
        groups: [...groups],
      };
    },
  }),
};

/** The published split's records for validation. */
const HELD = 0;

export const HEFEI_PIPELINE: Pipeline = {
  name: "hefei",
  system: HEFEI,
  layout:
    "records/<id>.txt, hf_round2_train.txt (file, age, sex, labels), hf_round2_arrythmia.txt (labels), " +
    "hf_round2_subA.txt (file, age, sex of the records to label)",
  preset: (name) => presetOf(CHOICES[name]()),
  check: checkLabels,
};

function checkLabels(file: string, folder: string): SubmissionFacts {
  const { toLabel, labels } = hefeiFolder(folder);
  const lines = readHefeiSubmission(file, readHefeiList(toLabel), readHefeiLabels(labels));
  return {
    records: lines.length,
    labels: lines.reduce((sum, line) => sum + line.labels.length, 0),
    "records without a label": lines.filter((line) => line.labels.length === 0).length,
  };
}

function presetOf(choice: Choice): PipelinePreset {
  const { networks, folds, split } = choice;
  const networkOf = (member: string): EcgPreset => {
    const found = networks[member];
    if (found !== undefined) return found;
    throw new SignalbookError("an unknown network", { found: member, expected: Object.keys(networks).join(", ") });
  };
  return {
    members: Object.keys(networks),
    folds,
    activation: "sigmoid",
    batchSize: Math.min(...Object.values(networks).map(({ batchSize }) => batchSize)),
    split,
    labelled(folder) {
      const files = hefeiFolder(folder);
      const labels = readHefeiLabels(files.labels);
      const entries = readHefeiList(files.list, labels);
      const count = (label: string): number => entries.filter((entry) => entry.labels.includes(label)).length;
      const learnt = labels.filter((label) => count(label) >= choice.leastRecords);
      if (learnt.length === 0)
        throw new SignalbookError("no label with enough records to learn from", {
          file: files.list,
          expected: `${choice.leastRecords} records or more`,
        });
      return source(choice, folder, { entries, classes: learnt, lists: [files.list, files.labels] });
    },
    unlabelled(folder, classes) {
      const { toLabel } = hefeiFolder(folder);
      const entries = readHefeiList(toLabel).map((entry) => ({ ...entry, labels: [] }));
      return source(choice, folder, { entries, classes, lists: [toLabel] });
    },
    inputs: (member, dataset) => (networkOf(member).ageAndSex ? dataset : withoutExtras(dataset)),
    model: (member, dataset) => ecgModel(networkOf(member), dataset, 0),
    train: (member, run) => trainEcg(networkOf(member), run),
    evaluate: ecgMetrics,
    ensemble(answers) {
      const scored = answers.map(({ probabilities, scores }) => ({ probabilities, score: scores["f1"]! }));
      return { blend: blendByScore(scored), weights: scoreWeights(scored.map(({ score }) => score)) };
    },
    submit(file, blend, folder) {
      const { toLabel, labels: labelFile } = hefeiFolder(folder);
      const [entries, labels] = [readHefeiList(toLabel), readHefeiLabels(labelFile)];
      const named = new Map(labelsAbove(blend, HEFEI_ENSEMBLE.threshold).map((record) => [record.id, record.labels]));
      const predicted = entries.map((entry) => {
        const given = named.get(basename(entry.file, ".txt"));
        if (given !== undefined) return given.map((label) => labels.indexOf(label));
        throw new SignalbookError("a record without a prediction", { file: toLabel, place: `line ${entry.line}` });
      });
      writeHefeiSubmission(file, entries, predicted, labels);
      return checkLabels(file, folder);
    },
  };
}

function source(
  { read, inputShape }: Choice,
  folder: string,
  { entries, classes, lists }: { entries: readonly HefeiEntry[]; classes: readonly string[]; lists: readonly string[] },
): SourceData {
  const { records } = hefeiFolder(folder);
  const examples = (): Example[] =>
    entries.map((entry) => hefeiExample(entry, classes, read(join(records, entry.file))));
  return {
    classes,
    files: [...lists.map((list) => basename(list)), ...entries.map(({ file }) => `${basename(records)}/${file}`)],
    dataset: () => memoryDataset(basename(lists[0]!), classes, inputShape, examples()),
  };
}
