import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  augmentImage,
  cutMix,
  drawBeta,
  drawLambda,
  fmix,
  type ImageExample,
  type MixedExample,
  mixTargets,
  mixUp,
  SYSTEM_000_CUTMIX,
  SYSTEM_000_INTENDED,
  SYSTEM_000_PUBLISHED,
  SYSTEM_002_IMAGE,
  truncatedClass,
} from "../../lib/augmentation";
import { Generator } from "../../lib/core/random";
import { type GoldenArray, readGolden } from "../support/golden";
import { picture } from "../support/pictures";
import { throwsProblem } from "../support/problems";

const { beta } = readGolden<{ beta: { seed: number; a: number; b: number; draws: GoldenArray }[] }>(
  "signals/augmentation",
);

const CLASSES = 5;
/** An image of one value, of one class. */
const plain = (value: number, label: number, shape: [number, number, number] = [12, 16, 2]): ImageExample => {
  const target = new Float32Array(CLASSES);
  target[label] = 1;
  const size = shape.reduce((product, n) => product * n, 1);
  return { image: picture(shape, new Float32Array(size).fill(value)), target };
};
const OPTIONS = { alpha: 1, clip: [0.6, 0.7], decay: 3, maxSoftness: 1, mask: "corrected", targets: "soft" } as const;
const mixes: Record<string, (one: ImageExample, other: ImageExample, random: Generator) => MixedExample> = {
  "fmix, corrected": (one, other, random) => fmix(one, other, OPTIONS, random),
  "fmix, published": (one, other, random) => fmix(one, other, { ...OPTIONS, mask: "published" }, random),
  cutMix: (one, other, random) => cutMix(one, other, { alpha: 1, clip: [0.3, 0.9], targets: "soft" }, random),
  mixUp: (one, other, random) => mixUp(one, other, { alpha: 0.4, clip: [0, 1] }, random),
};

for (const [name, mix] of Object.entries(mixes)) {
  test(`${name}: the share of the pixels is the share of the target, which sums to 1`, () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 4 }), fc.nat({ max: 4 }), (seed, a, b) => {
        const [one, other] = [plain(1, a), plain(0, b)];
        const mixed = mix(one, other, new Generator(seed));
        assert.deepEqual(mix(plain(1, a), plain(0, b), new Generator(seed)), mixed);
        assert.deepEqual([one, other], [plain(1, a), plain(0, b)], "inputs as they were");
        assert.deepEqual({ ...mixed.image, pixels: null }, { ...one.image, pixels: null });
        const sum = mixed.target.reduce((total, value) => total + value, 0);
        assert.ok(Math.abs(sum - 1) < 1e-6);
        const mean = mixed.image.pixels.reduce((total, value) => total + value, 0) / mixed.image.pixels.length;
        assert.ok(Math.abs(mean - mixed.share) < 1e-6);
        assert.ok(Math.abs(mixed.target[a]! - (a === b ? 1 : mixed.share)) < 1e-6);
        // Channels are mixed by one mask.
        for (let i = 0; i < mixed.image.pixels.length; i += 2)
          assert.equal(mixed.image.pixels[i], mixed.image.pixels[i + 1]);
      }),
      { seed: 9, numRuns: 60 },
    );
    throwsProblem(() => mix(plain(1, 0), plain(1, 0, [12, 16, 1]), new Generator(0)), { what: /different shape/ });
  });
}

test("draws of Beta(a, b) are NumPy's", () => {
  assert.equal(beta.length, 8);
  for (const { seed, a, b, draws } of beta) {
    const random = new Generator(seed);
    for (const expected of draws.data) {
      const drawn = drawBeta(a, b, random);
      assert.ok(Math.abs(drawn - expected) <= 1e-12 * expected, `Beta(${a}, ${b}): ${drawn}, ${expected}`);
    }
  }
  throwsProblem(() => drawBeta(0, 1, new Generator(0)), { found: "0, 1" });
  // So small that powers of the draws are zero in doubles.
  const tiny = drawBeta(1e-4, 1e-4, new Generator(1));
  assert.ok(tiny >= 0 && tiny <= 1);
});

