import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { type Example, memoryDataset } from "../../lib/training/dataset";
import { gain, ofClasses, scoreInterval } from "../../lib/training/intervals";
import { accuracy } from "../../lib/training/metrics";
import { pairedCost, seedSpread, trainWay } from "../../lib/training/paired-runs";
import { type Probabilities, probabilities } from "../../lib/training/probabilities";
import { throwsProblem } from "../support/problems";
import { toyModel, toyRun } from "./toy";

const PEOPLE = 12;
const EACH = 20;
const random = new Generator(5);
const classes = ["a", "b"];
const truth = Array.from({ length: PEOPLE * EACH }, () => random.below(2));
const dataset = memoryDataset(
  "toy",
  classes,
  [1],
  truth.map(
    (label, i): Example => ({
      id: `e${i}`,
      input: new Float32Array(1),
      extras: {},
      target: Float32Array.from(classes, (_, k) => (k === label ? 1 : 0)),
      group: `p${Math.floor(i / EACH)}`,
      weight: 1,
    }),
  ),
);
/** Answers of which a share is right. */
const answers = (right: number): Probabilities => answersBy(() => random.random() < right);

function answersBy(isRight: (i: number) => boolean): Probabilities {
  const given = truth.map((label, i) => (isRight(i) ? label : 1 - label));
  const values = given.flatMap((label) => [label === 0 ? 0.9 : 0.1, label === 0 ? 0.1 : 0.9]);
  return probabilities(dataset.ids, classes, Float64Array.from(values));
}
const score = ofClasses((t, p) => accuracy(t, p), 2);
const options = { samples: 400, seed: 3, level: 0.95 };

test("the cost is the mean over runs of intended minus published; runs are drawn as people are", () => {
  const runs = [0, 1, 2].map((seed) => ({ seed, intended: answers(0.9), published: answers(0.6 + 0.1 * seed) }));
  const cost = pairedCost(dataset, runs, score, options);
  const single = runs.map(
    ({ intended, published }) => scoreInterval(dataset, [published, intended], gain(score), options).estimate,
  );
  cost.costs.forEach((value, r) => {
    assert.ok(Math.abs(value - single[r]!) < 1e-12);
  });
  assert.ok(Math.abs(cost.estimate - single.reduce((a, b) => a + b) / 3) < 1e-12);
  assert.ok(cost.low > 0.05 && cost.low < cost.estimate && cost.high > cost.estimate, `${cost.low} ${cost.high}`);
  const [one] = runs;
  const alone = pairedCost(dataset, [one!], score, options);
  assert.ok(cost.high - cost.low > 0.1 && alone.costs.length === 1, "runs that differ widen the interval");
  assert.deepEqual(pairedCost(dataset, runs, score, options), cost, "same seed, same interval");
  throwsProblem(() => pairedCost(dataset, [], score, options), { what: /without runs/ });
});

test("no slip, no cost: equal answers give 0, and answers as good as each other an interval around it", () => {
  const same = answers(0.8);
  const none = pairedCost(dataset, [{ seed: 0, intended: same, published: same }], score, options);
  assert.deepEqual([none.low, none.estimate, none.high], [0, 0, 0]);
  // Ten blocks of five examples each are wrong on either side, in other people.
  const [intended, published] = [0, 1].map((rest) => answersBy((i) => Math.floor(i / 5) % 5 !== rest));
  const equal = pairedCost(dataset, [{ seed: 0, intended: intended!, published: published! }], score, options);
  assert.equal(equal.estimate, 0);
  assert.ok(equal.low < 0 && equal.high > 0, `${equal.low} ${equal.high}`);
});

test("the spread over seeds is the mean difference of two runs", () => {
  const runs = [answers(0.9), answers(0.7), answers(0.6)];
  const [a, b, c] = runs.map((run) => scoreInterval(dataset, [run], score, options).estimate) as [
    number,
    number,
    number,
  ];
  const wanted = (Math.abs(a - b) + Math.abs(a - c) + Math.abs(b - c)) / 3;
  assert.ok(Math.abs(seedSpread(dataset, runs, score) - wanted) < 1e-12);
  throwsProblem(() => seedSpread(dataset, runs.slice(1, 2), score), { found: "1" });
});

test("a way is trained from weights of its seed, and asked: the same seed gives the same answers", async () => {
  const { model: first, seed: _, ...run } = toyRun(toyModel(), { epochs: 1 });
  first.dispose();
  const way = { ...run, model: (weights: Generator) => toyModel(weights.below(1000)) };
  const [one, again, other] = [
    await trainWay(way, 1, run.validation!),
    await trainWay(way, 1, run.validation!),
    await trainWay(way, 2, run.validation!),
  ];
  assert.deepEqual(one.values, again.values);
  assert.notDeepEqual(one.values, other.values);
  assert.deepEqual(one.ids, run.validation!.ids);
});
