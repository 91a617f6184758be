/**
 * Blends by other means than the arithmetic one: each probability goes through a function (root, logarithm, exponential,
 * power), and the results are averaged. The mean of the results orders the classes; carried back through the inverse
 * function it is a mean of the probabilities again, in the same order: the power means, and their like.
 */
import { SignalbookError } from "../core/errors";
import { type Probabilities, probabilities } from "../training/probabilities";
import { type BlendScores, requireSameQuestion, sharesOf, weightedSum } from "./members";

/**
 * What probabilities go through before they are averaged. sqrt, log1p, expm1, and a power of 0.25 are those that
 * system 000 tried; a power of 0 is the geometric mean, -1 the harmonic one.
 */
export type MeanRule = "arithmetic" | "sqrt" | "log1p" | "expm1" | { power: number };

interface Way {
  name: string;
  forward(value: number): number;
  back(value: number): number;
}

const same = (value: number): number => value;
const NAMED: Readonly<Record<Exclude<MeanRule, object>, Way>> = {
  arithmetic: { name: "probabilities", forward: same, back: same },
  sqrt: { name: "square roots", forward: Math.sqrt, back: (value) => value * value },
  log1p: { name: "log(1 + p)", forward: Math.log1p, back: Math.expm1 },
  expm1: { name: "exp(p) - 1", forward: Math.expm1, back: Math.log1p },
};

function wayOf(rule: MeanRule): Way {
  if (typeof rule !== "object") return NAMED[rule];
  const { power } = rule;
  if (!Number.isFinite(power))
    throw new SignalbookError("a power that is no number", { found: String(power), expected: "a finite number" });
  if (power === 0) return { name: "logarithms", forward: Math.log, back: Math.exp };
  return { name: `powers of ${power}`, forward: (value) => value ** power, back: (value) => value ** (1 / power) };
}

/**
 * The weighted mean of what the rule makes of the probabilities: system 000's blend by "sqrt". Scores, that order classes.
 * @throws SignalbookError for a power of 0 or less: it would put the least likely class first, or be infinite at 0
 */
export function meanOfTransformed(
  members: readonly Probabilities[],
  rule: MeanRule,
  weights?: readonly number[],
): BlendScores {
  const { ids, classes } = requireSameQuestion(members, "probabilities");
  if (typeof rule === "object" && !(rule.power > 0))
    throw new SignalbookError("a power out of range", {
      found: String(rule.power),
      expected: "more than 0",
      fix: "use generalisedMean()",
    });
  const { name, forward } = wayOf(rule);
  const values = weightedSum(members, sharesOf(members.length, weights), forward);
  return { kind: "scores", rule: `weighted mean of ${name}`, ids, classes, values };
}

/**
 * The generalised mean: {@link meanOfTransformed}, carried back. Lies between the members' least and greatest. Rows of
 * probabilities that exclude each other no longer sum to 1: see {@link toShares}.
 */
export function generalisedMean(
  members: readonly Probabilities[],
  rule: MeanRule,
  weights?: readonly number[],
): Probabilities {
  const { ids, classes } = requireSameQuestion(members, "probabilities");
  const { forward, back } = wayOf(rule);
  const values = weightedSum(members, sharesOf(members.length, weights), forward);
  // rounding can carry a mean of ones above 1
  return probabilities(
    ids,
    classes,
    values.map((value) => Math.min(Math.max(back(value), 0), 1)),
  );
}

/** Each row divided by its sum. Throws where a row holds nothing above 0, or something below. */
export function toShares({ ids, classes, values }: Probabilities | BlendScores): Probabilities {
  const width = classes.length;
  const shares = new Float64Array(values.length);
  ids.forEach((id, row) => {
    const own = Array.from(values.subarray(row * width, (row + 1) * width));
    const total = own.reduce((sum, value) => sum + value, 0);
    if (!(total > 0 && Number.isFinite(total)) || own.some((value) => value < 0))
      throw new SignalbookError("scores that give no shares", {
        place: `example ${id}`,
        found: `[${own.join(", ")}]`,
        expected: "numbers of 0 or more, not all 0",
      });
    own.forEach((value, k) => {
      shares[row * width + k] = value / total;
    });
  });
  return probabilities(ids, classes, shares);
}
