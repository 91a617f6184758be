/**
 * What the command line asks of a system: where its data lie and how they are split, which networks there are and how
 * each is trained, how predictions are blended and handed in. A system is one such object; its stages (train, evaluate,
 * predict, ensemble, submit) are the same for all.
 */
import type { Precision } from "../engine";
import type { Model } from "../models";
import type { Dataset } from "../training/dataset";
import type { FitOptions, FitResult } from "../training/fit-options";
import type { Split } from "../training/folds";
import type { BatchLoader } from "../training/loader";
import type { Activation, Probabilities } from "../training/probabilities";
import type { WorkerLoaderOptions } from "../training/worker-loader";
import type { System } from "./system";

/** sample: two cores and minutes. published: every constant as in the system's sources. */
export const PRESET_NAMES = ["sample", "published"] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

export interface Pipeline {
  /** As `--system` takes it. */
  readonly name: string;
  readonly system: System;
  /** What a folder of its data must hold. */
  readonly layout: string;
  /** How the file is called that is handed in. Default "submission.txt". */
  readonly submissionFile?: string;
  preset(name: PresetName): PipelinePreset;
  /**
   * Reads what would be handed in, against what the folder of data asked for.
   * @returns a few facts about it
   * @throws SignalbookError for what the competition would refuse
   */
  check(file: string, folder: string): SubmissionFacts;
}

export type SubmissionFacts = Record<string, number | string>;

/** Examples, and the files they are read from. */
export interface SourceData {
  classes: readonly string[];
  /** Paths in the data's folder, with forward slashes. */
  files: readonly string[];
  /** Reads them: what takes time. */
  dataset(): Dataset;
}

/** What a training is given beside its data. */
export type PipelineTraining = { train: Dataset; validation: Dataset } & Pick<
  FitOptions,
  "seed" | "checkpoint" | "metricsFile" | "signal" | "progress"
> & {
    /** Of convolutions and matrix products, instead of the preset's own. */
    precision?: Precision;
    /** Threads that make the examples, where the preset has a {@link PipelinePreset.loader}. */
    workers?: number;
  };

/** A network's answers, and how well it did on the examples that were held back from it. */
export interface PipelineAnswer {
  name: string;
  probabilities: Probabilities;
  /** What {@link PipelinePreset.evaluate} said. */
  scores: Readonly<Record<string, number>>;
}

export interface PipelinePreset {
  /** The networks. Each is trained on every one of `folds`. */
  readonly members: readonly string[];
  /** Folds of the split that are held back in turn. */
  readonly folds: readonly number[];
  readonly activation: Activation;
  /** Examples at a time when predicting. */
  readonly batchSize: number;
  /** The examples to learn from. */
  labelled(folder: string): SourceData;
  /** The examples to label, their targets all 0. @param classes of what was learnt */
  unlabelled(folder: string, classes: readonly string[]): SourceData;
  split(dataset: Dataset): Split;
  /**
   * The split that the published code made, where it tears subjects or exams: what is measured with it is partly memory, and
   * the split says so. Its folds are numbered as those of `split`.
   */
  publishedSplit?(dataset: Dataset): Split;
  /** The examples as a member takes them: without the inputs it has not. */
  inputs(member: string, dataset: Dataset): Dataset;
  /** The same examples made in threads, where a training's are: close it when done with it. */
  loader?(member: string, dataset: Dataset, options: Pick<WorkerLoaderOptions, "workers">): BatchLoader;
  /** A new model of a member's kind, for weights to be loaded into. */
  model(member: string, dataset: Dataset): Model;
  /** Trains from new weights, drawn from the seed. Dispose the model when done with it. */
  train(member: string, run: PipelineTraining): Promise<{ model: Model; result: FitResult }>;
  /** Scores by name, each better when higher. */
  evaluate(answers: Probabilities, dataset: Dataset): Record<string, number>;
  /** The blend, and the weight of each answer in it. */
  ensemble(answers: readonly PipelineAnswer[]): { blend: Probabilities; weights: number[] };
  /** Writes what is handed in, and reads it back. @returns a few facts about it */
  submit(file: string, blend: Probabilities, folder: string): SubmissionFacts;
}
