/** The out folder as a whole: which system, preset and data it is about, and which trainings it holds. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { type FilesHash, hashFile, hashFiles } from "../core/hash";
import { readJson } from "../formats/json-file";
import type { PipelinePreset, PresetName, SourceData } from "../systems";
import { type Dataset, readSplit, type Split, writeSplit } from "../training";
import { UsageError } from "./command";
import { commandFor, type FoldsName, type StageName, type StageOptions } from "./stage-options";
import { type DataRecord, type RunName, readRecord, runFolder, type StageRecord, sameData } from "./stage-record";

/** run.json in the out folder. Everything in the folder is of one system, one preset and one set of labelled data. */
interface RunFile {
  format: "signalbook-run";
  version: 1;
  system: string;
  preset: PresetName;
  /** Missing: own. */
  folds?: FoldsName;
  labelled: FilesHash;
  /** What is learnt, in the order of predictions. */
  classes: string[];
}

export const SPLIT_FILE = "split.json";

/** Hashes the files that a stage read. */
export function dataRecord(role: DataRecord["role"], folder: string, { files }: SourceData): DataRecord {
  return { role, folder, ...hashFiles(folder, files) };
}

/**
 * Begins a run, or checks that the out folder is of this one.
 * @returns the folds that the run is about
 * @throws SignalbookError for another system or preset, other folds or other data than the folder began with
 */
export function claimRun(
  options: StageOptions,
  preset: PresetName,
  { labelled, classes }: { labelled: FilesHash; classes: readonly string[] },
): FoldsName {
  const { files, bytes, sha256 } = labelled;
  const known = readRun(options);
  if (known !== null) {
    requirePreset(options, known, preset);
    requireSameData(options, known.labelled, labelled, "labelled data");
    const { folds = "own" } = known;
    if (options.folds === undefined || options.folds === folds) return folds;
    throw new SignalbookError("an out folder of other folds", {
      file: join(options.out, RUN_FILE),
      found: folds,
      expected: options.folds,
      fix: "give another --out",
    });
  }
  const { folds = "own" } = options;
  const run: RunFile = {
    format: "signalbook-run",
    version: 1,
    system: options.pipeline.name,
    preset,
    folds,
    labelled: { files, bytes, sha256 },
    classes: [...classes],
  };
  writeFileAtomic(join(options.out, RUN_FILE), `${JSON.stringify(run, null, 1)}\n`);
  return folds;
}

/** The preset that the out folder began with; undefined for a new one. */
export function begunPreset(options: StageOptions): PresetName | undefined {
  return readRun(options)?.preset;
}

const RUN_FILE = "run.json";

function readRun({ out, pipeline }: StageOptions): RunFile | null {
  const file = join(out, RUN_FILE);
  if (!existsSync(file)) return null;
  const run = readJson(file, "a run") as unknown as RunFile;
  if (run.system !== pipeline.name)
    throw new SignalbookError("an out folder of another system", {
      file,
      found: run.system,
      expected: pipeline.name,
      fix: "give another --out",
    });
  return run;
}

function requirePreset({ out }: StageOptions, run: RunFile, preset: PresetName): void {
  if (run.preset === preset) return;
  throw new SignalbookError("an out folder of another preset", {
    file: join(out, RUN_FILE),
    found: run.preset,
    expected: preset,
    fix: "give another --out",
  });
}

/** @throws SignalbookError where data differ: what was made of the one says nothing of the other */
export function requireSameData(options: StageOptions, before: FilesHash, now: FilesHash, what: string): void {
  if (sameData(before, now)) return;
  throw new SignalbookError(`other ${what} than this run's`, {
    file: options.data,
    found: `${now.files} files, SHA-256 ${now.sha256.slice(0, 16)}...`,
    expected: `${before.files} files, SHA-256 ${before.sha256.slice(0, 16)}..., as in ${options.out}`,
    fix: "give the same data, or another --out",
  });
}

/**
 * The options with the preset that was trained, and the classes it learnt.
 * @throws SignalbookError where nothing was trained, with the command to run, and for another preset
 */
export function trainedRun(options: StageOptions): {
  options: StageOptions;
  presetName: PresetName;
  preset: PipelinePreset;
  classes: string[];
} {
  const run = readRun(options);
  if (run === null)
    throw new SignalbookError("nothing is trained here", {
      file: options.out,
      fix: `run first: ${commandFor("train", options)}`,
    });
  if (options.preset !== undefined) requirePreset(options, run, options.preset);
  const { preset: presetName, classes, folds = "own" } = run;
  return {
    options: { ...options, preset: presetName, folds },
    presetName,
    preset: options.pipeline.preset(presetName),
    classes,
  };
}

