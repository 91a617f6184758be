/**
 * 2-D convolution with explicit padding, groups and dilation, and gradients for all of them (tfjs' gradient allows
 * neither groups nor dilation). 1-D signals are images of height 1.
 */
import * as tfjs from "@tensorflow/tfjs";
import { SignalbookError } from "../../core/errors";
import type { EngineBackend } from "../backend";
import { castTo, toPolicy, truePrecision } from "../precision";
import { forwardConv } from "./conv-forward";
import type { ConvGeometry, Padding } from "./conv-geometry";
import { filterGradient, filterGradientWay, inputGradient, inputGradientWay } from "./conv-gradients";
import { type Attributes, defineGradient, replaceKernel, runKernel } from "./define";
import { depthwiseConv, isDepthwise } from "./depthwise";

export type { Padding };

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
  const full: ConvGeometry = {
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
  const gpu = (tfjs.backend() as EngineBackend).eager.isUsingGpuDevice();
  // TensorFlow's gradient kernels know no dilation on processors: there the filter is written out.
  const taps = gpu ? filter : spreadTaps(filter, full.dilations);
  const geometry: ConvGeometry = gpu ? full : { ...full, dilations: [1, 1] };
  const inputs = { x: toPolicy(x), filter: toPolicy(taps) };
  if (isDepthwise(x.shape, taps.shape, geometry)) return depthwiseConv(inputs.x, inputs.filter, geometry);
  return runKernel("SignalbookConv2D", inputs, geometry as unknown as Attributes) as tfjs.Tensor4D;
}

type Kernel = Parameters<typeof replaceKernel>[2];

function onTensorflow(
  work: (backend: EngineBackend, inputs: Record<string, tfjs.Tensor4D>, options: ConvGeometry) => tfjs.Tensor,
): Kernel {
  return ({ inputs, attrs, backend }) =>
    tfjs.tidy(() =>
      work(
        backend as EngineBackend,
        inputs as unknown as Record<string, tfjs.Tensor4D>,
        attrs as unknown as ConvGeometry,
      ),
    );
}

replaceKernel(
  "SignalbookConv2D",
  "tensorflow",
  onTensorflow((backend, { x, filter }, options) => forwardConv(backend, x!, filter!, options)),
);

replaceKernel(
  "SignalbookConv2DInputGrad",
  "tensorflow",
  onTensorflow((backend, { x, filter, dy }, options) =>
    inputGradient(backend, inputGradientWay(backend, filter!, dy!.shape, options), x!.shape, filter!, dy!, options),
  ),
);

replaceKernel(
  "SignalbookConv2DFilterGrad",
  "tensorflow",
  onTensorflow((backend, { x, filter, dy }, options) =>
    filterGradient(backend, filterGradientWay(backend, x!, filter!.shape, options), x!, filter!.shape, dy!, options),
  ),
);

defineGradient("SignalbookConv2D", {
  inputs: ["x", "filter"],
  of: ([dy], [x, filter], attributes) => {
    // A gradient that came back wider than the convolution ran must not widen all that lies before it.
    const inputs = { x: x!, filter: filter!, dy: castTo(dy!, truePrecision(x!)) };
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
  { strides, padding, dilations, groups }: ConvGeometry,
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
