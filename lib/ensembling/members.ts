/** What all blends share: members that were asked the same, how much each counts, and scores that only order classes. */
import { SignalbookError } from "../core/errors";

/** A value a class for each example: probabilities, logits, or a blend's scores. */
export interface ScoreTable {
  readonly kind: string;
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  /** [examples, classes], row-major. */
  readonly values: Float64Array | Float32Array;
}

/**
 * Values that order the classes of an example and mean nothing else: means of roots, ranks, votes. Neither
 * probabilities nor logits, and not to be blended with either.
 */
export interface BlendScores extends ScoreTable {
  readonly kind: "scores";
  /** How they came about: "weighted mean of square roots". */
  readonly rule: string;
  readonly values: Float64Array;
}

/**
 * The first of the members, when all are of one kind and were asked about the same examples and classes.
 * @throws SignalbookError for no members, another kind than `kind`, and other examples or classes
 */
export function requireSameQuestion<T extends ScoreTable>(members: readonly T[], kind: T["kind"]): T {
  const first = members[0];
  if (first === undefined) throw new SignalbookError("a blend of no models");
  members.forEach((member, m) => {
    if (member.kind !== kind)
      throw new SignalbookError(`a blend of ${kind} with ${member.kind}`, {
        place: `model ${m}`,
        found: member.kind,
        expected: kind,
        fix: "turn logits into probabilities with toProbabilities() first: their means are not the same",
      });
    requireSame("classes", first.classes, member.classes, m);
    requireSame("examples", first.ids, member.ids, m);
  });
  return first;
}

/**
 * One share a member.
 * @param weights 0 or more, summing to 1; without them every member counts the same
 */
export function sharesOf(members: number, weights?: readonly number[]): readonly number[] {
  const shares = weights ?? Array.from({ length: members }, () => 1 / members);
  if (shares.length !== members)
    throw new SignalbookError("weights and models differ in number", {
      found: `${shares.length} weights`,
      expected: `${members}`,
    });
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.some((share) => !(share >= 0)) || !(Math.abs(total - 1) <= 1e-9))
    throw new SignalbookError("weights that are no shares", {
      found: `[${shares.join(", ")}], sum ${total}`,
      expected: "numbers of 0 or more that sum to 1",
      fix: "use scoreWeights()",
    });
  return shares;
}

/** The members' values after `change`, each times its share, summed: computed in float64. Shares of 0 are left out. */
export function weightedSum(
  members: readonly ScoreTable[],
  shares: readonly number[],
  change: (value: number) => number = (value) => value,
): Float64Array {
  const sum = new Float64Array(members[0]?.values.length ?? 0);
  members.forEach(({ values }, m) => {
    const share = shares[m]!;
    if (share === 0) return; // also where `change` of a value is infinite
    for (let i = 0; i < sum.length; i++) sum[i]! += share * change(values[i]!);
  });
  return sum;
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
