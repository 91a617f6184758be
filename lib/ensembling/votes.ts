/** Hard voting: every member decides, and decisions are counted. */
import { argmax, threshold } from "../training/metrics";
import type { Probabilities } from "../training/probabilities";
import { type BlendScores, requireSameQuestion, sharesOf } from "./members";

/**
 * The share of votes for each class where an example has one class: each member votes for its most likely one. A tie goes
 * to the class that comes first, among votes as within a member; sums of weights that differ by no more than rounding are one.
 */
export function hardVote(members: readonly Probabilities[], weights?: readonly number[]): BlendScores {
  const width = members[0]?.classes.length ?? 0;
  return count("share of votes", members, weights, (values) => {
    const marks = new Uint8Array(values.length);
    argmax(values, width).forEach((k, row) => {
      marks[row * width + k] = 1;
    });
    return marks;
  });
}

/** The share of members that give each label, where an example has any number of them: those above `level`. */
export function hardVoteLabels(
  members: readonly Probabilities[],
  { level = 0.5, weights }: { level?: number; weights?: readonly number[] } = {},
): BlendScores {
  return count(`share of members above ${level}`, members, weights, (values) => threshold(values, level));
}

function count(
  rule: string,
  members: readonly Probabilities[],
  weights: readonly number[] | undefined,
  decide: (values: Probabilities["values"]) => Uint8Array,
): BlendScores {
  const { ids, classes } = requireSameQuestion(members, "probabilities");
  const shares = sharesOf(members.length, weights);
  const tied = equalSums(shares);
  const values = new Float64Array(ids.length * classes.length);
  members.forEach((member, m) => {
    decide(member.values).forEach((mark, i) => {
      values[i]! += shares[m]! * mark;
    });
  });
  return { kind: "scores", rule, ids, classes, values: values.map(tied) };
}

/**
 * Sums of the same shares in another order differ in their last digits: 0.1 + 0.2 is above 0.3. Sums that are closer than
 * all roundings together are a tie, and become the same number.
 */
function equalSums(shares: readonly number[]): (sum: number) => number {
  const tolerance = shares.length * Number.EPSILON;
  const known: number[] = [];
  return (sum) => {
    const same = known.find((other) => Math.abs(other - sum) <= tolerance);
    if (same === undefined) known.push(sum);
    return same ?? sum;
  };
}
