/** Pooling with PyTorch's rules. */
import { maxPool2d, tf, toFloat32 } from "../engine";
import type { Sides } from "./conv";

export interface MaxPoolOptions<Size = number> {
  kernel: Size;
  /** Default: the kernel. */
  stride?: Size;
  /** On either side, with minus infinity: padding never wins. At most half the kernel. Default 0. */
  padding?: Size;
  /** Whether a last window that begins within the input, but ends beyond it, counts: PyTorch's `ceil_mode`. */
  ceil?: boolean;
}

interface Line {
  kernel: number;
  stride: number;
  padding: number;
  ceil: boolean;
}

/** Padding before and after one axis of `length` places. */
function around(length: number, { kernel, stride, padding, ceil }: Line): [number, number] {
  if (!ceil) return [padding, padding];
  const reach = length + 2 * padding - kernel;
  // A window that begins in the padding behind the input does not count.
  const last = Math.min(Math.ceil(reach / stride) * stride, Math.ceil((length + padding) / stride) * stride - stride);
  return [padding, padding + Math.max(0, last - reach)];
}

/** [batch, time, channels] to [batch, time', channels]. */
export function maxPool1d(x: tf.Tensor3D, options: MaxPoolOptions): tf.Tensor3D {
  const { kernel, stride = kernel, padding = 0, ceil = false } = options;
  const [batch, time, channels] = x.shape;
  const y = maxPool2d(tf.reshape(x, [batch, 1, time, channels]), {
    window: [1, kernel],
    strides: [1, stride],
    padding: [[0, 0], around(time, { kernel, stride, padding, ceil })],
  });
  return tf.reshape(y, [batch, y.shape[2], channels]);
}

/** [batch, height, width, channels] to [batch, height', width', channels]. */
export function maxPoolImage(x: tf.Tensor4D, options: MaxPoolOptions<Sides>): tf.Tensor4D {
  const { kernel, stride = kernel, padding = 0, ceil = false } = options;
  const pair = (sides: Sides): readonly [number, number] => (typeof sides === "number" ? [sides, sides] : sides);
  const [kernels, strides, paddings] = [pair(kernel), pair(stride), pair(padding)];
  const along = (axis: 0 | 1): [number, number] =>
    around(x.shape[axis + 1]!, { kernel: kernels[axis], stride: strides[axis], padding: paddings[axis], ceil });
  return maxPool2d(x, { window: kernels, strides, padding: [along(0), along(1)] });
}

/**
 * The mean over all axes but the first and the last: [batch, ..., channels] to [batch, channels], in float32. Cast
 * before: tfjs' gradient of a mean is float32, and a float32 gradient would make the whole backward pass float32.
 */
export function globalAveragePool(x: tf.Tensor): tf.Tensor2D {
  const [batch, channels] = [x.shape[0]!, x.shape[x.rank - 1]!];
  return tf.mean(tf.reshape(toFloat32(x), [batch, -1, channels]), 1);
}
