/**
 * 2-D max pooling with explicit padding: what is added around never wins (PyTorch's rule).
 *
 * The padding is written out, so that TensorFlow's op has none: in a traced step oneDNN then takes the pooling and its
 * gradient, which it does not for explicit padding (measured on 16 x 112 x 112 x 64 in bfloat16: 6 ms instead of 78).
 */
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import type { Padding } from "./conv";
import { type Attributes, defineKernel, runKernel } from "./define";

export interface MaxPool2DOptions {
  /** [vertical, horizontal] */
  window: readonly [number, number];
  /** Default: the window. */
  strides?: readonly [number, number];
  /** Default none. */
  padding?: readonly [Padding, Padding];
}

type Full = Required<Omit<MaxPool2DOptions, "padding">>;

function attributesOf(attributes: Attributes): TFEOpAttr[] {
  const { window, strides } = attributes as unknown as Full;
  return [
    attribute.type("T", DType.float32),
    attribute.int("ksize", [1, window[0], window[1], 1]),
    attribute.int("strides", [1, strides[0], strides[1], 1]),
    attribute.string("padding", "VALID"),
    attribute.string("data_format", "NHWC"),
  ];
}

const run = (backend: EngineBackend, name: string, inputs: tfjs.Tensor[], attributes: Attributes): tfjs.Tensor =>
  backend.run(name, attributesOf(attributes), inputs, 1)[0]!;

defineKernel({
  name: "SignalbookMaxPool2D",
  tensorflow: ({ x }, attributes, backend) => run(backend, "MaxPool", [x!], attributes),
  composed: ({ x }, attributes) => {
    const { window, strides } = attributes as unknown as Full;
    return tfjs.maxPool(x as tfjs.Tensor4D, [window[0], window[1]], [strides[0], strides[1]], "valid");
  },
  gradient: {
    inputs: ["x"],
    outputs: [true],
    of: ([dy], [x, y], attributes) => ({
      x: () => runKernel("SignalbookMaxPool2DGrad", { x: x!, y: y!, dy: dy! }, attributes) as tfjs.Tensor,
    }),
  },
});

defineKernel({
  name: "SignalbookMaxPool2DGrad",
  tensorflow: ({ x, y, dy }, attributes, backend) => run(backend, "MaxPoolGrad", [x!, y!, dy!], attributes),
  composed: ({ x, y, dy }, attributes) => {
    const { window, strides } = attributes as unknown as Full;
    const inputs = { dy: dy!, input: x!, output: y! } as unknown as tfjs.NamedTensorMap;
    const attrs = {
      filterSize: [window[0], window[1]],
      strides: [strides[0], strides[1]],
      pad: "valid",
      dimRoundingMode: undefined,
    };
    return tfjs.engine().runKernel("MaxPoolGrad", inputs, attrs as unknown as tfjs.NamedAttrMap) as tfjs.Tensor;
  },
});

/** x: [batch, height, width, channels]. Where values tie, the first one takes the gradient. */
export function maxPool2d(x: tfjs.Tensor4D, options: MaxPool2DOptions): tfjs.Tensor4D {
  const full: Full = { window: options.window, strides: options.strides ?? options.window };
  const attributes = full as unknown as Attributes;
  const around = ([before, after]: Padding, axis: 0 | 1): [number, number] => {
    const [length, window, stride] = [x.shape[axis + 1]!, full.window[axis], full.strides[axis]];
    const places = Math.floor((before + length + after - window) / stride);
    // No more than the last window reaches.
    return [before, Math.max(0, Math.min(after, places * stride + window - before - length))];
  };
  const [vertical, horizontal] = options.padding ?? [];
  if (vertical === undefined || horizontal === undefined)
    return runKernel("SignalbookMaxPool2D", { x }, attributes) as tfjs.Tensor4D;
  const edges = [[0, 0], around(vertical, 0), around(horizontal, 1), [0, 0]] as [number, number][];
  const none = edges.flat().every((n) => n === 0);
  const padded = none ? x : tfjs.pad(x, edges, Number.NEGATIVE_INFINITY);
  return runKernel("SignalbookMaxPool2D", { x: padded }, attributes) as tfjs.Tensor4D;
}
