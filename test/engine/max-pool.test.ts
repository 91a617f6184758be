/** Max pooling as traced steps run it (there oneDNN takes over): against a plain loop, ties and leftover rows included. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { castTo, compile, type MaxPool2DOptions, maxPool2d, tf } from "../../lib/engine";

/** One channel, square: where each output's first greatest value lies (PyTorch's rule for ties). */
function pooled(x: readonly number[], side: number, window: number, stride: number, [before, after]: number[]) {
  const places = Math.floor((side + before! + after! - window) / stride) + 1;
  const [values, gradient] = [[] as number[], new Array<number>(x.length).fill(0)];
  for (let row = 0; row < places; row++)
    for (let column = 0; column < places; column++) {
      let best = -1;
      for (let i = 0; i < window * window; i++) {
        const [y, z] = [row * stride - before! + Math.floor(i / window), column * stride - before! + (i % window)];
        if (y < 0 || z < 0 || y >= side || z >= side) continue;
        if (best < 0 || x[y * side + z]! > x[best]!) best = y * side + z;
      }
      values.push(x[best]!);
      gradient[best]! += values.length;
    }
  return { values, gradient };
}

const shapes: { side: number; window: number; stride: number; padding: [number, number] }[] = [
  { side: 8, window: 3, stride: 2, padding: [1, 1] },
  { side: 7, window: 3, stride: 2, padding: [1, 1] },
  { side: 9, window: 2, stride: 2, padding: [0, 0] },
  { side: 6, window: 5, stride: 1, padding: [2, 1] },
];

for (const { side, window, stride, padding } of shapes)
  for (const precision of ["float32", "bfloat16"] as const)
    test(`max pooling ${window}x${window} at stride ${stride} of ${side}x${side}, padded by ${padding}, ${precision}`, () => {
      const generator = new Generator(side);
      // Few different values, all below zero: ties everywhere, and padding with zeros would win.
      const x = Array.from({ length: side * side }, () => -1 - generator.below(3));
      const expected = pooled(x, side, window, stride, padding);
      const options: MaxPool2DOptions = {
        window: [window, window],
        strides: [stride, stride],
        padding: [padding, padding],
      };
      const step = compile((image: tf.Tensor4D, slopes: tf.Tensor4D) => {
        const input = castTo(image, precision) as tf.Tensor4D;
        const pool = (t: tf.Tensor): tf.Tensor => maxPool2d(t as tf.Tensor4D, options);
        const gradient = tf.grad(pool)(input, castTo(slopes, precision));
        return [castTo(pool(input), "float32"), castTo(gradient, "float32")];
      });
      const places = Math.sqrt(expected.values.length);
      const slopes = expected.values.map((_, i) => i + 1);
      tf.tidy(() => {
        const outputs = step(tf.tensor4d(x, [1, side, side, 1]), tf.tensor4d(slopes, [1, places, places, 1]));
        assert.deepEqual([...outputs[0]!.dataSync()], expected.values);
        assert.deepEqual([...outputs[1]!.dataSync()], expected.gradient);
      });
      step.dispose();
    });
