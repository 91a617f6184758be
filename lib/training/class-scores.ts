/** The competitions' measures as scores for intervals and folds. */
import type { Score } from "./intervals";
import { ofClasses } from "./intervals";
import { klRows } from "./likelihood";
import { averageScores, countLabels } from "./metrics";

/** Macro F1 of classes that exclude each other, over those that occur or are given: of systems 000 and 001. */
export function macroF1Of(classes: number): Score {
  return ofClasses(
    (truth, predicted, count) => averageScores(countLabels(truth, predicted, count), "macro", true).f1,
    classes,
  );
}

/**
 * The mean Kullback-Leibler divergence (nats) of predicted shares from the given ones, smaller is better: of system 002.
 * @param clip how far predictions are kept from 0 and 1
 */
export function divergenceOf(classes: number, clip = 1e-7): Score {
  return (truth, values) => {
    const rows = klRows(truth, values!, classes, clip);
    return rows.reduce((sum, value) => sum + value, 0) / rows.length;
  };
}
