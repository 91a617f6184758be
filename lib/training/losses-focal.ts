/** Focal losses (Lin et al. 2017): cross entropy where what is predicted well already counts little. */

import { SignalbookError } from "../core/errors";
import { sigmoidCrossEntropy, tf } from "../engine";
import { type Loss, requireAlike, requireWeights, requireWithin, weightedMean } from "./loss";

export interface FocalOptions {
  /** Exponent of what the prediction is away from the target: 0 is cross entropy; else 1 or more. Default 2. */
  gamma?: number;
}

export interface SoftmaxFocalOptions extends FocalOptions {
  /** One a class; without them every class counts the same. */
  classWeights?: readonly number[];
}

/** -t w (1 - p)^gamma ln p, summed over classes and averaged over examples: p by softmax, t hard or soft. */
export function softmaxFocal({ gamma = 2, classWeights }: SoftmaxFocalOptions = {}): Loss {
  requireGamma(gamma);
  requireWeights(classWeights);
  return {
    name: "softmax-focal",
    config: { gamma, classWeights: classWeights ?? null },
    activation: "softmax",
    compute(logits, targets, weights) {
      requireAlike(logits, targets, classWeights);
      const logProbability: tf.Tensor2D = tf.logSoftmax(logits);
      const away = tf.neg(tf.expm1(logProbability));
      let loss = tf.neg(tf.mul(tf.mul(targets, power(away, gamma)), logProbability));
      if (classWeights !== undefined) loss = tf.mul(loss, tf.tensor1d([...classWeights]));
      return weightedMean(tf.sum(loss, 1), weights);
    },
  };
}

export interface SigmoidFocalOptions extends FocalOptions {
  /** Weight of positives; negatives weigh 1 - alpha. null: neither is weighted. Default 0.25. */
  alpha?: number | null;
}

/** Binary cross entropy times (1 - p)^gamma, p the probability of what is true, averaged over examples and classes. */
export function sigmoidFocal({ gamma = 2, alpha = 0.25 }: SigmoidFocalOptions = {}): Loss {
  requireGamma(gamma);
  if (alpha !== null) requireWithin("the weight of positives", alpha, 0, 1);
  return {
    name: "sigmoid-focal",
    config: { gamma, alpha },
    activation: "sigmoid",
    compute(logits, targets, weights) {
      requireAlike(logits, targets);
      // 1 - p without a difference of nearly equal numbers: sigmoid(-z) where the target is 1, sigmoid(z) where it is 0
      const absent = tf.sub(1, targets);
      const away = tf.add(tf.mul(tf.sigmoid(tf.neg(logits)), targets), tf.mul(tf.sigmoid(logits), absent));
      let loss = tf.mul(sigmoidCrossEntropy(targets, logits), power(away as tf.Tensor2D, gamma));
      if (alpha !== null) loss = tf.mul(loss, tf.add(tf.mul(targets, alpha), tf.mul(absent, 1 - alpha)));
      return weightedMean(tf.mean(loss, 1), weights);
    },
  };
}

function power(x: tf.Tensor2D, gamma: number): tf.Tensor2D {
  if (gamma === 0) return tf.onesLike(x);
  if (gamma === 1) return x;
  return gamma === 2 ? tf.square(x) : tf.pow(x, gamma);
}

/** Between 0 and 1 the slope is infinite where a prediction is perfect. */
function requireGamma(gamma: number): void {
  if (!(gamma === 0 || (gamma >= 1 && Number.isFinite(gamma))))
    throw new SignalbookError("a focal exponent out of range", { found: String(gamma), expected: "0, or 1 and more" });
}
