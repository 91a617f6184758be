/** `signalbook profile`: which operation of a model's compiled step costs what. */
import { SignalbookError } from "../core/errors";
import type { Precision } from "../engine";
import { byKind, middle, type OperationCost, profiledEngine, profileWork, totalOf } from "../engine/profile";
import { type OptionValues, UsageError } from "./command";
import { makeStep, type ProfileOptions } from "./profile-step";

/** Instances in the printed table; with `--json` there are all. */
const printed = 25;
const warmUps = 2;
/** Steps that are timed: at least so many, and more until they took a second. */
const [fewestSteps, mostSteps] = [5, 50];

/** One operation with its shapes, as the report has it. */
export interface ProfiledOperation {
  op: string;
  /** Inputs' and outputs' shapes: "8x197x768, 768 -> 8x197x768". */
  shapes: string;
  /** Of the first output. */
  type: string;
  count: number;
  /** Of one run; null where it could not be timed by itself. */
  seconds: number | null;
  failure: string | null;
}

export interface Profile extends ProfileOptions {
  inputs: Record<string, readonly number[]>;
  /** Of one step as a whole, measured: the median. */
  stepSeconds: number;
  /** All timed operations together. */
  accountedSeconds: number;
  /** In the step, those that were not timed included. */
  operations: number;
  kinds: { op: string; count: number; seconds: number }[];
  /** The dearest of all its runs first; those not timed last. */
  instances: ProfiledOperation[];
}

/** Makes the model's step, times it, and times each of its operations. */
export async function profileModel(
  options: ProfileOptions,
  onProgress?: (done: number, of: number) => void,
): Promise<Profile> {
  profiledEngine();
  const made = makeStep(options);
  try {
    const stepSeconds = await timeSteps(made.run);
    const { work } = made;
    const costs = profileWork(work, onProgress);
    return {
      ...options,
      inputs: made.shapes,
      stepSeconds,
      accountedSeconds: costs.reduce((sum, cost) => sum + totalOf(cost), 0),
      operations: work.length,
      kinds: byKind(costs),
      instances: costs.map(describe),
    };
  } finally {
    made.dispose();
  }
}

async function timeSteps(run: () => Promise<void>): Promise<number> {
  for (let i = 0; i < warmUps; i++) await run();
  const seconds: number[] = [];
  for (let spent = 0; seconds.length < fewestSteps || (spent < 1 && seconds.length < mostSteps); ) {
    const start = performance.now();
    await run();
    seconds.push((performance.now() - start) / 1000);
    spent += seconds.at(-1)!;
  }
  return middle(seconds);
}

function describe({ operation, count, seconds, failure }: OperationCost): ProfiledOperation {
  const list = (shapes: readonly (readonly number[])[]): string =>
    shapes.map((shape) => (shape.length === 0 ? "scalar" : shape.join("x"))).join(", ");
  const { op, inputs, outputs, updates, type } = operation;
  const shapes = updates > 0 ? list(inputs) : `${list(inputs)} -> ${list(outputs)}`;
  return { op, shapes, type, count, seconds, failure };
}

export async function profileCommand(operands: readonly string[], values: OptionValues): Promise<number> {
  const options = readOptions(operands, values);
  const profile = await profileModel(options, showProgress());
  process.stdout.write(values["json"] === true ? `${JSON.stringify(profile, null, 2)}\n` : profileText(profile));
  return 0;
}

function readOptions(operands: readonly string[], values: OptionValues): ProfileOptions {
  if (operands.length > 1) throw new UsageError(`profile takes one MODEL, found also "${operands[1]}"`);
  const integer = (name: string): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    if (!/^[1-9]\d*$/.test(text as string))
      throw new UsageError(`--${name} takes an integer, more than 0; found "${text}"`);
    return Number(text);
  };
  const oneOf = <T extends string>(name: string, known: readonly T[]): T => {
    const text = (values[name] ?? known[0]) as T;
    if (!known.includes(text)) throw new UsageError(`--${name} takes ${known.join(" or ")}; found "${text}"`);
    return text;
  };
  const size = values["size"] as string | undefined;
  const sides = size === undefined ? null : /^([1-9]\d*)x([1-9]\d*)$/.exec(size);
  if (size !== undefined && sides === null)
    throw new UsageError(`--size takes HEIGHTxWIDTH in pixels; found "${size}"`);
  const [channels, classes, samples] = ["channels", "classes", "samples"].map(integer);
  return {
    model: operands[0]!,
    batch: integer("batch") ?? 1,
    mode: oneOf("mode", ["train", "infer"]),
    precision: oneOf<Precision>("precision", ["float32", "bfloat16", "float16"]),
    ...(channels !== undefined && { channels }),
    ...(classes !== undefined && { classes }),
    ...(samples !== undefined && { samples }),
    ...(sides !== null && { size: [Number(sides[1]), Number(sides[2])] as const }),
  };
}

/** A line on a terminal that is written over; nothing elsewhere. */
function showProgress(): (done: number, of: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return (done, of) => {
    const end = done + 1 === of;
    process.stderr.write(end ? "\r\u001b[K" : `\rtiming operation ${done + 1} of ${of}`);
  };
}

const milliseconds = (seconds: number): string => (seconds * 1000).toFixed(seconds < 0.01 ? 3 : 1);

/** The profile as text: by kind, by operation, and what was not timed. */
export function profileText(profile: Profile): string {
  const { model, mode, batch, precision, inputs, stepSeconds, accountedSeconds, operations } = profile;
  if (!(stepSeconds > 0)) throw new SignalbookError("a step that took no time", { found: String(stepSeconds) });
  const share = (seconds: number): string => `${((100 * seconds) / stepSeconds).toFixed(1)} %`;
  const timed = profile.instances.filter(({ seconds }) => seconds !== null);
  const missed = profile.instances.filter(({ seconds }) => seconds === null);
  const shapes = Object.entries(inputs).map(([name, shape]) => `${name} ${shape.join("x")}`);
  const step = mode === "train" ? "a training step" : "an inference";
  return [
    `${model}, ${step}, ${precision}, batch ${batch}: ${shapes.join(", ")}`,
    `the step as a whole: ${milliseconds(stepSeconds)} ms, ${operations} operations, ${profile.instances.length} of them distinct`,
    `each by itself, added up: ${milliseconds(accountedSeconds)} ms, ${share(accountedSeconds)} of the step`,
    "(in the step TensorFlow joins and drops some operations and runs some at once: shares need not add up to 100)",
    "",
    ...table([
      ["op", "count", "ms", "of the step"],
      ...profile.kinds.map(({ op, count, seconds }) => [op, String(count), milliseconds(seconds), share(seconds)]),
    ]),
    "",
    ...table([
      ["op", "count", "ms each", "ms", "of the step", "shapes"],
      ...timed.slice(0, printed).map(({ op, shapes: of, count, seconds }) => {
        const total = count * seconds!;
        return [op, String(count), milliseconds(seconds!), milliseconds(total), share(total), of];
      }),
    ]),
    ...(timed.length > printed ? [`... and ${timed.length - printed} more; --json lists all`] : []),
    "",
    missed.length === 0 ? "not timed: none" : "not timed:",
    ...missed.map(({ op, shapes: of, count, failure }) => `  ${op} (${count} times), ${of}: ${failure}`),
    "",
  ].join("\n");
}

/** Columns of numbers to the right; the first and, where it is text, the last to the left. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
