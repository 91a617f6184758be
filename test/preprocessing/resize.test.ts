import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { Generator } from "../../lib/core/random";
import { type Image, type ResizeMethod, resize } from "../../lib/preprocessing";
import { type GoldenArray, readGolden, scaled, uniform } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Case {
  in: [number, number];
  out: [number, number];
  input: { name: string; scale: number; offset: number };
  input_u8: GoldenArray;
  [output: string]: unknown;
}

const { cases } = readGolden<{ cases: Case[] }>("signals/resize");

/** Exactly equal. */
const bytes: [string, ResizeMethod][] = [
  ["cv2_linear_u8", "opencv-linear"],
  ["cv2_area_u8", "opencv-area"],
  ["cv2_nearest_u8", "opencv-nearest"],
  ["pil_bilinear_u8", "pillow-bilinear"],
  ["pil_bicubic_u8", "pillow-bicubic"],
];

/** Largest difference allowed, on values to 200: rounding of single precision, and of double precision. */
const numbers: [string, ResizeMethod, number][] = [
  ["cv2_linear_f32", "opencv-linear", 3e-5],
  ["cv2_area_f32", "opencv-area", 3e-5],
  ["cv2_cubic_f32", "opencv-cubic", 6e-5],
  ["pil_bilinear_float", "pillow-bilinear", 3e-5],
  ["torch_bilinear_f64", "torch-bilinear", 2e-11],
  ["torch_bilinear_antialias_f64", "torch-bilinear-antialias", 2e-11],
  ["torch_bicubic_antialias_f64", "torch-bicubic-antialias", 2e-11],
];

assert.equal(cases.length, 7);
for (const { in: from, out: to, input, input_u8, ...outputs } of cases) {
  const [height, width] = from;
  const size = { height: to[0], width: to[1] };
  const expected = (name: string): GoldenArray => outputs[name] as GoldenArray;
  test(`${from.join(" x ")} to ${to.join(" x ")}: bytes as OpenCV and Pillow, numbers as all three`, () => {
    const given = input_u8.data as Uint8Array;
    const grey: Image<Uint8Array> = { width, height, channels: 1, pixels: given };
    for (const [name, method] of bytes) {
      const resized = resize(grey, { ...size, method });
      assert.deepEqual(resized.pixels, expected(name).data, name);
      // Three channels side by side are each resized as one alone.
      const colour = { ...grey, channels: 3, pixels: given.slice(0, 0) };
      colour.pixels = Uint8Array.from({ length: 3 * given.length }, (_, i) => given[Math.floor(i / 3)]!);
      const wide = resize(colour, { ...size, method });
      assert.deepEqual(
        wide.pixels.filter((_, i) => i % 3 === 1),
        resized.pixels,
        `${name}, three channels`,
      );
    }
    // torchvision orders its passes in another way, with coarser weights.
    const torchvision = resize(grey, { ...size, method: "pillow-bilinear" }).pixels;
    assert.ok(maxDifference(torchvision, expected("torchvision_resize_antialias_u8").data) <= 1);

    const single = Float32Array.from(scaled(input.name, from, input.scale, input.offset));
    for (const [name, method, allowed] of numbers) {
      const wanted = expected(name).data;
      const image: Image<Float32Array | Float64Array> = {
        ...grey,
        pixels: wanted instanceof Float64Array ? Float64Array.from(single) : single,
      };
      const { pixels } = resize(image, { ...size, method });
      assert.equal(pixels.constructor, image.pixels.constructor);
      const difference = maxDifference(pixels, wanted);
      assert.ok(difference < allowed, `${name}: ${difference}`);
    }
  });
}

test("bytes of many sizes, to the last one", () => {
  const more = readGolden<{ cases: [from: [number, number], to: [number, number], crcs: Record<string, number>][] }>(
    "signals/resize_more",
  );
  assert.equal(more.cases.length, 60);
  for (const [[height, width], [rows, columns], crcs] of more.cases) {
    const pixels = Uint8Array.from(uniform(`resize${height}x${width}`, height * width), (u) => (u + 0.5) * 256);
    for (const [method, crc] of Object.entries(crcs)) {
      const to = { width: columns, height: rows, method: method as ResizeMethod };
      const resized = resize({ width, height, channels: 1, pixels }, to);
      assert.equal(crc32(resized.pixels) >>> 0, crc, `${method}, ${height} x ${width} to ${rows} x ${columns}`);
    }
  }
});

test("what cannot be resized is refused", () => {
  const image = { width: 2, height: 2, channels: 1, pixels: new Uint8Array(4) };
  const to = { width: 4, height: 4 };
  throwsProblem(() => resize(image, { ...to, method: "torch-bilinear" }), { found: "torch-bilinear", fix: /Float32/ });
  throwsProblem(() => resize(image, { width: 0, height: 4, method: "opencv-linear" }), { found: "0 x 4" });
  throwsProblem(() => resize({ ...image, height: 3 }, { ...to, method: "opencv-linear" }), { found: "4 values" });
});

test("bytes of a size that comes again are resized by machine code, to the same values", () => {
  const random = new Generator(9);
  for (const [width, height, channels, to, rows] of [
    [480, 270, 1, 224, 224],
    [31, 17, 3, 45, 9],
    [5, 7, 2, 16, 16],
    [1, 1, 1, 3, 2],
    [40, 33, 1, 40, 12],
  ] as const) {
    const images = Array.from({ length: 24 }, () => ({
      ...{ width, height, channels },
      pixels: Uint8Array.from({ length: width * height * channels }, () => random.below(256)),
    }));
    const resized = (image: (typeof images)[0]): Uint8Array =>
      resize(image, { width: to, height: rows, method: "opencv-linear" }).pixels.slice();
    // The first come before there is machine code, the same ones once more after.
    const before = images.slice(0, 8).map(resized);
    images.slice(8).forEach(resized);
    images.slice(0, 8).forEach((image, i) => {
      assert.deepEqual(resized(image), before[i], `${width} x ${height} to ${to} x ${rows}`);
    });
  }
});
