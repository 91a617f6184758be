/** Average pooling with PyTorch's rules. */
import { castTo, tf, toFloat32, truePrecision } from "../engine";
import type { Sides } from "./conv";

export interface AveragePoolOptions<Size = number> {
  kernel: Size;
  /** Default: the kernel. */
  stride?: Size;
  /** Zeros on either side. Default 0. */
  padding?: Size;
  /** Whether those zeros count in the averages, PyTorch's `count_include_pad`. Default true. */
  countPadding?: boolean;
}

/** [batch, time, channels] to [batch, time', channels]. */
export function averagePool1d(x: tf.Tensor3D, options: AveragePoolOptions): tf.Tensor3D {
  const { kernel, stride = kernel, padding = 0, countPadding = true } = options;
  const [batch, time, channels] = x.shape;
  const y = averagePoolImage(tf.reshape(x, [batch, 1, time, channels]), {
    ...{ kernel: [1, kernel], stride: [1, stride], padding: [0, padding], countPadding },
  });
  return tf.reshape(y, [batch, y.shape[2], channels]);
}

/** [batch, height, width, channels] to [batch, height', width', channels]; the averages are taken in float32. */
export function averagePoolImage(x: tf.Tensor4D, options: AveragePoolOptions<Sides>): tf.Tensor4D {
  const { kernel, stride = kernel, padding = 0, countPadding = true } = options;
  const pair = (sides: Sides): [number, number] => (typeof sides === "number" ? [sides, sides] : [...sides]);
  const [vertical, horizontal] = pair(padding);
  const average = (image: tf.Tensor4D): tf.Tensor4D => {
    const padded = tf.pad(image, [[0, 0], [vertical, vertical], [horizontal, horizontal], [0, 0]]); // biome-ignore format: one line reads better
    return tf.avgPool(padded, pair(kernel), pair(stride), "valid");
  };
  const averages = average(toFloat32(x));
  if (countPadding || (vertical === 0 && horizontal === 0)) return castTo(averages, truePrecision(x));
  // The share of each window that lies within the image.
  const inside = average(tf.ones([1, x.shape[1], x.shape[2], 1]));
  return castTo(tf.div(averages, inside), truePrecision(x));
}
