import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import {
  applyScaler,
  fitBinary,
  fitMultinomial,
  fitScaler,
  fitShares,
  predictLogistic,
} from "../../lib/training/logistic";
import { type GoldenArray, readGolden } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Fit {
  C: number;
  coef: GoldenArray;
  intercept: GoldenArray;
  test_probs: GoldenArray;
  test_pred: number[];
  objective: { value: number };
}

interface LogisticCase {
  x: GoldenArray;
  y: number[];
  train_rows: number;
  scaler_mean: GoldenArray;
  scaler_scale: GoldenArray;
  class_weight_balanced: Fit;
  class_weight_none: Fit;
}

const { cases } = readGolden<{ cases: LogisticCase[] }>("stats/logistic");

cases.forEach((c, index) => {
  const features = c.x.shape[1]!;
  const rows = c.y.map((_, i) => c.x.data.slice(i * features, (i + 1) * features) as Float64Array);
  const scaler = fitScaler(rows.slice(0, c.train_rows));
  const train = applyScaler(scaler, rows.slice(0, c.train_rows));
  const held = applyScaler(scaler, rows.slice(c.train_rows));
  const classes = Math.max(...c.y) + 1;

  test(`case ${index}: the scaler equals scikit-learn's`, () => {
    scaler.mean.forEach((value, f) => {
      assert.ok(Math.abs(value - c.scaler_mean.data[f]!) < 1e-12);
    });
    scaler.scale.forEach((value, f) => {
      assert.ok(Math.abs(value - c.scaler_scale.data[f]!) < 1e-12);
    });
  });

  for (const classWeight of ["balanced", "none"] as const) {
    test(`case ${index}, class weight ${classWeight}: the optimum`, () => {
      const expected = c[`class_weight_${classWeight}`];
      const labels = c.y.slice(0, c.train_rows);
      const binary = expected.coef.shape[0] === 1;
      const options = { C: expected.C, classWeight };
      const model = binary ? fitBinary(train, labels, options) : fitMultinomial(train, labels, classes, options);
      let gap = 0;
      model.coef.forEach((row, k) => {
        row.forEach((value, f) => {
          gap = Math.max(gap, Math.abs(value - expected.coef.data[k * features + f]!));
        });
        gap = Math.max(gap, Math.abs(model.intercept[k]! - expected.intercept.data[k]!));
      });
      assert.ok(gap < 1e-5, `largest coefficient gap ${gap}`);
      predictLogistic(model, held).forEach((p, i) => {
        p.forEach((value, k) => {
          assert.ok(Math.abs(value - expected.test_probs.data[i * p.length + k]!) < 1e-6);
        });
        assert.equal(p.indexOf(Math.max(...p)), expected.test_pred[i]);
      });
      const counts = Array.from({ length: classes }, (_, k) => labels.filter((label) => label === k).length);
      const weight = (k: number): number => (classWeight === "balanced" ? labels.length / (classes * counts[k]!) : 1);
      const given = predictLogistic(model, train);
      const fit = labels.reduce((total, k, i) => total - weight(k) * Math.log(given[i]![k]!), 0);
      const penalty = model.coef.reduce((total, row) => total + row.reduce((sum, value) => sum + value * value, 0), 0);
      const gained = expected.C * fit + penalty / 2 - expected.objective.value;
      assert.ok(Math.abs(gained) < 1e-8 * expected.objective.value, `objective off by ${gained}`);
    });
  }
});

test("binary regression is the multinomial one of two classes with a halved penalty", () => {
  const random = new Generator(4);
  const rows = Array.from({ length: 80 }, () => Float64Array.from({ length: 3 }, () => random.normal()));
  const labels = rows.map((row) => (row[0]! + 0.5 * random.normal() > 0 ? 1 : 0));
  // softmax of (-w/2, +w/2) has the odds of w and half its squared norm
  const binary = predictLogistic(fitBinary(rows, labels, { C: 1 }), rows);
  const softmax = predictLogistic(fitMultinomial(rows, labels, 2, { C: 0.5 }), rows);
  binary.forEach((p, i) => {
    assert.ok(Math.abs(p[1]! - softmax[i]![1]!) < 1e-8, `${p[1]} ${softmax[i]![1]}`);
  });
});

