/** What the commands that run a system share: their options, taken apart and checked. */
import { SignalbookError } from "../core/errors";
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
}

/** @throws UsageError for missing options and wrong values */
export function stageOptions(stage: StageName, values: OptionValues): StageOptions {
  const system = needed(stage, values, "system");
  let pipeline: Pipeline;
  try {
    pipeline = pipelineNamed(system);
  } catch (error) {
    throw error instanceof SignalbookError ? new UsageError(error.message) : error;
  }
  const preset = values["preset"];
  const known = PRESET_NAMES.find((name) => name === preset);
  if (preset !== undefined && known === undefined)
    throw new UsageError(`--preset takes ${PRESET_NAMES.join(" or ")}; found "${preset}"`);
  const member = values["member"];
  return {
    stage,
    pipeline,
    data: needed(stage, values, "data", `, a folder with ${pipeline.layout}`),
    out: needed(stage, values, "out"),
    preset: known,
    fold: wholeNumber(values, "fold"),
    seed: wholeNumber(values, "seed"),
    member: typeof member === "string" ? member : undefined,
    resume: values["resume"] === true,
  };
}

function needed(stage: string, values: OptionValues, name: string, what = ""): string {
  const value = values[name];
  if (typeof value !== "string" || value === "") throw new UsageError(`${stage} needs --${name}${what}`);
  return value;
}

function wholeNumber(values: OptionValues, name: string): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (typeof text === "string" && /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new UsageError(`--${name} takes a whole number below 2^32; found "${text}"`);
}

/** A command line that would run a stage of this run. */
export function commandFor(stage: StageName, options: StageOptions, changes: Partial<StageOptions> = {}): string {
  const { pipeline, data, out, preset, fold, seed, member, resume } = { ...options, ...changes };
  const words = ["signalbook", stage, "--system", pipeline.name, "--data", data, "--out", out];
  if (preset !== undefined && stage === "train") words.push("--preset", preset);
  if (member !== undefined) words.push("--member", member);
  if (fold !== undefined) words.push("--fold", String(fold));
  if (seed !== undefined) words.push("--seed", String(seed));
  if (resume && stage === "train") words.push("--resume");
  return words.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
