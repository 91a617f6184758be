/** Geometry of convolutions: strides, padding, groups, and how TensorFlow's ops are told. */
import type * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";

/** Rows or samples added before and after. */
export type Padding = readonly [before: number, after: number];

/** How a convolution runs: all settled. Pairs are [vertical, horizontal]. */
export interface ConvGeometry {
  strides: readonly [number, number];
  padding: readonly [Padding, Padding];
  dilations: readonly [number, number];
  groups: number;
}

/** The padding as TensorFlow's ops have it. */
export function paddingAttributes(padding: ConvGeometry["padding"]): TFEOpAttr[] {
  if (padding.flat().every((n) => n === 0)) return [attribute.string("padding", "VALID")];
  return [
    attribute.string("padding", "EXPLICIT"),
    attribute.int("explicit_paddings", [0, 0, ...padding[0], ...padding[1], 0, 0]),
  ];
}

/**
 * Whether the padding is what TensorFlow's "SAME" would add. Then its gradient kernels are told so: oneDNN, which is up
 * to three times as fast there and knows groups, takes them with "SAME" and "VALID", but not with a padding spelled out.
 */
export function isSamePadding(
  [, ...lengths]: readonly [number, number, number, number],
  kernel: readonly number[],
  { strides, padding }: ConvGeometry,
): boolean {
  return ([0, 1] as const).every((axis) => {
    const [length, stride] = [lengths[axis]!, strides[axis]];
    const missing = Math.max(0, (Math.ceil(length / stride) - 1) * stride + kernel[axis]! - length);
    const [before, after] = padding[axis];
    return before === missing >> 1 && after === missing - before;
  });
}

export function convAttributes({ strides, padding, dilations }: ConvGeometry, same = false): TFEOpAttr[] {
  return [
    attribute.type("T", DType.float32),
    attribute.int("strides", [1, strides[0], strides[1], 1]),
    ...(same ? [attribute.string("padding", "SAME")] : paddingAttributes(padding)),
    attribute.int("dilations", [1, dilations[0], dilations[1], 1]),
    attribute.string("data_format", "NHWC"),
    attribute.bool("use_cudnn_on_gpu", true),
  ];
}

export const isUnit = ([a, b]: readonly [number, number]): boolean => a === 1 && b === 1;

export const isUnpadded = ({ padding }: ConvGeometry): boolean => padding.flat().every((n) => n === 0);

export const unpadded = (geometry: ConvGeometry): ConvGeometry => ({
  ...geometry,
  padding: [
    [0, 0],
    [0, 0],
  ],
});

/** Of the turned convolution: what the filter reaches beyond its own padding. */
export function turnedPadding({ shape }: tfjs.Tensor4D, { padding }: ConvGeometry): ConvGeometry["padding"] {
  const around = (axis: 0 | 1): Padding => {
    const [before, after] = padding[axis];
    return [shape[axis] - 1 - before, shape[axis] - 1 - after];
  };
  return [around(0), around(1)];
}

/** Whether every padded place is within the filter's reach: else the turned convolution would have to cut, not pad. */
export function isReached({ shape: [height, width] }: tfjs.Tensor4D, { padding }: ConvGeometry): boolean {
  return padding[0].every((n) => n < height) && padding[1].every((n) => n < width);
}
