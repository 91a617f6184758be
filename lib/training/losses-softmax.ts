/** Losses for exactly one class, hard or as a distribution over classes: all logits go through one softmax. */
import { SignalbookError } from "../core/errors";
import { softmaxCrossEntropy, tf } from "../engine";
import { type Loss, requireAlike, requireWeights, requireWithin, weightedMean } from "./loss";

export interface CrossEntropyOptions {
  /** Share of the target that is taken from its class and spread, 0 .. 1. Default 0. */
  smoothing?: number;
  /**
   * Over which classes it is spread. all: all K, the target's own too (Szegedy et al. 2016; PyTorch). others: the other
   * K - 1 (system 000). Default all.
   */
  spread?: "all" | "others";
  /** One a class; the mean is then over the targets' weights, as PyTorch takes it for hard targets. */
  classWeights?: readonly number[];
}

/** Softmax cross entropy of hard or soft targets, averaged over examples. */
export function crossEntropy({ smoothing = 0, spread = "all", classWeights }: CrossEntropyOptions = {}): Loss {
  requireWithin("label smoothing", smoothing, 0, 1);
  requireWeights(classWeights);
  return {
    name: "cross-entropy",
    config: { smoothing, spread, classWeights: classWeights ?? null },
    activation: "softmax",
    compute(logits, targets, weights) {
      requireAlike(logits, targets, classWeights);
      const smooth = smoothing === 0 ? targets : smoothed(targets, smoothing, spread);
      if (classWeights === undefined) return weightedMean(softmaxCrossEntropy(smooth, logits), weights);
      const perClass = tf.tensor1d([...classWeights]);
      const weightOf = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(x, perClass);
      const loss = softmaxCrossEntropy(weightOf(smooth), logits);
      // What each target weighs before it is smoothed: PyTorch divides by that.
      const share: tf.Tensor1D = tf.sum(weightOf(targets), 1);
      const counted = (x: tf.Tensor1D): tf.Scalar => tf.sum(weights === undefined ? x : tf.mul(x, weights));
      return tf.div(counted(loss), counted(share));
    },
  };
}

/** Keeps the sum of each row: soft targets are smoothed in the same way as hard ones. */
function smoothed(targets: tf.Tensor2D, smoothing: number, spread: "all" | "others"): tf.Tensor2D {
  const classes = targets.shape[1];
  if (spread === "others" && classes < 2)
    throw new SignalbookError("label smoothing over other classes where there are none", { found: "1 class" });
  const total: tf.Tensor2D = tf.sum(targets, 1, true);
  if (spread === "all") return tf.add(tf.mul(targets, 1 - smoothing), tf.mul(total, smoothing / classes));
  const others = tf.mul(tf.sub(total, targets), smoothing / (classes - 1));
  return tf.add(tf.mul(targets, 1 - smoothing), others);
}

export interface KlOptions {
  /** votes: counts of raters, made into shares here. Default probabilities: rows that sum to 1. */
  targets?: "probabilities" | "votes";
}

/**
 * Kullback-Leibler divergence of the prediction from soft targets, summed over classes and averaged over examples
 * (PyTorch's "batchmean"): the loss, and the metric, of system 002. A share of 0 adds 0.
 */
export function klDivergence({ targets: kind = "probabilities" }: KlOptions = {}): Loss {
  return {
    name: "kl-divergence",
    config: { targets: kind },
    activation: "softmax",
    compute(logits, targets, weights) {
      requireAlike(logits, targets);
      const shares: tf.Tensor2D = kind === "votes" ? tf.div(targets, tf.sum(targets, 1, true)) : targets;
      // No number is lost in the sum: the logarithm of a 0 is taken of the smallest float instead, and then counts 0.
      const information = tf.mul(shares, tf.log(tf.maximum(shares, 2 ** -126)));
      const loss = tf.add(softmaxCrossEntropy(shares, logits), tf.sum(information, 1)) as tf.Tensor1D;
      return weightedMean(loss, weights);
    },
  };
}

/**
 * Cross entropy of a softmax's softmax: what becomes of a network that ends in a softmax under a loss that takes logits,
 * as the Blanco network of system 003 was trained. Its gradients are small: no output can be surer than e / (e + K - 1).
 */
export function doubleSoftmaxCrossEntropy(): Loss {
  return {
    name: "double-softmax-cross-entropy",
    config: {},
    activation: "softmax",
    compute(logits, targets, weights) {
      requireAlike(logits, targets);
      return weightedMean(softmaxCrossEntropy(targets, tf.softmax(logits)), weights);
    },
  };
}
