import assert from "node:assert/strict";
import { test } from "node:test";
import {
  averageLogits,
  averageProbabilitiesWithLogitsAsPublished,
  averageReplicas,
  equalReplicas,
  hardVote,
  hardVoteLabels,
  labelsAbove,
  logits,
  meanOfRanks,
  meanOfTransformed,
  mostLikely,
  probabilities,
  softVote,
  toProbabilities,
  weightedMean,
} from "../../lib/ensembling";

const ids = ["x", "y", "z"];
const of = (...values: number[]) => probabilities(ids, ["a", "b"], Float64Array.from(values));
const raw = (...values: number[]) => logits(ids, ["a", "b"], Float64Array.from(values));

test("ranks: among examples or classes, ties in the middle, of probabilities as of logits", () => {
  const first = of(0.1, 0.9, 0.2, 0.8, 0.3, 0.7);
  assert.deepEqual([...meanOfRanks([first], "examples").values], [0, 1, 0.5, 0.5, 1, 0]);
  assert.deepEqual([...meanOfRanks([first], "classes").values], [0, 1, 0, 1, 0, 1]);
  const tied = of(0.5, 0.1, 0.5, 0.1, 0.2, 0.1);
  assert.deepEqual([...meanOfRanks([tied], "examples").values], [0.75, 0.5, 0.75, 0.5, 0, 0.5]);
  assert.deepEqual(
    [...meanOfRanks([first, tied], "examples", [0.25, 0.75]).values],
    [0.5625, 0.625, 0.6875, 0.5, 0.25, 0.375],
  );
  assert.deepEqual([...meanOfRanks([raw(-9, 3, -2, 2, 50, 1)], "examples").values], [0, 1, 0.5, 0.5, 1, 0]);
  const one = probabilities(["x"], ["a"], Float64Array.of(0.3));
  assert.equal(meanOfRanks([one], "examples").values[0], 0.5);
});

test("hard votes: one class an example, or any number of labels", () => {
  const members = [
    of(0.9, 0.1, 0.6, 0.4, 0.2, 0.8),
    of(0.6, 0.4, 0.1, 0.9, 0.5, 0.5),
    of(0.4, 0.6, 0.2, 0.8, 0.9, 0.1),
  ];
  const votes = hardVote(members);
  assert.deepEqual(
    [...votes.values].map((v) => Math.round(v * 3)),
    [2, 1, 1, 2, 2, 1],
  );
  assert.deepEqual([...mostLikely(votes)], [0, 1, 0]);
  assert.deepEqual([...mostLikely(hardVote(members.slice(0, 2)))], [0, 0, 0], "ties: the class that comes first");
  assert.deepEqual([...mostLikely(hardVote(members, [0.1, 0.1, 0.8]))], [1, 1, 0]);
  // 0.1 + 0.2 is above 0.3 in floating point: votes that are equal are a tie, in whatever order they are counted.
  const forClass = (k: number) =>
    probabilities(
      ["x"],
      [..."abcd"],
      Float64Array.from("abcd", (_, i) => (i === k ? 1 : 0)),
    );
  const tied = hardVote([0, 1, 1, 2, 3].map(forClass), [0.3, 0.1, 0.2, 0.2, 0.2]);
  assert.deepEqual([...mostLikely(tied)], [0]);
  assert.equal(tied.values[1], tied.values[0]);
  const labels = hardVoteLabels(members, { level: 0.55 });
  assert.deepEqual(
    labelsAbove(labels).map((record) => record.labels),
    [["a"], ["b"], []],
  );
});

