import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import {
  calibrationError,
  confidenceBins,
  largestCalibrationError,
  reliabilityBins,
} from "../../lib/training/calibration";
import { normaliseConfusion } from "../../lib/training/metrics";
import { type GoldenArray, readGolden } from "../support/golden";

interface Curve {
  observed: number[];
  predicted: number[];
}
const { single_label } = readGolden<{
  single_label: { true: number[]; probs: GoldenArray; classes: number; confusion_rows_true: number[][] }[];
}>("stats/metrics");
const { cases } = readGolden<{
  cases: {
    calibration_uniform: Curve;
    calibration_quantile: Curve;
    confusion_true: number[][];
    confusion_pred: number[][];
    confusion_all: number[][];
  }[];
}>("stats/calibration");

cases.forEach((expected, index) => {
  const { true: truth, probs, classes, confusion_rows_true } = single_label[index]!;
  test(`case ${index}: both kinds of bins and all shares of the confusion equal scikit-learn's`, () => {
    const p = truth.map((_, i) => probs.data[i * classes]!);
    const label = truth.map((k) => k === 0);
    for (const [edges, curve] of [
      ["equal", expected.calibration_uniform],
      ["quantiles", expected.calibration_quantile],
    ] as const) {
      const bins = reliabilityBins(p, label, 8, edges);
      assert.equal(bins.length, curve.observed.length);
      bins.forEach(({ observed, predicted, from, to }, b) => {
        assert.ok(Math.abs(observed - curve.observed[b]!) < 1e-12, `${edges}, bin ${b}`);
        assert.ok(Math.abs(predicted - curve.predicted[b]!) < 1e-12, `${edges}, bin ${b}`);
        assert.ok(from <= predicted && predicted <= to);
      });
      assert.equal(
        bins.reduce((total, { count }) => total + count, 0),
        truth.length,
      );
    }
    assert.deepEqual(normaliseConfusion(confusion_rows_true, "true"), expected.confusion_true);
    assert.deepEqual(normaliseConfusion(confusion_rows_true, "predicted"), expected.confusion_pred);
    assert.deepEqual(normaliseConfusion(confusion_rows_true, "all"), expected.confusion_all);
  });
});

test("calibrated predictions have a small error, sharpened ones a large one", () => {
  const random = new Generator(5);
  const p = Array.from({ length: 20000 }, () => random.random());
  const truth = p.map((value) => Number(random.random() < value));
  const error = (values: number[]): number => calibrationError(reliabilityBins(values, truth, 10, "quantiles"));
  assert.ok(error(p) < 0.02, String(error(p)));
  assert.ok(error(p.map((value) => (value > 0.5 ? 0.99 : 0.01))) > 0.2);
  const bins = reliabilityBins(p, truth);
  assert.ok(largestCalibrationError(bins) >= calibrationError(bins));
});

test("confidence of the predicted class: 0.8 and right 3 times of 4", () => {
  const rows = [0.8, 0.1, 0.1];
  const bins = confidenceBins([0, 0, 0, 2], [rows, rows, rows, rows].flat(), 3, 10);
  assert.equal(bins.length, 1);
  assert.ok(Math.abs(bins[0]!.predicted - 0.8) < 1e-12 && bins[0]!.observed === 0.75);
  assert.ok(Math.abs(calibrationError(bins) - 0.05) < 1e-12);
});

test("a probability at the end of a bin lies in the bin that begins there, whatever the rounding", () => {
  for (const bins of [3, 10, 49, 100])
    for (let k = 0; k < bins; k++) {
      const [bin] = reliabilityBins([k / bins], [1], bins);
      assert.deepEqual([bin!.from, bin!.to], [k / bins, (k + 1) / bins]);
    }
});

test("wrong input throws", () => {
  assert.throws(() => reliabilityBins([0.5], [1, 0]), /differ in number/);
  assert.throws(() => reliabilityBins([0.5], [1], 0), /number of bins/);
  assert.throws(() => reliabilityBins([Number.NaN], [1], 4, "quantiles"), /probability out of range/);
  assert.throws(() => confidenceBins([0, 1], [0.5, 0.5], 2), /differ in number/);
});
