/**
 * 2-D convolution with explicit padding, groups and dilation, and TensorFlow's own gradient kernels for all of them
 * (tfjs' gradient allows neither groups nor dilation). 1-D signals are images of height 1.
 */
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../../core/errors";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { toPolicy } from "../precision";
import { type Attributes, defineGradient, replaceKernel, runKernel } from "./define";

/** Rows or samples added before and after. */
export type Padding = readonly [before: number, after: number];

export interface Conv2DOptions {
  /** [vertical, horizontal]. Default 1. */
  strides?: readonly [number, number];
  /** Zeros added around the image, [vertical, horizontal]. Default none. */
  padding?: readonly [Padding, Padding];
  /** Steps between the filter's taps. Default 1. */
  dilations?: readonly [number, number];
  /** Groups of channels that see only each other. Default 1. */
  groups?: number;
}

type Full = Required<Conv2DOptions>;

const none: readonly [Padding, Padding] = [
  [0, 0],
  [0, 0],
];

/**
 * @param x [batch, height, width, channels]
 * @param filter [height, width, channels / groups, outputs]
 * @returns [batch, height', width', outputs], in the precision policy's type
 */
export function conv2d(x: tfjs.Tensor4D, filter: tfjs.Tensor4D, options: Conv2DOptions = {}): tfjs.Tensor4D {
  const full: Full = {
    strides: options.strides ?? [1, 1],
    padding: options.padding ?? none,
    dilations: options.dilations ?? [1, 1],
    groups: options.groups ?? 1,
  };
  const [channels, perGroup, outputs] = [x.shape[3], filter.shape[2], filter.shape[3]];
  if (perGroup * full.groups !== channels || outputs % full.groups !== 0)
    throw new SignalbookError("a convolution whose channels do not fit its filter", {
      found: `${channels} channels, ${full.groups} groups, filter [${filter.shape.join(", ")}]`,
      expected: "channels = groups * filter's channels, and outputs a multiple of groups",
    });
  if (tfjs.getBackend() !== "tensorflow") return composed(x, filter, full);
  const inputs = { x: toPolicy(x), filter: toPolicy(filter) };
  return runKernel("SignalbookConv2D", inputs, full as unknown as Attributes) as tfjs.Tensor4D;
}

function attributesOf({ strides, padding, dilations }: Full): TFEOpAttr[] {
  const explicit = padding.flat().some((n) => n !== 0);
  return [
    attribute.type("T", DType.float32),
    attribute.int("strides", [1, strides[0], strides[1], 1]),
    attribute.string("padding", explicit ? "EXPLICIT" : "VALID"),
    ...(explicit ? [attribute.int("explicit_paddings", [0, 0, ...padding[0], ...padding[1], 0, 0])] : []),
    attribute.int("dilations", [1, dilations[0], dilations[1], 1]),
    attribute.string("data_format", "NHWC"),
    attribute.bool("use_cudnn_on_gpu", true),
  ];
}

type Kernel = Parameters<typeof replaceKernel>[2];

function onTensorflow(
  work: (backend: EngineBackend, inputs: Record<string, tfjs.Tensor4D>, options: Full) => tfjs.Tensor,
): Kernel {
  return ({ inputs, attrs, backend }) =>
    tfjs.tidy(() =>
      work(backend as EngineBackend, inputs as unknown as Record<string, tfjs.Tensor4D>, attrs as unknown as Full),
    );
}

replaceKernel(
  "SignalbookConv2D",
  "tensorflow",
  onTensorflow((backend, { x, filter }, options) => backend.run("Conv2D", attributesOf(options), [x!, filter!], 1)[0]!),
);

replaceKernel(
  "SignalbookConv2DInputGrad",
  "tensorflow",
  onTensorflow((backend, { x, filter, dy }, options) => {
    const one = (image: tfjs.Tensor, taps: tfjs.Tensor, slope: tfjs.Tensor): tfjs.Tensor => {
      const shape = tfjs.tensor1d(image.shape, "int32");
      return backend.run("Conv2DBackpropInput", attributesOf(options), [shape, taps, slope], 1)[0]!;
    };
    if (!oneByOne(backend, options)) return one(x!, filter!, dy!);
    const [images, filters, slopes] = [x!, filter!, dy!].map((t) => tfjs.split(t, options.groups, 3));
    return tfjs.concat(
      images!.map((image, g) => one(image, filters![g]!, slopes![g]!)),
      3,
    );
  }),
);

