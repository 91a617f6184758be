import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { type Dataset, type Example, memoryDataset, subset, targetsOf } from "../../lib/training/dataset";
import { imageFeatures } from "../../lib/training/image-features";
import { linearBaseline } from "../../lib/training/linear-baseline";
import { argmax, balancedAccuracy } from "../../lib/training/metrics";
import { shuffledLabels } from "../../lib/training/shuffled-labels";
import { throwsProblem } from "../support/problems";

const CLASSES = ["top", "bottom", "rare"];
const SHAPE = [12, 10, 2];

/** Noise that is brighter in the upper, the lower or no half; twelve people. `soften` shares votes. */
function pictures(name: string, classOf: (i: number) => number, seed: number, soften = 0): Dataset {
  const random = new Generator(seed);
  const examples = Array.from({ length: 240 }, (_, i): Example => {
    const k = classOf(i);
    const input = Float32Array.from({ length: 240 }, (_, at) => {
      const upper = at < 120;
      return random.normal() + (k === 0 && upper ? 1 : k === 1 && !upper ? 1 : 0);
    });
    const target = Float32Array.from(CLASSES, (_, c) => (c === k ? 1 - soften : soften / 2));
    return { id: `${name} ${i}`, input, extras: {}, target, group: `person ${i % 12}`, weight: 1 };
  });
  return memoryDataset(name, CLASSES, SHAPE, examples);
}

const score = (dataset: Dataset, values: Float64Array | Float32Array): number =>
  balancedAccuracy(argmax(targetsOf(dataset), 3), argmax(values, 3), 3);
const grid = { rows: 4, columns: 2 };

test("a picture's features: means of cells, then each band's deviation", () => {
  const input = new Float32Array(2 * 4 * 2);
  input.set([1, 3, 5, 7, 0, 0, 0, 0]); // the first band's four pixels, two channels each: 2, 6, 0, 0
  const example = { id: "a", input, extras: {}, target: Float32Array.of(1, 0), group: "a", weight: 1 };
  const dataset = memoryDataset("one", ["a", "b"], [2, 4, 2], [example]);
  const [features] = imageFeatures(dataset, { rows: 2, columns: 2 });
  assert.deepEqual([...features!], [4, 0, 0, 0, Math.sqrt(10 - 4), 0]);
  throwsProblem(() => imageFeatures(dataset, { rows: 3, columns: 2 }), { found: "[2, 4, 2]" });
});

test("what lies on a line is found, with hard labels and with shares of votes; on shuffled labels nothing is", () => {
  const classOf = (i: number): number => (i * 7) % 3;
  const held = pictures("held", classOf, 2);
  for (const soften of [0, 0.3]) {
    const train = pictures("train", classOf, 1, soften);
    const answers = linearBaseline(train, held, grid);
    assert.deepEqual(answers.ids, held.ids);
    assert.ok(score(held, answers.values) > 0.9, `${score(held, answers.values)}`);
    const control = linearBaseline(shuffledLabels(train, new Generator(3)), held, grid);
    assert.ok(Math.abs(score(held, control.values) - 1 / 3) < 0.12, `control ${score(held, control.values)}`);
  }
});

test("a class that nobody showed gets nothing; fewer than two cannot be told apart", () => {
  const train = pictures("train", (i) => i % 2, 1);
  const held = pictures("held", (i) => i % 3, 2);
  const { values } = linearBaseline(train, held, { ...grid, C: 0.01 });
  values.forEach((value, at) => {
    assert.equal(value === 0, at % 3 === 2);
  });
  const one = subset(train, [0, 2, 4]);
  throwsProblem(() => linearBaseline(one, held, grid), { what: /fewer than two classes/ });
});

test("other features than a picture's, and few groups", () => {
  const few = subset(
    pictures("train", (i) => i % 3, 1),
    [0, 1, 2, 12, 13, 14, 24, 25, 26],
  );
  const told = (dataset: Dataset): number[][] => dataset.ids.map((_, i) => [dataset.example(i).target.indexOf(1), 1]);
  const { values } = linearBaseline(few, few, { features: told, C: 1000, classWeight: "balanced" });
  assert.equal(score(few, values), 1);
  assert.equal(linearBaseline(few, few, grid).values.length, 27);
});

test("shuffled labels: the same examples, groups and number of each label; a plain data set", () => {
  const given = { ...pictures("given", (i) => (i < 30 ? 2 : i % 2), 5), list: "where labels are read from" };
  const shuffled = shuffledLabels(given, new Generator(1));
  const counts = (dataset: Dataset): number[] =>
    CLASSES.map((_, k) => argmax(targetsOf(dataset), 3).filter((c) => c === k).length);
  assert.deepEqual(counts(shuffled), counts(given));
  assert.deepEqual([shuffled.ids, shuffled.groups], [given.ids, given.groups]);
  assert.equal(shuffled.example(7).input, given.example(7).input);
  assert.equal(shuffled.example(7).id, given.ids[7]);
  const same = given.ids.filter((_, i) => shuffled.example(i).target.join() === given.example(i).target.join()).length;
  assert.ok(same < 0.6 * given.length, `${same} of ${given.length} kept their label`);
  assert.deepEqual(targetsOf(shuffledLabels(given, new Generator(1))), targetsOf(shuffled));
  assert.equal("list" in shuffled, false);
});
