/** A batch laid out in one piece of memory, which threads can share, and filled example by example. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { type Batch, type Example, misfit } from "./dataset";
import type { BatchPlan, DatasetInfo, SkippedExample } from "./loader";

/**
 * Makes one example, drawing only from `random`.
 * @param input zeros or an older example: where the input may be written to spare a copy; else it is left alone.
 */
export type MakeExample = (index: number, random: Generator, input: Float32Array) => Example | Promise<Example>;

/**
 * What a module of examples exports under the name `prepare`: called once in every thread that loads examples. Only data
 * can be shared between threads: what to open and how to change it, not functions. A module that decodes with sharp calls
 * `sharp.concurrency(1)` first: the threads are what runs side by side already.
 */
export type PrepareExamples<Shared> = (shared: Shared) => MakeExample;

/** What makes a source's examples, in this thread. @throws SignalbookError naming a module that cannot be loaded. */
export function loadExamples<Shared>(module: string, shared: Shared): MakeExample {
  try {
    return (require(module) as { prepare: PrepareExamples<Shared> }).prepare(shared);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new SignalbookError("examples that cannot be prepared", { file: module, found, cause });
  }
}

/**
 * An example that cannot be made. fatal: the error, naming it. skip: another one takes its place, whose index is drawn
 * from the batch's generator, so that batches keep their size and numbers do not depend on threads. Only errors that
 * speak of data ({@link SignalbookError}) are skipped.
 */
export type BadExample = "fatal" | "skip";

type Arrays = Pick<Batch, "size" | "input" | "extras" | "target" | "weight">;

/** Bytes of a batch. */
export function batchBytes(dataset: DatasetInfo, size: number): number {
  return 4 * size * widths(dataset).total;
}

/** The arrays of a batch in a piece of memory: input, extras, target, weight. */
export function batchArrays(dataset: DatasetInfo, size: number, memory: ArrayBuffer | SharedArrayBuffer): Arrays {
  const { input, classes } = widths(dataset);
  let from = 0;
  const next = (width: number): Float32Array => {
    const array = new Float32Array(memory, 4 * from, size * width);
    from += size * width;
    return array;
  };
  return {
    size,
    input: next(input),
    extras: Object.fromEntries(Object.entries(dataset.extraLengths).map(([key, length]) => [key, next(length)])),
    target: next(classes),
    weight: next(1),
  };
}

function widths({ inputShape, extraLengths, classes }: DatasetInfo): { input: number; classes: number; total: number } {
  const input = inputShape.reduce((product, n) => product * n, 1);
  const extras = Object.values(extraLengths).reduce((sum, n) => sum + n, 0);
  return { input, classes: classes.length, total: input + extras + classes.length + 1 };
}

/** What is told of a batch besides its arrays. */
export interface FilledBatch {
  ids: string[];
  skipped: SkippedExample[];
  /** It took so long. */
  seconds: number;
}

/** Draws of another example after one another before it is taken that there is none that can be made. */
const MOST_DRAWS = 32;

/**
 * Makes a plan's examples and lays them out.
 * @param given up, asked before each example: then null.
 * @throws SignalbookError naming the example that cannot be made, or that does not fit the data set.
 */
export async function fillBatch(
  dataset: DatasetInfo,
  make: MakeExample,
  { indices, seed }: BatchPlan,
  arrays: Arrays,
  { onBadExample, givenUp }: { onBadExample: BadExample; givenUp: () => boolean },
): Promise<FilledBatch | null> {
  const started = performance.now();
  const random = new Generator(seed);
  const filled: FilledBatch = { ids: [], skipped: [], seconds: 0 };
  for (let row = 0; row < indices.length; row++) {
    let index = indices[row]!;
    for (let draws = 0; ; draws++) {
      if (givenUp()) return null;
      const problem = await fillRow(dataset, make, index, random, arrays, row, filled.ids);
      if (problem === null) break;
      if (onBadExample === "fatal" || !(problem instanceof SignalbookError) || draws === MOST_DRAWS) {
        const found = problem instanceof Error ? problem.message : String(problem);
        const place = `example ${dataset.ids[index]}`;
        throw new SignalbookError("an example that cannot be made", { place, found, cause: problem });
      }
      const other = random.below(dataset.length);
      filled.skipped.push({ id: dataset.ids[index]!, replacedBy: dataset.ids[other]!, reason: problem.message });
      index = other;
    }
  }
  filled.seconds = (performance.now() - started) / 1000;
  return filled;
}

/** @returns what was thrown, or null. */
async function fillRow(
  dataset: DatasetInfo,
  make: MakeExample,
  index: number,
  random: Generator,
  arrays: Arrays,
  row: number,
  ids: string[],
): Promise<unknown> {
  const part = (values: Float32Array, width: number): Float32Array => values.subarray(row * width, (row + 1) * width);
  const input = part(arrays.input, arrays.input.length / arrays.size);
  try {
    const made = make(index, random, input);
    const example = made instanceof Promise ? await made : made;
    const problem = misfit(example, dataset.classes.length, dataset.inputShape, dataset.extraLengths);
    if (problem !== null) throw new SignalbookError(problem);
    if (example.input !== input) input.set(example.input);
    for (const [key, length] of Object.entries(dataset.extraLengths))
      part(arrays.extras[key]!, length).set(example.extras[key]!);
    part(arrays.target, dataset.classes.length).set(example.target);
    arrays.weight[row] = example.weight;
    ids.push(example.id);
    return null;
  } catch (error) {
    return error ?? new Error("nothing was thrown");
  }
}
