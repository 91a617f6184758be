/** Blends of several models' probabilities on the same examples. */
import { SignalbookError } from "../core/errors";
import { type Probabilities, probabilities } from "../training/probabilities";

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
  const first = members[0];
  if (first === undefined) throw new SignalbookError("a blend of no models");
  const shares = weights ?? members.map(() => 1 / members.length);
  if (shares.length !== members.length)
    throw new SignalbookError("weights and models differ in number", {
      found: `${shares.length} weights`,
      expected: `${members.length}`,
    });
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.some((share) => !(share >= 0)) || Math.abs(total - 1) > 1e-9)
    throw new SignalbookError("weights that are no shares", {
      found: `[${shares.join(", ")}], sum ${total}`,
      expected: "numbers of 0 or more that sum to 1",
      fix: "use scoreWeights()",
    });
  members.forEach((member, m) => {
    requireSame("classes", first.classes, member.classes, m);
    requireSame("examples", first.ids, member.ids, m);
  });
  const blend = new Float64Array(first.values.length);
  members.forEach(({ values }, m) => {
    const share = shares[m]!;
    for (let i = 0; i < blend.length; i++) blend[i]! += share * values[i]!;
  });
  // shares that sum to 1 + 1e-16 can lift a mean of ones above 1
  return probabilities(
    first.ids,
    first.classes,
    blend.map((value) => Math.min(value, 1)),
  );
}

/** Weighted mean with each model's weight in proportion to its validation score (system 004: micro F1). */
export function blendByScore(members: readonly { probabilities: Probabilities; score: number }[]): Probabilities {
  return weightedMean(
    members.map((member) => member.probabilities),
    scoreWeights(members.map((member) => member.score)),
  );
}

function requireSame(what: string, expected: readonly string[], found: readonly string[], member: number): void {
  const different = expected.findIndex((name, i) => name !== found[i]);
  if (different < 0 && expected.length === found.length) return;
  throw new SignalbookError(`models that were not asked about the same ${what}`, {
    place: `model ${member}, position ${different < 0 ? expected.length : different}`,
    found: String(found[different < 0 ? expected.length : different]),
    expected: different < 0 ? `${expected.length} ${what}` : expected[different]!,
  });
}
