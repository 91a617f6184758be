import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { rfft } from "../../lib/preprocessing/fft";
import { mixedNoise, peak, powerLaw, shapedNoise } from "../../lib/simulation/noise";
import { throwsProblem } from "../support/problems";

const deviation = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

test("noise has a standard deviation of 1 at any length, and is the same for a seed", () => {
  for (const length of [300, 5000, 200_000]) {
    const many = Array.from({ length: length < 10_000 ? 200 : 3 }, (_, seed) =>
      shapedNoise(length, 100, powerLaw(1, 0.5, 40), new Generator(seed)),
    );
    const mean = Math.sqrt(many.reduce((sum, noise) => sum + deviation(noise) ** 2, 0) / many.length);
    assert.ok(Math.abs(mean - 1) < 0.05, `${length}: ${mean}`);
    assert.deepEqual(shapedNoise(length, 100, powerLaw(1, 0.5, 40), new Generator(0)), many[0]);
  }
});

test("its power lies where the density is, also across the edges of blocks", () => {
  const length = 1 << 17;
  const { re, im } = rfft(shapedNoise(length, 100, peak(10, 0.5), new Generator(4)));
  const inside = (low: number, high: number): number => {
    let sum = 0;
    for (let k = Math.ceil((low * length) / 100); k < (high * length) / 100; k++) sum += re[k]! ** 2 + im[k]! ** 2;
    return sum;
  };
  const all = inside(0, 50);
  // A normal distribution has 95.45 % within two standard deviations.
  const share = inside(9, 11) / all;
  assert.ok(Math.abs(share - 0.9545) < 0.01, String(share));
  assert.ok(inside(0, 7) / all < 1e-4);
});

test("a mixture has the power of its parts, and is as good as normally distributed", () => {
  const parts = [
    { deviation: 3, density: peak(10, 0.9) },
    { deviation: 4, density: powerLaw(1.6, 0.5, 60) },
  ];
  const noise = mixedNoise(1 << 17, 200, parts, new Generator(8));
  const sd = deviation(noise);
  assert.ok(Math.abs(sd - 5) < 0.1, String(sd));
  const kurtosis = noise.reduce((sum, x) => sum + (x / sd) ** 4, 0) / noise.length;
  assert.ok(Math.abs(kurtosis - 3) < 0.25, String(kurtosis));
  const beyond = noise.filter((x) => Math.abs(x) > 1.96 * sd).length / noise.length;
  assert.ok(Math.abs(beyond - 0.05) < 0.01, String(beyond));
});

test("a density that is nothing, or negative", () => {
  throwsProblem(() => shapedNoise(100, 100, () => 0, new Generator(1)), { expected: /above 0 somewhere/ });
  throwsProblem(() => shapedNoise(100, 100, (f) => f - 3, new Generator(1)), { expected: /0 or more everywhere/ });
});
