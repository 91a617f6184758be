/**
 * Agreement of several scorers of the same epochs, as the evaluation of the Dreem Open Datasets does it (Guillot et al.
 * 2020, IEEE TNSRE 28(9)): a consensus by majority, ties going to the scorer who agrees best with the others, and each
 * scorer compared with the consensus of the others. Beside it kappas that need no consensus: Cohen's and Fleiss'.
 *
 * A scoring holds the class of each epoch, or -1 where it was not scored.
 */
import { SignalbookError } from "../core/errors";
import { cohenKappa, fleissKappa, kappaOf } from "./kappa";
import { averageScores, confusionCounts, confusionMatrix, ratio, scoresOf, sum } from "./metrics";

export type Scoring = ArrayLike<number>;

export interface Consensus {
  /** The class of each epoch; -1 where most say that it cannot be scored. */
  classes: Int32Array;
  /** Share of the scorers that chose it. */
  share: Float64Array;
}

/** A scoring against a consensus, over the epochs in which that has a class. */
export interface ConsensusScores {
  accuracy: number;
  /** null where both hold one and the same class only. */
  kappa: number | null;
  /** Weighted mean over classes. */
  f1: number;
  /** Each class against all others; accuracy is over the epochs that have it (null: none). */
  classes: { accuracy: number | null; kappa: number | null; f1: number }[];
}

export interface ScorerScores extends ConsensusScores {
  /** How well the scorer agrees with the others: 1 where always with the (or a) majority. */
  softAgreement: number;
}

export interface NightAgreement {
  /** Epochs from where every scorer has begun to where the first ends. */
  epochs: number;
  /** Each scorer against the consensus of the others. */
  scorers: ScorerScores[];
  /** Cohen's kappa of each two scorers over the epochs that both scored; null on the diagonal or where not defined. */
  pairs: (number | null)[][];
  /** Share of equal classes, mean over all pairs. */
  pairAgreement: number;
  /** Over the epochs that all scored; null where not defined. */
  fleiss: number | null;
}

/**
 * All of it for one recording.
 * @param scorings one a scorer, of equal length; at least 3
 */
export function scorerAgreement(scorings: readonly Scoring[], classes: number): NightAgreement {
  if (scorings.length < 3)
    throw new SignalbookError("too few scorers for a consensus of the others", {
      found: String(scorings.length),
      expected: "3 or more",
    });
  const cut = commonSpan(scorings, classes);
  const soft = softAgreements(cut, classes);
  const order = byReliability(soft);
  const scorers = cut.map((scoring, s) => {
    const others = order.filter((other) => other !== s).map((other) => cut[other]!);
    return { softAgreement: soft[s]!, ...againstConsensus(scoring, majority(others, classes), classes) };
  });
  const both = cut.map((a) => cut.map((b) => commonEpochs([a, b])));
  const pairs = both.map((row, i) => row.map(([a, b], k) => (i === k ? null : cohenKappa(a!, b!, classes))));
  const shares = both.flatMap((row, i) => row.slice(i + 1).map(([a, b]) => equalShare(a!, b!)));
  const all = commonEpochs(cut);
  const votes = Array.from(all[0]!, (_, e) =>
    Array.from({ length: classes }, (_, k) => all.filter((s) => s[e] === k).length),
  );
  return {
    ...{ epochs: cut[0]!.length, scorers, pairs },
    pairAgreement: sum(shares) / shares.length,
    fleiss: votes.length === 0 ? null : fleissKappa(votes),
  };
}

/**
 * The class that most scorers chose, epoch by epoch; of several with equally many votes the one chosen by the scorer who
 * agrees best with the others. "Not scored" is a choice like any other.
 */
export function consensusOf(scorings: readonly Scoring[], classes: number): Consensus {
  const checked = scorings.map((scoring) => checkedScoring(scoring, classes, scorings[0]!.length));
  const order = byReliability(softAgreements(checked, classes));
  return majority(
    order.map((s) => checked[s]!),
    classes,
  );
}

/**
 * A scoring, of a person or a model, against a consensus.
 * @param weighted each epoch counts by the share of scorers behind the consensus, as published. Default true
 */
