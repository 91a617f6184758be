/**
 * Depthwise convolution: each channel has a filter of its own. TensorFlow's kernels for it; its grouped convolution would
 * take the channels one by one.
 *
 * On processors the input's gradient has a faster way: at stride 1 a forward convolution of dy with the turned filter,
 * else oneDNN's kernel, which TensorFlow takes for the padding "SAME" and "VALID" only. For the filter's gradient it is
 * the other way round: oneDNN's is the slower one (AVX-512, two cores, batch 8, milliseconds of processor time):
 *
 *   gradient of   padding            112 x 112 x 144, 3x3, stride 2   28 x 28 x 336, 5x5   7 x 7 x 1632, 5x5
 *   the input     explicit           18                               9.0                  3.1
 *                 "SAME"             8.7                              4.1                  1.5
 *                 forward, turned                                     3.2                  1.1
 *   the filter    explicit           7.2                              8.8                  3.1
 *                 "SAME"             10.4                             18                   28
 */
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { castTo, truePrecision } from "../precision";
import { type ConvGeometry, isReached, paddingAttributes, turnedPadding, unpadded } from "./conv-geometry";
import { libraryInputGradient } from "./conv-gradients";
import { type Attributes, defineGradient, type Inputs, replaceKernel, runKernel } from "./define";

/** Whether TensorFlow's depthwise kernels can take it: one filter a channel, strides alike, no holes in the filter. */
export function isDepthwise(
  [, imageHeight, , channels]: readonly [number, number, number, number],
  filterShape: readonly [number, number, number, number],
  { groups, strides, padding, dilations }: ConvGeometry,
): boolean {
  const [height, , perGroup, outputs] = filterShape;
  if (groups !== channels || perGroup !== 1 || outputs !== channels || channels === 1) return false;
  if (dilations[0] !== 1 || dilations[1] !== 1) return false;
  return strides[0] === strides[1] || (height === 1 && imageHeight === 1 && padding[0].every((n) => n === 0));
}

function attributesOf({ strides, padding }: ConvGeometry, same = false): TFEOpAttr[] {
  // An image of height 1 has no vertical stride to speak of: the op wants both alike.
  return [
    attribute.type("T", DType.float32),
    attribute.int("strides", [1, strides[1], strides[1], 1]),
    ...(same ? [attribute.string("padding", "SAME")] : paddingAttributes(padding)),
    attribute.int("dilations", [1, 1, 1, 1]),
    attribute.string("data_format", "NHWC"),
  ];
}

const define = (name: string, work: (inputs: Inputs, geometry: ConvGeometry, backend: EngineBackend) => tfjs.Tensor) =>
  replaceKernel(name, "tensorflow", ({ inputs, attrs, backend }) =>
    tfjs.tidy(() => work(inputs as unknown as Inputs, attrs as unknown as ConvGeometry, backend as EngineBackend)),
  );

const forward = (backend: EngineBackend, x: tfjs.Tensor, filter: tfjs.Tensor, geometry: ConvGeometry): tfjs.Tensor =>
  backend.run("DepthwiseConv2dNative", attributesOf(geometry), [x, filter], 1)[0]!;

define("SignalbookDepthwiseConv2D", ({ x, filter }, geometry, backend) => forward(backend, x!, filter!, geometry));

define("SignalbookDepthwiseConv2DInputGrad", ({ x, filter, dy }, geometry, backend) => {
  const [taps, shape] = [filter as tfjs.Tensor4D, x!.shape as tfjs.Tensor4D["shape"]];
  const gpu = backend.eager.isUsingGpuDevice();
  if (!gpu && geometry.strides.every((stride) => stride === 1) && isReached(taps, geometry))
    return forward(backend, dy!, tfjs.reverse(taps, [0, 1]), { ...geometry, padding: turnedPadding(taps, geometry) });
  const run = (of: readonly number[], attributes: TFEOpAttr[]): tfjs.Tensor => {
    const size = tfjs.tensor1d([...of], "int32");
    return backend.run("DepthwiseConv2dNativeBackpropInput", attributes, [size, taps, dy!], 1)[0]!;
  };
  if (gpu) return run(shape, attributesOf(geometry));
  return libraryInputGradient(shape, taps.shape, geometry, {
    same: () => run(shape, attributesOf(geometry, true)),
    valid: (whole) => run(whole, attributesOf(unpadded(geometry))),
  });
});

define("SignalbookDepthwiseConv2DFilterGrad", ({ x, filter, dy }, geometry, backend) => {
  const shape = tfjs.tensor1d(filter!.shape, "int32");
  return backend.run("DepthwiseConv2dNativeBackpropFilter", attributesOf(geometry), [x!, shape, dy!], 1)[0]!;
});

defineGradient("SignalbookDepthwiseConv2D", {
  inputs: ["x", "filter"],
  of: ([dy], [x, filter], attributes) => {
    const inputs = { x: x!, filter: filter!, dy: castTo(dy!, truePrecision(x!)) };
    return {
      x: () => runKernel("SignalbookDepthwiseConv2DInputGrad", inputs, attributes) as tfjs.Tensor,
      filter: () => runKernel("SignalbookDepthwiseConv2DFilterGrad", inputs, attributes) as tfjs.Tensor,
    };
  },
});

/** @param filter [height, width, 1, channels], as a grouped convolution has it */
export function depthwiseConv(x: tfjs.Tensor4D, filter: tfjs.Tensor4D, geometry: ConvGeometry): tfjs.Tensor4D {
  const [height, width, , channels] = filter.shape;
  const taps = tfjs.reshape(filter, [height, width, channels, 1]);
  return runKernel(
    "SignalbookDepthwiseConv2D",
    { x, filter: taps },
    geometry as unknown as Attributes,
  ) as tfjs.Tensor4D;
}
