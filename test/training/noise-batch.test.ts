import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { noiseBatch } from "../../lib/training/noise-batch";
import { throwsProblem } from "../support/problems";

test("inputs in a model's shapes, one class or any number of them, the same for the same seed", () => {
  const shapes = { signal: [50, 2], other: [50, 2], age: [10] };
  const options = { shapes, size: 40, classes: 3, activation: "softmax" } as const;
  const { batch, inputShape } = noiseBatch(options, new Generator(3));
  assert.deepEqual(inputShape, [50, 2]);
  assert.deepEqual([batch.size, batch.input.length, batch.weight.length], [40, 40 * 100, 40]);
  assert.deepEqual(
    Object.entries(batch.extras).map(([name, values]) => [name, values.length]),
    [
      ["other", 40 * 100],
      ["age", 40 * 10],
    ],
  );
  const mean = batch.input.reduce((sum, x) => sum + x, 0) / batch.input.length;
  const variance = batch.input.reduce((sum, x) => sum + (x - mean) ** 2, 0) / batch.input.length;
  assert.ok(Math.abs(mean) < 0.05 && Math.abs(variance - 1) < 0.1, `${mean}, ${variance}`);
  const rows = (target: Float32Array) => batch.ids.map((_, i) => [...target.subarray(3 * i, 3 * i + 3)]);
  const marks = (row: number[]) => row.filter((mark) => mark === 1).length;
  assert.ok(rows(batch.target).every((row) => marks(row) === 1 && marks(row.map((mark) => 1 - mark)) === 2));
  assert.equal(new Set(rows(batch.target).map(String)).size, 3);
  const several = noiseBatch({ ...options, activation: "sigmoid" }, new Generator(3)).batch.target;
  assert.deepEqual(new Set(rows(several).map(marks)), new Set([0, 1, 2, 3]));
  assert.deepEqual(noiseBatch(options, new Generator(3)).batch, batch);
  assert.notDeepEqual(noiseBatch(options, new Generator(4)).batch.input, batch.input);
});

test("inputs without image or signal are refused", () => {
  const options = { shapes: { age: [1] }, size: 2, classes: 2, activation: "softmax" } as const;
  throwsProblem(() => noiseBatch(options, new Generator(0)), { found: "age" });
});
