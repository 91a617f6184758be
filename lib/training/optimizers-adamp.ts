/**
 * AdamP (Heo et al. 2021, version 0.3.0 of the authors' package): Adam whose step is made perpendicular to weights that
 * a norm behind them makes scale-invariant, so that momentum does not blow them up. Told by the gradient, which is
 * nearly perpendicular to such weights.
 */
import { subtractFrom, tf } from "../engine";
import { makeOptimizer, type Optimizer, requireConstants, type SharedOptions, type Target } from "./optimizer";
import { biasCorrections, requireAdamConstants } from "./optimizers-adam";

export interface AdamPOptions extends SharedOptions {
  /** Default 0.9 and 0.999. */
  betas?: readonly [number, number];
  /** Default 1e-8. */
  epsilon?: number;
  /** Decoupled, as in AdamW. Default 0. */
  weightDecay?: number;
  /** A weight counts as scale-invariant below this cosine times the square root of its length. Default 0.1. */
  delta?: number;
  /** What the decay of such weights is multiplied by. Default 0.1. */
  decayRatio?: number;
  /** Default false. */
  nesterov?: boolean;
}

interface Prepared {
  /** The rate over the first bias correction. */
  rate: tf.Scalar;
  epsilon: tf.Scalar;
  /** Shares of the new gradient in the two averages; 0 where no step is to be made. */
  share1: tf.Scalar;
  share2: tf.Scalar;
  /** One over the square root of the second bias correction. */
  correction: tf.Scalar;
  decay: tf.Scalar | undefined;
}

export function adamP(options: AdamPOptions = {}): Optimizer {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0, delta = 0.1, decayRatio = 0.1 } = options;
  const { nesterov = false, groups } = options;
  requireAdamConstants("adamp", betas, epsilon, weightDecay);
  requireConstants("adamp", { delta: { value: delta }, "decay ratio": { value: decayRatio } });
  return makeOptimizer({
    name: "adamp",
    config: { betas, epsilon, delta, decayRatio, nesterov },
    slots: ["m", "v"] as const,
    weightDecay,
    groups,
    scalars: (step, learningRate) => {
      const { first, second } = biasCorrections(betas, step);
      return { learningRate, rate: learningRate / first, correction: 1 / second };
    },
    prepare: (step): Prepared => ({
      rate: step.rate("rate"),
      epsilon: tf.scalar(epsilon),
      share1: tf.mul(step.proceed, 1 - Math.fround(betas[0])),
      share2: tf.mul(step.proceed, 1 - Math.fround(betas[1])),
      correction: step.scalars["correction"]!,
      decay: step.decay(),
    }),
    update: (target: Target<"m" | "v">, prepared) => {
      const { weight, slots, gradient } = target;
      const { m, v } = slots;
      subtractFrom(m, prepared.share1, tf.sub(m, gradient));
      subtractFrom(v, prepared.share2, tf.sub(v, tf.square(gradient)));
      const mean = nesterov ? tf.add(tf.mul(m, betas[0]), tf.mul(gradient, 1 - betas[0])) : m;
      const step = tf.div(mean, tf.add(tf.mul(tf.sqrt(v), prepared.correction), prepared.epsilon));
      const { along, invariant } = project(target, step, { delta, epsilon: prepared.epsilon });
      if (prepared.decay !== undefined) {
        const slower = invariant === undefined ? undefined : tf.where(invariant, tf.scalar(decayRatio), tf.scalar(1));
        subtractFrom(weight, slower === undefined ? prepared.decay : tf.mul(prepared.decay, slower), weight);
      }
      subtractFrom(weight, prepared.rate, along);
    },
  });
}

interface Projected {
  along: tf.Tensor;
  /** Whether the weight counts as scale-invariant; absent for vectors, which never do. */
  invariant?: tf.Tensor;
}

/**
 * The step without its part along the weight: channel by channel where each channel's gradient is perpendicular to it,
 * else over the whole weight where that is so, else as it is.
 */
function project(
  { weight, gradient, channelAxis }: Pick<Target<never>, "weight" | "gradient" | "channelAxis">,
  step: tf.Tensor,
  { delta, epsilon }: { delta: number; epsilon: tf.Scalar },
): Projected {
  if (weight.rank < 2) return { along: step };
  const axes = weight.shape.map((_, axis) => axis).filter((axis) => axis !== channelAxis);
  const perChannel = (x: tf.Tensor): tf.Tensor => tf.sum(x, axes, true);
  // The sums over the whole weight are the channels' summed up: one pass each over weight, gradient and step.
  const byChannel = {
    product: perChannel(tf.mul(gradient, weight)),
    gradient: perChannel(tf.square(gradient)),
    weight: perChannel(tf.square(weight)),
    step: perChannel(tf.mul(weight, step)),
  };
  const whole = {
    product: tf.sum(byChannel.product),
    gradient: tf.sum(byChannel.gradient),
    weight: tf.sum(byChannel.weight),
    step: tf.sum(byChannel.step),
  };
  const perpendicular = (sums: typeof byChannel, length: number): tf.Tensor => {
    const lengths = tf.mul(tf.maximum(tf.sqrt(sums.gradient), epsilon), tf.maximum(tf.sqrt(sums.weight), epsilon));
    return tf.less(tf.max(tf.abs(tf.div(sums.product, lengths))), delta / Math.sqrt(length));
  };
  const inChannels = perpendicular(byChannel, weight.size / weight.shape[channelAxis]!);
  const inWhole = perpendicular(whole, weight.size);
  /** What of the weight lies in the step. */
  const part = (sums: typeof byChannel): tf.Tensor =>
    tf.div(sums.step, tf.square(tf.add(tf.sqrt(sums.weight), epsilon)));
  const none = tf.zerosLike(byChannel.step);
  const share = tf.where(inChannels, part(byChannel), tf.where(inWhole, tf.add(none, part(whole)), none));
  return { along: tf.sub(step, tf.mul(weight, share)), invariant: tf.logicalOr(inChannels, inWhole) };
}
