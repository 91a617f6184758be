/** Cross entropies from logits, in one op with their gradient: stable for any logit, and fused on TensorFlow. */
import * as tfjs from "@tensorflow/tfjs";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { defineKernel, runKernel } from "./define";

defineKernel({
  name: "SignalbookSoftmaxCrossEntropy",
  tensorflow: ({ labels, logits }, _attributes, backend) =>
    tfjs.tidy(() => {
      const type = attribute.type("T", DType.float32);
      const [loss, slope] = backend.run("SoftmaxCrossEntropyWithLogits", [type], [logits!, labels!], 2);
      // The op's slope is softmax - labels, right where labels sum to 1: weighted ones do not.
      const excess = tfjs.sub(tfjs.sum(labels!, -1, true), 1);
      return [loss!, tfjs.add(slope!, tfjs.mul(excess, tfjs.add(slope!, labels!)))];
    }),
  composed: ({ labels, logits }) => {
    const logProbabilities = tfjs.logSoftmax(logits!);
    const loss = tfjs.neg(tfjs.sum(tfjs.mul(labels!, logProbabilities), -1));
    const total = tfjs.sum(labels!, -1, true);
    return [loss, tfjs.sub(tfjs.mul(tfjs.exp(logProbabilities), total), labels!)];
  },
  gradient: {
    inputs: ["logits"],
    outputs: [false, true],
    of: ([dy], [logits, slope]) => ({
      logits: () => tfjs.mul(tfjs.expandDims(dy!, -1), slope!),
      labels: () => tfjs.neg(tfjs.mul(tfjs.expandDims(dy!, -1), tfjs.logSoftmax(logits!))),
    }),
  },
});

/**
 * Cross entropy of soft or hard targets, one value a row.
 * @param labels [batch, classes], non-negative weights of the classes (usually summing to 1)
 * @param logits [batch, classes], before any softmax
 * @returns [batch]
 */
export function softmaxCrossEntropy(labels: tfjs.Tensor2D, logits: tfjs.Tensor2D): tfjs.Tensor1D {
  const [loss] = runKernel("SignalbookSoftmaxCrossEntropy", { labels, logits }) as tfjs.Tensor[];
  return loss as tfjs.Tensor1D;
}

const composedSigmoid = (labels: tfjs.Tensor, logits: tfjs.Tensor): tfjs.Tensor => {
  const tail = tfjs.log1p(tfjs.exp(tfjs.neg(tfjs.abs(logits))));
  return tfjs.add(tfjs.sub(tfjs.relu(logits), tfjs.mul(logits, labels)), tail);
};

defineKernel({
  name: "SignalbookSigmoidCrossEntropy",
  // TensorFlow has no fused op for it; the gradient below is what saves the passes.
  tensorflow: ({ labels, logits }) => tfjs.tidy(() => composedSigmoid(labels!, logits!)),
  composed: ({ labels, logits }) => composedSigmoid(labels!, logits!),
  gradient: {
    inputs: ["labels", "logits"],
    of: ([dy], [labels, logits]) => ({
      logits: () => tfjs.mul(dy!, tfjs.sub(tfjs.sigmoid(logits!), labels!)),
      labels: () => tfjs.neg(tfjs.mul(dy!, logits!)),
    }),
  },
});

/** Binary cross entropy of each element, from logits. Both shaped alike; the result too. */
export function sigmoidCrossEntropy<T extends tfjs.Tensor>(labels: T, logits: T): T {
  return runKernel("SignalbookSigmoidCrossEntropy", { labels, logits }) as T;
}
