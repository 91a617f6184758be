/** Blends of several models' probabilities on the same examples by their arithmetic mean. */
import { SignalbookError } from "../core/errors";
import { type Probabilities, probabilities } from "../training/probabilities";
import { requireSameQuestion, sharesOf, weightedSum } from "./members";

/** Each score divided by their sum: the weights of system 004's ensemble (scores: validation F1). */
export function scoreWeights(scores: readonly number[]): number[] {
  const total = scores.reduce((sum, score) => sum + score, 0);
  if (scores.length === 0 || scores.some((score) => !(score >= 0 && Number.isFinite(score))) || total === 0)
    throw new SignalbookError("scores that give no weights", {
      found: `[${scores.join(", ")}]`,
      expected: "one or more numbers of 0 or more, not all 0",
    });
  return scores.map((score) => score / total);
}

/**
 * Weighted mean of probabilities, computed in float64.
 * @param members same examples and classes, in the same order
 * @param weights one a member, summing to 1; without them every member counts the same
 */
export function weightedMean(members: readonly Probabilities[], weights?: readonly number[]): Probabilities {
  const first = requireSameQuestion(members, "probabilities");
  const blend = weightedSum(members, sharesOf(members.length, weights));
  // shares that sum to 1 + 1e-16 can lift a mean of ones above 1
  return probabilities(
    first.ids,
    first.classes,
    blend.map((value) => Math.min(value, 1)),
  );
}

/** Soft voting: the plain mean of probabilities. */
export function softVote(members: readonly Probabilities[]): Probabilities {
  return weightedMean(members);
}

/** Weighted mean with each model's weight in proportion to its validation score (system 004: micro F1). */
export function blendByScore(members: readonly { probabilities: Probabilities; score: number }[]): Probabilities {
  return weightedMean(
    members.map((member) => member.probabilities),
    scoreWeights(members.map((member) => member.score)),
  );
}
