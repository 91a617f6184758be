/** Examples to learn from: the data set, views of it, and the order in which an epoch walks through it. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";

/** One example, ready for a model. */
export interface Example {
  /** Unique within the data set: the record's name. */
  readonly id: string;
  /** The signal, row-major in the data set's `inputShape`: [time, channels]. */
  readonly input: Float32Array;
  /** Further inputs by the model's name for them: age (one-hot), sex. */
  readonly extras: Readonly<Record<string, Float32Array>>;
  /** A value a class: 0 or 1, or a share where labels are soft. */
  readonly target: Float32Array;
  /** Who it was recorded from: examples of one group stay on one side of every split. */
  readonly group: string;
  /** How much it counts in the loss. */
  readonly weight: number;
}

export interface Dataset {
  readonly name: string;
  readonly length: number;
  /** Shape of one input: [time, channels]. */
  readonly inputShape: readonly number[];
  /** Length of each further input. */
  readonly extraLengths: Readonly<Record<string, number>>;
  readonly classes: readonly string[];
  readonly ids: readonly string[];
  readonly groups: readonly string[];
  /** The same every time. Where an input takes long to make, it is a getter: who asks for the target does not wait for it. */
  example(index: number): Example;
}

/** What is done to an example before a model trains on it. Pure: draws only from `random`, leaves its input as it is. */
export type Augmentation = (example: Example, inputShape: readonly number[], random: Generator) => Example;

/** A data set held in memory. Throws where examples differ in shape, or an id occurs twice. */
export function memoryDataset(
  name: string,
  classes: readonly string[],
  inputShape: readonly number[],
  examples: readonly Example[],
): Dataset {
  const first = examples[0];
  if (first === undefined)
    throw new SignalbookError("a data set without examples", { place: name, fix: "check the folder and the filters" });
  const extraLengths = Object.fromEntries(Object.entries(first.extras).map(([key, { length }]) => [key, length]));
  const seen = new Set<string>();
  for (const example of examples) {
    const problem = misfit(example, classes.length, inputShape, extraLengths);
    if (problem !== null) throw new SignalbookError(problem, { place: `${name}, example ${example.id}` });
    if (seen.has(example.id))
      throw new SignalbookError("an id that occurs twice", { place: `${name}, example ${example.id}` });
    seen.add(example.id);
  }
  return {
    name,
    length: examples.length,
    inputShape,
    extraLengths,
    classes,
    ids: examples.map((example) => example.id),
    groups: examples.map((example) => example.group),
    example: (index) => examples[requireIndex(index, examples.length, name)]!,
  };
}

/** What does not fit in an example, or null. */
export function misfit(
  example: Example,
  classes: number,
  inputShape: readonly number[],
  extraLengths: Readonly<Record<string, number>>,
): string | null {
  const size = inputShape.reduce((product, n) => product * n, 1);
  if (example.input.length !== size)
    return `an input of ${example.input.length} values where [${inputShape.join(", ")}] is expected`;
  if (example.target.length !== classes)
    return `a target of ${example.target.length} values where there are ${classes} classes`;
  const keys = Object.keys(extraLengths);
  if (Object.keys(example.extras).length !== keys.length) return "other further inputs than the first example";
  const wrong = keys.find((key) => example.extras[key]?.length !== extraLengths[key]);
  if (wrong !== undefined) return `a further input "${wrong}" that is missing or has another length`;
  if (!(example.weight >= 0 && Number.isFinite(example.weight))) return `a weight of ${example.weight}`;
  return null;
}

/** Some of a data set's examples, in the given order. */
export function subset(dataset: Dataset, indices: readonly number[], name: string = dataset.name): Dataset {
  for (const index of indices) requireIndex(index, dataset.length, dataset.name);
  if (indices.length === 0) throw new SignalbookError("a data set without examples", { place: name });
  return {
    ...dataset,
    name,
    length: indices.length,
    ids: indices.map((i) => dataset.ids[i]!),
    groups: indices.map((i) => dataset.groups[i]!),
    example: (index) => dataset.example(indices[requireIndex(index, indices.length, name)]!),
  };
}

/** What a data set's examples are to be learnt as. */
export interface Labels {
  /** [examples, classes] row-major. */
  readonly targets: Float32Array;
  /** [examples] */
  readonly weights: Float32Array;
}

