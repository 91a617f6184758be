import assert from "node:assert/strict";
import { test } from "node:test";
import { areaPixels, HMS_AREAS } from "../../lib/preprocessing";

test("the areas of system 002's image cover it once, at any size", () => {
  for (const size of [
    { height: 640, width: 1920 },
    { height: 64, width: 192 },
  ]) {
    const times = new Uint8Array(size.height * size.width);
    for (const area of HMS_AREAS) {
      const { top, bottom, left, right } = areaPixels(area, size);
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) times[y * size.width + x]!++;
    }
    assert.ok(times.every((n) => n === 1));
  }
});

test("a chain's area holds its traces' bands", () => {
  const temporal = HMS_AREAS.find(({ name }) => name === "left temporal chain")!;
  // Traces 8 to 11 of twenty, 32 rows each, right of the spectrograms.
  assert.deepEqual(areaPixels(temporal, { height: 640, width: 1920 }), {
    top: 256,
    bottom: 384,
    left: 320,
    right: 1920,
  });
});
