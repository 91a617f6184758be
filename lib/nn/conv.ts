/** Convolutions with PyTorch's rules: symmetric zero padding, weights named `weight` and `bias`. */
import { conv2d, tf } from "../engine";
import { checkInteger } from "./checks";
import { constant, heNormal, type Initializer } from "./initial";
import type { Scope } from "./parameters";

export interface ConvOptions {
  /** Input channels. */
  inputs: number;
  /** Output channels. */
  outputs: number;
  /** Taps of the filter, along each axis. */
  kernel: number;
  /** Default 1. */
  stride?: number;
  /** Zeros on either side. Default 0. */
  padding?: number;
  /** Steps between taps. Default 1. */
  dilation?: number;
  /** Default 1. */
  groups?: number;
  /** Default false: a batch norm follows nearly everywhere. */
  bias?: boolean;
  /** Of the weight. Default He normal by fan out. */
  initializer?: Initializer;
}

type Settled = Required<Omit<ConvOptions, "initializer" | "bias">>;

function settle(options: ConvOptions): Settled {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  checkInteger("groups of a convolution", groups, 1);
  checkInteger("input channels of a convolution", options.inputs / groups, 1);
  checkInteger("output channels of a convolution", options.outputs / groups, 1);
  return {
    inputs: options.inputs,
    outputs: options.outputs,
    kernel: checkInteger("kernel of a convolution", options.kernel, 1),
    stride: checkInteger("stride of a convolution", stride, 1),
    padding: checkInteger("padding of a convolution", padding, 0),
    dilation: checkInteger("dilation of a convolution", dilation, 1),
    groups,
  };
}

abstract class Conv {
  protected readonly settled: Settled;
  protected readonly weight: tf.Variable;
  private readonly bias: tf.Variable | undefined;

  protected constructor(scope: Scope, options: ConvOptions, axes: 1 | 2) {
    this.settled = settle(options);
    const { inputs, outputs, kernel, groups } = this.settled;
    this.weight = scope.parameter("weight", {
      shape: [outputs, inputs / groups, ...new Array<number>(axes).fill(kernel)],
      layout: axes === 1 ? "conv1d" : "conv2d",
      initializer: options.initializer ?? heNormal,
    });
    if (options.bias === true)
      this.bias = scope.parameter("bias", { shape: [outputs], layout: "same", initializer: constant(0) });
  }

  protected withBias(y: tf.Tensor4D): tf.Tensor4D {
    return this.bias === undefined ? y : tf.add(y, this.bias);
  }
}

/** Convolution over time. */
export class Conv1d extends Conv {
  constructor(scope: Scope, options: ConvOptions) {
    super(scope, options, 1);
  }

  /** [batch, time, inputs] to [batch, time', outputs]. An image of height 1 is what the engine is fastest with. */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    const { stride, padding, dilation, groups } = this.settled;
    const [batch, time, channels] = x.shape;
    const y = conv2d(tf.reshape(x, [batch, 1, time, channels]), this.weight as tf.Tensor4D, {
      strides: [1, stride],
      padding: [
        [0, 0],
        [padding, padding],
      ],
      dilations: [1, dilation],
      groups,
    });
    return tf.reshape(this.withBias(y), [batch, y.shape[2], y.shape[3]]);
  }
}

/** Convolution over images. */
export class Conv2d extends Conv {
  constructor(scope: Scope, options: ConvOptions) {
    super(scope, options, 2);
  }

  /** [batch, height, width, inputs] to [batch, height', width', outputs]. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const { stride, padding, dilation, groups } = this.settled;
    const y = conv2d(x, this.weight as tf.Tensor4D, {
      strides: [stride, stride],
      padding: [
        [padding, padding],
        [padding, padding],
      ],
      dilations: [dilation, dilation],
      groups,
    });
    return this.withBias(y);
  }
}
