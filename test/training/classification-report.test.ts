import assert from "node:assert/strict";
import { test } from "node:test";
import { classificationIntervals, classificationReport, marksReport } from "../../lib/training/classification-report";
import { threshold } from "../../lib/training/metrics";
import { type GoldenArray, readGolden } from "../support/golden";

const golden = readGolden<{
  single_label: (Record<string, number> & {
    true: number[];
    pred: number[];
    classes: number;
    f1_per_class: GoldenArray;
  })[];
  multi_label: (Record<string, number> & { true: GoldenArray; scores: GoldenArray })[];
}>("stats/metrics");

const close = (actual: number | null, expected: number | undefined): void =>
  assert.ok(Math.abs(actual! - expected!) <= 1e-12, `${actual}, expected ${expected}`);

test("a report's figures are the peer's", () => {
  for (const c of golden.single_label) {
    const names = Array.from({ length: c.classes }, (_, k) => `class ${k}`);
    const report = classificationReport(c.true, c.pred, names);
    close(report.accuracy, c.accuracy);
    close(report.balancedAccuracy, c.balanced_accuracy);
    close(report.kappa, c.kappa);
    close(report.matthews, c.matthews);
    close(report.macro.f1, c.f1_macro);
    close(report.micro.precision, c.precision_micro);
    close(report.weighted.recall, c.recall_weighted);
    report.classes.forEach((row, k) => {
      close(row.f1, c.f1_per_class.data[k]);
      assert.equal(row.class, names[k]);
      assert.equal(row.support, c.true.filter((value) => value === k).length);
    });
  }
  for (const c of golden.multi_label) {
    const names = Array.from({ length: c.true.shape[1]! }, (_, k) => `class ${k}`);
    const report = marksReport(c.true.data, threshold(c.scores.data), names);
    assert.equal(report.examples, c.true.shape[0]);
    close(report.micro.f1, c.f1_micro);
    close(report.samplesF1, c.f1_samples);
    close(report.hammingLoss, c.hamming_loss);
    close(report.subsetAccuracy, c.subset_accuracy);
  }
});

test("intervals of all figures come from the same resamples of subjects", () => {
  const { true: truth, pred, classes } = golden.single_label[0]!;
  const names = Array.from({ length: classes }, (_, k) => `class ${k}`);
  const groups = truth.map((_, i) => `subject ${i % 15}`);
  const intervals = classificationIntervals(truth, pred, names, groups, { samples: 200, seed: 1, level: 0.9 });
  assert.deepEqual(Object.keys(intervals), [
    ...["accuracy", "balancedAccuracy", "kappa", "macroF1", "weightedF1"],
    ...names.map((name) => `f1 ${name}`),
  ]);
  for (const [name, { low, estimate, high, groups: subjects }] of Object.entries(intervals)) {
    assert.ok(low < estimate && estimate < high, `${name}: ${low} ${estimate} ${high}`);
    assert.equal(subjects, 15);
  }
  close(intervals.accuracy!.estimate, golden.single_label[0]!.accuracy);
});
