import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { type OutOfFold, outOfFold, probabilities, searchWeights } from "../../lib/ensembling";
import { type Dataset, memoryDataset } from "../../lib/training/dataset";
import { meanAuc } from "../../lib/training/intervals";

const FOLDS = 4;
const LENGTH = 120;

const random = new Generator(1);
const truth = Array.from({ length: LENGTH }, () => random.below(2));
const dataset: Dataset = memoryDataset(
  "search",
  ["yes"],
  [1],
  truth.map((target, i) => ({
    id: `r${i}`,
    input: Float32Array.of(0),
    extras: {},
    target: Float32Array.of(target),
    group: `patient ${Math.floor(i / 2)}`,
    weight: 1,
  })),
);
/** Patients stay together: two neighbours have one fold. */
const foldOf = truth.map((_, i) => Math.floor(i / 2) % FOLDS);

/** A member that knows the truth up to noise of this size. */
function member(name: string, noise: number, folds = foldOf): OutOfFold {
  const values = truth.map((target) => 1 / (1 + Math.exp(-(2 * target - 1 + noise * random.normal()))));
  const parts = Array.from({ length: FOLDS }, (_, fold) => {
    const rows = [...truth.keys()].filter((i) => folds[i] === fold);
    return {
      fold,
      held: probabilities(
        rows.map((i) => `r${i}`),
        ["yes"],
        Float64Array.from(rows, (i) => values[i]!),
      ),
      trainedOn: [...truth.keys()].filter((i) => folds[i] !== fold).map((i) => `r${i}`),
    };
  });
  return outOfFold(name, parts, dataset);
}

test("folds put together in the data set's order", () => {
  const known = { ids: ["a", "b", "c"], groups: ["A", "B", "C"], classes: ["k"] };
  const of = (ids: string[], ...values: number[]) => probabilities(ids, ["k"], Float64Array.from(values));
  const folds = [
    { fold: 0, held: of(["c"], 0.3), trainedOn: ["a", "b", "elsewhere"] },
    { fold: 1, held: of(["b", "a"], 0.2, 0.1), trainedOn: ["c"] },
  ];
  const whole = outOfFold("m", folds, known);
  assert.deepEqual([...whole.probabilities.values], [0.1, 0.2, 0.3]);
  assert.deepEqual(whole.foldOf, [1, 1, 0]);
  const wrong = (change: object, message: RegExp, other: object = {}): void =>
    assert.throws(() => outOfFold("m", [{ ...folds[0]!, ...change }, folds[1]!], { ...known, ...other }), message);
  wrong({ trainedOn: ["c"] }, /m, fold 0, example c: a prediction that is not out of fold.*was trained on/);
  wrong({}, /group A, that it was trained on/, { groups: ["A", "B", "A"] });
  wrong({ held: of(["d"], 0.3) }, /not in the data set/);
  wrong({ held: of(["a"], 0.3), trainedOn: [] }, /predicted twice/);
  wrong({ held: probabilities(["c"], ["other"], Float64Array.of(0.3)) }, /other classes/);
  assert.throws(() => outOfFold("m", folds.slice(0, 1), known), /examples without a prediction/);
});

test("weights searched: the good member outweighs the noise; the nested estimate is below the searched score", () => {
  const members = [member("good", 0.8), member("noise 1", 30), member("noise 2", 30), member("noise 3", 30)];
  const found = searchWeights(members, dataset, meanAuc(1), { seed: 7 });
  assert.ok(Math.abs(found.weights.reduce((a, b) => a + b, 0) - 1) < 1e-9);
  assert.ok(found.weights[0]! > 0.6, `weights ${found.weights}`);
  assert.ok(found.after > found.before + 0.05, `${found.before} to ${found.after}`);
  assert.ok(found.nested < found.after, "what was not searched on scores less");
  assert.ok(found.nested > found.before, `nested ${found.nested}`);
  assert.deepEqual([...found.nestedWeights.keys()], [0, 1, 2, 3]);
  assert.deepEqual(searchWeights(members, dataset, meanAuc(1), { seed: 7 }), found, "seeded");
});

test("where nothing is to be found, the nested estimate tells so", () => {
  const members = Array.from({ length: 6 }, (_, m) => member(`noise ${m}`, 1000));
  const { before, after, nested } = searchWeights(members, dataset, meanAuc(1), { seed: 1, starts: 9 });
  assert.ok(after > before + 0.02, "the search always finds something");
  assert.ok(nested < after - 0.02, `nested ${nested}, found ${after}`);
});

test("only out-of-fold predictions of one split are searched on", () => {
  const good = member("good", 1);
  const auc = meanAuc(1);
  const unmarked = { name: "x", probabilities: good.probabilities, foldOf };
  // @ts-expect-error predictions of who knows which examples
  assert.throws(() => searchWeights([unmarked], dataset, auc, { seed: 1 }), /not marked as out-of-fold/);
  const shifted = member(
    "other split",
    1,
    foldOf.map((fold) => (fold + 1) % FOLDS),
  );
  assert.throws(() => searchWeights([good, shifted], dataset, auc, { seed: 1 }), /members of different splits/);
  assert.throws(
    () => searchWeights([good], { ...dataset, ids: [...dataset.ids].reverse() }, auc, { seed: 1 }),
    /other examples/,
  );
  assert.throws(() => searchWeights([good], dataset, () => null, { seed: 1 }), /a score that is not defined/);
  assert.throws(() => searchWeights([good], dataset, auc, { seed: 1, starts: 0 }), /out of range/);
});
