/** The two passes that a training step makes over all gradients: their length, and their scaling. */
import * as tfjs from "@tensorflow/tfjs";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { defineKernel, runKernel } from "./define";

const type = attribute.type("T", DType.float32);

defineKernel({
  name: "SignalbookSumOfSquares",
  // L2Loss is half of it, in one pass and without an intermediate.
  tensorflow: ({ x }, _attributes, backend) => tfjs.tidy(() => tfjs.mul(backend.run("L2Loss", [type], [x!], 1)[0]!, 2)),
  composed: ({ x }) => tfjs.sum(tfjs.square(x!)),
});

/** The sum of all squares of x, any shape. Has no gradient. */
export function sumOfSquares(x: tfjs.Tensor): tfjs.Scalar {
  return runKernel("SignalbookSumOfSquares", { x }) as tfjs.Scalar;
}

defineKernel({
  name: "SignalbookScaleOrZero",
  tensorflow: ({ x, factor }, _attributes, backend) => backend.run("MulNoNan", [type], [x!, factor!], 1)[0]!,
  composed: ({ x, factor }) => tfjs.where(tfjs.notEqual(factor!, 0), tfjs.mul(x!, factor!), tfjs.zerosLike(x!)),
});

/** x times a factor; a factor of 0 makes 0 of NaN and infinities too. Has no gradient. */
export function scaleOrZero<T extends tfjs.Tensor>(x: T, factor: tfjs.Scalar): T {
  return runKernel("SignalbookScaleOrZero", { x, factor }) as T;
}
