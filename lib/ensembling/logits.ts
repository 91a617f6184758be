/** Blends of logits. Their mean is not the mean of the probabilities they stand for: a type each, never mixed. */
import { type Logits, logits, type Probabilities } from "../training/probabilities";
import { type BlendScores, requireSameQuestion, sharesOf, weightedSum } from "./members";

/** Weighted mean of logits, computed in float64: up to each row's normalisation the geometric mean of probabilities. */
export function averageLogits(members: readonly Logits[], weights?: readonly number[]): Logits {
  const { ids, classes } = requireSameQuestion(members, "logits");
  return logits(ids, classes, weightedSum(members, sharesOf(members.length, weights)));
}

/**
 * As system 001 was published (github.com/oungji212/Sleep-AI-Challenge, commit 7781ee8): the plain mean of one network's
 * probabilities and another's averaged logits. Their scales differ: logits run over several units where probabilities
 * stay within one, so that the second network decides nearly alone. To blend the two as meant, give both to softVote()
 * as probabilities.
 */
export function averageProbabilitiesWithLogitsAsPublished(first: Probabilities, second: Logits): BlendScores {
  const members = [first, { ...second, kind: first.kind }]; // what the types forbid, on purpose and here alone
  const { ids, classes } = requireSameQuestion(members, first.kind);
  return {
    kind: "scores",
    rule: "probabilities averaged with logits",
    ids,
    classes,
    values: weightedSum(members, [0.5, 0.5]),
  };
}
