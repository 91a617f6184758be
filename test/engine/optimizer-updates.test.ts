/** Updates in place and gradient scaling: eager, traced and on the plain JavaScript backend, beside plain arithmetic. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, scaleOrZero, subtractFrom, sumOfSquares, tf, updateAdam, updateMomentum } from "../../lib/engine";

type Way = "eager" | "traced" | "cpu";
const ways: readonly Way[] = ["eager", "traced", "cpu"];

/** Runs `work` on a tensor in one of three ways. */
function runIn(way: Way, x: number[], work: (x: tf.Tensor1D) => tf.Tensor): Float32Array {
  tf.setBackend(way === "cpu" ? "cpu" : "tensorflow");
  try {
    const step = way === "traced" ? compile((input: tf.Tensor) => work(input as tf.Tensor1D)) : work;
    const input = tf.tensor1d(x);
    const result = step(input);
    const values = result.dataSync() as Float32Array;
    tf.dispose([input, result]);
    if ("dispose" in step) (step as { dispose(): void }).dispose();
    return values;
  } finally {
    tf.setBackend("tensorflow");
  }
}

/** Variables of the backend in use, and their values after `update` was made twice. */
function afterTwo(
  way: Way,
  start: Record<string, number[]>,
  update: (variables: Record<string, tf.Variable>, gradient: tf.Tensor1D) => void,
): Record<string, number[]> {
  tf.setBackend(way === "cpu" ? "cpu" : "tensorflow");
  const variables = Object.fromEntries(
    Object.entries(start).map(([name, values]) => [name, tf.variable(tf.tensor1d(values))]),
  );
  for (let i = 0; i < 2; i++)
    runIn(way, [0.5, -2, 3], (gradient) => {
      update(variables, gradient);
      return tf.add(gradient, 0);
    });
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [name, Array.from(variable.dataSync())]),
  );
}

function assertNear(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, i) => {
    const own = found[i]!;
    const near = Number.isNaN(value) ? Number.isNaN(own) : own === value || Math.abs(own - value) < 1e-6;
    assert.ok(near, `${what} ${i}: ${own}, expected ${value}`);
  });
}

for (const way of ways) {
  test(`${way}: the sum of squares, of infinities and NaN too`, () => {
    const sum = (x: number[]): number => runIn(way, x, sumOfSquares)[0]!;
    assert.ok(Math.abs(sum([1, -2, 0.5]) - 5.25) < 1e-6);
    assert.equal(sum([1, Number.NEGATIVE_INFINITY]), Number.POSITIVE_INFINITY);
    assert.ok(Number.isNaN(sum([1, Number.NaN])));
  });

  test(`${way}: a factor of 0 makes 0 of everything, any other is a factor`, () => {
    const odd = [1.5, Number.NaN, Number.POSITIVE_INFINITY, -4];
    const by = (factor: number): Float32Array => runIn(way, odd, (x) => scaleOrZero(x, tf.scalar(factor)));
    assertNear(by(0), [0, 0, 0, 0], "times 0");
    assertNear(by(-2), [-3, Number.NaN, Number.NEGATIVE_INFINITY, 8], "times -2");
  });

  test(`${way}: a variable that is read, updated and read again in one step has both values`, () => {
    tf.setBackend(way === "cpu" ? "cpu" : "tensorflow");
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const seen = runIn(way, [10, 20], (x) => {
      const before = tf.mul(variable, 1);
      subtractFrom(variable, tf.scalar(0.1), x);
      subtractFrom(variable, tf.scalar(0.5), variable); // its own value as the change
      return tf.concat([before, tf.mul(variable, 1)] as tf.Tensor1D[]);
    });
    assertNear(seen, [1, 2, 0, 0], "before and after");
    variable.dispose();
  });

  test(`${way}: momentum, with and without Nesterov's rule`, () => {
    for (const nesterov of [false, true]) {
      const step = { rate: 0.1, momentum: 0.9, nesterov };
      const found = afterTwo(way, { w: [1, 1, 1], velocity: [0, 0, 0] }, ({ w, velocity }, gradient) => {
        const update = { rate: tf.scalar(step.rate), momentum: tf.scalar(step.momentum), nesterov };
        updateMomentum(w!, velocity!, update, gradient);
      });
      const expected = { w: [1, 1, 1], velocity: [0, 0, 0] };
      for (let i = 0; i < 2; i++)
        [0.5, -2, 3].forEach((g, k) => {
          expected.velocity[k] = 0.9 * expected.velocity[k]! + g;
          expected.w[k]! -= 0.1 * (nesterov ? g + 0.9 * expected.velocity[k]! : expected.velocity[k]!);
        });
      assertNear(found["w"]!, expected.w, "weight");
      assertNear(found["velocity"]!, expected.velocity, "velocity");
    }
  });

  test(`${way}: Adam, with and without the largest second moment`, () => {
    for (const amsgrad of [false, true]) {
      const start = { w: [1, 1, 1], m: [0, 0, 0], v: [0, 9, 0], largest: [0, 20, 0] };
      const found = afterTwo(way, start, ({ w, m, v, largest }, gradient) => {
        const [rate, epsilon, beta1, beta2] = [0.1, 1e-3, 0.9, 0.99].map((n) => tf.scalar(n));
        const update = { rate: rate!, epsilon: epsilon!, beta1: beta1!, beta2: beta2! };
        updateAdam(w!, { m: m!, v: v!, ...(amsgrad && { largest: largest! }) }, update, gradient);
      });
      const expected = structuredClone(start);
      for (let i = 0; i < 2; i++)
        [0.5, -2, 3].forEach((g, k) => {
          expected.m[k]! += 0.1 * (g - expected.m[k]!);
          expected.v[k]! += 0.01 * (g * g - expected.v[k]!);
          if (amsgrad) expected.largest[k] = Math.max(expected.largest[k]!, expected.v[k]!);
          const divisor = Math.sqrt(amsgrad ? expected.largest[k]! : expected.v[k]!) + 1e-3;
          expected.w[k]! -= (0.1 * expected.m[k]!) / divisor;
        });
      for (const name of ["w", "m", "v", "largest"] as const) assertNear(found[name]!, expected[name], name);
    }
  });
}
