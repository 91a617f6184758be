/**
 * Counting metrics of classification. Single-label predictions (one class an example) and multi-label predictions
 * (any number of marks an example) are both first reduced to counts a class; precision, recall and F1 follow from
 * those, with scikit-learn's conventions (0 where nothing was predicted or nothing was there).
 */
import { SignalbookError } from "../core/errors";

/** How often a class was right, wrongly given, and missed. */
export interface ClassCounts {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
}

export interface ClassScores {
  precision: number;
  recall: number;
  f1: number;
  /** Examples that truly have the class. */
  support: number;
}

/**
 * How scores of classes become one number. macro: the plain mean over classes. micro: from the summed counts.
 * weighted: the mean weighted by support.
 */
export type Averaging = "macro" | "micro" | "weighted";

/**
 * Counts of every class for single-label predictions.
 * @param truth class index of every example
 * @param predicted class index of every example
 */
export function countLabels(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): ClassCounts[] {
  return confusionCounts(confusionMatrix(truth, predicted, classes));
}

/** Counts of every class from a confusion matrix. */
export function confusionCounts(confusion: readonly (readonly number[])[]): ClassCounts[] {
  return confusion.map((row, k) => {
    const truePositives = row[k]!;
    const given = confusion.reduce((total, other) => total + other[k]!, 0);
    return { truePositives, falsePositives: given - truePositives, falseNegatives: sum(row) - truePositives };
  });
}

/**
 * Counts of every class for multi-label predictions.
 * @param truth 0 or 1, [examples, classes] row-major
 * @param marks 0 or 1, [examples, classes] row-major: see {@link threshold}
 */
export function countMarks(truth: ArrayLike<number>, marks: ArrayLike<number>, classes: number): ClassCounts[] {
  const examples = rowsOf(truth, marks, classes);
  return Array.from({ length: classes }, (_, k) => {
    const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
    for (let i = 0; i < examples; i++) {
      const t = bit(truth[i * classes + k]!);
      const p = bit(marks[i * classes + k]!);
      if (t && p) counts.truePositives++;
      else if (p) counts.falsePositives++;
      else if (t) counts.falseNegatives++;
    }
    return counts;
  });
}

/** Precision, recall and F1 of one class. */
export function scoresOf({ truePositives, falsePositives, falseNegatives }: ClassCounts): ClassScores {
  return {
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
    support: truePositives + falseNegatives,
  };
}

/**
 * Precision, recall and F1 over all classes.
 * @param presentOnly leave out classes that neither occur nor are predicted (they count as 0 otherwise)
 */
export function averageScores(counts: readonly ClassCounts[], averaging: Averaging, presentOnly = false): ClassScores {
  const used = presentOnly ? counts.filter((c) => c.truePositives + c.falsePositives + c.falseNegatives > 0) : counts;
  if (used.length === 0) throw new SignalbookError("no class to average over");
  if (averaging === "micro") {
    return scoresOf({
      truePositives: sum(used.map((c) => c.truePositives)),
      falsePositives: sum(used.map((c) => c.falsePositives)),
      falseNegatives: sum(used.map((c) => c.falseNegatives)),
    });
  }
  const scores = used.map(scoresOf);
  const support = sum(scores.map((s) => s.support));
  const mean = (value: (s: ClassScores) => number): number =>
    averaging === "macro"
      ? sum(scores.map(value)) / scores.length
      : ratio(sum(scores.map((s) => s.support * value(s))), support);
  return { precision: mean((s) => s.precision), recall: mean((s) => s.recall), f1: mean((s) => s.f1), support };
}

/**
 * Rows are the true class, columns the predicted one.
 * @param weights how much each example counts; 1 by default
 */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): number[][] {
  if (truth.length !== predicted.length) throw unequal(truth.length, predicted.length);
  if (weights !== undefined && weights.length !== truth.length)
    throw new SignalbookError("examples and weights differ in number", {
      found: `${truth.length} and ${weights.length}`,
    });
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) {
    const row = confusion[truth[i]!];
    const value = row?.[predicted[i]!];
    if (row === undefined || value === undefined)
      throw new SignalbookError("a class index out of range", {
        place: `example ${i}`,
        found: `true ${truth[i]}, predicted ${predicted[i]}`,
        expected: `0 .. ${classes - 1}`,
      });
    row[predicted[i]!] = value + (weights?.[i] ?? 1);
  }
  return confusion;
}

/** Whose total a share is of: the true class (row), the predicted one (column), or all examples. */
export type ConfusionShares = "true" | "predicted" | "all";

/** Counts as shares; 0 where the total is 0. */
export function normaliseConfusion(confusion: readonly (readonly number[])[], of: ConfusionShares): number[][] {
  const rows = confusion.map(sum);
  const columns = confusion.map((_, k) => sum(confusion.map((row) => row[k]!)));
  const all = sum(rows);
  return confusion.map((row, i) =>
    row.map((value, k) => ratio(value, of === "true" ? rows[i]! : of === "predicted" ? columns[k]! : all)),
  );
}

/** Share of examples whose class was predicted. */
export function accuracy(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  if (truth.length !== predicted.length) throw unequal(truth.length, predicted.length);
  if (truth.length === 0) throw new SignalbookError("no example to score");
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === predicted[i]) right++;
  return right / truth.length;
}

/** Mean recall over the classes that occur. */
export function balancedAccuracy(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number {
  const scores = countLabels(truth, predicted, classes)
    .map(scoresOf)
    .filter((s) => s.support > 0);
  if (scores.length === 0) throw new SignalbookError("no example to score");
  return sum(scores.map((s) => s.recall)) / scores.length;
}

/** The class of the largest score in each row of [examples, classes]; the first one on a tie. */
export function argmax(scores: ArrayLike<number>, classes: number): Int32Array {
  const examples = rowsOf(scores, scores, classes);
  const best = new Int32Array(examples);
  for (let i = 0; i < examples; i++) {
    for (let k = 1; k < classes; k++) {
      if (scores[i * classes + k]! > scores[i * classes + best[i]!]!) best[i] = k;
    }
  }
  return best;
}

/** 1 where a score is above the threshold (system 004's rule: above, not equal), else 0. */
export function threshold(scores: ArrayLike<number>, level = 0.5): Uint8Array {
  return Uint8Array.from({ length: scores.length }, (_, i) => (scores[i]! > level ? 1 : 0));
}

/** Number of examples in two arrays of [examples, classes]. Throws where the lengths do not fit. */
export function rowsOf(a: ArrayLike<number>, b: ArrayLike<number>, classes: number): number {
  if (a.length !== b.length) throw unequal(a.length, b.length);
  if (!(classes >= 1) || a.length % classes !== 0)
    throw new SignalbookError("values that are not rows of classes", {
      found: `${a.length} values`,
      expected: `a multiple of ${classes} classes`,
    });
  return a.length / classes;
}

/** A true mark as boolean. Throws on anything but 0 and 1: a soft target has no counts. */
export function bit(value: number): boolean {
  if (value !== 0 && value !== 1)
    throw new SignalbookError("a mark that is neither 0 nor 1", {
      found: String(value),
      fix: "apply threshold() to scores first",
    });
  return value === 1;
}

function unequal(a: number, b: number): SignalbookError {
  return new SignalbookError("truth and prediction differ in length", { found: `${a} and ${b}` });
}

/** 0 where the whole is 0: the peers' convention for scores without examples. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
