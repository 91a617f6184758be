/** Blends by rank: only the order of a member's values counts, so that members of different calibration can be blended. */
import type { Logits, Probabilities } from "../training/probabilities";
import { type BlendScores, requireSameQuestion, type ScoreTable, sharesOf } from "./members";

/**
 * What a value is ranked among. "examples": the same class in all examples, for metrics of an ordering such as the AUC.
 * "classes": the same example's other classes, for the choice of one class.
 */
export type RankedAmong = "examples" | "classes";

/**
 * Weighted mean of ranks, each from 0 (the least) to 1 (the greatest); ties share the middle of their places. A single
 * value has rank 0.5.
 * @param members all probabilities or all logits
 */
export function meanOfRanks(
  members: readonly Probabilities[] | readonly Logits[],
  among: RankedAmong,
  weights?: readonly number[],
): BlendScores {
  const { ids, classes } = requireSameQuestion<ScoreTable>(members, members[0]?.kind ?? "probabilities");
  const shares = sharesOf(members.length, weights);
  const [rows, columns] = [ids.length, classes.length];
  const lists =
    among === "examples"
      ? classes.map((_, k) => ids.map((_id, i) => i * columns + k))
      : ids.map((_id, i) => classes.map((_, k) => i * columns + k));
  const values = new Float64Array(rows * columns);
  members.forEach((member, m) => {
    for (const list of lists) addRanks(values, list, member.values, shares[m]!);
  });
  return { kind: "scores", rule: `weighted mean of ranks among ${among}`, ids, classes, values };
}

/** Adds `share` times the rank of each listed position's score. */
function addRanks(sum: Float64Array, positions: readonly number[], scores: ArrayLike<number>, share: number): void {
  const order = [...positions].sort((a, b) => scores[a]! - scores[b]!);
  const last = order.length - 1;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const middle = (start + end - 1) / 2;
    for (let i = start; i < end; i++) sum[order[i]!]! += share * (last === 0 ? 0.5 : middle / last);
    start = end;
  }
}
