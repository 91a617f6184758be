import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { castTo, conv2d, type Precision, tf, withPrecision } from "../../lib/engine";
import type { EngineBackend } from "../../lib/engine/backend";
import { forwardConv } from "../../lib/engine/kernels/conv-forward";
import type { ConvGeometry } from "../../lib/engine/kernels/conv-geometry";
import {
  filterGradient,
  filterGradientWay,
  inputGradient,
  inputGradientWay,
  type Way,
} from "../../lib/engine/kernels/conv-gradients";

const backend = tf.backend() as unknown as EngineBackend;

interface Case {
  name: string;
  x: [number, number, number, number];
  filter: [number, number, number, number];
  geometry: Partial<ConvGeometry>;
}

const around = (vertical: [number, number], horizontal: [number, number]): ConvGeometry["padding"] => [
  vertical,
  horizontal,
];

const cases: Case[] = [
  {
    name: "signal, seven taps",
    x: [16, 1, 40, 6],
    filter: [1, 7, 6, 5],
    geometry: { padding: around([0, 0], [3, 3]) },
  },
  {
    name: "signal, stride 2, samples left over",
    x: [16, 1, 41, 4],
    filter: [1, 4, 4, 3],
    geometry: { strides: [1, 2], padding: around([0, 0], [1, 2]) },
  },
  {
    name: "short signal, a sum of thousands",
    x: [2, 1, 9, 512],
    filter: [1, 11, 512, 3],
    geometry: { padding: around([0, 0], [5, 5]) },
  },
  {
    name: "short signal, a sum of thousands, stride 2",
    x: [2, 1, 10, 512],
    filter: [1, 11, 512, 3],
    geometry: { strides: [1, 2], padding: around([0, 0], [5, 5]) },
  },
  {
    name: "short signal, a sum of thousands in its gradient",
    x: [2, 1, 9, 3],
    filter: [1, 10, 3, 512],
    geometry: { padding: around([0, 0], [4, 5]) },
  },
  { name: "image, 3x3", x: [3, 9, 7, 4], filter: [3, 3, 4, 6], geometry: { padding: around([1, 1], [1, 1]) } },
  {
    name: "image, unequal padding",
    x: [2, 8, 9, 3],
    filter: [3, 2, 3, 4],
    geometry: { padding: around([2, 0], [0, 1]) },
  },
  {
    name: "image, stride 2, 7x7",
    x: [2, 17, 16, 3],
    filter: [7, 7, 3, 4],
    geometry: { strides: [2, 2], padding: around([3, 3], [3, 3]) },
  },
  { name: "image, 1x1", x: [2, 5, 6, 8], filter: [1, 1, 8, 4], geometry: {} },
  {
    name: "four groups",
    x: [3, 9, 7, 8],
    filter: [3, 3, 2, 12],
    geometry: { padding: around([1, 1], [1, 1]), groups: 4 },
  },
  {
    name: "four groups, stride 2",
    x: [3, 9, 8, 8],
    filter: [3, 3, 2, 12],
    geometry: { strides: [2, 2], padding: around([1, 1], [1, 1]), groups: 4 },
  },
  {
    name: "two groups",
    x: [2, 1, 12, 8],
    filter: [1, 3, 4, 6],
    geometry: { padding: around([0, 0], [1, 1]), groups: 2 },
  },
];

const full = (geometry: Partial<ConvGeometry>): ConvGeometry => ({
  strides: [1, 1],
  padding: around([0, 0], [0, 0]),
  dilations: [1, 1],
  groups: 1,
  ...geometry,
});

function normal(shape: readonly number[], seed: number): tf.Tensor4D {
  const generator = new Generator(seed);
  const values = Float32Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => generator.normal());
  const made: tf.Tensor = tf.tensor(values, [...shape]);
  return made as tf.Tensor4D;
}

/** Largest difference, relative to the largest value. */
function difference(a: tf.Tensor, b: tf.Tensor): number {
  const wide = castTo(a, "float32");
  const scale = tf.max(tf.abs(b)).dataSync()[0]!;
  return tf.max(tf.abs(tf.sub(wide, castTo(b, "float32")))).dataSync()[0]! / scale;
}