test("lambda: 60 % of the draws at the lower end of 0.6 .. 0.7, 30 % at the upper, the rest spread between", () => {
  const random = new Generator(10);
  const draws = Array.from({ length: 5000 }, () => drawLambda(OPTIONS, random));
  const share = (test: (value: number) => boolean): number => draws.filter(test).length / draws.length;
  assert.ok(Math.abs(share((v) => v === 0.6) - 0.6) < 0.02);
  assert.ok(Math.abs(share((v) => v === 0.7) - 0.3) < 0.02);
  assert.ok(Math.abs(share((v) => v > 0.6 && v < 0.65) - 0.05) < 0.012);
  assert.ok(draws.every((v) => v >= 0.6 && v <= 0.7));
  throwsProblem(() => drawLambda({ alpha: 1, clip: [0.7, 0.6] }, random), { found: "0.7 to 0.6" });
});

test("targets: soft as intended, and cut to a class as published", () => {
  const [n1, n3] = [plain(0, 1).target, plain(0, 3).target];
  assert.deepEqual(mixTargets(n1, n3, 0.75), Float32Array.of(0, 0.75, 0, 0.25, 0));
  // The example of the fact sheet: 0.65 of class 4 and 0.35 of class 0 become class 2.
  assert.equal(truncatedClass(4, 0, 0.65), 2);
  assert.deepEqual(mixTargets(n3, n1, 0.65, "truncated"), plain(0, 2).target);
  assert.deepEqual(mixTargets(n1, n1, 0.65, "truncated"), n1);
  throwsProblem(() => mixTargets(n1, Float32Array.of(0.5, 0.5, 0, 0, 0), 0.6, "truncated"), { what: /one class/ });
  throwsProblem(() => mixTargets(n1, new Float32Array(4), 0.6), { found: "4", expected: "5" });
});

test("CutMix: a box of the other image, never larger than asked for", () => {
  const random = new Generator(12);
  for (let i = 0; i < 200; i++) {
    const { image, share } = cutMix(plain(1, 0), plain(0, 1), { alpha: 1, clip: [0.3, 0.4], targets: "soft" }, random);
    const other = [...image.pixels.keys()].filter((k) => k % 2 === 0 && image.pixels[k] === 0).map((k) => k / 2);
    const rows = new Set(other.map((k) => Math.floor(k / 16)));
    const columns = new Set(other.map((k) => k % 16));
    assert.equal(other.length, rows.size * columns.size);
    assert.ok(share >= 0.3 && share < 1, String(share));
  }
});

test("presets: steps with the published probabilities, mixed as often as published", () => {
  const chances = (steps: readonly { name: string; chance: { probability: number } }[]): [string, number][] =>
    steps.map(({ name, chance }) => [name, chance.probability]);
  assert.deepEqual(chances(SYSTEM_000_PUBLISHED.steps), [
    ["coarse dropout", 0.5],
    ["cutout", 0.5],
  ]);
  assert.deepEqual(chances(SYSTEM_002_IMAGE.steps), [
    ["brightness and contrast", 0.5],
    ["one of", 0.4],
    ["coarse dropout", 0.5],
  ]);
  assert.equal(SYSTEM_002_IMAGE.mix, null);
  assert.deepEqual(SYSTEM_002_IMAGE.steps[1]!.parameters, {
    "Gaussian noise": 1 / 3,
    "Gaussian blur": 1 / 3,
    "motion blur": 1 / 3,
  });
  for (const [preset, mask, targets] of [
    [SYSTEM_000_PUBLISHED, "published", "truncated"],
    [SYSTEM_000_INTENDED, "corrected", "soft"],
  ] as const) {
    assert.deepEqual(preset.mix!.parameters, { ...OPTIONS, mask, targets });
    const random = new Generator(13);
    let mixed = 0;
    for (let i = 0; i < 300; i++) {
      const asked = { partner: false };
      const result = augmentImage(
        plain(1, 4),
        preset,
        () => {
          asked.partner = true;
          return plain(0.5, 0);
        },
        random,
      );
      if (asked.partner) mixed++;
      const [top] = [...result.target.keys()].sort((a, b) => result.target[b]! - result.target[a]!);
      assert.equal(top, asked.partner && targets === "truncated" ? 2 : 4);
    }
    assert.ok(Math.abs(mixed / 300 - 0.5) < 0.1, String(mixed));
  }
  const cut = SYSTEM_000_CUTMIX.mix(plain(1, 0), plain(0, 0), new Generator(0));
  assert.ok(cut.share >= 0.3);
});
