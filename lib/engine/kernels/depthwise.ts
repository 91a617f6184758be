/**
 * Depthwise convolution: each channel has a filter of its own. TensorFlow's kernels for it, gradients included; its
 * grouped convolution would take the channels one by one.
 */
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { castTo, truePrecision } from "../precision";
import { type ConvGeometry, paddingAttributes } from "./conv-gradients";
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

function attributesOf(attributes: Attributes): TFEOpAttr[] {
  const { strides, padding } = attributes as unknown as ConvGeometry;
  // An image of height 1 has no vertical stride to speak of: the op wants both alike.
  return [
    attribute.type("T", DType.float32),
    attribute.int("strides", [1, strides[1], strides[1], 1]),
    ...paddingAttributes(padding),
    attribute.int("dilations", [1, 1, 1, 1]),
    attribute.string("data_format", "NHWC"),
  ];
}

const define = (name: string, work: (inputs: Inputs, attributes: TFEOpAttr[], backend: EngineBackend) => tfjs.Tensor) =>
  replaceKernel(name, "tensorflow", ({ inputs, attrs, backend }) =>
    tfjs.tidy(() =>
      work(inputs as unknown as Inputs, attributesOf((attrs ?? {}) as Attributes), backend as EngineBackend),
    ),
  );

define(
  "SignalbookDepthwiseConv2D",
  ({ x, filter }, attributes, backend) => backend.run("DepthwiseConv2dNative", attributes, [x!, filter!], 1)[0]!,
);

define("SignalbookDepthwiseConv2DInputGrad", ({ x, filter, dy }, attributes, backend) => {
  const shape = tfjs.tensor1d(x!.shape, "int32");
  return backend.run("DepthwiseConv2dNativeBackpropInput", attributes, [shape, filter!, dy!], 1)[0]!;
});

define("SignalbookDepthwiseConv2DFilterGrad", ({ x, filter, dy }, attributes, backend) => {
  const shape = tfjs.tensor1d(filter!.shape, "int32");
  return backend.run("DepthwiseConv2dNativeBackpropFilter", attributes, [x!, shape, dy!], 1)[0]!;
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
