/** Pooling with PyTorch's rules. */
import { maxPool2d, tf, toFloat32 } from "../engine";
import type { Sides } from "./conv";

export interface MaxPoolOptions<Size = number> {
  kernel: Size;
  /** Default: the kernel. */
  stride?: Size;
  /** On either side, with minus infinity: padding never wins. At most half the kernel. Default 0. */
  padding?: Size;
}

/** [batch, time, channels] to [batch, time', channels]. */
export function maxPool1d(x: tf.Tensor3D, { kernel, stride = kernel, padding = 0 }: MaxPoolOptions): tf.Tensor3D {
  const [batch, time, channels] = x.shape;
  const y = maxPool2d(tf.reshape(x, [batch, 1, time, channels]), {
    window: [1, kernel],
    strides: [1, stride],
    padding: [
      [0, 0],
      [padding, padding],
    ],
  });
  return tf.reshape(y, [batch, y.shape[2], channels]);
}

/** [batch, height, width, channels] to [batch, height', width', channels]. */
export function maxPoolImage(x: tf.Tensor4D, options: MaxPoolOptions<Sides>): tf.Tensor4D {
  const { kernel, stride = kernel, padding = 0 } = options;
  const pair = (sides: Sides): readonly [number, number] => (typeof sides === "number" ? [sides, sides] : sides);
  const [vertical, horizontal] = pair(padding);
  return maxPool2d(x, {
    window: pair(kernel),
    strides: pair(stride),
    padding: [
      [vertical, vertical],
      [horizontal, horizontal],
    ],
  });
}

/**
 * The mean over all axes but the first and the last: [batch, ..., channels] to [batch, channels], in float32. Cast
 * before: tfjs' gradient of a mean is float32, and a float32 gradient would make the whole backward pass float32.
 */
export function globalAveragePool(x: tf.Tensor): tf.Tensor2D {
  const [batch, channels] = [x.shape[0]!, x.shape[x.rank - 1]!];
  return tf.mean(tf.reshape(toFloat32(x), [batch, -1, channels]), 1);
}
