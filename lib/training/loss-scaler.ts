/**
 * Dynamic loss scaling for float16, by the rule of PyTorch's GradScaler: the loss is multiplied by a scale before the
 * gradients are taken, and the gradients divided by it. The scale falls where they overflow, and grows after a while
 * without.
 */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";

export interface LossScalerOptions {
  /** The first scale. Default 65536. */
  scale?: number;
  /** Default 2. */
  growthFactor?: number;
  /** Default 0.5. */
  backoffFactor?: number;
  /** Steps in a row without overflow until the scale grows. Default 2000. */
  growthInterval?: number;
  /** A step that is not finite at this scale or below is no overflow but a failure. Default 2^-10. */
  lowest?: number;
}

export interface LossScaler {
  /** "scaler.scale"; "scaler.growth": steps since it changed; "scaler.steps": steps made, without those skipped. */
  readonly slots: ReadonlyMap<string, tf.Variable>;
  readonly scale: tf.Variable<tf.Rank.R0>;
  readonly lowest: number;
  /** Steps of the optimizer that were made. */
  steps(): number;
  /** Follows a step; called while it is traced. @param finite 1, or 0 where the gradients were not */
  update(finite: tf.Scalar): void;
}

export function createLossScaler(options: LossScalerOptions): LossScaler {
  const {
    scale: first = 65536,
    growthFactor = 2,
    backoffFactor = 0.5,
    growthInterval = 2000,
    lowest = 2 ** -10,
  } = options;
  const right =
    first > 0 &&
    growthFactor > 1 &&
    backoffFactor > 0 &&
    backoffFactor < 1 &&
    Number.isInteger(growthInterval) &&
    growthInterval >= 1 &&
    lowest >= 0;
  if (!right)
    throw new SignalbookError("a loss scaler's numbers out of range", {
      found: `scale ${first}, growth ${growthFactor} after ${growthInterval} steps, backoff ${backoffFactor}, lowest ${lowest}`,
      expected: "a scale above 0, growth above 1 after 1 step or more, a backoff between 0 and 1",
    });
  const scalar = (value: number): tf.Variable<tf.Rank.R0> => tf.tidy(() => tf.variable(tf.scalar(value), false));
  const [scale, growth, steps] = [scalar(first), scalar(0), scalar(0)];
  return {
    slots: new Map([
      ["scaler.scale", scale],
      ["scaler.growth", growth],
      ["scaler.steps", steps],
    ]),
    scale,
    lowest,
    steps: () => steps.dataSync()[0]!,
    update(finite) {
      const none = tf.scalar(0);
      const well = tf.greater(finite, 0);
      const grown = tf.add(growth, 1);
      const due = tf.equal(grown, growthInterval);
      const larger = tf.mul(scale, growthFactor);
      // never beyond what float32 holds
      const raised = tf.where(tf.logicalAnd(due, tf.isFinite(larger)), larger, scale);
      scale.assign(tf.where(well, raised, tf.mul(scale, backoffFactor)) as tf.Scalar);
      growth.assign(tf.where(tf.logicalAnd(well, tf.logicalNot(due)), grown, none) as tf.Scalar);
      steps.assign(tf.add(steps, finite) as tf.Scalar);
    },
  };
}
