/** Scores of predictions with bootstrap intervals over a data set's groups (patients). */
import { SignalbookError } from "../core/errors";
import { type BootstrapInterval, type BootstrapOptions, bootstrapIntervals } from "./bootstrap";
import { type Dataset, targetsOf } from "./dataset";
import { argmax, averageScores, countMarks, threshold } from "./metrics";
import type { Probabilities } from "./probabilities";
import { perClass, rocAuc } from "./ranking";

/**
 * A score of one or more predictions on the same examples. null where it is not defined (a class missing).
 * @param truth 0 or 1, [examples, classes]
 * @param values [examples, classes] of each prediction
 */
export type Score = (truth: Float64Array, ...values: Float64Array[]) => number | null;

/** A score on a data set, with its percentile interval over resampled groups. */
export function scoreInterval(
  dataset: Dataset,
  predictions: readonly Probabilities[],
  score: Score,
  options: BootstrapOptions,
): BootstrapInterval {
  const one = (truth: Float64Array, ...values: Float64Array[]) => ({ score: score(truth, ...values) });
  return scoreIntervals(dataset, predictions, one, options)["score"]!;
}

/** As {@link scoreInterval}, of several scores by name from the same resamples: what they share is computed once. */
export function scoreIntervals(
  dataset: Dataset,
  predictions: readonly Probabilities[],
  scores: (truth: Float64Array, ...values: Float64Array[]) => Readonly<Record<string, number | null>>,
  options: BootstrapOptions,
): Record<string, BootstrapInterval> {
  for (const { ids, classes } of predictions) {
    if (ids.join("\n") !== dataset.ids.join("\n") || classes.join("\n") !== dataset.classes.join("\n"))
      throw new SignalbookError("predictions of other examples or classes than the data set's", {
        place: dataset.name,
        found: `${ids.length} examples, classes ${classes.join(", ")}`,
        expected: `${dataset.length} examples in their order, classes ${dataset.classes.join(", ")}`,
      });
  }
  const width = dataset.classes.length;
  const gather = (values: ArrayLike<number>, indices: Int32Array): Float64Array => {
    const rows = new Float64Array(indices.length * width);
    indices.forEach((index, row) => {
      for (let k = 0; k < width; k++) rows[row * width + k] = values[index * width + k]!;
    });
    return rows;
  };
  const truth = targetsOf(dataset);
  return bootstrapIntervals(
    dataset.groups,
    (indices) => scores(gather(truth, indices), ...predictions.map(({ values }) => gather(values, indices))),
    options,
  );
}

/** The area under one class' ROC curve, for {@link scoreInterval}. */
export function classAuc(k: number, classes: number): Score {
  return (truth, values) => perClass(rocAuc, truth, values!, classes)[k]!;
}

/** The mean area over classes; null where it is not defined for one of them. */
export function meanAuc(classes: number): Score {
  return (truth, values) => {
    const areas = perClass(rocAuc, truth, values!, classes);
    return areas.includes(null) ? null : areas.reduce<number>((sum, area) => sum + area!, 0) / classes;
  };
}

/** Micro or macro F1 of what lies above a threshold. */
export function f1Above(averaging: "micro" | "macro", classes: number, level = 0.5): Score {
  return (truth, values) => averageScores(countMarks(truth, threshold(values!, level), classes), averaging).f1;
}

/**
 * Any metric of class indices, for classes that exclude each other: `ofClasses(balancedAccuracy, 5)`,
 * `ofClasses(cohenKappa, 5)`. The largest probability is the prediction, and of soft targets the largest share the truth.
 * @throws SignalbookError, when it is computed, for a target of which no one share is the largest: several labels, or none
 */
export function ofClasses(
  metric: (truth: Int32Array, predicted: Int32Array, classes: number) => number | null,
  classes: number,
): Score {
  return (truth, values) => {
    const labels = argmax(truth, classes);
    labels.forEach((label, i) => {
      const row = truth.subarray(i * classes, (i + 1) * classes);
      if (row.filter((share) => share === row[label]).length > 1)
        throw new SignalbookError("a target that is no one class", { place: `row ${i}`, found: row.join(", ") });
    });
    return metric(labels, argmax(values!, classes), classes);
  };
}

/** By how much the second prediction's score exceeds the first's, on the same resamples. */
export function gain(score: Score): Score {
  return (truth, first, second) => {
    const [a, b] = [score(truth, first!), score(truth, second!)];
    return a === null || b === null ? null : b - a;
  };
}