replaceKernel(
  "SignalbookConv2DFilterGrad",
  "tensorflow",
  onTensorflow((backend, { x, filter, dy }, options) => {
    if (isProduct(filter!, options)) return filterGradAsProduct(backend, x!, filter!, dy!);
    const one = (image: tfjs.Tensor, slope: tfjs.Tensor): tfjs.Tensor => {
      const [height, width, channels] = filter!.shape;
      const shape = tfjs.tensor1d([height, width, channels, slope.shape[3]!], "int32");
      return backend.run("Conv2DBackpropFilter", attributesOf(options), [image, shape, slope], 1)[0]!;
    };
    if (!oneByOne(backend, options)) return one(x!, dy!);
    const [images, slopes] = [x!, dy!].map((t) => tfjs.split(t, options.groups, 3));
    return tfjs.concat(
      images!.map((image, g) => one(image, slopes![g]!)),
      3,
    );
  }),
);

/** TensorFlow's gradients of a grouped convolution exist on GPUs only; on CPUs the groups go one by one. */
function oneByOne(backend: EngineBackend, { groups }: Full): boolean {
  return groups > 1 && !backend.eager.isUsingGpuDevice();
}

/** A 1x1 convolution at stride 1 is a matrix product, and so is its filter gradient: faster than the convolution's. */
function isProduct(filter: tfjs.Tensor4D, { strides, padding, groups }: Full): boolean {
  const [height, width] = filter.shape;
  const unit = strides[0] === 1 && strides[1] === 1 && padding.flat().every((n) => n === 0);
  return height === 1 && width === 1 && unit && groups === 1;
}

function filterGradAsProduct(
  backend: EngineBackend,
  x: tfjs.Tensor4D,
  filter: tfjs.Tensor4D,
  dy: tfjs.Tensor4D,
): tfjs.Tensor {
  const rows = tfjs.reshape(x, [-1, x.shape[3]]);
  const slopes = tfjs.reshape(dy, [-1, dy.shape[3]]);
  const attributes = [
    attribute.type("T", DType.float32),
    attribute.bool("transpose_a", true),
    attribute.bool("transpose_b", false),
  ];
  return tfjs.reshape(backend.run("MatMul", attributes, [rows, slopes], 1)[0]!, filter.shape);
}

defineGradient("SignalbookConv2D", {
  inputs: ["x", "filter"],
  of: ([dy], [x, filter], attributes) => {
    const inputs = { x: x!, filter: filter!, dy: dy! };
    return {
      x: () => runKernel("SignalbookConv2DInputGrad", inputs, attributes) as tfjs.Tensor,
      filter: () => runKernel("SignalbookConv2DFilterGrad", inputs, attributes) as tfjs.Tensor,
    };
  },
});

/** Of tfjs' own ops, whose gradients tfjs knows: the padding made, the filter spread out, the groups one by one. */
function composed(
  x: tfjs.Tensor4D,
  filter: tfjs.Tensor4D,
  { strides, padding, dilations, groups }: Full,
): tfjs.Tensor4D {
  const [top, bottom] = padding[0];
  const [left, right] = padding[1];
  const padded = tfjs.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  const spread = spreadTaps(filter, dilations);
  const stride: [number, number] = [strides[0], strides[1]];
  if (groups === 1) return tfjs.conv2d(padded, spread, stride, "valid");
  const images = tfjs.split(padded, groups, 3);
  const filters = tfjs.split(spread, groups, 3);
  return tfjs.concat(
    images.map((image, g) => tfjs.conv2d(image as tfjs.Tensor4D, filters[g] as tfjs.Tensor4D, stride, "valid")),
    3,
  );
}

/** The filter with zeros between its taps: a dilated filter written out. */
function spreadTaps(filter: tfjs.Tensor4D, [dy, dx]: readonly [number, number]): tfjs.Tensor4D {
  if (dy === 1 && dx === 1) return filter;
  const [height, width, channels, outputs] = filter.shape;
  const apart = tfjs.pad(tfjs.reshape(filter, [height, 1, width, 1, channels * outputs]), [
    [0, 0],
    [0, dy - 1],
    [0, 0],
    [0, dx - 1],
    [0, 0],
  ]);
  const full: tfjs.Tensor4D = tfjs.reshape(apart, [height * dy, width * dx, channels, outputs]);
  return tfjs.slice(full, [0, 0, 0, 0], [(height - 1) * dy + 1, (width - 1) * dx + 1, channels, outputs]);
}
