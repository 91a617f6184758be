/** What a loss is, and what all losses share: checks and the mean over examples. */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import type { Activation } from "./probabilities";

export interface Loss {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What turns this loss' logits into probabilities. */
  readonly activation: Activation;
  /**
   * @param logits [batch, classes], float32
   * @param targets [batch, classes], 0 and 1 or soft
   * @param weights [batch], how much each example counts; absent where all count the same
   */
  compute(logits: tf.Tensor2D, targets: tf.Tensor2D, weights?: tf.Tensor1D): tf.Scalar;
}

/** The mean of one value an example, each counting by its weight. */
export function weightedMean(perExample: tf.Tensor1D, weights: tf.Tensor1D | undefined): tf.Scalar {
  if (weights === undefined) return tf.mean(perExample);
  return tf.div(tf.sum(tf.mul(perExample, weights)), tf.sum(weights));
}

/** Throws unless logits and targets have one shape, and as many classes as there are class weights. */
export function requireAlike(logits: tf.Tensor2D, targets: tf.Tensor2D, classWeights?: readonly number[]): void {
  const classes = logits.shape[1];
  if (logits.shape.join() !== targets.shape.join())
    throw new SignalbookError("logits and targets differ in shape", {
      found: `[${logits.shape.join(", ")}] and [${targets.shape.join(", ")}]`,
      fix: "build the model for the data set's number of classes",
    });
  if (classWeights !== undefined && classWeights.length !== classes)
    throw new SignalbookError("class weights and classes differ in number", {
      found: `${classWeights.length} and ${classes}`,
    });
}

/** Throws where class weights are negative or no numbers. */
export function requireWeights(classWeights: readonly number[] | undefined): void {
  const wrong = classWeights?.find((weight) => !(Number.isFinite(weight) && weight >= 0));
  if (wrong !== undefined)
    throw new SignalbookError("a class weight out of range", { found: String(wrong), expected: "0 or more" });
}

/** Throws unless a constant of a loss lies in [least, most]. */
export function requireWithin(what: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most))
    throw new SignalbookError(`${what} out of range`, {
      found: String(value),
      expected: most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} .. ${most}`,
    });
}
