/** Attention, products of matrices and the LSTM's gradient, each beside the same thing composed of tfjs' own ops. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { Generator } from "../../lib/core/random";
import { type Attended, attention, lstm, tf } from "../../lib/engine";

afterEach(() => void tf.setBackend("tensorflow"));

function normal(shape: number[], seed: number): tf.Tensor {
  const generator = new Generator(seed);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((n, side) => n * side, 1) }, () => generator.normal()),
    shape,
  );
}

/** The value, and the gradients of its weighted sum: plain arrays, so that backends can be compared. */
function evaluate(backend: string, shapes: number[][], f: (...x: tf.Tensor[]) => tf.Tensor): Float32Array[] {
  tf.setBackend(backend);
  return tf.tidy(() => {
    const inputs = shapes.map((shape, i) => normal(shape, i));
    const y = f(...inputs);
    const weights = normal(y.shape, 99);
    const gradients = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(f(...x), weights)))(inputs);
    return [y, ...gradients].map((t) => Float32Array.from(t.dataSync()));
  });
}

function same(found: Float32Array[], expected: Float32Array[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((values, i) => {
    const scale = Math.max(...expected[i]!.map(Math.abs));
    assert.equal(values.length, expected[i]!.length);
    assert.ok(scale > 0);
    values.forEach((x, j) => void assert.ok(Math.abs(x - expected[i]![j]!) < 2e-5 * scale, `array ${i}, ${j}`));
  });
}

describe("attention", () => {
  const composed = ({ q, k, v, bias }: Attended): tf.Tensor => {
    const scores = tf.matMul(q, k, false, true);
    return tf.matMul(tf.softmax(bias === undefined ? scores : tf.add(scores, bias)), v);
  };
  const cases: [name: string, shapes: number[][]][] = [
    ["in heads", [[2, 3, 5, 4], [2, 3, 5, 4], [2, 3, 5, 4]]],
    ["more keys than queries, values of another width", [[2, 3, 4], [2, 7, 4], [2, 7, 6]]],
    ["a bias for each head", [[2, 3, 5, 4], [2, 3, 5, 4], [2, 3, 5, 4], [3, 5, 5]]],
    ["a bias broadcast by axes of 1", [[2, 3, 5, 4], [2, 3, 5, 4], [2, 3, 5, 4], [1, 3, 1, 5]]],
    ["a bias of every score", [[2, 5, 4], [2, 5, 4], [2, 5, 4], [2, 5, 5]]],
  ]; // biome-ignore format: a table
  for (const [name, shapes] of cases)
    test(name, () => {
      const by =
        (f: (attended: Attended) => tf.Tensor) => (q?: tf.Tensor, k?: tf.Tensor, v?: tf.Tensor, bias?: tf.Tensor) =>
          f({ q: q!, k: k!, v: v!, bias });
      const expected = evaluate("cpu", shapes, by(composed));
      for (const backend of ["tensorflow", "cpu"]) same(evaluate(backend, shapes, by(attention)), expected);
    });
});

test("products of two matrices, either transposed, of many sizes; a product of many is none of them", () => {
  for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) // biome-ignore format: a table
    for (const [m, k, n] of [
      [3, 4, 5],
      [1, 600, 2],
      [600, 500, 450],
    ] as const) {
      // biome-ignore format: a table
      const shapes = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
      const product = tf.tidy(() => {
        const [a, b] = shapes.map((shape, i) => normal(shape, i)) as [tf.Tensor2D, tf.Tensor2D];
        const [left, right] = [transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b];
        const plain = tf.sum(tf.mul(tf.expandDims(tf.slice(left, [0, 0], [1, k]), 2), tf.expandDims(right, 0)), 1);
        const first = tf.slice(tf.matMul(a, b, transposeA, transposeB), [0, 0], [1, n]);
        return tf.max(tf.abs(tf.sub(first, plain))).dataSync()[0]!;
      });
      assert.ok(product < 1e-3, `${m} x ${k} x ${n}: off by ${product}`);
    }
  const whole = tf.matMul(tf.tensor2d([[1, 2]], [1, 2], "int32"), tf.tensor2d([[3], [4]], [2, 1], "int32"));
  assert.deepEqual([whole.dtype, ...whole.dataSync()], ["int32", 11]);
});

test("an LSTM of one step, and of many: the gradients are those of the steps composed", () => {
  for (const steps of [1, 2, 9]) {
    const run = (x?: tf.Tensor, weight?: tf.Tensor, bias?: tf.Tensor): tf.Tensor => {
      const { hidden, cell } = lstm(x as tf.Tensor3D, weight as tf.Tensor2D, bias as tf.Tensor1D);
      return tf.add(hidden, tf.square(cell));
    };
    const shapes = [[steps, 2, 3], [7, 16], [16]]; // biome-ignore format: a table
    same(evaluate("tensorflow", shapes, run), evaluate("cpu", shapes, run));
  }
});
