/** 2-D convolution on TensorFlow: its kernel, or for short signals a matrix product. */
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { truePrecision } from "../precision";
import { type ConvGeometry, convAttributes, isUnit, type Padding } from "./conv-geometry";

export function forwardConv(
  backend: EngineBackend,
  x: tfjs.Tensor4D,
  filter: tfjs.Tensor4D,
  geometry: ConvGeometry,
): tfjs.Tensor4D {
  const cpu = !backend.eager.isUsingGpuDevice();
  if (cpu && truePrecision(x) === "float32" && isLongSum(x.shape, filter.shape, geometry))
    return asColumns(backend, x, filter, geometry);
  return libraryConv(backend, x, filter, geometry);
}

/** TensorFlow's kernel, whatever the shapes. */
export function libraryConv(
  backend: EngineBackend,
  x: tfjs.Tensor4D,
  filter: tfjs.Tensor4D,
  geometry: ConvGeometry,
): tfjs.Tensor4D {
  return backend.run("Conv2D", convAttributes(geometry), [x, filter], 1)[0] as tfjs.Tensor4D;
}

/**
 * Whether a convolution of signals is faster as one matrix product: where each output sums thousands of products and the
 * results are short, oneDNN reads the large filter again for each of them (4 signals, 157 x 512, 11 taps: 73 milliseconds
 * of processor time as a convolution, 43 as a product; to 157 by a stride of 2: 154; 313 x 256, 11 taps: 18 and 21).
 */
export function isLongSum(
  [, imageHeight, imageWidth]: readonly number[],
  [height, width, channels, outputs]: tfjs.Tensor4D["shape"],
  { strides, dilations, groups, padding }: ConvGeometry,
): boolean {
  const plain = groups === 1 && isUnit(dilations) && padding[0].every((n) => n === 0);
  const short = imageHeight === 1 && height === 1 && placesOf(imageWidth!, width, strides[1], padding[1]) <= 256;
  return plain && short && width * channels >= 5000 && outputs <= 512;
}

function placesOf(length: number, taps: number, stride: number, [before, after]: Padding): number {
  return Math.floor((before + length + after - taps) / stride) + 1;
}

/** The convolution of signals as a product: a row holds all samples that one output sees. */
function asColumns(
  backend: EngineBackend,
  x: tfjs.Tensor4D,
  filter: tfjs.Tensor4D,
  { strides: [, stride], padding: [, around] }: ConvGeometry,
): tfjs.Tensor4D {
  const [batch, , width, channels] = x.shape;
  const [, taps, , outputs] = filter.shape;
  const places = placesOf(width, taps, stride, around);
  const padded = tfjs.pad(tfjs.reshape(x, [batch, width, channels]), [[0, 0], [...around] as [number, number], [0, 0]]);
  const seen = Array.from({ length: taps }, (_, i) =>
    tfjs.stridedSlice(padded, [0, i, 0], [batch, i + (places - 1) * stride + 1, channels], [1, stride, 1]),
  );
  const rows = tfjs.reshape(tfjs.concat(seen, 2), [batch * places, taps * channels]);
  const y = backend.run("MatMul", productAttributes(false), [rows, tfjs.reshape(filter, [-1, outputs])], 1)[0]!;
  return tfjs.reshape(y, [batch, 1, places, outputs]);
}

/** Of a matrix product. @param transposed the first factor */
export const productAttributes = (transposed: boolean): TFEOpAttr[] => [
  attribute.type("T", DType.float32),
  attribute.bool("transpose_a", transposed),
  attribute.bool("transpose_b", false),
];
