/**
 * ReLU with TensorFlow's fused gradient: tfjs' own is a step function and a product, two passes more.
 * In a traced step oneDNN runs both, in 16 bits too; a NaN stays a NaN, so that a loss can show it.
 */
import * as tfjs from "@tensorflow/tfjs";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { defineGradient, defineKernel, runKernel } from "./define";

defineKernel({
  name: "SignalbookReluGrad",
  tensorflow: ({ dy, y }, _attributes, backend) =>
    backend.run("ReluGrad", [attribute.type("T", DType.float32)], [dy!, y!], 1)[0]!,
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
