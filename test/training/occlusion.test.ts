import assert from "node:assert/strict";
import { test } from "node:test";
import { HMS_AREAS } from "../../lib/preprocessing/hms-areas";
import { memoryDataset } from "../../lib/training/dataset";
import { occluded } from "../../lib/training/occlusion";
import { throwsProblem } from "../support/problems";

const picture = (shape: number[]): ReturnType<typeof memoryDataset> =>
  memoryDataset("one", ["a"], shape, [
    {
      id: "x",
      input: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(1),
      extras: {},
      target: Float32Array.of(1),
      group: "p",
      weight: 1,
    },
  ]);

test("an area is covered, in all channels, and nothing else", () => {
  const whole = picture([4, 6, 2]);
  const covered = occluded(whole, { name: "lower right", left: 0.5, top: 0.5, width: 0.5, height: 0.25 }, 0.25);
  const { input } = covered.example(0);
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 6; x++)
      for (let c = 0; c < 2; c++) assert.equal(input[(y * 6 + x) * 2 + c], y === 2 && x >= 3 ? 0.25 : 1);
  assert.ok(whole.example(0).input.every((value) => value === 1));
});

test("the areas of system 002's image cover it once, at any size", () => {
  for (const [height, width] of [
    [640, 1920],
    [64, 192],
  ] as const) {
    const whole = picture([height, width, 1]);
    const times = new Float32Array(height * width);
    for (const area of HMS_AREAS)
      occluded(whole, area)
        .example(0)
        .input.forEach((value, i) => {
          times[i]! += 1 - value;
        });
    assert.ok(times.every((n) => n === 1));
  }
});

test("what is no picture, and an area beyond it", () => {
  throwsProblem(() => occluded(picture([8, 2]), HMS_AREAS[0]!), { expected: /height, width, channels/ });
  throwsProblem(() => occluded(picture([4, 4, 1]), { name: "out", left: 0.5, top: 0, width: 0.75, height: 1 }), {
    place: "out",
  });
  throwsProblem(() => occluded(picture([4, 4, 1]), { name: "thin", left: 0, top: 0, width: 0.01, height: 1 }), {
    place: "thin",
  });
});
