/** Agreement beyond chance: Cohen's kappa, Matthews' correlation, Fleiss' kappa. */
import { SignalbookError } from "../core/errors";
import { confusionMatrix, sum } from "./metrics";

/** How much a disagreement counts: all alike, by the distance of the classes, or by its square. */
export type KappaWeights = "none" | "linear" | "quadratic";

/**
 * Cohen's kappa of two lists of class indices; null where it is not defined: both lists hold one and the same class.
 */
export function cohenKappa(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  classes: number,
  weights: KappaWeights = "none",
): number | null {
  return kappaOf(confusionMatrix(a, b, classes), weights);
}

/** Cohen's kappa from a confusion matrix, whose counts may be weighted; null where it is not defined. */
export function kappaOf(confusion: readonly (readonly number[])[], weights: KappaWeights = "none"): number | null {
  const rows = confusion.map(sum);
  const columns = confusion.map((_, k) => sum(confusion.map((row) => row[k]!)));
  const total = sum(rows);
  if (total === 0) throw new SignalbookError("no example to score");
  const cost = (i: number, k: number): number =>
    weights === "none" ? Number(i !== k) : weights === "linear" ? Math.abs(i - k) : (i - k) ** 2;
  let observed = 0;
  let expected = 0;
  confusion.forEach((row, i) => {
    row.forEach((value, k) => {
      observed += cost(i, k) * value;
      expected += (cost(i, k) * rows[i]! * columns[k]!) / total;
    });
  });
  return expected === 0 ? null : 1 - observed / expected;
}

/** Matthews' correlation of truth and prediction over all classes; 0 where one of them holds one class only. */
export function matthewsCorrelation(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number {
  return matthewsOf(confusionMatrix(truth, predicted, classes));
}

/** {@link matthewsCorrelation} from a confusion matrix. */
export function matthewsOf(confusion: readonly (readonly number[])[]): number {
  const rows = confusion.map(sum);
  const columns = confusion.map((_, k) => sum(confusion.map((row) => row[k]!)));
  const total = sum(rows);
  if (total === 0) throw new SignalbookError("no example to score");
  const covariance = (a: readonly number[], b: readonly number[], agreed: number): number =>
    agreed * total - sum(a.map((value, k) => value * b[k]!));
  const both = covariance(rows, columns, sum(confusion.map((row, k) => row[k]!)));
  const spread = covariance(rows, rows, total) * covariance(columns, columns, total);
  return spread === 0 ? 0 : both / Math.sqrt(spread);
}

/**
 * Fleiss' kappa: agreement of any number of raters beyond chance; null where every vote is for one class.
 * @param votes how many raters chose each class, [subjects][classes]; the same number of raters (2 or more) in each row
 */
export function fleissKappa(votes: readonly (readonly number[])[]): number | null {
  const raters = sum(votes[0] ?? []);
  if (raters < 2) throw new SignalbookError("Fleiss' kappa needs votes of 2 raters or more", { found: String(raters) });
  let agreement = 0;
  const totals = new Array<number>(votes[0]!.length).fill(0);
  votes.forEach((row, i) => {
    if (sum(row) !== raters || row.length !== totals.length)
      throw new SignalbookError("rows of votes that differ", {
        place: `row ${i}`,
        found: `${sum(row)} votes for ${row.length} classes`,
        expected: `${raters} for ${totals.length}, as in the first row`,
        fix: "leave out what some rater did not score",
      });
    agreement += sum(row.map((n) => n * (n - 1))) / (raters * (raters - 1));
    row.forEach((n, k) => {
      totals[k]! += n;
    });
  });
  const observed = agreement / votes.length;
  const chance = sum(totals.map((n) => (n / (votes.length * raters)) ** 2));
  return chance === 1 ? null : (observed - chance) / (1 - chance);
}
