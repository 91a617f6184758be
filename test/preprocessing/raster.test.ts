import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bandWindows, blankImage, drawTrace, rasterTraces } from "../../lib/preprocessing";
import { type GoldenArray, readGolden } from "../support/golden";
import { throwsProblem } from "../support/problems";

const golden = readGolden<{ small: { y: GoldenArray; h: number; w: number; image: GoldenArray }[] }>("signals/raster");

test("small canvases are justpyplot's, pixel for pixel", () => {
  assert.equal(golden.small.length, 3);
  for (const { y, h, w, image } of golden.small) {
    const canvas = blankImage(w, h);
    drawTrace(canvas, y.data, { left: 0, top: 0, width: w, height: h });
    assert.deepEqual(canvas.pixels, image.data, `${y.data.length} samples on ${w} x ${h}`);
  }
});

/** The published rule over again, point by point: what the masks must come to. */
function pointByPoint(trace: readonly number[], width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  const row = trace.map((value) => height - Math.trunc(value * height));
  const column = trace.map((_, i) => Math.trunc((i / trace.length) * width));
  let points = 1;
  for (let i = 1; i < trace.length; i++)
    points = Math.max(points, Math.abs(row[i]! - row[i - 1]!) + 1, Math.abs(column[i]! - column[i - 1]!) + 1);
  for (let i = 1; i < trace.length; i++)
    for (let k = 0; k < points; k++)
      for (const shift of [0, -1]) {
        const t = k === points - 1 && points > 1 ? 1 : k === 0 ? 0 : k * (1 / (points - 1));
        const at = (a: number, b: number, end: number): number =>
          Math.min(Math.max(Math.trunc(a + t * (b - a)) + shift * Math.sign(b - a), 0), end - 1);
        pixels[at(row[i - 1]!, row[i]!, height) * width + at(column[i - 1]!, column[i]!, width)] = 1;
      }
  return pixels;
}

test("any trace on any canvas is drawn as the rule says, dense or sparse, in and beyond 64 rows", () => {
  const value = fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 2, maxLength: 400, size: "max" }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 1, max: 80 }),
      (trace, width, height) => {
        const canvas = blankImage(width, height);
        drawTrace(canvas, trace, { left: 0, top: 0, width, height });
        assert.deepEqual(canvas.pixels, pointByPoint(trace, width, height));
      },
    ),
    { seed: 2, numRuns: 300 },
  );
});

test("a window keeps its trace, and what was drawn before", () => {
  const canvas = blankImage(30, 20);
  canvas.pixels.fill(1, 0, 30);
  drawTrace(canvas, [0, 1, 0, 1], { left: 10, top: 5, width: 8, height: 6 });
  const drawn = [...canvas.pixels].flatMap((value, i) => (value === 1 && i >= 30 ? [i] : []));
  assert.ok(drawn.length > 6);
  for (const i of drawn) {
    assert.ok(i % 30 >= 10 && i % 30 < 18, `column ${i % 30}`);
    assert.ok(Math.floor(i / 30) >= 5 && Math.floor(i / 30) < 11, `row ${Math.floor(i / 30)}`);
  }
  assert.ok(canvas.pixels.subarray(0, 30).every((pixel) => pixel === 1));
});

test("bands reach into their neighbours, not out of the image", () => {
  const options = { width: 100, height: 90, drawnWidth: 99, overlap: 10 };
  assert.deepEqual(
    bandWindows(3, options).map(({ top, height }) => [top, top + height]),
    [
      [0, 40],
      [20, 70],
      [50, 90],
    ],
  );
  throwsProblem(() => bandWindows(7, options), { found: "7 traces in 90 rows" });
  const flat = rasterTraces(
    [
      [0.5, 0.5],
      [0.5, 0.5],
      [0.5, 0.5],
    ],
    options,
  );
  const rowsOf = flat.pixels.reduce<Set<number>>(
    (rows, pixel, i) => (pixel ? rows.add(Math.floor(i / 100)) : rows),
    new Set(),
  );
  assert.deepEqual([...rowsOf], [20, 45, 70]);
});

test("what cannot be drawn is refused", () => {
  const canvas = blankImage(10, 10);
  const window = { left: 0, top: 0, width: 10, height: 10 };
  throwsProblem(() => drawTrace(canvas, [0, 1.1], window), { place: "sample 1", found: "1.1" });
  throwsProblem(() => drawTrace(canvas, [Number.NaN, 1], window), { place: "sample 0", found: "NaN" });
  throwsProblem(() => drawTrace(canvas, [0.5], window), { found: "1 samples" });
  throwsProblem(() => drawTrace(canvas, [0, 1], { ...window, left: 1 }), { what: /outside its canvas/ });
  assert.ok(canvas.pixels.every((pixel) => pixel === 0));
});
