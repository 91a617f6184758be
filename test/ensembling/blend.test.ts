import assert from "node:assert/strict";
import { test } from "node:test";
import {
  blendByScore,
  labelsAbove,
  logits,
  type Probabilities,
  probabilities,
  scoreWeights,
  softVote,
  toProbabilities,
  weightedMean,
} from "../../lib/ensembling";
import { type GoldenArray, readGolden } from "../support/golden";

const { weighted_ensemble: golden } = readGolden<{
  weighted_ensemble: {
    scores: number[];
    weights: GoldenArray;
    probs: GoldenArray;
    mean: GoldenArray;
    labels: number[];
  };
}>("rules");

test("the blend of system 004: weights by validation score, threshold 0.5", () => {
  const classes = ["a", "b", "c", "d", "e", "f"];
  const members = golden.scores.map((score, m) => ({
    score,
    probabilities: probabilities(["record"], classes, golden.probs.data.slice(m * 6, m * 6 + 6) as Float64Array),
  }));
  const blend = blendByScore(members);
  scoreWeights(golden.scores).forEach((weight, m) => {
    assert.ok(Math.abs(weight - golden.weights.data[m]!) < 1e-15);
  });
  blend.values.forEach((value, i) => {
    assert.ok(Math.abs(value - golden.mean.data[i]!) < 1e-15);
  });
  assert.deepEqual(labelsAbove(blend), [{ id: "record", labels: classes.filter((_, k) => golden.labels[k] === 1) }]);
});

test("equal weights by default; a mean of ones is one", () => {
  const ones = probabilities(["x"], ["a"], Float64Array.of(1));
  assert.equal(weightedMean([ones, ones, ones]).values[0], 1);
  const half = probabilities(["x"], ["a"], Float64Array.of(0.5));
  assert.equal(weightedMean([ones, half]).values[0], 0.75);
  assert.equal(softVote([ones, half]).values[0], 0.75);
  assert.deepEqual(labelsAbove(half), [{ id: "x", labels: [] }], "0.5 is not above 0.5");
});

test("models asked about different examples or classes are not blended", () => {
  const of = (ids: string[], classes: string[]) =>
    probabilities(ids, classes, new Float64Array(ids.length * classes.length));
  assert.throws(() => weightedMean([of(["x", "y"], ["a"]), of(["y", "x"], ["a"])]), /same examples/);
  assert.throws(() => weightedMean([of(["x", "y"], ["a"]), of(["x", "y", "z"], ["a"])]), /same examples/);
  assert.throws(() => weightedMean([of(["x"], ["a"]), of(["x"], ["b"])]), /same classes/);
  assert.throws(() => weightedMean([]), /no models/);
  assert.throws(() => weightedMean([of(["x"], ["a"])], [0.5]), /sum to 1/);
  assert.throws(() => weightedMean([of(["x"], ["a"])], [0.5, 0.5]), /differ in number/);
  for (const scores of [[], [0, 0], [-1, 2], [Number.NaN]]) assert.throws(() => scoreWeights(scores), /no weights/);
});

test("logits are not probabilities", () => {
  assert.throws(
    () => probabilities(["x"], ["a", "b"], Float64Array.of(0.2, 1.7)),
    /example x, class b: .* toProbabilities/,
  );
  const z = logits(["x", "y"], ["a", "b"], Float64Array.of(0, 800, -800, 3));
  assert.deepEqual([...toProbabilities(z, "sigmoid").values], [0.5, 1, 0, 1 / (1 + Math.exp(-3))]);
  assert.deepEqual([...toProbabilities(z, "softmax").values], [0, 1, 0, 1]);
  // @ts-expect-error: the types keep logits out of a blend; told to look away, the values do
  const mistaken: Probabilities = z;
  assert.throws(() => weightedMean([mistaken]), /a blend of probabilities with logits/);
});
