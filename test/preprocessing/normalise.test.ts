import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clip, IMAGENET_SCALE, minMax, normalisePixels, quantiles, zScore } from "../../lib/preprocessing";
import { type GoldenArray, readGolden, scaled } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

const golden = readGolden<{
  quantile_linear: { input: { name: string; n: number; scale: number }; q: number[]; output: GoldenArray }[];
  zscore_x1000: {
    input: { name: string; shape: number[]; scale: number; offset: number };
    output: GoldenArray;
  };
  imagenet_normalize: { input_u8_hwc: GoldenArray; output_albumentations_f32: GoldenArray };
}>("signals/normalise");

test("quantiles are NumPy's, to the last bit", () => {
  assert.equal(golden.quantile_linear.length, 5);
  for (const { input, q, output } of golden.quantile_linear) {
    const values = scaled(input.name, [input.n], input.scale);
    assert.deepEqual(quantiles(values, q), [...output.data], `${input.n} values`);
    assert.deepEqual(quantiles(values, [...q].reverse()), [...output.data].reverse(), "asked for in another order");
    assert.deepEqual(values, scaled(input.name, [input.n], input.scale), "the values are left as they were");
  }
});

test("a selected quantile is a sorted one, with ties and long runs too", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -1e300, max: 1e300 }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3000, size: "max" }), fc.nat(), (values, pick) => {
      const rank = pick % values.length;
      const sorted = Float64Array.from(values).sort();
      const at = values.length === 1 ? 0 : rank / (values.length - 1);
      const position = at * (values.length - 1);
      const found = quantiles(values, [at, 0, 1]);
      if (Number.isInteger(position)) assert.ok(found[0] === sorted[rank]);
      assert.ok(found[1] === sorted[0] && found[2] === sorted[values.length - 1]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("quantiles refuse what has no rank", () => {
  throwsProblem(() => quantiles([], [0.5]), { what: /no samples/ });
  throwsProblem(() => quantiles([1, Number.NaN, 3], [0.5]), { place: "sample 1" });
  throwsProblem(() => quantiles([1, 2], [50]), { found: "50", expected: "0 to 1" });
});

test("z-scores times 1000, window by window, are the published ones", () => {
  const { input, output } = golden.zscore_x1000;
  const [windows = 0, channels = 0, length = 0] = input.shape;
  const values = Float32Array.from(scaled(input.name, input.shape, input.scale, input.offset));
  for (let row = 0; row < windows * channels; row++) {
    const part = [row * length, (row + 1) * length] as const;
    assert.ok(maxDifference(zScore(values.subarray(...part), 1000), output.data.subarray(...part)) < 1e-9 * 3000);
  }
});

test("pixels normalised for an ImageNet network are albumentations'", () => {
  const { input_u8_hwc: input, output_albumentations_f32: output } = golden.imagenet_normalize;
  assert.ok(maxDifference(normalisePixels(input.data as Uint8Array, IMAGENET_SCALE), output.data) < 1e-6);
  throwsProblem(() => normalisePixels(new Uint8Array(4), IMAGENET_SCALE), { found: /4 values, 3 means/ });
});

test("limits and ranges keep the precision and the samples given", () => {
  const samples = Float32Array.of(-5, 0.1, 3, Number.NaN);
  const clipped = clip(samples, -1, 1);
  assert.deepEqual(clipped, Float32Array.of(-1, 0.1, 1, Number.NaN));
  assert.equal(samples[0], -5);
  throwsProblem(() => clip(samples, 1, -1), { found: "1 to -1" });

  assert.deepEqual(minMax(Float64Array.of(2, 6, 3)), Float64Array.of(0, 1, 0.25));
  assert.ok(minMax(Float32Array.of(2, 6, 3)) instanceof Float32Array);
  throwsProblem(() => minMax(samples), { place: "sample 3", found: "NaN" });
  throwsProblem(() => minMax(Float64Array.of(4, 4)), { found: "only the value 4" });
  throwsProblem(() => minMax(new Float64Array(0)), { found: "no samples" });
});
