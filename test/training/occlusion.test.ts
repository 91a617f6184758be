import assert from "node:assert/strict";
import { test } from "node:test";
import { type Example, memoryDataset } from "../../lib/training/dataset";
import { occluded } from "../../lib/training/occlusion";
import { throwsProblem } from "../support/problems";

const shape = [2, 3, 2];
const input = Float32Array.from({ length: 12 }, (_, i) => i + 1);
const target = Float32Array.of(1, 0);
const example: Example = { id: "a", input, extras: {}, target, group: "g", weight: 1 };
const dataset = memoryDataset("pictures", ["x", "y"], shape, [example]);

test("a region is filled channel by channel; the picture itself and all else stay as they are", () => {
  const hidden = occluded(dataset, { top: 1, left: 1, right: 2 }, [-1, -2]);
  const seen = hidden.example(0);
  assert.deepEqual([...seen.input], [1, 2, 3, 4, 5, 6, 7, 8, -1, -2, 11, 12]);
  assert.deepEqual({ ...seen, input }, example);
  assert.deepEqual([...dataset.example(0).input], [...input]);
  assert.deepEqual([...occluded(dataset, {}, [0, 0]).example(0).input], new Array(12).fill(0));
  const { name: _, example: __, ...rest } = hidden;
  const { name: ___, example: ____, ...own } = dataset;
  assert.deepEqual(rest, own);
});

test("regions outside the picture, and values for other channels", () => {
  for (const region of [{ top: 2 }, { right: 4 }, { left: 1, right: 1 }, { bottom: 0.5 }])
    throwsProblem(() => occluded(dataset, region, [0, 0]), {
      what: /not of the picture/,
      expected: /2 rows and 3 columns/,
    });
  throwsProblem(() => occluded(dataset, {}, [0]), { found: /1 values/ });
});
