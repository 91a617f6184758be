/** Losses for classes that do not exclude each other: each logit goes through a sigmoid of its own. */
import { sigmoidCrossEntropy, tf } from "../engine";
import { type Loss, requireAlike, requireWeights, weightedMean } from "./loss";

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
  requireWeights(classWeights);
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
