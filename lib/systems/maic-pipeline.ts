/** What the command line asks of systems 000 and 001 alike: the challenge's folder in, files.csv out. */

import { SignalbookError } from "../core/errors";
import { softVote } from "../ensembling/blend";
import { MAIC_STAGES, type MaicSubmissionOptions, readMaicSubmission, writeMaicSubmission } from "../formats";
import type { Dataset } from "../training/dataset";
import type { Split } from "../training/folds";
import type { ImageSourceOptions } from "../training/image-source";
import type { Probabilities } from "../training/probabilities";
import { linesOf, type MaicList, maicDataset, maicId, maicImages, maicList } from "./maic-data";
import { type MaicNetwork, maicInputs, maicLoader, maicScores, trainMaic } from "./maic-training";
import type { PipelineAnswer, PipelinePreset, SourceData, SubmissionFacts } from "./pipeline";

export const MAIC_LAYOUT =
  "<exam>/<exam>_0001.png ..., trainset-for_user.csv (exam, image, stage), testset-for_user.csv (exam, image)";
/** What is handed in. */
export const MAIC_SUBMISSION = "files.csv";

/** What the two systems' presets differ in. */
export interface MaicChoice {
  networks: Readonly<Record<string, MaicNetwork>>;
  /** Folds held back in turn. */
  trained: readonly number[];
  /** Exams and stages of all labelled epochs, to folds. */
  split(exams: readonly string[], stages: readonly string[]): Split;
  /** The published one, which deals out images, so that exams lie in several folds. */
  publishedSplit(exams: readonly string[], stages: readonly string[]): Split;
  /** The examples that a run is about; a network whose inputs are others makes them of the same lines. */
  images: ImageSourceOptions;
  keep: boolean;
  /** @param members' means over folds and seeds, in the order of `networks`, of those that were trained */
  blend(members: readonly MaicAnswer[]): { blend: Probabilities; weights: number[] };
  /** Of all epochs to label, in the list's order. */
  stages(blend: Probabilities, exams: readonly string[]): { stages: Int32Array; facts: Record<string, number> };
  /** How the file is written. Default: without a byte-order mark. */
  submission?: MaicSubmissionOptions;
}

export interface MaicAnswer {
  member: string;
  probabilities: Probabilities;
}

export function maicPreset(choice: MaicChoice): PipelinePreset {
  const { networks } = choice;
  const members = Object.keys(networks);
  const networkOf = (member: string): MaicNetwork => {
    const found = networks[member];
    if (found !== undefined) return found;
    throw new SignalbookError("an unknown network", { found: member, expected: members.join(", ") });
  };
  const source = (list: MaicList): SourceData => ({
    classes: MAIC_STAGES,
    files: [list.file, ...[...list.entries.values()].map(maicId)],
    dataset: () => maicDataset(list, maicImages(list, choice.images), choice.keep),
  });
  return {
    members,
    folds: choice.trained,
    activation: "softmax",
    batchSize: Math.min(...Object.values(networks).map(({ training }) => training.batchSize)),
    labelled: (folder) => source(maicList(folder, "labelled")),
    unlabelled: (folder) => source(maicList(folder, "toLabel")),
    split: (dataset) => choice.split(dataset.groups, stagesOf(dataset)),
    publishedSplit: (dataset) => choice.publishedSplit(dataset.groups, stagesOf(dataset)),
    inputs: (member, dataset) => maicInputs(networkOf(member), dataset),
    loader: (member, dataset, options) => maicLoader(networkOf(member), dataset, options),
    model: (member) => networkOf(member).model(0),
    train: (member, run) => trainMaic(networkOf(member), run),
    evaluate: maicScores,
    ensemble(answers) {
      const trained = members.map((member) => answersOf(member, answers)).filter(({ length }) => length > 0);
      const { blend, weights } = choice.blend(
        trained.map((own) => ({
          member: memberOf(own[0]!),
          probabilities: softVote(own.map(({ probabilities }) => probabilities)),
        })),
      );
      const share = (answer: PipelineAnswer): number => {
        const m = trained.findIndex((own) => own.includes(answer));
        return weights[m]! / trained[m]!.length;
      };
      return { blend, weights: answers.map(share) };
    },
    submit(file, blend, folder) {
      const list = maicList(folder, "toLabel");
      const entries = [...list.entries.values()];
      const row = new Map(blend.ids.map((id, i) => [id, i]));
      const missing = entries.find((entry) => !row.has(maicId(entry)));
      if (missing !== undefined)
        throw new SignalbookError("an image without a prediction", { file: list.file, place: `line ${missing.line}` });
      const width = MAIC_STAGES.length;
      const ids = entries.map(maicId);
      const values = Float64Array.from(
        ids.flatMap((id) => Array.from(blend.values.subarray(row.get(id)! * width, (row.get(id)! + 1) * width))),
      );
      const exams = linesOf(list, ids).map(({ exam }) => exam);
      const { stages, facts } = choice.stages({ ...blend, ids, values }, exams);
      writeMaicSubmission(file, entries, stages, choice.submission);
      return { ...checkMaicStages(file, folder), ...facts };
    },
  };
}

/** What both systems' pipelines check. */
export function checkMaicStages(file: string, folder: string): SubmissionFacts {
  const entries = [...maicList(folder, "toLabel").entries.values()];
  const stages = readMaicSubmission(file, entries.length);
  const counts = MAIC_STAGES.map((stage) => [stage, stages.filter((given) => given === stage).length]);
  const exams = new Set(entries.map(({ exam }) => exam)).size;
  return { images: stages.length, exams, ...Object.fromEntries(counts) };
}

const stagesOf = ({ length, classes, example }: Dataset): string[] =>
  Array.from({ length }, (_, i) => classes[example(i).target.indexOf(1)]!);

/** Of all seeds and folds: answers are named after their network, then `_seed`. */
const answersOf = (member: string, answers: readonly PipelineAnswer[]): PipelineAnswer[] =>
  answers.filter((answer) => memberOf(answer) === member);

const memberOf = ({ name }: PipelineAnswer): string => name.replace(/_seed\d+_fold\d+$/, "");
