/**
 * Losses from logits. All are averaged over the batch; examples count by their weight where weights differ. Classes
 * that do not exclude each other take the sigmoid losses, exactly one class takes softmax cross entropy.
 */
import { SignalbookError } from "../core/errors";
import { sigmoidCrossEntropy, softmaxCrossEntropy, tf } from "../engine";
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

/**
 * Class weights of system 004: 1 / ln(count + 1e-5), divided by the smallest of them.
 * @param counts examples of each class in the training data
 * Throws for a count of 1 or 0: the formula gives about 1e5 for one example and a negative weight for none, and either
 * would drown all other classes.
 */
export function publishedClassWeights(counts: readonly number[], classes: readonly string[]): number[] {
  counts.forEach((count, k) => {
    if (!(Number.isInteger(count) && count >= 2))
      throw new SignalbookError("a class too rare for the published class weights", {
        place: `class ${classes[k] ?? k}`,
        found: `${count} training examples`,
        expected: "at least 2: 1/ln(count + 1e-5) is about 1e5 for one example and negative for none",
        fix: "leave the class out, or train without class weights",
      });
  });
  const raw = counts.map((count) => 1 / Math.log(count + 1e-5));
  const smallest = Math.min(...raw);
  return raw.map((weight) => weight / smallest);
}

export interface SigmoidLossOptions {
  /** One a class; without them every class counts the same. */
  classWeights?: readonly number[];
  /**
   * How positives are weighted by (1 + 3y) * 5/8, that is 2.5 where a mark is 1 and 0.625 where it is 0.
   * none: not at all. element: every element by its own factor, as was meant. batch: the mean loss times the mean
   * factor of the batch, as the published code of system 004 computes it: a scalar, so positives gain nothing over
   * negatives, and batches with many marks learn faster.
   */
  positives: "none" | "element" | "batch";
}

/** Binary cross entropy, averaged over examples and classes. */
export function binaryCrossEntropy({ classWeights, positives }: SigmoidLossOptions): Loss {
  return {
    name: "binary-cross-entropy",
    config: { classWeights: classWeights ?? null, positives },
    activation: "sigmoid",
    compute(logits, targets, weights) {
      requireAlike(logits, targets, classWeights);
      let loss: tf.Tensor2D = sigmoidCrossEntropy(targets, logits);
      if (classWeights !== undefined) loss = tf.mul(loss, tf.tensor1d([...classWeights]));
      const factors = tf.add(tf.mul(targets, 15 / 8), 5 / 8);
      if (positives === "element") loss = tf.mul(loss, factors);
      const mean = weightedMean(tf.mean(loss, 1), weights);
      return positives === "batch" ? tf.mul(mean, tf.mean(factors)) : mean;
    },
  };
}

/** The loss of system 004: class weights, and the batch factor of the published code unless `asPublished` is false. */
export function ecgLoss(classWeights: readonly number[] | undefined, asPublished: boolean): Loss {
  return binaryCrossEntropy({ classWeights, positives: asPublished ? "batch" : "element" });
}

/** Softmax cross entropy of hard or soft targets. */
export function crossEntropy(): Loss {
  return {
    name: "cross-entropy",
    config: {},
    activation: "softmax",
    compute(logits, targets, weights) {
      requireAlike(logits, targets);
      return weightedMean(softmaxCrossEntropy(targets, logits), weights);
    },
  };
}

function weightedMean(perExample: tf.Tensor1D, weights: tf.Tensor1D | undefined): tf.Scalar {
  if (weights === undefined) return tf.mean(perExample);
  return tf.div(tf.sum(tf.mul(perExample, weights)), tf.sum(weights));
}

function requireAlike(logits: tf.Tensor2D, targets: tf.Tensor2D, classWeights?: readonly number[]): void {
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
