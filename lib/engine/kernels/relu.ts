/**
 * ReLU with TensorFlow's fused gradient. tfjs' own gradient is a step function and a product, two passes more.
 * In bfloat16 on CPUs TensorFlow's ReLU is slow; as integers it is three times as fast: a negative float has its sign
 * bit set, so it is a negative int16, and the maximum with 0 does what ReLU does.
 */
import * as tfjs from "@tensorflow/tfjs";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { defineGradient, defineKernel, replaceKernel, runKernel } from "./define";

const half = DType.bfloat16;
const bits = DType.int16;

function bitcast(backend: EngineBackend, x: tfjs.Tensor, from: number, to: number): tfjs.Tensor {
  return backend.run("Bitcast", [attribute.type("T", from), attribute.type("type", to)], [x], 1)[0]!;
}

function useBits(backend: EngineBackend, x: tfjs.Tensor): boolean {
  return backend.trueDType(x) === half && !backend.eager.isUsingGpuDevice();
}

function int16Zero(backend: EngineBackend): tfjs.Tensor {
  const attributes = [attribute.type("SrcT", DType.int32), attribute.type("DstT", bits)];
  const zero = tfjs.scalar(0, "int32");
  return backend.run("Cast", [...attributes, attribute.bool("Truncate", false)], [zero], 1)[0]!;
}

function forward(backend: EngineBackend, x: tfjs.Tensor): tfjs.Tensor {
  if (!useBits(backend, x)) return backend.run("Relu", [attribute.type("T", DType.float32)], [x], 1)[0]!;
  const clipped = backend.run(
    "Maximum",
    [attribute.type("T", bits)],
    [bitcast(backend, x, half, bits), int16Zero(backend)],
    1,
  );
  return bitcast(backend, clipped[0]!, bits, half);
}

function backward(backend: EngineBackend, dy: tfjs.Tensor, y: tfjs.Tensor): tfjs.Tensor {
  // In a traced step oneDNN takes TensorFlow's gradient over: there it is faster than three passes over integers.
  if (backend.trace !== undefined || !useBits(backend, y) || !useBits(backend, dy))
    return backend.run("ReluGrad", [attribute.type("T", DType.float32)], [dy, y], 1)[0]!;
  const t = [attribute.type("T", bits)];
  // -sign(y) is all ones where y is positive and 0 elsewhere: a mask.
  const sign = backend.run("Sign", t, [bitcast(backend, y, half, bits)], 1);
  const mask = backend.run("Neg", t, sign, 1);
  const kept = backend.run("BitwiseAnd", t, [bitcast(backend, dy, half, bits), mask[0]!], 1);
  return bitcast(backend, kept[0]!, bits, half);
}

replaceKernel("Relu", "tensorflow", ({ inputs, backend }) =>
  tfjs.tidy(() => forward(backend as EngineBackend, inputs["x"] as tfjs.Tensor)),
);

defineKernel({
  name: "SignalbookReluGrad",
  tensorflow: ({ dy, y }, _attributes, backend) => tfjs.tidy(() => backward(backend, dy!, y!)),
  composed: ({ dy, y }) => tfjs.mul(dy!, tfjs.step(y!)),
});

defineGradient("Relu", {
  outputs: [true],
  of: ([dy], [y]) => ({ x: () => runKernel("SignalbookReluGrad", { dy: dy!, y: y! }) as tfjs.Tensor }),
});

/** max(x, 0). Any shape. */
export function relu<T extends tfjs.Tensor>(x: T): T {
  return tfjs.relu(x);
}