test("logits are averaged as logits: the softmax of their mean is the normalised geometric mean", () => {
  const members = [raw(1, 0, -2, 3, 0.5, 0.25), raw(-1, 4, 2, 2, 0, 1)];
  const mean = averageLogits(members, [0.25, 0.75]);
  assert.equal(mean.kind, "logits");
  assert.deepEqual([...mean.values], [-0.5, 3, 1, 2.25, 0.125, 0.8125]);
  const [p, q] = members.map((member) => toProbabilities(member, "softmax").values);
  const expected = [0, 1].map((k) => p![k]! ** 0.25 * q![k]! ** 0.75);
  const found = toProbabilities(mean, "softmax").values;
  assert.ok(Math.abs(found[0]! - expected[0]! / (expected[0]! + expected[1]!)) < 1e-15);
});

test("logits and probabilities do not mix: neither for the compiler nor at run time", () => {
  const p = of(0.2, 0.8, 0.5, 0.5, 0.4, 0.6);
  const z = raw(0.2, 0.8, 0.5, 0.5, 0.4, 0.6); // within 0 .. 1, so that only their kind tells
  // @ts-expect-error logits among probabilities
  assert.throws(() => softVote([p, z]), /model 1: a blend of probabilities with logits/);
  // @ts-expect-error logits among probabilities
  assert.throws(() => meanOfTransformed([p, z], "sqrt"), /a blend of probabilities with logits/);
  // @ts-expect-error logits among probabilities
  assert.throws(() => hardVote([p, z]), /a blend of probabilities with logits/);
  // @ts-expect-error probabilities among logits
  assert.throws(() => averageLogits([z, p]), /a blend of logits with probabilities/);
  // @ts-expect-error one of each
  assert.throws(() => meanOfRanks([p, z], "examples"), /a blend of probabilities with logits/);
  // @ts-expect-error a blend's scores are no probabilities
  assert.throws(() => weightedMean([meanOfTransformed([p], "sqrt")]), /a blend of probabilities with scores/);
});

test("system 001 as published: probabilities averaged with logits, which decide nearly alone", () => {
  const p = of(0.9, 0.1, 0.9, 0.1, 0.9, 0.1);
  const z = raw(-2, 2, 0.1, 0.2, 0.4, 0);
  const blend = averageProbabilitiesWithLogitsAsPublished(p, z);
  assert.deepEqual([blend.kind, ...blend.values], ["scores", -0.55, 1.05, 0.5, (0.1 + 0.2) / 2, 0.65, 0.05]);
  assert.deepEqual([...mostLikely(blend)], [1, 0, 0]);
  assert.throws(() => averageProbabilitiesWithLogitsAsPublished(p, { ...z, ids: ["y", "x", "z"] }), /same examples/);
});

test("replicas: averaged by kind; equal ones are told, dropped, or counted as published", () => {
  const [a, b] = [of(0.2, 0.8, 0.5, 0.5, 0.4, 0.6), of(0.4, 0.6, 0.5, 0.5, 0.4, 0.6)];
  const seeds = [
    { name: "seed 1", scores: a },
    { name: "seed 2", scores: b },
    { name: "seed 3", scores: { ...a } },
  ];
  assert.deepEqual(equalReplicas(seeds), [{ name: "seed 3", equals: "seed 1" }]);
  assert.throws(() => averageReplicas(seeds), /one training counted twice.*seed 3 equals seed 1/);
  const without = averageReplicas(seeds, { equal: "drop" });
  assert.deepEqual(without.used, ["seed 1", "seed 2"]);
  assert.deepEqual(without.dropped, [{ name: "seed 3", equals: "seed 1" }]);
  assert.deepEqual([...without.scores.values], [...softVote([a, b]).values]);
  const counted = averageReplicas(seeds, { equal: "count" });
  assert.deepEqual([...counted.scores.values], [...softVote([a, b, a]).values]);
  const z = averageReplicas([
    { name: "fold 0", scores: raw(1, 2, 3, 4, 5, 6) },
    { name: "fold 1", scores: raw(3, 2, 1, 0, 5, 6) },
  ]);
  assert.deepEqual([z.scores.kind, ...z.scores.values], ["logits", 2, 2, 2, 2, 5, 6]);
  assert.throws(() => averageReplicas([]), /no models/);
});