export function againstConsensus(
  scoring: Scoring,
  consensus: Consensus,
  classes: number,
  weighted = true,
): ConsensusScores {
  const given = checkedScoring(scoring, classes, consensus.classes.length);
  const kept = Array.from(consensus.classes.keys()).filter((e) => consensus.classes[e]! >= 0);
  // Class 0 of this matrix is "not scored": what a scorer left out is an error, but no class of its own.
  const confusion = confusionMatrix(
    kept.map((e) => consensus.classes[e]! + 1),
    kept.map((e) => given[e]! + 1),
    classes + 1,
    kept.map((e) => (weighted ? consensus.share[e]! : 1)),
  );
  const counts = confusionCounts(confusion).slice(1);
  const total = sum(confusion.map(sum));
  return {
    accuracy: ratio(sum(counts.map(({ truePositives }) => truePositives)), total),
    kappa: kappaOf(confusion),
    f1: averageScores(counts, "weighted").f1,
    classes: counts.map((count) => {
      const { truePositives: hit, falsePositives: added, falseNegatives: missed } = count;
      const { f1, recall, support } = scoresOf(count);
      const oneAgainstAll = [
        [total - hit - added - missed, added],
        [missed, hit],
      ];
      return { accuracy: support > 0 ? recall : null, kappa: kappaOf(oneAgainstAll), f1 };
    }),
  };
}

/** Mean and (population) standard deviation of a score over nights and scorers; where it is null it is left out. */
export function overNights(
  nights: readonly NightAgreement[],
  score: (scorer: ScorerScores) => number | null,
): { mean: number; deviation: number; n: number } {
  const values = nights.flatMap(({ scorers }) => scorers.map(score)).filter((value): value is number => value !== null);
  if (values.length === 0) throw new SignalbookError("no night has this score");
  const mean = sum(values) / values.length;
  const deviation = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length);
  return { mean, deviation, n: values.length };
}

/** The epochs from the latest first scored one to the earliest last one. */
function commonSpan(scorings: readonly Scoring[], classes: number): Int32Array[] {
  const checked = scorings.map((scoring) => checkedScoring(scoring, classes, scorings[0]!.length));
  let from = 0;
  let to = checked[0]!.length;
  checked.forEach((scoring, s) => {
    const scored = Array.from(scoring.keys()).filter((e) => scoring[e]! >= 0);
    if (scored.length === 0) throw new SignalbookError("a scoring without any class", { place: `scorer ${s + 1}` });
    from = Math.max(from, scored[0]!);
    to = Math.min(to, scored.at(-1)! + 1);
  });
  if (from >= to) throw new SignalbookError("scorings that have no epoch in common");
  return checked.map((scoring) => scoring.subarray(from, to));
}

function softAgreements(scorings: readonly Int32Array[], classes: number): number[] {
  return scorings.map((scoring, s) => {
    const others = scorings.filter((_, other) => other !== s);
    let total = 0;
    scoring.forEach((own, e) => {
      const votes = votesAt(others, e, classes);
      total += votes[own + 1]! / Math.max(...votes);
    });
    return total / scoring.length;
  });
}

/** Scorers from the most to the least reliable; equal ones in their order. */
function byReliability(soft: readonly number[]): number[] {
  return soft.map((_, s) => s).sort((a, b) => soft[b]! - soft[a]!);
}

/**
 * @param ranked the most reliable scorer first. The published code gives a tie to that one even where his class is none
 *   of the tied ones, which cannot happen with the four scorers it is used for; here the first who chose a tied one.
 */
function majority(ranked: readonly Int32Array[], classes: number): Consensus {
  const epochs = ranked[0]!.length;
  const consensus: Consensus = { classes: new Int32Array(epochs), share: new Float64Array(epochs) };
  for (let e = 0; e < epochs; e++) {
    const votes = votesAt(ranked, e, classes);
    const most = Math.max(...votes);
    consensus.classes[e] = ranked.find((scoring) => votes[scoring[e]! + 1] === most)![e]!;
    consensus.share[e] = most / ranked.length;
  }
  return consensus;
}

/** Votes for "not scored", then for each class. */
function votesAt(scorings: readonly Int32Array[], epoch: number, classes: number): number[] {
  const votes = new Array<number>(classes + 1).fill(0);
  for (const scoring of scorings) votes[scoring[epoch]! + 1]!++;
  return votes;
}

/** The scorings at the epochs that all of them scored. */
function commonEpochs(scorings: readonly Int32Array[]): Int32Array[] {
  const keep = Array.from(scorings[0]!.keys()).filter((e) => scorings.every((scoring) => scoring[e]! >= 0));
  return scorings.map((scoring) => Int32Array.from(keep, (e) => scoring[e]!));
}

function equalShare(a: Int32Array, b: Int32Array): number {
  return ratio(a.filter((value, i) => value === b[i]).length, a.length);
}

function checkedScoring(scoring: Scoring, classes: number, epochs: number): Int32Array {
  if (scoring.length !== epochs)
    throw new SignalbookError("scorings of different lengths", { found: `${scoring.length} and ${epochs} epochs` });
  return Int32Array.from({ length: epochs }, (_, e) => {
    const value = scoring[e]!;
    if (!(Number.isInteger(value) && value >= -1 && value < classes))
      throw new SignalbookError("a class out of range", {
        place: `epoch ${e + 1}`,
        found: String(value),
        expected: `0 .. ${classes - 1}, or -1: not scored`,
      });
    return value;
  });
}
