import { groupNorm, tf } from "../engine";
import { checkInteger } from "./checks";
import { constant } from "./initial";
import type { Scope } from "./parameters";

export interface GroupNormOptions {
  channels: number;
  /** Must divide the channels. */
  groups: number;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
  /** Whether it scales and shifts each channel afterwards. Default true. */
  affine?: boolean;
}

/** Group normalisation (Wu and He 2018): each example's groups of neighbouring channels by themselves. */
export class GroupNorm {
  private readonly weight: tf.Variable | undefined;
  private readonly bias: tf.Variable | undefined;
  private readonly options: Required<GroupNormOptions>;

  constructor(scope: Scope, { channels, groups, epsilon = 1e-5, affine = true }: GroupNormOptions) {
    checkInteger("groups of a group norm", groups, 1);
    checkInteger(`channels in each of ${groups} groups of a group norm`, channels / groups, 1);
    this.options = { channels, groups, epsilon, affine };
    if (!affine) return;
    const spec = (value: number) => ({ shape: [channels], layout: "same", initializer: constant(value) }) as const;
    this.weight = scope.parameter("weight", spec(1));
    this.bias = scope.parameter("bias", spec(0));
  }

  /** x: [batch, ..., channels], any precision. Training and evaluation are the same. */
  forward<T extends tf.Tensor>(x: T): T {
    const { channels, groups, epsilon } = this.options;
    const { weight = tf.ones([channels]), bias = tf.zeros([channels]) } = this;
    return groupNorm(x, weight, bias, { groups, epsilon });
  }
}
