import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import {
  blurGaussian,
  blurMotion,
  brightnessContrast,
  coarseDropout,
  cutout,
  type FloatImage,
  floatImage,
  gaussianBlur,
  gaussianKernel,
  gaussianNoise,
  linePoints,
  motionBlur,
} from "../../lib/augmentation";
import { Generator } from "../../lib/core/random";
import { type GoldenArray, readGolden, scaled } from "../support/golden";
import { picture } from "../support/pictures";
import { maxDifference, throwsProblem } from "../support/problems";

const golden = readGolden<{
  gaussian_blur: { name: string; shape: [number, number]; size: number; kernel: GoldenArray; output: GoldenArray }[];
  lines: { sizes: { size: number; lines: number; crc32: number }[] };
  motion_blur: {
    name: string;
    shape: [number, number];
    size: number;
    line: [number, number, number, number];
    output: GoldenArray;
  }[];
}>("signals/augmentation");

const goldenImage = (name: string, shape: [number, number]): FloatImage =>
  picture(shape, Float32Array.from(scaled(name, shape, 1, 0.5)));

/** An image in [0, 1], of one channel or three. */
const images: fc.Arbitrary<FloatImage> = fc
  .record({
    height: fc.integer({ min: 8, max: 20 }),
    width: fc.integer({ min: 8, max: 20 }),
    channels: fc.constantFrom(1, 3),
    seed: fc.nat(),
  })
  .map(({ height, width, channels, seed }) => {
    const random = new Generator(seed);
    const pixels = Float32Array.from({ length: height * width * channels }, () => random.random());
    return picture([height, width, channels], pixels);
  });

const HOLES = { holes: 3, height: 4, width: 5, fill: -1 };
const changes: Record<string, (image: FloatImage, random: Generator) => FloatImage> = {
  coarseDropout: (image, random) => coarseDropout(image, HOLES, random),
  cutout: (image, random) => cutout(image, HOLES, random),
  brightnessContrast: (image, random) => brightnessContrast(image, { brightness: 0.1, contrast: 0.1 }, random),
  gaussianNoise: (image, random) => gaussianNoise(image, { variance: [0.1, 0.3] }, random),
  gaussianBlur: (image, random) => gaussianBlur(image, { sizes: [3, 7] }, random),
  motionBlur: (image, random) => motionBlur(image, { sizes: [3, 7] }, random),
};

for (const [name, change] of Object.entries(changes)) {
  test(`${name}: the same seed gives the same image, the input and its shape stay`, () => {
    fc.assert(
      fc.property(images, fc.nat(), (image, seed) => {
        const before = image.pixels.slice();
        const changed = change(image, new Generator(seed));
        assert.deepEqual({ ...changed, pixels: null }, { ...image, pixels: null });
        assert.equal(changed.pixels.length, image.pixels.length);
        assert.deepEqual(change(image, new Generator(seed)), changed);
        assert.deepEqual(image.pixels, before);
        assert.notEqual(changed.pixels, image.pixels);
        assert.ok(changed.pixels.some((value, i) => value !== before[i]));
      }),
      { seed: 3, numRuns: 40 },
    );
  });
}

test("holes: their size, their number, and what lies outside them", () => {
  fc.assert(
    fc.property(images, fc.nat(), (image, seed) => {
      const { height, width, channels } = image;
      const one = coarseDropout(image, { ...HOLES, holes: 1 }, new Generator(seed));
      assert.equal(one.pixels.filter((value) => value === -1).length, 4 * 5 * channels);
      const three = coarseDropout(image, HOLES, new Generator(seed));
      const wiped = three.pixels.filter((value) => value === -1).length;
      assert.ok(wiped >= 20 * channels && wiped <= 60 * channels);
      three.pixels.forEach((value, i) => {
        if (value !== -1) assert.equal(value, image.pixels[i]);
      });
      const cut = cutout(image, { ...HOLES, holes: 1 }, new Generator(seed));
      const hit = [...cut.pixels.keys()].filter((i) => cut.pixels[i] === -1).map((i) => Math.floor(i / channels));
      const rows = new Set(hit.map((i) => Math.floor(i / width)));
      const columns = new Set(hit.map((i) => i % width));
      assert.equal(hit.length, rows.size * columns.size * channels, "a rectangle");
      // Cut off only at the bottom and the right.
      assert.ok(rows.size === 4 || rows.has(height - 1));
      assert.ok(columns.size === 5 || columns.has(width - 1));
    }),
    { seed: 4, numRuns: 80 },
  );
  const whole = coarseDropout(goldenImage("x", [4, 5]), { ...HOLES, holes: 1 }, new Generator(0));
  assert.ok(whole.pixels.every((value) => value === -1));
  throwsProblem(() => coarseDropout(goldenImage("x", [3, 9]), HOLES, new Generator(0)), { found: "holes of 4 x 5" });
});

test("every place of a hole is equally likely", () => {
  const random = new Generator(5);
  const counts = new Uint32Array(4);
  const image = picture([5, 5], new Float32Array(25).fill(1));
  for (let i = 0; i < 4000; i++) {
    const { pixels } = coarseDropout(image, { holes: 1, height: 4, width: 4, fill: 0 }, random);
    counts[(pixels[0] === 0 || pixels[4] === 0 ? 0 : 2) + (pixels[0] === 0 || pixels[20] === 0 ? 0 : 1)]!++;
  }
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 120, counts.join());
});