const knownLabels = new WeakMap<Dataset, Labels>();

/** Read once for each data set: its examples may be files to decode. Not to be written to. */
export function labelsOf(dataset: Dataset): Labels {
  const known = knownLabels.get(dataset);
  if (known !== undefined) return known;
  const width = dataset.classes.length;
  const labels = { targets: new Float32Array(dataset.length * width), weights: new Float32Array(dataset.length) };
  for (let i = 0; i < dataset.length; i++) {
    const { target, weight } = dataset.example(i);
    labels.targets.set(target, i * width);
    labels.weights[i] = weight;
  }
  knownLabels.set(dataset, labels);
  return labels;
}

/** All targets, [examples, classes] row-major, the caller's own. */
export function targetsOf(dataset: Dataset): Float32Array {
  return labelsOf(dataset).targets.slice();
}

/** Number of examples whose target has each class. Throws on soft targets. */
export function classCounts(dataset: Dataset): number[] {
  const counts = new Array<number>(dataset.classes.length).fill(0);
  for (let i = 0; i < dataset.length; i++) {
    const { target, id } = dataset.example(i);
    target.forEach((value, k) => {
      if (value !== 0 && value !== 1)
        throw new SignalbookError("soft targets cannot be counted", {
          place: `example ${id}, class ${dataset.classes[k]}`,
          found: String(value),
        });
      counts[k]! += value;
    });
  }
  return counts;
}

export interface BatchOptions {
  batchSize: number;
  /** Leave out a last batch that is smaller than the others. */
  dropLast: boolean;
}

/** Number of batches in an epoch. */
export function batchCount(length: number, { batchSize, dropLast }: BatchOptions): number {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new SignalbookError("a batch size out of range", { found: String(batchSize), expected: "1 or more" });
  const count = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
  if (count === 0)
    throw new SignalbookError("not one batch in the data set", {
      found: `${length} examples`,
      expected: `at least ${batchSize}`,
      fix: "use a smaller batch, or keep the last one",
    });
  return count;
}

/**
 * The batches of one epoch: indices of examples.
 * @param random shuffles; without it the examples come in their order
 */
export function epochBatches(length: number, options: BatchOptions, random?: Generator): Int32Array[] {
  const order = random?.permutation(length) ?? Int32Array.from({ length }, (_, i) => i);
  const { batchSize } = options;
  return Array.from({ length: batchCount(length, options) }, (_, b) => order.slice(b * batchSize, (b + 1) * batchSize));
}

/** A batch as flat arrays, row-major. */
export interface Batch {
  readonly ids: string[];
  readonly size: number;
  /** [size, ...inputShape] */
  readonly input: Float32Array;
  /** [size, length] each */
  readonly extras: Record<string, Float32Array>;
  /** [size, classes] */
  readonly target: Float32Array;
  /** [size] */
  readonly weight: Float32Array;
}

/** Lays examples out as one batch. */
export function collate(dataset: Dataset, examples: readonly Example[]): Batch {
  const size = examples.length;
  const width = dataset.inputShape.reduce((product, n) => product * n, 1);
  const classes = dataset.classes.length;
  const batch: Batch = {
    ids: examples.map((example) => example.id),
    size,
    input: new Float32Array(size * width),
    extras: Object.fromEntries(
      Object.entries(dataset.extraLengths).map(([key, length]) => [key, new Float32Array(size * length)]),
    ),
    target: new Float32Array(size * classes),
    weight: new Float32Array(size),
  };
  examples.forEach((example, row) => {
    batch.input.set(example.input, row * width);
    for (const [key, length] of Object.entries(dataset.extraLengths))
      batch.extras[key]!.set(example.extras[key]!, row * length);
    batch.target.set(example.target, row * classes);
    batch.weight[row] = example.weight;
  });
  return batch;
}

/** @throws SignalbookError for an index out of 0 .. length - 1. */
export function requireIndex(index: number, length: number, name: string): number {
  if (!(Number.isInteger(index) && index >= 0 && index < length))
    throw new SignalbookError("an example out of range", {
      place: name,
      found: String(index),
      expected: `0 .. ${length - 1}`,
    });
  return index;
}
