/** Convolutions with PyTorch's rules: symmetric zero padding, weights named `weight` and `bias`. */
import { SignalbookError } from "../core/errors";
import { castTo, conv2d, type Padding, tf, truePrecision } from "../engine";
import { checkInteger } from "./checks";
import { constant, heNormal, type Initializer, uniformByFanIn } from "./initial";
import type { Scope } from "./parameters";

/** One number for both axes, or [vertical, horizontal]. */
export type Sides = number | readonly [number, number];

export interface ConvOptions<Size = number> {
  /** Input channels. */
  inputs: number;
  /** Output channels. */
  outputs: number;
  /** Taps of the filter, along each axis. */
  kernel: Size;
  /** Default 1. */
  stride?: Size;
  /**
   * Zeros on either side; or "same", TensorFlow's rule: as many places as the stride leaves; or "causal": all of them
   * before, so that nothing later is seen. Default 0.
   */
  padding?: Size | "same" | "causal";
  /** Steps between taps. Default 1. */
  dilation?: Size;
  /** Default 1. */
  groups?: number;
  /** Default false: a batch norm follows nearly everywhere. */
  bias?: boolean;
  /** Default He normal by fan out, the bias 0; "pytorch": uniform in +-1/sqrt(fan in), weight and bias. */
  initializer?: Initializer | "pytorch";
}

type Pair = readonly [number, number];

interface Settled {
  kernel: Pair;
  stride: Pair;
  padding: Pair | "same" | "causal";
  dilation: Pair;
  groups: number;
}

function settle(options: ConvOptions<Sides>): Settled {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  checkInteger("groups of a convolution", groups, 1);
  checkInteger("input channels of a convolution", options.inputs / groups, 1);
  checkInteger("output channels of a convolution", options.outputs / groups, 1);
  const pair = (what: string, value: Sides, least: number): Pair => {
    const both = typeof value === "number" ? ([value, value] as const) : value;
    for (const side of both) checkInteger(`${what} of a convolution`, side, least);
    return both;
  };
  return {
    kernel: pair("kernel", options.kernel, 1),
    stride: pair("stride", stride, 1),
    padding: typeof padding === "string" ? padding : pair("padding", padding, 0),
    dilation: pair("dilation", dilation, 1),
    groups,
  };
}

/** Zeros before and after `length` places: TensorFlow's rule puts the odd one after. */
function sameAround(length: number, kernel: number, stride: number, dilation: number): Padding {
  const reach = (Math.ceil(length / stride) - 1) * stride + (kernel - 1) * dilation + 1;
  const missing = Math.max(0, reach - length);
  return [missing >> 1, missing - (missing >> 1)];
}

abstract class Conv {
  protected readonly settled: Settled;
  private readonly weight: tf.Variable;
  private readonly bias: tf.Variable | undefined;

  protected constructor(scope: Scope, options: ConvOptions<Sides>, axes: 1 | 2) {
    this.settled = settle(options);
    const { kernel, groups } = this.settled;
    const { initializer = heNormal } = options;
    const byFanIn = uniformByFanIn((options.inputs / groups) * kernel[0] * kernel[1]);
    this.weight = scope.parameter("weight", {
      shape: [options.outputs, options.inputs / groups, ...kernel.slice(2 - axes)],
      layout: axes === 1 ? "conv1d" : "conv2d",
      initializer: initializer === "pytorch" ? byFanIn : initializer,
    });
    if (options.bias === true)
      this.bias = scope.parameter("bias", {
        shape: [options.outputs],
        layout: "same",
        initializer: initializer === "pytorch" ? byFanIn : constant(0),
      });
  }

  protected convolve(x: tf.Tensor4D): tf.Tensor4D {
    const { kernel, stride, padding, dilation, groups } = this.settled;
    const around = (axis: 0 | 1): Padding => {
      if (padding === "same") return sameAround(x.shape[axis + 1]!, kernel[axis], stride[axis], dilation[axis]);
      if (padding === "causal") return [(kernel[axis] - 1) * dilation[axis], 0];
      return [padding[axis], padding[axis]];
    };
    const sides = [around(0), around(1)] as const;
    sides.forEach(([before, after], axis) => {
      const [length, reach] = [x.shape[axis + 1]!, (kernel[axis]! - 1) * dilation[axis]! + 1];
      if (before + length + after < reach)
        throw new SignalbookError("an input smaller than the filter of a convolution", {
          found: `[${x.shape.join(", ")}]`,
          expected: `at least ${reach - before - after} places along axis ${axis + 1}`,
        });
    });
    const y = conv2d(x, this.weight as tf.Tensor4D, { strides: stride, padding: sides, dilations: dilation, groups });
    return this.bias === undefined ? y : tf.add(y, castTo(this.bias, truePrecision(y)));
  }
}

/** Convolution over time. */
export class Conv1d extends Conv {
  constructor(scope: Scope, options: ConvOptions) {
    const { kernel, stride = 1, padding = 0, dilation = 1 } = options;
    const flat = { kernel: [1, kernel], stride: [1, stride], dilation: [1, dilation] } as const;
    super(scope, { ...options, ...flat, padding: typeof padding === "string" ? padding : [0, padding] }, 1);
  }

  /** [batch, time, inputs] to [batch, time', outputs]. An image of height 1 is what the engine is fastest with. */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    const [batch, time, channels] = x.shape;
    const y = this.convolve(tf.reshape(x, [batch, 1, time, channels]));
    return tf.reshape(y, [batch, y.shape[2], y.shape[3]]);
  }
}

/** Convolution over images. */
export class Conv2d extends Conv {
  constructor(scope: Scope, options: ConvOptions<Sides>) {
    super(scope, options, 2);
  }

  /** [batch, height, width, inputs] to [batch, height', width', outputs]. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return this.convolve(x);
  }
}
