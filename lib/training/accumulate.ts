/** Gradient accumulation: the gradients of several batches make one step of the optimizer. */
import { SignalbookError } from "../core/errors";
import { scaleOrZero, subtractFrom, tf } from "../engine";

export interface Accumulation {
  /**
   * Batches whose gradients make one step of the optimizer. Groups run on over the ends of epochs; a last one that the
   * end of the run leaves unfinished makes no step.
   */
  batches: number;
  /** Of the batches' gradients. sum: as system 000 does it, whose loss is the sum of the batches' mean losses. */
  reduce: "mean" | "sum";
}

export type Gradients = ReadonlyMap<string, tf.Tensor>;

/** The sums of a group's gradients so far. Its functions are called while a step is traced. */
export interface GradientSums {
  readonly slots: ReadonlyMap<string, tf.Variable>;
  /** The group's gradients with those of its last batch, which count by `factor`. */
  total(gradients: Gradients, factor: tf.Scalar): Map<string, tf.Tensor>;
  /** Adds a batch's gradients times a factor. */
  add(gradients: Gradients, factor: tf.Scalar): void;
  /** Begins a new group where `keep` is 0; changes nothing where it is 1. */
  reset(keep: tf.Scalar): void;
}

export function createGradientSums(
  { batches }: Accumulation,
  parameters: ReadonlyMap<string, tf.Variable>,
): GradientSums {
  if (!Number.isInteger(batches) || batches < 1)
    throw new SignalbookError("a number of batches to accumulate out of range", {
      found: String(batches),
      expected: "1 or more",
    });
  const slotName = (name: string): string => `accumulated.${name}`;
  const sums = new Map<string, tf.Variable>();
  for (const [name, weight] of parameters)
    tf.tidy(() => void sums.set(slotName(name), tf.variable(tf.zeros(weight.shape), false)));
  const sumOf = (name: string): tf.Variable => sums.get(slotName(name))!;
  return {
    slots: sums,
    total: (gradients, factor) =>
      new Map([...gradients].map(([name, gradient]) => [name, tf.add(sumOf(name), tf.mul(gradient, factor))])),
    add(gradients, factor) {
      const backwards = tf.neg(factor) as tf.Scalar;
      for (const [name, gradient] of gradients) subtractFrom(sumOf(name), backwards, gradient);
    },
    reset(keep) {
      for (const sum of sums.values()) sum.assign(scaleOrZero(sum as tf.Tensor, keep));
    },
  };
}
