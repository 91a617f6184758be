/**
 * What a run learns from and is measured on, in few hashes: by them a checkpoint knows its data. Targets and weights of all
 * examples are hashed; of the inputs a sample, since a night or an image may take long to make.
 */
import { hashValue } from "../core/hash";
import { Generator } from "../core/random";
import { type Augmentation, type Dataset, labelsOf } from "./dataset";

/** Examples whose inputs are hashed: the first, the last, and those evenly between them. */
const SAMPLED = 8;

/** Of a data set whose examples this thread makes, and of how they are augmented: by what becomes of the sample. */
export function describeExamples(dataset: Dataset, augment?: Augmentation): Record<string, string> {
  const { targets, weights } = labelsOf(dataset);
  const sample = sampled(dataset.length).map((i) => dataset.example(i));
  const random = new Generator(0);
  return {
    labels: short({ targets, weights }),
    inputs: short(sample.map(({ input, extras }) => ({ input, extras }))),
    ...(augment && {
      augmented: short(
        sample.map((example) => {
          const { input, extras, target, weight } = augment(example, dataset.inputShape, random);
          return { input, extras, target, weight };
        }),
      ),
    }),
  };
}

/** Indices of the sample. */
export function sampled(length: number): number[] {
  const count = Math.min(SAMPLED, length);
  return Array.from({ length: count }, (_, k) => Math.round((k * (length - 1)) / Math.max(1, count - 1)));
}

/** Enough of a hash to tell two runs apart, and to be read in a message. */
export function short(value: unknown): string {
  return hashValue(value).slice(0, 16);
}
