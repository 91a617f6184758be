import assert from "node:assert/strict";
import { test } from "node:test";
import { cohenKappa, matthewsCorrelation } from "../../lib/training/kappa";
import { logLoss } from "../../lib/training/likelihood";
import {
  accuracy,
  argmax,
  averageScores,
  balancedAccuracy,
  confusionMatrix,
  countLabels,
  countMarks,
  normaliseConfusion,
  scoresOf,
  threshold,
} from "../../lib/training/metrics";
import { batchMeanF1, hammingLoss, samplesF1, subsetAccuracy } from "../../lib/training/multi-label";
import { averagePrecision, macroAuc, multiclassAuc, oneHot, perClass, rocAuc } from "../../lib/training/ranking";
import { type GoldenArray, readGolden } from "../support/golden";

interface SingleLabelCase {
  true: number[];
  probs: GoldenArray;
  pred: number[];
  classes: number;
  confusion_rows_true: number[][];
  f1_per_class: GoldenArray;
  per_class_auc: (number | null)[];
  per_class_average_precision: (number | null)[];
  "per_class_auc_scores_rounded_to_0.1": (number | null)[];
  "per_class_ap_scores_rounded_to_0.1": (number | null)[];
  [name: string]: unknown;
}

interface MultiLabelCase {
  true: GoldenArray;
  scores: GoldenArray;
  f1_micro: number;
  f1_macro: number;
  f1_weighted: number;
  f1_samples: number;
  f1_micro_mean_over_batches: { batch: number; value: number };
  roc_auc_micro: number;
  average_precision_micro: number;
  subset_accuracy: number;
  hamming_loss: number;
}

const golden = readGolden<{ single_label: SingleLabelCase[]; multi_label: MultiLabelCase[] }>("stats/metrics");

function close(actual: number | null, expected: unknown, what: string): void {
  if (expected === null || actual === null) assert.equal(actual, expected, what);
  else assert.ok(Math.abs(actual - Number(expected)) <= 1e-12, `${what}: ${actual}, expected ${expected}`);
}

golden.single_label.forEach((c, index) => {
  test(`single-label case ${index} equals scikit-learn`, () => {
    const { classes } = c;
    const predicted = argmax(c.probs.data, classes);
    assert.deepEqual([...predicted], c.pred);
    close(accuracy(c.true, predicted), c.accuracy, "accuracy");
    close(balancedAccuracy(c.true, predicted, classes), c.balanced_accuracy, "balanced accuracy");
    assert.deepEqual(confusionMatrix(c.true, predicted, classes), c.confusion_rows_true);
    close(cohenKappa(c.true, predicted, classes), c.kappa, "kappa");
    close(cohenKappa(c.true, predicted, classes, "linear"), c.kappa_linear, "linear kappa");
    close(cohenKappa(c.true, predicted, classes, "quadratic"), c.kappa_quadratic, "quadratic kappa");
    close(matthewsCorrelation(c.true, predicted, classes), c.matthews, "Matthews' correlation");
    close(logLoss(c.true, c.probs.data, classes), c.log_loss, "log loss");
    const counts = countLabels(c.true, predicted, classes);
    for (const averaging of ["macro", "micro", "weighted"] as const) {
      const scores = averageScores(counts, averaging);
      for (const name of ["f1", "precision", "recall"] as const)
        close(scores[name], c[`${name}_${averaging}`], `${name} ${averaging}`);
    }
    close(averageScores(counts, "macro", true).f1, c.f1_macro_present_labels_only, "f1 of the classes present");
    counts.forEach((count, k) => {
      close(scoresOf(count).f1, c.f1_per_class.data[k], `f1 of class ${k}`);
    });
    const marks = oneHot(c.true, classes);
    const rounded = c.probs.data.map((p) => roundHalfEven(p * 10) / 10);
    const check = (values: (number | null)[], name: string): void =>
      values.forEach((value, k) => {
        close(value, (c[name] as (number | null)[])[k], `${name} ${k}`);
      });
    check(perClass(rocAuc, marks, c.probs.data, classes), "per_class_auc");
    check(perClass(averagePrecision, marks, c.probs.data, classes), "per_class_average_precision");
    check(perClass(rocAuc, marks, rounded, classes), "per_class_auc_scores_rounded_to_0.1");
    check(perClass(averagePrecision, marks, rounded, classes), "per_class_ap_scores_rounded_to_0.1");
    if (c.roc_auc_ovr_macro === undefined) return; // two classes, or one that does not occur
    close(macroAuc(marks, c.probs.data, classes), c.roc_auc_ovr_macro, "macro AUC");
    for (const scheme of ["ovr", "ovo"] as const)
      for (const averaging of ["macro", "weighted"] as const) {
        const name = `roc_auc_${scheme}_${averaging}`;
        close(multiclassAuc(c.true, c.probs.data, classes, scheme, averaging), c[name], name);
      }
  });
});