for (const { name, x: xShape, filter: filterShape, geometry } of cases) {
  const settled = full(geometry);
  for (const policy of ["float32", "bfloat16"] as const satisfies Precision[]) {
    test(`${name}, ${policy}: every way to the gradients equals the library's in float32`, () => {
      tf.tidy(() => {
        const [x, filter] = [normal(xShape, 1), normal(filterShape, 2)];
        const dy = normal([...conv2d(x, filter, settled).shape], 3);
        const known = settled.groups === 1 ? "library" : "by group";
        const dx = inputGradient(backend, known, xShape, filter, dy, settled);
        const dw = filterGradient(backend, known, x, filterShape, dy, settled);
        const tight = policy === "float32" ? 2e-6 : 0.02;
        const type = (t: tf.Tensor4D): tf.Tensor4D => castTo(t, policy);
        const possible = (way: Way): boolean => settled.groups === 1 || way === "forward" || way === "by group";
        const ways = (chosen: Way, others: Way[]): Set<Way> => new Set([chosen, ...others.filter(possible)]);
        const inputOthers: Way[] = filterShape[1] > 1 ? ["library in float32", "forward"] : ["library in float32"];
        for (const way of ways(inputGradientWay(backend, type(filter), dy.shape, settled), inputOthers)) {
          const found = inputGradient(backend, way, xShape, type(filter), type(dy), settled);
          assert.deepEqual(found.shape, dx.shape);
          assert.ok(difference(found, dx) < tight, `input, ${way}: ${difference(found, dx)}`);
        }
        const others: Way[] = ["library in float32", "forward"];
        for (const way of ways(filterGradientWay(backend, type(x), filterShape, settled), others)) {
          const found = filterGradient(backend, way, type(x), filterShape, type(dy), settled);
          assert.deepEqual(found.shape, dw.shape);
          assert.ok(difference(found, dw) < tight, `filter, ${way}: ${difference(found, dw)}`);
        }
      });
    });
  }
}

test("the convolution equals that of tfjs on a padded input", () => {
  for (const { name, x: xShape, filter: filterShape, geometry } of cases) {
    const settled = full(geometry);
    if (settled.groups > 1) continue;
    tf.tidy(() => {
      const [x, filter] = [normal(xShape, 1), normal(filterShape, 2)];
      const [vertical, horizontal] = settled.padding;
      const padded = tf.pad(x, [[0, 0], [...vertical], [...horizontal], [0, 0]] as [number, number][]);
      const expected = tf.conv2d(padded, filter, [...settled.strides] as [number, number], "valid");
      const found = forwardConv(backend, x, filter, settled);
      assert.deepEqual(found.shape, expected.shape, name);
      // Processors add in different orders: what rounding leaves grows with the root of the number of terms.
      const terms = filterShape[0] * filterShape[1] * filterShape[2];
      const tight = Math.max(2e-6, 2 ** -24 * Math.sqrt(terms));
      assert.ok(difference(found, expected) < tight, `${name}: ${difference(found, expected)}`);
    });
  }
});

test("the gradients equal differences of the loss", () => {
  tf.tidy(() => {
    const [x, filter] = [normal([16, 1, 20, 3], 4), normal([1, 5, 3, 2], 5)];
    const options = { padding: around([0, 0], [2, 2]) };
    const slope = normal(conv2d(x, filter, options).shape, 6);
    const loss = (image: tf.Tensor, taps: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(conv2d(image as tf.Tensor4D, taps as tf.Tensor4D, options), slope));
    const [dx, dw] = tf.grads(loss)([x, filter]);
    const [toX, toFilter] = [normal(x.shape, 7), normal(filter.shape, 8)];
    const step = 1 / 64; // the loss is linear in each: no curvature, only rounding
    const along = (a: tf.Tensor, b: tf.Tensor): number => loss(a, b).dataSync()[0]!;
    const change = (sign: number): [number, number] => [
      along(tf.add(x, tf.mul(toX, sign * step)), filter),
      along(x, tf.add(filter, tf.mul(toFilter, sign * step))),
    ];
    const [up, down] = [change(1), change(-1)];
    [tf.sum(tf.mul(dx!, toX)), tf.sum(tf.mul(dw!, toFilter))].forEach((analytic, i) => {
      const numeric = (up[i]! - down[i]!) / (2 * step);
      const expected = analytic.dataSync()[0]!;
      assert.ok(Math.abs(numeric - expected) < 1e-3 * Math.abs(expected) + 0.05, `${numeric}, expected ${expected}`);
    });
  });
});

test("dilated convolutions have gradients, in 16 bits too", () => {
  tf.tidy(() => {
    const [x, filter] = [normal([2, 11, 10, 2], 9), normal([3, 3, 2, 3], 10)];
    const options = { padding: around([2, 2], [2, 2]), dilations: [2, 2] as const };
    const slopes = (): tf.Tensor[] =>
      tf.grads((a: tf.Tensor, b: tf.Tensor) =>
        tf.sum(tf.square(castTo(conv2d(a as tf.Tensor4D, b as tf.Tensor4D, options), "float32"))),
      )([x, filter]);
    const exact = slopes();
    const rounded = withPrecision("bfloat16", slopes);
    exact.forEach((gradient, i) => {
      assert.ok(difference(rounded[i]!, gradient) < 0.05);
    });
    assert.deepEqual(exact[1]!.shape, [3, 3, 2, 3]);
  });
});
