import assert from "node:assert/strict";
import { test } from "node:test";
import { ptbxlBaseline, ptbxlSplit, ptbxlTask } from "../../lib/systems";
import { meanAuc, scoreInterval, subset } from "../../lib/training";

test("what it learnt ranks the diagnoses of patients it never saw, whatever the order they are asked in", () => {
  const task = ptbxlTask();
  const { train, held } = ptbxlSplit(task);
  const baseline = ptbxlBaseline(task);
  const answers = baseline.answer(train, held);
  assert.deepEqual([answers.ids, answers.classes], [held.ids, held.classes]);
  const { estimate } = scoreInterval(held, [answers], meanAuc(held.classes.length), {
    samples: 1,
    seed: 1,
    level: 0.95,
  });
  assert.ok(estimate > 0.7, String(estimate));
  const turned = baseline.answer(train, subset(held, [...held.ids.keys()].reverse()));
  const width = held.classes.length;
  assert.deepEqual([...turned.values.subarray(0, width)], [...answers.values.subarray(-width)]);
  assert.ok(baseline.names.length > 12 && baseline.names.includes("male"));
});
