/** 2-D max pooling with explicit padding: what is added around never wins (PyTorch's rule). */
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

type Full = Required<MaxPool2DOptions>;

function attributesOf(attributes: Attributes): TFEOpAttr[] {
  const { window, strides, padding } = attributes as unknown as Full;
  const explicit = padding.flat().some((n) => n !== 0);
  return [
    attribute.type("T", DType.float32),
    attribute.int("ksize", [1, window[0], window[1], 1]),
    attribute.int("strides", [1, strides[0], strides[1], 1]),
    attribute.string("padding", explicit ? "EXPLICIT" : "VALID"),
    ...(explicit ? [attribute.int("explicit_paddings", [0, 0, ...padding[0], ...padding[1], 0, 0])] : []),
    attribute.string("data_format", "NHWC"),
  ];
}

const run = (backend: EngineBackend, name: string, inputs: tfjs.Tensor[], attributes: Attributes): tfjs.Tensor =>
  backend.run(name, attributesOf(attributes), inputs, 1)[0]!;

function padded(x: tfjs.Tensor, attributes: Attributes): tfjs.Tensor4D {
  const [vertical, horizontal] = (attributes as unknown as Full).padding;
  const around: [number, number][] = [[0, 0], [...vertical], [...horizontal], [0, 0]];
  return tfjs.pad(x, around, Number.NEGATIVE_INFINITY) as tfjs.Tensor4D;
}

function composedPool(x: tfjs.Tensor4D, attributes: Attributes): tfjs.Tensor4D {
  const { window, strides } = attributes as unknown as Full;
  return tfjs.maxPool(x, [window[0], window[1]], [strides[0], strides[1]], "valid");
}

defineKernel({
  name: "SignalbookMaxPool2D",
  tensorflow: ({ x }, attributes, backend) => run(backend, "MaxPool", [x!], attributes),
  composed: ({ x }, attributes) => composedPool(padded(x!, attributes), attributes),
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
    const { window, strides, padding } = attributes as unknown as Full;
    const image = padded(x!, attributes);
    const inputs = { dy: dy!, input: image, output: y! } as unknown as tfjs.NamedTensorMap;
    const attrs = {
      filterSize: [window[0], window[1]],
      strides: [strides[0], strides[1]],
      pad: "valid",
      dimRoundingMode: undefined,
    };
    const full = tfjs.engine().runKernel("MaxPoolGrad", inputs, attrs as unknown as tfjs.NamedAttrMap) as tfjs.Tensor;
    return tfjs.slice(full, [0, padding[0][0], padding[1][0], 0], x!.shape);
  },
});

/** x: [batch, height, width, channels]. Where values tie, the first one takes the gradient. */
export function maxPool2d(x: tfjs.Tensor4D, options: MaxPool2DOptions): tfjs.Tensor4D {
  const full: Full = {
    window: options.window,
    strides: options.strides ?? options.window,
    padding: options.padding ?? [
      [0, 0],
      [0, 0],
    ],
  };
  return runKernel("SignalbookMaxPool2D", { x }, full as unknown as Attributes) as tfjs.Tensor4D;
}
