import { castTo, silu, tf, truePrecision } from "../engine";
import { Conv2d } from "./conv";
import type { Scope } from "./parameters";
import { globalAveragePool } from "./pool";

/**
 * Squeeze and excitation (Hu et al. 2018) as EfficientNet has it: a gate for each channel, from the means of all channels
 * through two 1x1 convolutions with bias, SiLU between and a sigmoid after.
 */
export class SqueezeExcitation {
  private readonly reduce: Conv2d;
  private readonly expand: Conv2d;

  constructor(scope: Scope, { channels, squeezed }: { channels: number; squeezed: number }) {
    const conv = (name: string, inputs: number, outputs: number): Conv2d =>
      new Conv2d(scope.at(name), { inputs, outputs, kernel: 1, bias: true });
    this.reduce = conv("conv_reduce", channels, squeezed);
    this.expand = conv("conv_expand", squeezed, channels);
  }

  /** x: [batch, height, width, channels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const means: tf.Tensor4D = tf.reshape(globalAveragePool(x), [x.shape[0], 1, 1, x.shape[3]]);
    const gate = tf.sigmoid(this.expand.forward(silu(this.reduce.forward(means))));
    return tf.mul(x, castTo(gate, truePrecision(x)));
  }
}
