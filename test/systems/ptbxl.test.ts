import assert from "node:assert/strict";
import { test } from "node:test";
import { PTBXL_SUPERCLASSES } from "../../lib/formats";
import { baselineFeatures, ptbxlFolds, ptbxlSplit, ptbxlTask } from "../../lib/systems/ptbxl";
import { classCounts } from "../../lib/training/dataset";

const task = ptbxlTask();

test("the bundled records: 12 leads of 10 s in mV, superclasses, patients", () => {
  const { dataset, records, withoutSuperclass } = task;
  assert.deepEqual(dataset.inputShape, [1000, 12]);
  assert.deepEqual(dataset.classes, PTBXL_SUPERCLASSES);
  assert.equal(dataset.length + withoutSuperclass.length, 353);
  assert.equal(records.length, dataset.length);
  const { input, extras } = dataset.example(0);
  const lead0 = input.filter((_, i) => i % 12 === 0);
  assert.ok(Math.abs(lead0.reduce((sum, v) => sum + v, 0) / 1000) < 0.02, "no mean is left");
  assert.ok(Math.max(...input) < 10 && Math.max(...input) > 0.2, "millivolts");
  assert.equal(extras.age!.length, 10);
});

test("folds 1 to 6, 7 and 8: disjoint in patients, and fold 8 is what no choice may see", () => {
  const { train, validation, held } = ptbxlSplit(task);
  assert.equal(train.length + validation.length + held.length, task.dataset.length);
  const groups = [train, validation, held].map((part) => new Set(part.groups));
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    for (const patient of groups[a]!) assert.ok(!groups[b]!.has(patient), `patient ${patient}`);
  assert.ok(classCounts(held).every((count) => count >= 3));
  assert.equal(ptbxlFolds(task).folds, 8);
});

test("the baseline's features are numbers, the same for every record", () => {
  const { names, rows } = baselineFeatures({
    ...task,
    records: task.records.slice(0, 5),
    recordings: task.recordings.slice(0, 5),
  });
  assert.ok(names.length > 100);
  for (const row of rows) {
    assert.equal(row.length, names.length);
    assert.ok(row.every(Number.isFinite));
  }
  assert.equal(new Set(names).size, names.length);
});
