/** How well probabilities fit what happened: logarithmic loss, Brier score, and Kullback-Leibler divergence from votes. */
import { SignalbookError } from "../core/errors";
import { rowsOf, sum } from "./metrics";

/** Spacing of float64 at 1: below it scikit-learn's log loss lets no probability fall. */
const EPSILON = 2 ** -52;

/**
 * Mean of the negative logarithms of the probabilities that the true classes were given, kept away from 0 and 1.
 * @param truth class index of every example
 * @param probabilities [examples, classes]
 */
export function logLoss(truth: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number {
  const examples = rowsOf(probabilities, probabilities, classes);
  if (truth.length !== examples || examples === 0)
    throw new SignalbookError("truth and probabilities differ in number, or there are none", {
      found: `${truth.length} and ${examples}`,
    });
  let total = 0;
  for (let i = 0; i < examples; i++) {
    const p = probabilities[i * classes + truth[i]!];
    if (p === undefined || !(truth[i]! >= 0 && truth[i]! < classes))
      throw new SignalbookError("a class index out of range", {
        place: `example ${i}`,
        found: String(truth[i]),
        expected: `0 .. ${classes - 1}`,
      });
    total -= Math.log(clipped(p, EPSILON, i));
  }
  return total / examples;
}

/**
 * Mean over examples of the squared distance of the row of probabilities from the row of targets (Brier 1950): with
 * classes that exclude each other 0 to 2, with one column of a yes or no 0 to 1.
 * @param targets [examples, classes], 0 or 1, or shares
 * @param probabilities [examples, classes]
 */
export function brierScore(targets: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number {
  const examples = rowsOf(targets, probabilities, classes);
  if (examples === 0) throw new SignalbookError("no example to score");
  let total = 0;
  for (let k = 0; k < targets.length; k++) total += (targets[k]! - probabilities[k]!) ** 2;
  return total / examples;
}

/**
 * Divergence of predicted probabilities from shares of votes, for each example: the sum over classes with votes of
 * `t * ln(t / p)`. The predictions are kept in clip .. 1 - clip, and not made to sum to 1 again.
 * @param shares [examples, classes], each row summing to 1
 * @param predicted [examples, classes]
 * @param clip 1e-15 as the challenge of system 002 scores; 1e-7 as that system clips its own predictions
 */
export function klRows(
  shares: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  clip: number,
): Float64Array {
  if (!(clip > 0 && clip < 0.5))
    throw new SignalbookError("a clip out of range", { found: String(clip), expected: "above 0 and below 0.5" });
  const divergences = new Float64Array(rowsOf(shares, predicted, classes));
  for (let i = 0; i < divergences.length; i++) {
    let total = 0;
    for (let k = i * classes; k < (i + 1) * classes; k++) {
      total += shares[k]!;
      const p = clipped(predicted[k]!, clip, i);
      if (shares[k]! > 0) divergences[i]! += shares[k]! * Math.log(shares[k]! / p);
    }
    if (!(Math.abs(total - 1) < 1e-6))
      throw new SignalbookError("shares that do not sum to 1", {
        place: `example ${i}`,
        found: String(total),
        fix: "turn votes into shares with voteShares()",
      });
  }
  return divergences;
}

/** System 002's kinds of rows: those with more than 7 votes, the others, or both. */
export type VoteFilter = "high" | "low" | "all";

/** Examples by their votes. */
export interface VotedRows {
  /** Votes of each example. */
  readonly voters: Float64Array;
  /** Share of the votes for each class, [examples, classes]. */
  readonly shares: Float64Array;
}

/**
 * Shares of votes, for targets and metrics.
 * @param votes [examples, classes], 0 or more
 * @throws SignalbookError for an example without votes
 */
export function voteShares(votes: ArrayLike<number>, classes: number): VotedRows {
  const voters = new Float64Array(rowsOf(votes, votes, classes));
  const shares = new Float64Array(votes.length);
  for (let i = 0; i < voters.length; i++) {
    const row = Array.from({ length: classes }, (_, k) => votes[i * classes + k]!);
    voters[i] = sum(row);
    if (!(voters[i]! > 0) || row.some((n) => !(n >= 0)))
      throw new SignalbookError("votes that give no shares", {
        place: `example ${i}`,
        found: row.join(", "),
        expected: "numbers from 0 up, one of them above 0",
      });
    row.forEach((n, k) => {
      shares[i * classes + k] = n / voters[i]!;
    });
  }
  return { voters, shares };
}

/** Indices of the examples that a filter takes. @param limit votes that "high" needs more than: system 002's 7 */
export function filterByVotes(voters: ArrayLike<number>, filter: VoteFilter, limit = 7): Int32Array {
  const all = Int32Array.from({ length: voters.length }, (_, i) => i);
  return filter === "all" ? all : all.filter((i) => voters[i]! > limit === (filter === "high"));
}

/**
 * The metric of system 002's challenge: the mean of {@link klRows} over the examples that the filter takes.
 * @param votes [examples, classes]
 * @param predicted [examples, classes]
 */
export function klFromVotes(
  votes: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  { clip = 1e-15, filter = "all" }: { clip?: number; filter?: VoteFilter } = {},
): number {
  const { voters, shares } = voteShares(votes, classes);
  const rows = klRows(shares, predicted, classes, clip);
  const taken = filterByVotes(voters, filter);
  if (taken.length === 0)
    throw new SignalbookError("no example to score", { found: `${rows.length} examples, none with ${filter} votes` });
  return taken.reduce((total, i) => total + rows[i]!, 0) / taken.length;
}

function clipped(p: number, clip: number, example: number): number {
  if (!(p >= 0 && p <= 1))
    throw new SignalbookError("a value that is no probability", {
      place: `example ${example}`,
      found: String(p),
      expected: "0 .. 1",
    });
  return Math.min(1 - clip, Math.max(clip, p));
}
