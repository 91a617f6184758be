import assert from "node:assert/strict";
import { test } from "node:test";
import { MAIC_STAGES } from "../../lib/formats";
import { stagedExam } from "../../lib/systems/maic-exam";
import { type Example, memoryDataset } from "../../lib/training/dataset";
import { probabilities } from "../../lib/training/probabilities";
import { throwsProblem } from "../support/problems";

const oneHot = (stage: number): Float32Array => Float32Array.from(MAIC_STAGES, (_, k) => (k === stage ? 1 : 0));
/** Exam A backwards in time, and an epoch of B between. */
const examples = [
  { id: "A/A_0002.png", group: "A", stage: 4 },
  { id: "B/B_0001.png", group: "B", stage: 0 },
  { id: "A/A_0001.png", group: "A", stage: 2 },
].map(({ id, group, stage }): Example => {
  return { id, group, target: oneHot(stage), input: Float32Array.of(0), extras: {}, weight: 1 };
});
const dataset = memoryDataset("exams", MAIC_STAGES, [1, 1, 1], examples);
const rows = [
  [0.1, 0, 0.2, 0, 0.7],
  [1, 0, 0, 0, 0],
  [0.5, 0.1, 0.3, 0.1, 0],
];
const answers = probabilities(dataset.ids, MAIC_STAGES, Float64Array.from(rows.flat()));

test("an exam's epochs in the order of time, with their probabilities", () => {
  const { given, answered, density, right } = stagedExam(dataset, answers, "A");
  assert.deepEqual(given.stages, ["N2", "REM"]);
  assert.deepEqual(answered.stages, ["W", "REM"]);
  assert.equal(right, 0.5);
  assert.deepEqual(density.shares, [
    { W: 0.5, REM: 0, N1: 0.1, N2: 0.3, N3: 0.1 },
    { W: 0.1, REM: 0.7, N1: 0, N2: 0.2, N3: 0 },
  ]);
  assert.deepEqual([given.epochSeconds, density.epochSeconds], [30, 30]);
});

test("an exam that is not there, and answers to others", () => {
  throwsProblem(() => stagedExam(dataset, answers, "C"), { found: "C", expected: "A, B" });
  const fewer = probabilities(dataset.ids.slice(1), MAIC_STAGES, Float64Array.from(rows.slice(1).flat()));
  throwsProblem(() => stagedExam(dataset, fewer, "A"), { what: /other examples/ });
});
