/** Each fused kernel beside its composed version on tfjs' own `cpu` backend: values and gradients. */
import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import { Generator } from "../../lib/core/random";
import {
  batchNormInference,
  batchNormTraining,
  type Conv2DOptions,
  conv2d,
  gelu,
  layerNorm,
  lstm,
  maxPool2d,
  relu,
  sigmoidCrossEntropy,
  silu,
  softmaxCrossEntropy,
  tf,
} from "../../lib/engine";

type Inputs = { values: Float32Array; shape: number[] }[];

function seeded(seed: number, ...shapes: number[][]): Inputs {
  const generator = new Generator(seed);
  return shapes.map((shape) => ({
    shape,
    values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => generator.normal()),
  }));
}

/** Outputs of `f`, and the gradients of sum(outputs[0] * weights) with respect to each input, on one backend. */
function evaluate(backend: string, inputs: Inputs, f: (...x: tf.Tensor[]) => tf.Tensor[]): Float32Array[] {
  tf.setBackend(backend);
  return tf.tidy(() => {
    const tensors = inputs.map(({ values, shape }) => tf.tensor(values, shape));
    const outputs = f(...tensors);
    const [weights] = seeded(99, outputs[0]!.shape);
    const loss = (...x: tf.Tensor[]): tf.Scalar =>
      tf.sum(tf.mul(f(...x)[0]!, tf.tensor(weights!.values, weights!.shape))) as tf.Scalar;
    const gradients = tf.grads(loss as (...x: tf.Tensor[]) => tf.Tensor)(tensors);
    return [...outputs, ...gradients].map((t) => Float32Array.from(t.dataSync()));
  });
}

function near(ours: Float32Array, other: Float32Array, tolerance: number, what: string): void {
  assert.equal(ours.length, other.length, what);
  const scale = Math.max(...other.map(Math.abs), 1e-3);
  let worst = 0;
  for (let i = 0; i < ours.length; i++) worst = Math.max(worst, Math.abs(ours[i]! - other[i]!) / scale);
  assert.ok(worst < tolerance, `${what}: differs by ${worst} of the largest value`);
}

function compare(inputs: Inputs, f: (...x: tf.Tensor[]) => tf.Tensor[], tolerance = 2e-5): void {
  const fused = evaluate("tensorflow", inputs, f);
  const composed = evaluate("cpu", inputs, f);
  for (const [i, values] of fused.entries()) near(values, composed[i]!, tolerance, `array ${i}`);
}