test("separable data: the penalty keeps the weights finite", () => {
  const rows = [[-2], [-1], [1], [2]];
  const model = fitBinary(rows, [0, 0, 1, 1], { C: 1000 });
  assert.ok(model.coef[0]![0]! > 3 && Number.isFinite(model.coef[0]![0]!));
});

test("a balanced class of two rows among 400, hardly penalised: the optimum, where rounding ends the steps", () => {
  const random = new Generator(2);
  const labels = Int32Array.from({ length: 400 }, (_, i) => (i < 2 ? 5 : random.below(5)));
  const rows = Array.from(labels, (k) =>
    Float64Array.from({ length: 11 }, (_, f) => 0.3 * random.normal() + (f === k ? 1.5 : 0)),
  );
  const scaled = applyScaler(fitScaler(rows), rows);
  const C = 100;
  const { coef } = fitMultinomial(scaled, labels, 6, { C, classWeight: "balanced" });
  const given = predictLogistic(fitMultinomial(scaled, labels, 6, { C, classWeight: "balanced" }), scaled);
  // At the optimum the penalty's slope and the examples' cancel.
  const counts = Array.from({ length: 6 }, (_, k) => labels.filter((label) => label === k).length);
  coef.forEach((row, k) => {
    row.forEach((weight, f) => {
      let slope = weight;
      labels.forEach((label, i) => {
        slope += ((C * 400) / (6 * counts[label]!)) * (given[i]![k]! - (label === k ? 1 : 0)) * scaled[i]![f]!;
      });
      assert.ok(Math.abs(slope) < 1e-6, `class ${k}, feature ${f}: ${slope}`);
    });
  });
});

test("shares: whole ones are labels; shared ones are as many rows of each class", () => {
  const random = new Generator(8);
  const rows = Array.from({ length: 40 }, () => Float64Array.from({ length: 3 }, () => random.normal()));
  const labels = Int32Array.from(rows, (_, i) => i % 3);
  const whole = Float32Array.from({ length: 120 }, (_, i) => (labels[Math.floor(i / 3)] === i % 3 ? 1 : 0));
  for (const classWeight of ["none", "balanced"] as const) {
    const options = { C: 0.5, classWeight };
    assert.deepEqual(fitShares(rows, whole, 3, options), fitMultinomial(rows, labels, 3, options));
  }
  const votes = rows.map(() =>
    [random.below(4), random.below(4), random.below(4)].map((n, k) => (k === 0 ? n + 1 : n)),
  );
  const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  // 12 raters in each, so that all rows count the same.
  const even = votes.map((counts) => counts.map((n, k) => (k === 0 ? n + 12 - total(counts) : n)));
  const shared = fitShares(
    rows,
    even.flatMap((counts) => counts.map((n) => n / 12)),
    3,
    { C: 12 },
  );
  const raters = even.flatMap((counts, i) => counts.flatMap((n, k) => Array.from({ length: n }, () => ({ i, k }))));
  const split = fitMultinomial(
    raters.map(({ i }) => rows[i]!),
    raters.map(({ k }) => k),
    3,
  );
  shared.coef.forEach((row, k) => {
    assert.ok(maxDifference(row, split.coef[k]!) < 1e-8);
  });
  throwsProblem(() => fitShares([[1], [2]], [1, 0, 0.5, 0.4], 2), { place: "row 1" });
  throwsProblem(() => fitShares([[1], [2]], [1, 0, 1, 0], 2), { found: "no row of class 1" });
  throwsProblem(() => fitShares([[1], [2]], [1, 0], 2), { found: "2 and 1" });
});

test("what cannot be fitted throws", () => {
  assert.throws(() => fitBinary([[1], [2]], [0, 0]), /no row of class 1/);
  assert.throws(() => fitBinary([[1], [Number.NaN]], [0, 1]), /row 1, feature 0/);
  assert.throws(() => fitBinary([[1, 2], [1]], [0, 1]), /row 1, feature 1/);
  assert.throws(() => fitMultinomial([[1], [2]], [0, 3], 3), /out of range/);
  assert.throws(() => fitBinary([], []), /no features/);
  assert.throws(() => predictLogistic(fitBinary([[1], [2]], [0, 1]), [[1, 2]]), /another width/);
});
