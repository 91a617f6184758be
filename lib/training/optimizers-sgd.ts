/** Gradient descent with momentum, and RMSprop, by PyTorch's formulas. */
import { SignalbookError } from "../core/errors";
import { subtractFrom, tf, updateMomentum } from "../engine";
import { makeOptimizer, type Optimizer, requireConstants, type SharedOptions, withPenalty } from "./optimizer";

export interface SgdOptions extends SharedOptions {
  /** Share of the velocity that a step keeps. Default 0: none. */
  momentum?: number;
  /** Share of the gradient that is kept out of the velocity, from the second step on. Default 0. */
  dampening?: number;
  /** Steps along the velocity as it will be (Nesterov 1983). Default false. */
  nesterov?: boolean;
  /** L2 penalty: added to the gradient. Default 0. */
  weightDecay?: number;
}

/** Stochastic gradient descent. */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0, dampening = 0, nesterov = false, weightDecay = 0, groups } = options;
  requireConstants("sgd", {
    momentum: { value: momentum, below: 1 },
    dampening: { value: dampening },
    "weight decay": { value: weightDecay },
  });
  if (nesterov && !(momentum > 0 && dampening === 0))
    throw new SignalbookError("Nesterov's rule without momentum, or with dampening", {
      found: `momentum ${momentum}, dampening ${dampening}`,
      expected: "momentum above 0 and no dampening",
    });
  return makeOptimizer({
    name: "sgd",
    config: { momentum, dampening, nesterov },
    slots: (momentum === 0 ? [] : ["velocity"]) as "velocity"[],
    weightDecay,
    groups,
    // the first velocity is the whole gradient
    scalars: (step, learningRate) => ({ learningRate, share: step === 0 ? 1 : 1 - dampening }),
    prepare: (step) => ({
      rate: step.rate(),
      momentum: step.kept(momentum),
      share: step.scalars["share"]!,
      penalty: step.penalty(),
    }),
    update: ({ weight, slots, gradient }, { rate, momentum: kept, share, penalty }) => {
      const total = withPenalty(gradient, weight, penalty);
      if (momentum === 0) return subtractFrom(weight, rate, total);
      const added = dampening === 0 ? total : tf.mul(total, share);
      updateMomentum(weight, slots.velocity, { rate, momentum: kept, nesterov }, added);
    },
  });
}

export interface RmspropOptions extends SharedOptions {
  /** Share of the mean square that a step keeps. Default 0.99. */
  alpha?: number;
  /** Added to the root of the mean square. Default 1e-8. */
  epsilon?: number;
  /** Default 0: none. */
  momentum?: number;
  /** L2 penalty: added to the gradient. Default 0. */
  weightDecay?: number;
}

/** Steps over the root of the squared gradients' moving average (Hinton's lecture 6e, 2012). */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { alpha = 0.99, epsilon = 1e-8, momentum = 0, weightDecay = 0, groups } = options;
  requireConstants("rmsprop", {
    alpha: { value: alpha, below: 1 },
    epsilon: { value: epsilon, above: 0 },
    momentum: { value: momentum, below: 1 },
    "weight decay": { value: weightDecay },
  });
  return makeOptimizer({
    name: "rmsprop",
    config: { alpha, epsilon, momentum },
    slots: (momentum === 0 ? ["square"] : ["square", "velocity"]) as ("square" | "velocity")[],
    weightDecay,
    groups,
    scalars: (_step, learningRate) => ({ learningRate }),
    prepare: (step) => ({
      rate: step.rate(),
      share: tf.mul(step.proceed, 1 - alpha) as tf.Scalar,
      momentum: step.kept(momentum),
      penalty: step.penalty(),
    }),
    update: ({ weight, slots, gradient }, { rate, share, momentum: kept, penalty }) => {
      const total = withPenalty(gradient, weight, penalty);
      subtractFrom(slots.square, share, tf.sub(slots.square, tf.square(total)));
      const scaled = tf.div(total, tf.add(tf.sqrt(slots.square), epsilon));
      if (momentum === 0) return subtractFrom(weight, rate, scaled);
      updateMomentum(weight, slots.velocity, { rate, momentum: kept, nesterov: false }, scaled);
    },
  });
}
