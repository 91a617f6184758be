/** Everything usually asked about predictions of classes, in one object: for tables, figures and results. */
import { type BootstrapInterval, type BootstrapOptions, bootstrapIntervals } from "./bootstrap";
import { kappaOf, matthewsOf } from "./kappa";
import {
  averageScores,
  type ClassCounts,
  type ClassScores,
  confusionCounts,
  confusionMatrix,
  countMarks,
  ratio,
  scoresOf,
  sum,
} from "./metrics";
import { hammingLoss, samplesF1, subsetAccuracy } from "./multi-label";

/** One class' scores, a row of a table. */
export interface ClassRow extends ClassScores {
  class: string;
}

interface Averages {
  /** In the order of the class names. */
  classes: ClassRow[];
  macro: ClassScores;
  micro: ClassScores;
  weighted: ClassScores;
  examples: number;
}

/** For classes that exclude each other. */
export interface ClassificationReport extends Averages {
  accuracy: number;
  /** Mean recall of the classes that occur. */
  balancedAccuracy: number;
  /** Cohen's; null where truth and prediction hold one and the same class only. */
  kappa: number | null;
  matthews: number;
  /** Rows: truth. Columns: prediction. */
  confusion: number[][];
}

/** For classes of which an example may have any number. */
export interface MarksReport extends Averages {
  /** Mean of the examples' own F1. */
  samplesF1: number;
  /** Share of examples with every mark right. */
  subsetAccuracy: number;
  hammingLoss: number;
}

/**
 * @param truth class index of every example
 * @param predicted class index of every example
 * @param names of the classes
 */
export function classificationReport(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  names: readonly string[],
): ClassificationReport {
  const confusion = confusionMatrix(truth, predicted, names.length);
  const averages = averagesOf(confusionCounts(confusion), names, truth.length);
  const present = averages.classes.filter(({ support }) => support > 0);
  return {
    ...averages,
    accuracy: ratio(sum(confusion.map((row, k) => row[k]!)), truth.length),
    balancedAccuracy: ratio(sum(present.map(({ recall }) => recall)), present.length),
    kappa: kappaOf(confusion),
    matthews: matthewsOf(confusion),
    confusion,
  };
}

/**
 * @param truth 0 or 1, [examples, classes]
 * @param marks 0 or 1, [examples, classes]: see {@link threshold}
 * @param names of the classes
 */
export function marksReport(truth: ArrayLike<number>, marks: ArrayLike<number>, names: readonly string[]): MarksReport {
  const classes = names.length;
  return {
    ...averagesOf(countMarks(truth, marks, classes), names, truth.length / classes),
    samplesF1: samplesF1(truth, marks, classes),
    subsetAccuracy: subsetAccuracy(truth, marks, classes),
    hammingLoss: hammingLoss(truth, marks, classes),
  };
}

/**
 * Intervals of a report's figures over resampled groups, all from the same resamples: accuracy, balancedAccuracy,
 * kappa, macroF1, weightedF1, and "f1 <class>" of every class.
 * @param groups the subject of every example
 */
export function classificationIntervals(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  names: readonly string[],
  groups: readonly string[],
  options: BootstrapOptions,
): Record<string, BootstrapInterval> {
  const statistics = (indices: Int32Array): Record<string, number | null> => {
    const report = classificationReport(
      indices.map((i) => truth[i]!),
      indices.map((i) => predicted[i]!),
      names,
    );
    const { accuracy, balancedAccuracy, kappa, macro, weighted, classes } = report;
    return {
      ...{ accuracy, balancedAccuracy, kappa, macroF1: macro.f1, weightedF1: weighted.f1 },
      ...Object.fromEntries(classes.map((row) => [`f1 ${row.class}`, row.f1])),
    };
  };
  return bootstrapIntervals(groups, statistics, options);
}

function averagesOf(counts: readonly ClassCounts[], names: readonly string[], examples: number): Averages {
  return {
    classes: counts.map((count, k) => ({ class: names[k]!, ...scoresOf(count) })),
    macro: averageScores(counts, "macro"),
    micro: averageScores(counts, "micro"),
    weighted: averageScores(counts, "weighted"),
    examples,
  };
}
