/** How much work a model is: multiply-adds, counted from the graph that runs. */
import { compile, type TracedOperation, tf } from "../engine";
import type { Model, ModelInputs } from "./model";

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/**
 * Multiply-adds of one operation: those of convolutions, matrix products and LSTMs, as published counts have it; sums,
 * norms and activations are not counted.
 */
export function multiplyAddsOf({ op, inputs, outputs }: Pick<TracedOperation, "op" | "inputs" | "outputs">): number {
  const [first = [], second = []] = inputs;
  const [output = []] = outputs;
  switch (op) {
    case "Conv2D":
      // Filter [height, width, channels of a group, outputs]
      return size(output) * size(second.slice(0, 3));
    case "DepthwiseConv2dNative":
      return size(output) * size(second.slice(0, 2));
    case "MatMul":
    case "BatchMatMulV2":
      return product(first, second, output);
    case "BlockLSTMV2": {
      // Input 1 is x, [steps, batch, features]; input 4 the weights.
      const [steps = 0, batch = 0] = second;
      return steps * batch * size(inputs[4] ?? []);
    }
    default:
      return 0;
  }
}

/** Of each pair of matrices m x k and k x n, either one stored transposed: m k n, the root of (m k)(k n)(m n). */
function product(first: readonly number[], second: readonly number[], output: readonly number[]): number {
  const pairs = size(output.slice(0, -2));
  const matrix = (shape: readonly number[]): number => size(shape.slice(-2));
  return pairs * Math.round(Math.sqrt(matrix(first)) * Math.sqrt(matrix(second)) * Math.sqrt(matrix(output)));
}

/** Multiply-adds of one forward pass in evaluation, of the whole batch given. The engine's backend must be TensorFlow. */
export function countMultiplyAdds(model: Model, inputs: ModelInputs): number {
  const step = compile((given: Record<string, tf.Tensor>) => model.forward(given as ModelInputs, { training: false }));
  try {
    tf.tidy(() => step({ ...inputs }));
    return step.work.reduce((sum, operation) => sum + multiplyAddsOf(operation), 0);
  } finally {
    step.dispose();
  }
}