describe("fused kernels equal their composed versions", () => {
  beforeEach(() => void tf.setBackend("tensorflow"));
  after(() => void tf.setBackend("tensorflow"));

  test("ReLU", () => compare(seeded(1, [3, 5, 7]), (x) => [relu(x!)]));

  test("GELU and SiLU", () => {
    compare(seeded(13, [3, 5, 7]), (x) => [gelu(tf.mul(x!, 3))]);
    compare(seeded(14, [3, 5, 7]), (x) => [silu(tf.mul(x!, 3))]);
  });

  test("LSTM over a sequence", () =>
    compare(seeded(16, [6, 3, 5], [9, 16], [16]), (x, weight, bias) => {
      const { hidden, cell } = lstm(x as tf.Tensor3D, weight as tf.Tensor2D, bias as tf.Tensor1D);
      return [tf.add(hidden, tf.mul(cell, 0.5)), hidden, cell];
    }));

  test("layer normalisation", () =>
    compare(seeded(15, [4, 6, 5], [5], [5]), (x, gamma, beta) => [layerNorm(x!, gamma!, beta!, 1e-6)]));

  for (const shape of [
    [4, 6, 5, 3],
    [4, 20, 3],
    [16, 3],
  ])
    test(`batch normalisation in training, ${shape.length} axes`, () =>
      compare(seeded(2, shape, [3], [3]), (x, gamma, beta) => {
        const { y, mean, variance } = batchNormTraining(x!, gamma!, beta!, 1e-3);
        return [y, mean, variance];
      }));

  test("batch normalisation's variance is the unbiased one", () => {
    const x = tf.tensor2d([[1], [2], [4]]);
    const { variance } = batchNormTraining(x, tf.ones([1]), tf.zeros([1]), 0);
    assert.ok(Math.abs(variance.dataSync()[0]! - 7 / 3) < 1e-6);
  });

  test("batch normalisation in inference", () => {
    const mean = Float32Array.of(0.1, -0.2, 0.3);
    const variance = Float32Array.of(0.5, 1, 2);
    compare(seeded(3, [4, 20, 3], [3], [3]), (x, gamma, beta) => [
      batchNormInference(x!, tf.tensor1d(mean), tf.tensor1d(variance), gamma!, beta!, 1e-5),
    ]);
  });

  test("softmax cross entropy, soft labels", () => {
    const labels = tf.tidy(() => tf.softmax(tf.tensor2d(seeded(4, [6, 5])[0]!.values, [6, 5])).dataSync());
    compare(seeded(5, [6, 5]), (x) => [softmaxCrossEntropy(tf.tensor2d(labels, [6, 5]), x as tf.Tensor2D)]);
  });

  test("softmax cross entropy of huge logits is finite", () => {
    const loss = softmaxCrossEntropy(tf.tensor2d([[0, 1]]), tf.tensor2d([[1000, -1000]]));
    assert.equal(loss.dataSync()[0], 2000);
  });

  test("sigmoid cross entropy", () => {
    const labels = seeded(12, [6, 5])[0]!.values.map((v) => (v > 0.3 ? 1 : 0));
    compare(seeded(6, [6, 5]), (x) => [sigmoidCrossEntropy(tf.tensor2d(labels, [6, 5]), tf.mul(x as tf.Tensor2D, 5))]);
  });

  const convolutions: Record<string, { x: number[]; filter: number[]; options: Conv2DOptions }> = {
    "plain 3x3": { x: [2, 7, 9, 4], filter: [3, 3, 4, 6], options: {} },
    "1x1, a product": { x: [2, 7, 9, 4], filter: [1, 1, 4, 6], options: {} },
    "1x1 at stride 2": { x: [2, 7, 9, 4], filter: [1, 1, 4, 6], options: { strides: [2, 2] } },
    "padding, uneven": {
      x: [2, 6, 9, 4],
      filter: [3, 2, 4, 6],
      options: { padding: [[1, 1], [1, 0]], strides: [2, 1] }, // biome-ignore format: one line reads better
    },
    "a signal, kernel 15, stride 2": {
      x: [2, 1, 64, 8],
      filter: [1, 15, 8, 6],
      options: { padding: [[0, 0], [7, 7]], strides: [1, 2] }, // biome-ignore format: one line reads better
    },
    groups: { x: [2, 7, 9, 6], filter: [3, 3, 2, 6], options: { groups: 3, padding: [[1, 1], [1, 1]] } }, // biome-ignore format: one line reads better
    depthwise: { x: [2, 7, 9, 6], filter: [3, 3, 1, 6], options: { groups: 6, padding: [[1, 1], [1, 1]] } }, // biome-ignore format: one line reads better
    "depthwise, stride 2, uneven padding": {
      x: [2, 8, 9, 4],
      filter: [5, 5, 1, 4],
      options: { groups: 4, strides: [2, 2], padding: [[1, 2], [2, 2]] }, // biome-ignore format: one line reads better
    },
    "depthwise over time": { x: [2, 1, 30, 4], filter: [1, 7, 1, 4], options: { groups: 4, strides: [1, 2] } },
    "depthwise over time, in rows": { x: [2, 3, 30, 4], filter: [1, 7, 1, 4], options: { groups: 4, strides: [1, 2] } },
    "two filters a channel": { x: [2, 7, 9, 3], filter: [3, 3, 1, 6], options: { groups: 3 } },
    dilation: { x: [2, 9, 9, 4], filter: [3, 3, 4, 6], options: { dilations: [2, 3] } },
  };
  for (const [name, { x, filter, options }] of Object.entries(convolutions))
    test(`convolution: ${name}`, () =>
      compare(
        seeded(7, x, filter),
        (image, taps) => [conv2d(image as tf.Tensor4D, taps as tf.Tensor4D, options)],
        5e-5,
      ));

  test("max pooling with padding", () =>
    compare(seeded(8, [2, 1, 31, 5]), (x) => [
      maxPool2d(x as tf.Tensor4D, { window: [1, 3], strides: [1, 2], padding: [[0, 0], [1, 1]] }), // biome-ignore format: one line reads better
    ]));

  test("max pooling in two dimensions", () =>
    compare(seeded(9, [2, 11, 9, 5]), (x) => [
      maxPool2d(x as tf.Tensor4D, { window: [3, 3], strides: [2, 2], padding: [[1, 1], [1, 1]] }), // biome-ignore format: one line reads better
    ]));
});

test("a fused gradient equals the numerical one", () => {
  tf.setBackend("tensorflow");
  const [x, gamma, beta] = seeded(10, [5, 8, 3], [3], [3]);
  const [weights] = seeded(11, [5, 8, 3]);
  const loss = (values: Float32Array): number =>
    tf.tidy(() => {
      const tensor = tf.tensor(values, x!.shape);
      const { y } = batchNormTraining(tensor, tf.tensor(gamma!.values), tf.tensor(beta!.values), 1e-3);
      return Number(tf.sum(tf.mul(tf.mul(y, y), tf.tensor(weights!.values, x!.shape))).dataSync()[0]);
    });
  const analytic = tf.tidy(() =>
    tf
      .grad((tensor) => {
        const { y } = batchNormTraining(tensor, tf.tensor(gamma!.values), tf.tensor(beta!.values), 1e-3);
        return tf.sum(tf.mul(tf.mul(y, y), tf.tensor(weights!.values, x!.shape)));
      })(tf.tensor(x!.values, x!.shape))
      .dataSync(),
  );
  for (const i of [0, 17, 63, 119]) {
    const h = 1e-2;
    const moved = (by: number): Float32Array => x!.values.map((v, j) => (j === i ? v + by : v));
    const numerical = (loss(moved(h)) - loss(moved(-h))) / (2 * h);
    assert.ok(Math.abs(numerical - analytic[i]!) < 0.02 * Math.max(1, Math.abs(numerical)), `entry ${i}`);
  }
});
