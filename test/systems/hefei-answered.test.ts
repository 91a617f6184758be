import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { HEFEI_ROUND2_LABELS } from "../../lib/formats";
import { simulateHefei } from "../../lib/simulation/hefei";
import { simulatedAnswers } from "../../lib/simulation/truth";
import { hefeiFolder } from "../../lib/systems/hefei";
import { hefeiAnsweredTask } from "../../lib/systems/hefei-answered";
import { readSmallInput } from "../../lib/systems/hefei-small-input";
import { classCounts } from "../../lib/training/dataset";
import { scratchFolder, throwsProblem } from "../support/problems";

const labels = HEFEI_ROUND2_LABELS.map(([name]) => name);

test("labelled records to learn from, the others with the simulator's answers, and a baseline that learns from the first alone", (t) => {
  const folder = join(scratchFolder(t), "hefei");
  simulateHefei(folder, { subjects: 40, seed: 12, labels });
  const answers = simulatedAnswers("hefei", folder, labels);
  const { learnt, train, held, baseline } = hefeiAnsweredTask(folder, { leastRecords: 6, answers });
  assert.equal(train.length, 40);
  assert.equal(held.length, 10);
  assert.ok(train.ids.every((id) => !held.ids.includes(id)));
  assert.ok(learnt.length > 1);
  assert.ok(classCounts(train).every((count) => count >= 6));
  for (let i = 0; i < held.length; i++) {
    const { id, target, input } = held.example(i);
    assert.deepEqual(
      [...target],
      learnt.map((label) => answers.get(id)![labels.indexOf(label)]),
    );
    if (i === 0) assert.deepEqual(input, readSmallInput(join(hefeiFolder(folder).records, `${id}.txt`)).input);
  }
  const given = baseline.answer(train, held);
  assert.deepEqual([given.ids, given.classes], [held.ids, learnt]);
  // On what it has learnt from it must be right more often than not.
  const own = baseline.answer(train, train).values;
  let [positive, negative] = [0, 0];
  for (let i = 0; i < train.length; i++)
    train.example(i).target.forEach((mark, k) => {
      const value = own[i * learnt.length + k]!;
      if (mark === 1) positive += value;
      else negative += value;
    });
  const marks = classCounts(train).reduce((a, b) => a + b, 0);
  assert.ok(positive / marks > 0.6 && negative / (own.length - marks) < 0.3, `${positive / marks}`);
  const [first] = held.ids;
  throwsProblem(
    () => hefeiAnsweredTask(folder, { leastRecords: 6, answers: new Map([...answers].filter(([id]) => id !== first)) }),
    { place: "line 1", found: "none" },
  );
});
