/** A convolution and the batch norm behind it: what most networks are made of. */
import type { tf } from "../engine";
import { BatchNorm, type BatchNormOptions } from "./batch-norm";
import type { ForwardContext } from "./context";
import { Conv1d, Conv2d, type ConvOptions, type Sides } from "./conv";
import type { Scope } from "./parameters";

/** The names of the two below the scope, such as ["conv1", "bn1"]: published networks differ. */
export type ConvNormNames = readonly [conv: string, norm: string];

export type ConvNormOptions<Size = number> = ConvOptions<Size> & {
  /** Of the norm; its channels are the convolution's outputs. */
  norm?: Omit<BatchNormOptions, "channels">;
};

/** Over time: [batch, time, inputs] to [batch, time', outputs]. */
export function convNorm1d(
  scope: Scope,
  names: ConvNormNames,
  options: ConvNormOptions,
): (x: tf.Tensor3D, context: ForwardContext) => tf.Tensor3D {
  const conv = new Conv1d(scope.at(names[0]), options);
  const norm = normBehind(scope.at(names[1]), options);
  return (x, context) => norm.forward(conv.forward(x), context);
}

/** Over images: [batch, height, width, inputs] to [batch, height', width', outputs]. */
export function convNorm2d(
  scope: Scope,
  names: ConvNormNames,
  options: ConvNormOptions<Sides>,
): (x: tf.Tensor4D, context: ForwardContext) => tf.Tensor4D {
  const conv = new Conv2d(scope.at(names[0]), options);
  const norm = normBehind(scope.at(names[1]), options);
  return (x, context) => norm.forward(conv.forward(x), context);
}

function normBehind(scope: Scope, { outputs, norm }: Pick<ConvNormOptions, "outputs" | "norm">): BatchNorm {
  return new BatchNorm(scope, { ...norm, channels: outputs });
}
