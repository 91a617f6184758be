/** What the commands that run a system share: their options, taken apart and checked. */
import { SignalbookError } from "../core/errors";
import type { Precision } from "../engine";
import type { Pipeline, PresetName } from "../systems";
import { PRESET_NAMES, pipelineNamed } from "../systems";
import { type OptionValues, UsageError } from "./command";

/** The commands, in the order in which they follow each other. */
export const STAGES = ["train", "evaluate", "predict", "ensemble", "submit"] as const;
export type StageName = (typeof STAGES)[number];

export interface StageOptions {
  stage: StageName;
  pipeline: Pipeline;
  /** The data's folder. */
  data: string;
  /** Where all stages' outputs go. */
  out: string;
  /** Undefined: sample for train, and what was trained for the others. */
  preset: PresetName | undefined;
  /** Undefined: all. */
  fold: number | undefined;
  /** Undefined: 0 for train, all for the others. */
  seed: number | undefined;
  /** Undefined: all. */
  member: string | undefined;
  resume: boolean;
  /**
   * own: no subject or exam in two folds. published: as the published code split, where that leaks. Undefined: those that
   * the out folder began with; own for a new one.
   */
  folds: FoldsName | undefined;
  /** Of training. Undefined: the preset's. */
  precision: Precision | undefined;
  /** Threads that make examples. Undefined: the loader's default. */
  workers: number | undefined;
}

export const FOLDS_NAMES = ["own", "published"] as const;
export type FoldsName = (typeof FOLDS_NAMES)[number];

const PRECISIONS = ["float32", "bfloat16", "float16"] as const satisfies readonly Precision[];

/** More threads than this are a slip of the finger. */
const MOST_WORKERS = 256;

/** @throws UsageError for missing options and wrong values */
export function stageOptions(stage: StageName, values: OptionValues): StageOptions {
  const system = needed(stage, values, "system");
  let pipeline: Pipeline;
  try {
    pipeline = pipelineNamed(system);
  } catch (error) {
    throw error instanceof SignalbookError ? new UsageError(error.message) : error;
  }
  const member = values["member"];
  return {
    stage,
    pipeline,
    data: needed(stage, values, "data", `, a folder with ${pipeline.layout}`),
    out: needed(stage, values, "out"),
    preset: oneOf(values, "preset", PRESET_NAMES),
    fold: wholeNumber(values, "fold"),
    seed: wholeNumber(values, "seed"),
    member: typeof member === "string" ? member : undefined,
    resume: values["resume"] === true,
    folds: oneOf(values, "folds", FOLDS_NAMES),
    precision: oneOf(values, "precision", PRECISIONS),
    workers: wholeNumber(values, "workers", MOST_WORKERS + 1),
  };
}

function needed(stage: string, values: OptionValues, name: string, what = ""): string {
  const value = values[name];
  if (typeof value !== "string" || value === "") throw new UsageError(`${stage} needs --${name}${what}`);
  return value;
}

function oneOf<T extends string>(values: OptionValues, name: string, known: readonly T[]): T | undefined {
  const text = values[name];
  const found = known.find((value) => value === text);
  if (text === undefined || found !== undefined) return found;
  const all = `${known.slice(0, -1).join(", ")} or ${known[known.length - 1]}`;
  throw new UsageError(`--${name} takes ${all}; found "${text}"`);
}

function wholeNumber(values: OptionValues, name: string, below = 2 ** 32): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (typeof text === "string" && /^\d{1,10}$/.test(text) && Number(text) < below) return Number(text);
  throw new UsageError(`--${name} takes a whole number below ${below === 2 ** 32 ? "2^32" : below}; found "${text}"`);
}

/** A command line that would run a stage of this run. */
export function commandFor(stage: StageName, options: StageOptions, changes: Partial<StageOptions> = {}): string {
  const { pipeline, data, out, preset, fold, seed, member, resume } = { ...options, ...changes };
  const { folds, precision, workers } = { ...options, ...changes };
  const words = ["signalbook", stage, "--system", pipeline.name, "--data", data, "--out", out];
  if (preset !== undefined && stage === "train") words.push("--preset", preset);
  if (member !== undefined) words.push("--member", member);
  if (fold !== undefined) words.push("--fold", String(fold));
  if (seed !== undefined) words.push("--seed", String(seed));
  if (stage === "train") {
    if (folds === "published") words.push("--folds", folds);
    if (precision !== undefined) words.push("--precision", precision);
  }
  if (workers !== undefined) words.push("--workers", String(workers));
  if (resume && stage === "train") words.push("--resume");
  return words.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
