/**
 * System 000's blend (github.com/HyeonhoonLee/MAIC2021_Sleep, commit 5d628bf): 0.06 times the square root of ViT's
 * probability plus 0.94 times that of EfficientNet's.
 *
 * The weights are not what they seem. EfficientNet was trained with 1,000 outputs for five classes; its probabilities
 * were folded to five and divided by 200 (see {@link foldClasses}), and a factor f on a member's probabilities is a factor
 * sqrt(f) on its weight: 0.94 * sqrt(1/200) = 0.0665 stands beside 0.06. So ViT counts 47 %, EfficientNet 53 %.
 */
import { SignalbookError } from "../core/errors";
import { type Probabilities, probabilities } from "../training/probabilities";
import { meanOfTransformed } from "./means";
import { type BlendScores, sharesOf } from "./members";

/** ViT and EfficientNet, in this order. */
export const PUBLISHED_SQUARE_ROOTS = {
  weights: [0.06, 0.94],
  /** What each network's probabilities were multiplied by beside the other's. A further 1/4 was common to both. */
  factors: [1, 1 / 200],
} as const;

/** The weighted mean of square roots of probabilities: scores, the largest of which is the class. */
export function weightedSquareRoots(members: readonly Probabilities[], weights?: readonly number[]): BlendScores {
  return meanOfTransformed(members, "sqrt", weights);
}

/**
 * The weights that would give a mean of square roots the same order, were the members' probabilities without factors.
 * @param factors what each member's probabilities were multiplied by
 */
export function effectiveSquareRootWeights(weights: readonly number[], factors: readonly number[]): number[] {
  const shares = sharesOf(factors.length, weights);
  if (factors.some((factor) => !(factor > 0 && Number.isFinite(factor))))
    throw new SignalbookError("factors out of range", { found: `[${factors.join(", ")}]`, expected: "more than 0" });
  const scaled = shares.map((share, m) => share * Math.sqrt(factors[m]!));
  const total = scaled.reduce((sum, value) => sum + value, 0);
  return scaled.map((value) => value / total);
}

/**
 * Probabilities of many outputs folded to few classes: class c gets outputs c, c + n, c + 2n ... of n classes, their sum
 * divided by how many there are, as system 000 read five classes from a network of 1,000 outputs.
 * @throws SignalbookError where the number of outputs is no multiple of that of classes
 */
export function foldClasses(wide: Probabilities, classes: readonly string[]): Probabilities {
  const outputs = wide.classes.length;
  const groups = outputs / classes.length;
  if (!Number.isInteger(groups) || groups < 1)
    throw new SignalbookError("outputs that cannot be folded to classes", {
      found: `${outputs} outputs`,
      expected: `a multiple of ${classes.length}`,
    });
  const values = new Float64Array(wide.ids.length * classes.length);
  for (let row = 0; row < wide.ids.length; row++)
    for (let output = 0; output < outputs; output++)
      values[row * classes.length + (output % classes.length)]! += wide.values[row * outputs + output]! / groups;
  return probabilities(wide.ids, classes, values);
}