golden.multi_label.forEach((c, index) => {
  test(`multi-label case ${index} equals scikit-learn`, () => {
    const classes = c.true.shape[1]!;
    const truth = c.true.data;
    const marks = threshold(c.scores.data);
    const counts = countMarks(truth, marks, classes);
    close(averageScores(counts, "micro").f1, c.f1_micro, "micro F1");
    close(averageScores(counts, "macro").f1, c.f1_macro, "macro F1");
    close(averageScores(counts, "weighted").f1, c.f1_weighted, "weighted F1");
    close(rocAuc(truth, c.scores.data), c.roc_auc_micro, "micro AUC");
    close(averagePrecision(truth, c.scores.data), c.average_precision_micro, "micro average precision");
    close(samplesF1(truth, marks, classes), c.f1_samples, "F1 of examples");
    close(subsetAccuracy(truth, marks, classes), c.subset_accuracy, "subset accuracy");
    close(hammingLoss(truth, marks, classes), c.hamming_loss, "Hamming loss");
    // the mean over batches that system 004 reports is another number than the F1 of the whole set
    const { batch, value } = c.f1_micro_mean_over_batches;
    close(batchMeanF1(truth, marks, classes, batch), value, "batch mean");
    assert.ok(Math.abs(value - c.f1_micro) > 1e-5);
  });
});

test("no entry of the golden file is left out", () => {
  const used = new Set(
    "true probs pred classes accuracy balanced_accuracy f1_macro_present_labels_only f1_per_class kappa kappa_linear kappa_quadratic matthews confusion_rows_true log_loss per_class_auc per_class_average_precision per_class_auc_scores_rounded_to_0.1 per_class_ap_scores_rounded_to_0.1".split(
      " ",
    ),
  );
  for (const averaging of ["macro", "micro", "weighted"])
    for (const name of ["f1", "precision", "recall"]) used.add(`${name}_${averaging}`);
  for (const scheme of ["ovr", "ovo"])
    for (const averaging of ["macro", "weighted"]) used.add(`roc_auc_${scheme}_${averaging}`);
  const left = golden.single_label.flatMap((c) => Object.keys(c).filter((key) => !used.has(key)));
  assert.deepEqual(left, []);
  assert.equal(golden.single_label.filter((c) => c.roc_auc_ovo_macro !== undefined).length, 2);
});

test("undefined rankings throw or are null, never a number", () => {
  assert.throws(() => rocAuc([1, 1], [0.2, 0.4]), /not defined; found 2 positives and 0 negatives/);
  assert.throws(() => averagePrecision([0, 0], [0.2, 0.4]), /not defined/);
  assert.deepEqual(perClass(rocAuc, [1, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], 2), [null, 1]);
  assert.throws(() => macroAuc([1, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], 2), /class 0/);
  assert.throws(() => rocAuc([0, 1], [0.5, Number.NaN]), /a score is NaN/);
});

test("wrong input throws", () => {
  assert.throws(() => accuracy([0, 1], [0]), /differ in length/);
  assert.throws(() => accuracy([], []), /no example/);
  assert.throws(() => confusionMatrix([0, 3], [0, 1], 3), /example 1: a class index out of range/);
  assert.throws(() => countMarks([0.5, 1], [1, 1], 2), /neither 0 nor 1/);
  assert.throws(() => countMarks([0, 1, 1], [1, 1, 0], 2), /multiple of 2/);
  assert.throws(() => oneHot([2], 2), /out of range/);
  assert.throws(() => confusionMatrix([0, 1], [0, 1], 2, [1]), /weights differ in number/);
  assert.throws(() => multiclassAuc([0, 1], [0.5, 0.5], 2, "ovr"), /differ in length/);
  assert.throws(() => multiclassAuc([0, 2], [0.5, 0.5, 1, 0], 2, "ovo"), /out of range/);
  assert.throws(() => multiclassAuc([0, 0], [0.5, 0.5, 1, 0], 2, "ovo"), /not defined/);
  assert.throws(() => batchMeanF1([0, 1], [0, 1], 2, 0), /no batch/);
  assert.throws(() => samplesF1([], [], 2), /no example/);
});

test("weighted confusion, and shares of classes without examples", () => {
  const confusion = confusionMatrix([0, 0, 1], [0, 1, 1], 3, [0.5, 0.25, 2]);
  assert.deepEqual(confusion, [
    [0.5, 0.25, 0],
    [0, 2, 0],
    [0, 0, 0],
  ]);
  assert.deepEqual(normaliseConfusion(confusion, "true")[2], [0, 0, 0]);
  assert.deepEqual(normaliseConfusion(confusion, "predicted")[1], [0, 2 / 2.25, 0]);
});

test("threshold marks what lies above it, not on it", () => {
  assert.deepEqual([...threshold([0.5, 0.5000001, 0.4])], [0, 1, 0]);
});

/** NumPy's round: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return Math.round(value);
}
