import { batchNormInference, batchNormTraining, tf } from "../engine";
import { checkInteger } from "./checks";
import type { ForwardContext } from "./context";
import { constant } from "./initial";
import type { Scope } from "./parameters";

export interface BatchNormOptions {
  channels: number;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
  /** Weight of the new batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** First value of the scale. Default 1. */
  scale?: number;
}

/**
 * Batch normalisation over all axes but the last (Ioffe and Szegedy 2015), with PyTorch's rules: the batch is normalised
 * by its biased variance, and the running variance takes up the unbiased one.
 */
export class BatchNorm {
  private readonly weight: tf.Variable;
  private readonly bias: tf.Variable;
  private readonly runningMean: tf.Variable;
  private readonly runningVariance: tf.Variable;
  private readonly epsilon: number;
  private readonly momentum: number;

  constructor(scope: Scope, { channels, epsilon = 1e-5, momentum = 0.1, scale = 1 }: BatchNormOptions) {
    checkInteger("channels of a batch norm", channels, 1);
    const spec = (value: number) => ({ shape: [channels], layout: "same", initializer: constant(value) }) as const;
    this.weight = scope.parameter("weight", spec(scale));
    this.bias = scope.parameter("bias", spec(0));
    this.runningMean = scope.buffer("running_mean", spec(0));
    this.runningVariance = scope.buffer("running_var", spec(1));
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  /** x: [..., channels], any precision. In training the running statistics are updated, unless they are to be kept. */
  forward<T extends tf.Tensor>(x: T, context: ForwardContext): T {
    const { weight, bias, runningMean, runningVariance, epsilon } = this;
    if (!context.training || context.keptStatistics?.has(runningMean))
      return batchNormInference(x, runningMean, runningVariance, weight, bias, epsilon);
    const { y, mean, variance } = batchNormTraining(x, weight, bias, epsilon);
    this.blend(runningMean, mean);
    this.blend(runningVariance, variance);
    return y;
  }

  private blend(running: tf.Variable, batch: tf.Tensor): void {
    const { momentum } = this;
    running.assign(tf.tidy(() => tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum))));
  }
}