test("brightness and contrast: one line for all pixels, within its limits, cut at 0 and 1", () => {
  const image = picture([1, 4], Float32Array.of(0, 0.3, 0.6, 1));
  const random = new Generator(6);
  let [least, most] = [1, 0];
  for (let i = 0; i < 500; i++) {
    const { pixels } = brightnessContrast(image, { brightness: 0.1, contrast: 0.1 }, random);
    const slope = (pixels[2]! - pixels[1]!) / 0.3;
    assert.ok(slope >= 0.8999 && slope <= 1.1001);
    const summand = pixels[1]! - slope * 0.3;
    assert.ok(Math.abs(summand) <= 0.1001);
    assert.ok(Math.abs(pixels[0]! - Math.max(0, summand)) < 1e-6);
    assert.ok(pixels.every((value) => value >= 0 && value <= 1));
    [least, most] = [Math.min(least, slope), Math.max(most, slope)];
  }
  assert.ok(least < 0.905 && most > 1.095);
});

test("noise has the variance that was asked for, and stays in [0, 1]", () => {
  const image = picture([100, 100, 1], new Float32Array(10_000).fill(0.5));
  const { pixels } = gaussianNoise(image, { variance: [0.01, 0.01] }, new Generator(7));
  const variance = pixels.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / pixels.length;
  assert.ok(Math.abs(variance - 0.01) < 5e-4, String(variance));
  const strong = gaussianNoise(image, { variance: [0.1, 0.3] }, new Generator(7)).pixels;
  assert.ok(strong.includes(0) && strong.includes(1) && strong.every((value) => value >= 0 && value <= 1));
});

test("blurs are OpenCV's", () => {
  for (const { name, shape, size, kernel, output } of golden.gaussian_blur) {
    assert.ok(maxDifference(gaussianKernel(size), kernel.data) < 1e-15, `kernel ${size}`);
    assert.ok(maxDifference(blurGaussian(goldenImage(name, shape), size).pixels, output.data) < 2e-7, name);
  }
  for (const { name, shape, size, line, output } of golden.motion_blur)
    assert.ok(maxDifference(blurMotion(goldenImage(name, shape), size, line).pixels, output.data) < 2e-7, name);
});

test("lines are OpenCV's, pixel for pixel: every pair of ends in squares of 3, 5 and 7", () => {
  for (const { size, lines, crc32: expected } of golden.lines.sizes) {
    const n = [...Array(size).keys()];
    const ends = n.flatMap((x1) => n.flatMap((y1) => n.flatMap((x2) => n.map((y2) => [x1, y1, x2, y2] as const))));
    const drawn = ends
      .filter(([x1, y1, x2, y2]) => x1 !== x2 || y1 !== y2)
      .map((line) => {
        const square = new Uint8Array(size * size);
        for (const [x, y] of linePoints(...line)) square[y * size + x] = 1;
        return square;
      });
    assert.equal(drawn.length, lines);
    assert.equal(crc32(Buffer.concat(drawn)), expected, `size ${size}`);
  }
});

test("a blur keeps a flat image, and each channel to itself", () => {
  const flat = picture(
    [8, 8, 2],
    Float32Array.from({ length: 128 }, (_, i) => (i % 2 === 0 ? 0.25 : 0.75)),
  );
  for (const change of [changes.gaussianBlur!, changes.motionBlur!])
    for (let seed = 0; seed < 10; seed++)
      assert.ok(maxDifference(change(flat, new Generator(seed)).pixels, flat.pixels) < 1e-7);
  throwsProblem(() => gaussianBlur(flat, { sizes: [2, 7] }, new Generator(0)), { found: "2 to 7" });
});

test("sizes of blurs: 3, 5 and 7 come as the published library draws them", () => {
  const random = new Generator(8);
  const spike = picture(
    [15, 15],
    Float32Array.from({ length: 225 }, (_, i) => (i === 112 ? 1 : 0)),
  );
  const counts = new Map<number, number>();
  for (let i = 0; i < 2000; i++) {
    const width = gaussianBlur(spike, { sizes: [3, 7] }, random)
      .pixels.subarray(105, 120)
      .filter((v) => v > 0).length;
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  for (const [size, share] of [
    [3, 0.2],
    [5, 0.4],
    [7, 0.4],
  ] as const)
    assert.ok(Math.abs(counts.get(size)! / 2000 - share) < 0.04, `${size}: ${counts.get(size)}`);
});

test("images of bytes become numbers from 0 to 1; numbers stay, as a copy", () => {
  const bytes = { height: 1, width: 2, channels: 1, pixels: Uint8Array.of(0, 255) };
  assert.deepEqual(floatImage(bytes), picture([1, 2], [0, 1]));
  const numbers = picture([1, 2], [0.25, 3]);
  assert.deepEqual(floatImage(numbers), numbers);
  assert.notEqual(floatImage(numbers).pixels, numbers.pixels);
});
