import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawSpectrum, fmixColumns, fmixGrey, rankedMask, shapeSpectrum } from "../../lib/augmentation";
import { Generator } from "../../lib/core/random";
import { rfft } from "../../lib/preprocessing";
import { type GoldenArray, readGolden, scaled } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Masks {
  grey: GoldenArray;
  mask_floor: GoldenArray;
  mask_ceil: GoldenArray;
  mean_floor: number;
  mean_ceil: number;
}
const { cases } = readGolden<{
  cases: {
    h: number;
    w: number;
    decay: number;
    lam: number;
    max_soft: number;
    param: { name: string; shape: number[]; scale: number };
    reference_quirk: Masks;
    intended: Masks;
  }[];
}>("signals/fmix");

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

test("masks of a given spectrum are the reference code's and the intended ones", () => {
  assert.equal(cases.length, 3);
  for (const { h, w, decay, lam, max_soft, param, ...golden } of cases) {
    assert.deepEqual(param.shape, [h, fmixColumns(w), 2]);
    const draws = scaled(param.name, param.shape, param.scale);
    const spectrum = shapeSpectrum(h, w, decay, draws);
    for (const variant of ["published", "corrected"] as const) {
      const expected = variant === "published" ? golden.reference_quirk : golden.intended;
      const grey = fmixGrey(spectrum, variant);
      const name = `${h} x ${w}, ${variant}`;
      assert.ok(maxDifference(grey, expected.grey.data) < 1e-12, name);
      for (const [rounding, mask, share] of [
        ["down", expected.mask_floor, expected.mean_floor],
        ["up", expected.mask_ceil, expected.mean_ceil],
      ] as const) {
        const ours = rankedMask(grey, { lambda: lam, maxSoftness: max_soft, rounding });
        // The same pixels at the same ranks; values rounded to float32.
        assert.deepEqual(ours, Float32Array.from(mask.data), `${name}, rounded ${rounding}`);
        assert.ok(Math.abs(mean(ours) - share) < 1e-7, name);
      }
    }
  }
});

test("a mask's mean is lambda, to within one pixel, and its ramp as wide as the softness allows", () => {
  const sizes = fc.record({
    height: fc.integer({ min: 2, max: 17 }),
    width: fc.integer({ min: 2, max: 17 }),
    seed: fc.nat(),
    lambda: fc.double({ min: 0, max: 1, noNaN: true }),
    maxSoftness: fc.double({ min: 0, max: 1, noNaN: true }),
    rounding: fc.constantFrom("down" as const, "up" as const),
    variant: fc.constantFrom("published" as const, "corrected" as const),
  });
  fc.assert(
    fc.property(sizes, ({ height, width, seed, variant, ...options }) => {
      const grey = fmixGrey(drawSpectrum(height, width, 3, new Generator(seed)), variant);
      assert.equal(Math.min(...grey), 0);
      assert.equal(Math.max(...grey), 1);
      const mask = rankedMask(grey, options);
      const size = height * width;
      const kept = options.rounding === "up" ? Math.ceil(options.lambda * size) : Math.floor(options.lambda * size);
      assert.ok(Math.abs(mean(mask) * size - kept) < 1e-4, `${mean(mask) * size} pixels, ${kept} wanted`);
      const between = mask.filter((value) => value > 0 && value < 1).length;
      assert.ok(between <= 2 * size * Math.min(options.maxSoftness, options.lambda, 1 - options.lambda));
      // Brighter pixels never count for less.
      const order = [...grey.keys()].sort((a, b) => grey[a]! - grey[b]!);
      for (let i = 1; i < size; i++)
        assert.ok(mask[order[i]!]! >= mask[order[i - 1]!]! || grey[order[i]!] === grey[order[i - 1]!]);
    }),
    { seed: 11, numRuns: 150 },
  );
});

test("a published row is a constant and one wave; a corrected one has every frequency", () => {
  for (let seed = 0; seed < 5; seed++) {
    const spectrum = drawSpectrum(24, 20, 3, new Generator(seed));
    const beyondOne = (variant: "published" | "corrected"): number => {
      const grey = fmixGrey(spectrum, variant);
      const rows = Array.from({ length: 24 }, (_, y) => rfft(grey.subarray(20 * y, 20 * (y + 1))));
      return Math.max(...rows.flatMap(({ re, im }) => [...re.slice(2), ...im.slice(2)].map(Math.abs)));
    };
    assert.ok(beyondOne("published") < 1e-12, `${beyondOne("published")}`);
    assert.ok(beyondOne("corrected") > 0.1, `${beyondOne("corrected")}`);
  }
});

test("masks that are not possible are refused", () => {
  throwsProblem(() => rankedMask([0, 1], { lambda: 1.2, maxSoftness: 0, rounding: "up" }), { found: /lambda 1.2/ });
  throwsProblem(() => shapeSpectrum(4, 4, 3, new Float64Array(3)), { expected: "4 x 3 x 2" });
  throwsProblem(() => fmixGrey(drawSpectrum(1, 8, 3, new Generator(0)), "published"), { found: "1 x 8 pixels" });
});