/**
 * The split of a run: written by its first training, the same ever after.
 * @throws UsageError where folds as published are asked for, and there are none
 */
export function splitOf(
  options: StageOptions,
  preset: PipelinePreset,
  dataset: Dataset,
): { split: Split; record: NonNullable<StageRecord["split"]> } {
  const file = join(options.out, SPLIT_FILE);
  const published = options.folds === "published";
  if (!existsSync(file)) {
    const split = published ? requirePublished(options, preset)(dataset) : preset.split(dataset);
    writeSplit(file, split, dataset.ids);
  }
  const split = readSplit(file, dataset.ids, published ? "as published" : "forbidden");
  const sha256 = hashFile(file);
  requireSplitOfTrainings(options, file, sha256);
  const { kind, seed, leak = null } = split;
  return { split, record: { file: SPLIT_FILE, sha256, kind, seed, leak } };
}

/** @throws UsageError where the preset has no split as published besides its own */
export function requirePublished(
  { pipeline }: StageOptions,
  { publishedSplit }: PipelinePreset,
): NonNullable<PipelinePreset["publishedSplit"]> {
  if (publishedSplit !== undefined) return publishedSplit;
  throw new UsageError(`--folds published: ${pipeline.name} has no published split that differs from its own`);
}

/** @throws UsageError for threads that would have nothing to make */
export function requireThreads({ pipeline, workers }: StageOptions, { loader }: PipelinePreset): void {
  if (workers !== undefined && loader === undefined)
    throw new UsageError(`--workers: ${pipeline.name} makes its examples in the thread that uses them`);
}

/** What must be said wherever scores of a split that leaks are told; null where it does not. */
export function leakWarning({ leak }: Pick<Split, "leak">): string | null {
  if (leak === undefined) return null;
  return (
    `LEAKY FOLDS, as published: ${leak.groups} of ${leak.of} subjects or exams lie on both sides. ` +
    "Scores are partly memory, and say nothing about people that nobody learnt from."
  );
}

/** A split that was changed after a training would hold examples back that it was trained on. */
function requireSplitOfTrainings({ out }: StageOptions, file: string, sha256: string): void {
  for (const name of trainingFolders(out)) {
    const trained = readRecord(out, `train/${name}/train.json`)?.split;
    if (trained != null && trained.sha256 !== sha256)
      throw new SignalbookError("another split than a training's", {
        file,
        place: `train/${name}`,
        found: `SHA-256 ${sha256.slice(0, 16)}...`,
        expected: `SHA-256 ${trained.sha256.slice(0, 16)}...`,
        fix: "put the split's file back, or give another --out",
      });
  }
}

function trainingFolders(out: string): string[] {
  const folder = join(out, "train");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/**
 * The trainings that the options choose and that are done, in the order of their names; and those that are not done.
 * @throws SignalbookError where none is, with the command to run
 */
export function trainings(options: StageOptions): { done: RunName[]; unfinished: string[] } {
  const done: RunName[] = [];
  const unfinished: string[] = [];
  for (const name of trainingFolders(options.out)) {
    const record = readRecord(options.out, `train/${name}/train.json`);
    if (record?.run == null || !chosen(options, record.run)) continue;
    if (record.state === "done") done.push(record.run);
    else unfinished.push(name);
  }
  if (done.length > 0) return { done, unfinished };
  throw new SignalbookError(unfinished.length > 0 ? "no training is finished here" : "no such training is here", {
    file: options.out,
    ...(unfinished.length > 0 && { found: `${unfinished.join(", ")}, interrupted` }),
    fix: `run first: ${commandFor("train", { ...options, resume: unfinished.length > 0 })}`,
  });
}

export function chosen({ member, seed, fold }: StageOptions, run: RunName): boolean {
  return (
    (member === undefined || member === run.member) &&
    (seed === undefined || seed === run.seed) &&
    (fold === undefined || fold === run.fold)
  );
}

/** The finished record of an earlier stage of a training. @throws SignalbookError with the command that makes it */
export function requireRecord(options: StageOptions, stage: StageName, run: RunName | null): StageRecord {
  const name = run === null ? `${stage}/${stage}.json` : `${stage}/${runFolder(run)}/${stage}.json`;
  const record = readRecord(options.out, name);
  if (record?.state === "done") return record;
  throw new SignalbookError(`${run === null ? "the run" : runFolder(run)} lacks the stage "${stage}"`, {
    file: join(options.out, name),
    fix: `run first: ${commandFor(stage, options)}`,
  });
}
