/** Rules by which published systems weight classes of different frequency. */
import { SignalbookError } from "../core/errors";

/**
 * Class weights of system 004: 1 / ln(count + 1e-5), divided by the smallest of them.
 * @param counts examples of each class in the training data
 * Throws for a count of 1 or 0: the formula gives about 1e5 for one example and a negative weight for none, and either
 * would drown all other classes.
 */
export function publishedClassWeights(counts: readonly number[], classes: readonly string[]): number[] {
  requireCounts(
    counts,
    classes,
    2,
    "1/ln(count + 1e-5) is about 1e5 for one example and negative for none",
    "the published class weights",
  );
  const raw = counts.map((count) => 1 / Math.log(count + 1e-5));
  const smallest = Math.min(...raw);
  return raw.map((weight) => weight / smallest);
}

export interface AttnSleepWeightOptions {
  /** How much each class matters beside 1; as published 1.5 for W, 2 for N1, 1.5 for N2, 1 for N3, 1.5 for REM. */
  importance: readonly number[];
  /**
   * team: score / classes, as system 003 has it. official: score times importance / classes, as AttnSleep's own code
   * has it (emadeldeen24/AttnSleep, utils/util.py).
   */
  rule: "team" | "official";
}

/**
 * Class weights of AttnSleep (Eldele et al. 2021): with the share mu = importance / classes, the score is
 * ln(mu * total / count), at least 1; the weight is rounded to two decimals.
 * @param counts examples of each class in the training data
 */
export function attnSleepClassWeights(
  counts: readonly number[],
  classes: readonly string[],
  { importance, rule }: AttnSleepWeightOptions,
): number[] {
  requireCounts(counts, classes, 1, "the logarithm of total / count", "AttnSleep's class weights");
  if (importance.length !== counts.length || importance.some((value) => !(value > 0)))
    throw new SignalbookError("importances that do not fit the classes", {
      found: importance.join(", "),
      expected: `${counts.length} numbers above 0`,
    });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count, k) => {
    const mu = importance[k]! / counts.length;
    const score = Math.max(1, Math.log((mu * total) / count));
    return Math.round(score * (rule === "team" ? 1 / counts.length : mu) * 100) / 100;
  });
}

function requireCounts(
  counts: readonly number[],
  classes: readonly string[],
  least: number,
  why: string,
  what: string,
): void {
  counts.forEach((count, k) => {
    if (!(Number.isInteger(count) && count >= least))
      throw new SignalbookError(`a class too rare for ${what}`, {
        place: `class ${classes[k] ?? k}`,
        found: `${count} training examples`,
        expected: `at least ${least}: ${why}`,
        fix: "leave the class out, or train without class weights",
      });
  });
}
