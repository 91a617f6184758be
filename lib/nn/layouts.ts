/**
 * PyTorch's memory layouts and TensorFlow's. Variables hold TensorFlow's, which its kernels want; names and shapes
 * that a user meets (weight files, tables) are PyTorch's.
 */
import { tf } from "../engine";

/**
 * What kind of tensor a parameter is:
 * "same": both agree (vectors; linear weights are kept as [outputs, inputs]).
 * "conv1d": PyTorch [outputs, inputs/groups, taps], here [1, taps, inputs/groups, outputs]: an image of height 1.
 * "conv2d": PyTorch [outputs, inputs/groups, height, width], here [height, width, inputs/groups, outputs].
 */
export type Layout = "same" | "conv1d" | "conv2d";

/** A tensor in PyTorch's layout becomes one in TensorFlow's. */
export function fromTorch(x: tf.Tensor, layout: Layout): tf.Tensor {
  if (layout === "same") return x;
  if (layout === "conv2d") return tf.transpose(x, [2, 3, 1, 0]);
  return tf.expandDims(tf.transpose(x, [2, 1, 0]), 0);
}

/** The inverse of {@link fromTorch}. */
export function toTorch(x: tf.Tensor, layout: Layout): tf.Tensor {
  if (layout === "same") return x;
  if (layout === "conv2d") return tf.transpose(x, [3, 2, 0, 1]);
  return tf.transpose(tf.squeeze(x, [0]), [2, 1, 0]);
}

/** The shape in PyTorch's layout of a tensor that has `shape` in TensorFlow's. */
export function torchShape(shape: readonly number[], layout: Layout): number[] {
  if (layout === "same") return [...shape];
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  return layout === "conv2d" ? [outputs, inputs, height, width] : [outputs, inputs, width];
}
