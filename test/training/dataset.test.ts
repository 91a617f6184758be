import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import {
  batchCount,
  classCounts,
  collate,
  type Example,
  epochBatches,
  memoryDataset,
  subset,
  targetsOf,
} from "../../lib/training/dataset";

const example = (i: number, changes: Partial<Example> = {}): Example => ({
  id: `r${i}`,
  input: Float32Array.of(i, i + 0.25, i + 0.5, i + 0.75),
  extras: { sex: Float32Array.of(i % 3) },
  target: Float32Array.of(i % 2, 1),
  group: `p${i >> 1}`,
  weight: 1,
  ...changes,
});
const examples = Array.from({ length: 7 }, (_, i) => example(i));
const dataset = memoryDataset("toy", ["a", "b"], [2, 2], examples);

test("a data set tells its ids, groups, targets and counts; so does a part of it", () => {
  assert.deepEqual(dataset.ids.slice(0, 2), ["r0", "r1"]);
  assert.deepEqual(classCounts(dataset), [3, 7]);
  const part = subset(dataset, [5, 2], "part");
  assert.deepEqual(part.ids, ["r5", "r2"]);
  assert.deepEqual(part.groups, ["p2", "p1"]);
  assert.deepEqual([...targetsOf(part)], [1, 1, 0, 1]);
  assert.throws(() => part.example(2), /part: an example out of range/);
  assert.throws(() => subset(dataset, [7]), /out of range/);
  assert.throws(() => subset(dataset, []), /without examples/);
});

test("an epoch walks through every example once, in an order that the seed sets", () => {
  const walk = (seed: number) => epochBatches(7, { batchSize: 3, dropLast: false }, new Generator(seed));
  const batches = walk(1);
  assert.deepEqual(
    batches.map((b) => b.length),
    [3, 3, 1],
  );
  assert.deepEqual(batches.flatMap((b) => [...b]).sort(), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(walk(1), batches);
  assert.notDeepEqual(walk(2), batches);
  assert.equal(epochBatches(7, { batchSize: 3, dropLast: true }, new Generator(1)).length, 2);
  assert.deepEqual([...epochBatches(7, { batchSize: 7, dropLast: true })[0]!], [0, 1, 2, 3, 4, 5, 6]);
  const random = new Generator(1);
  const options = { batchSize: 3, dropLast: true };
  assert.notDeepEqual(epochBatches(7, options, random), epochBatches(7, options, random), "epochs differ");
});

test("a batch is laid out row by row", () => {
  const batch = collate(dataset, [dataset.example(4), dataset.example(1)]);
  assert.deepEqual([...batch.input], [4, 4.25, 4.5, 4.75, 1, 1.25, 1.5, 1.75]);
  assert.deepEqual([...batch.extras.sex!], [1, 1]);
  assert.deepEqual([...batch.target], [0, 1, 1, 1]);
  assert.deepEqual(batch.ids, ["r4", "r1"]);
});

test("examples that do not fit throw and are named", () => {
  const build = (changes: Partial<Example>) => () =>
    memoryDataset("toy", ["a", "b"], [2, 2], [example(0), example(1, changes)]);
  assert.throws(build({ input: new Float32Array(3) }), /toy, example r1: an input of 3 values/);
  assert.throws(build({ target: new Float32Array(3) }), /r1: a target of 3 values/);
  assert.throws(build({ extras: {} }), /r1: other further inputs/);
  assert.throws(build({ extras: { sex: new Float32Array(2) } }), /"sex"/);
  assert.throws(build({ weight: Number.NaN }), /weight of NaN/);
  assert.throws(build({ id: "r0" }), /occurs twice/);
  assert.throws(() => memoryDataset("toy", ["a"], [1], []), /without examples/);
  const soft = memoryDataset("toy", ["a", "b"], [2, 2], [example(0, { target: Float32Array.of(0.5, 0.5) })]);
  assert.throws(() => classCounts(soft), /soft targets/);
});

test("batch sizes that give no batch throw", () => {
  assert.throws(() => batchCount(7, { batchSize: 8, dropLast: true }), /not one batch/);
  assert.throws(() => batchCount(7, { batchSize: 0, dropLast: false }), /batch size/);
});
