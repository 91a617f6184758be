/** Metrics of multi-label predictions that look at an example, or at a batch, as a whole. */
import { SignalbookError } from "../core/errors";
import { averageScores, bit, countMarks, ratio, rowsOf, scoresOf } from "./metrics";

/**
 * The mean over examples of each one's own F1; 0 for an example that has no class and is given none.
 * @param truth 0 or 1, [examples, classes] row-major
 * @param marks 0 or 1, [examples, classes] row-major
 */
export function samplesF1(truth: ArrayLike<number>, marks: ArrayLike<number>, classes: number): number {
  return meanOverRows(truth, marks, classes, (both, one) => scoresOf({ ...one, truePositives: both }).f1);
}

/** Share of marks that are wrong. */
export function hammingLoss(truth: ArrayLike<number>, marks: ArrayLike<number>, classes: number): number {
  return meanOverRows(
    truth,
    marks,
    classes,
    (_, { falsePositives, falseNegatives }) => (falsePositives + falseNegatives) / classes,
  );
}

/** Share of examples of which every mark is right. */
export function subsetAccuracy(truth: ArrayLike<number>, marks: ArrayLike<number>, classes: number): number {
  return meanOverRows(truth, marks, classes, (_, { falsePositives, falseNegatives }) =>
    Number(falsePositives + falseNegatives === 0),
  );
}

/**
 * The plain mean of the batches' micro F1, which system 004 reports: another number than the micro F1 of all examples,
 * and one that depends on the batch size. The last batch may be smaller, and counts as much as the others.
 */
export function batchMeanF1(
  truth: ArrayLike<number>,
  marks: ArrayLike<number>,
  classes: number,
  batchSize: number,
): number {
  const examples = rowsOf(truth, marks, classes);
  if (!Number.isInteger(batchSize) || batchSize < 1 || examples === 0)
    throw new SignalbookError("no batch to score", { found: `${examples} examples in batches of ${batchSize}` });
  const [all, given] = [Array.from(truth), Array.from(marks)];
  let total = 0;
  let batches = 0;
  for (let from = 0; from < all.length; from += batchSize * classes) {
    const to = from + batchSize * classes;
    total += averageScores(countMarks(all.slice(from, to), given.slice(from, to), classes), "micro").f1;
    batches++;
  }
  return total / batches;
}

function meanOverRows(
  truth: ArrayLike<number>,
  marks: ArrayLike<number>,
  classes: number,
  value: (both: number, one: { falsePositives: number; falseNegatives: number }) => number,
): number {
  const examples = rowsOf(truth, marks, classes);
  if (examples === 0) throw new SignalbookError("no example to score");
  let total = 0;
  for (let i = 0; i < examples; i++) {
    let both = 0;
    const one = { falsePositives: 0, falseNegatives: 0 };
    for (let k = i * classes; k < (i + 1) * classes; k++) {
      const [t, p] = [bit(truth[k]!), bit(marks[k]!)];
      if (t && p) both++;
      else if (p) one.falsePositives++;
      else if (t) one.falseNegatives++;
    }
    total += value(both, one);
  }
  return ratio(total, examples);
}
