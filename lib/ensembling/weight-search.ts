/**
 * Blend weights searched on out-of-fold predictions: shares moved from one member to another while the score rises, in
 * ever smaller steps, from several starts. The score at the weights found is the best of many tried on the same examples
 * and so too good; the nested estimate, where each fold is blended by weights searched on the other folds, is not.
 */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { type Dataset, targetsOf } from "../training/dataset";
import type { Score } from "../training/intervals";
import { requireSameQuestion, sharesOf, weightedSum } from "./members";
import type { OutOfFold } from "./out-of-fold";

export interface WeightSearchOptions {
  /** Seeds the random starts and the order in which pairs of members are tried. */
  seed: number;
  /** Starts: equal weights, then each member alone, then random ones. Default: equal, and one a member. */
  starts?: number;
  /** Share moved at first, halved whenever no move helps, down to `leastStep`. Default 0.25 and 0.01. */
  firstStep?: number;
  leastStep?: number;
}

export interface FoundWeights {
  /** One a member, summing to 1. */
  weights: number[];
  /** The score with equal weights. */
  before: number;
  /** The score with `weights`, on the examples they were searched on: too good. */
  after: number;
  /** The score where no example took part in the search for its own weights: what to report, beside `before`. */
  nested: number;
  /** The weights that each fold was blended with for `nested`, by fold. */
  nestedWeights: ReadonlyMap<number, number[]>;
  /** Blends scored. */
  evaluations: number;
}

/**
 * Weights that make the members' mean score best.
 * @param members of one split: the same folds
 * @param score higher is better, as `meanAuc(...)`; a loss goes in with its sign changed
 * @throws SignalbookError for predictions that are not marked as out-of-fold, of other examples or folds; and where the
 * score is not defined
 */
export function searchWeights(
  members: readonly OutOfFold[],
  dataset: Dataset,
  score: Score,
  options: WeightSearchOptions,
): FoundWeights {
  const foldOf = requireOneSplit(members, dataset);
  const [all, truth, width] = [members.map((m) => m.probabilities), targetsOf(dataset), dataset.classes.length];
  let evaluations = 0;
  const scored = (what: string, labels: Float64Array, values: Float64Array): number => {
    evaluations++;
    const value = score(labels, values);
    if (value === null || Number.isNaN(value))
      throw new SignalbookError("a score that is not defined", {
        place: what,
        found: String(value),
        fix: "use another score, or folds in which every class occurs",
      });
    return value;
  };
  /** The objective on some of the examples. */
  const on = (rows: readonly number[], what: string): ((weights: readonly number[]) => number) => {
    const labels = gather(truth, rows, width);
    const parts = all.map((member) => ({ ...member, values: gather(member.values, rows, width) }));
    return (weights) => scored(what, labels, weightedSum(parts, weights));
  };
  const random = new Generator(options.seed);
  const everyRow = dataset.ids.map((_, i) => i);
  const objective = on(everyRow, "all examples");
  const weights = climbFromAll(objective, members.length, random, options);

  const nestedWeights = new Map<number, number[]>();
  const pooled = new Float64Array(truth.length);
  for (const fold of [...new Set(foldOf)].sort((a, b) => a - b)) {
    const others = everyRow.filter((row) => foldOf[row] !== fold);
    const found = climbFromAll(on(others, `folds other than ${fold}`), members.length, random.fork(), options);
    nestedWeights.set(fold, found);
    const blend = weightedSum(all, found);
    for (const row of everyRow.filter((r) => foldOf[r] === fold))
      pooled.set(blend.subarray(row * width, (row + 1) * width), row * width);
  }
  return {
    weights,
    before: objective(sharesOf(members.length)),
    after: objective(weights),
    nested: scored("the folds put together", Float64Array.from(truth), pooled),
    nestedWeights,
    evaluations,
  };
}

function requireOneSplit(members: readonly OutOfFold[], dataset: Dataset): readonly number[] {
  const loose = members.find((member) => member.kind !== "out-of-fold");
  if (loose !== undefined)
    throw new SignalbookError("predictions that are not marked as out-of-fold", {
      place: loose.name,
      fix: "put the folds' predictions together with outOfFold()",
    });
  const { ids } = requireSameQuestion(
    members.map((member) => member.probabilities),
    "probabilities",
  );
  if (ids.join("\n") !== dataset.ids.join("\n"))
    throw new SignalbookError("predictions of other examples than the data set's", { place: dataset.name });
  const { foldOf } = members[0]!;
  const other = members.find((member) => member.foldOf.join() !== foldOf.join());
  if (other !== undefined)
    throw new SignalbookError("members of different splits", {
      place: `${other.name} and ${members[0]!.name}`,
      fix: "train all members on the same folds: else one knows what another is scored on",
    });
  if (new Set(foldOf).size < 2)
    throw new SignalbookError("one fold only", { expected: "two or more, for an honest estimate" });
  return foldOf;
}

function gather(values: ArrayLike<number>, rows: readonly number[], width: number): Float64Array {
  const part = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let k = 0; k < width; k++) part[i * width + k] = values[row * width + k]!;
  });
  return part;
}

type Objective = (weights: readonly number[]) => number;

function climbFromAll(
  objective: Objective,
  members: number,
  random: Generator,
  { starts = members + 1, firstStep = 0.25, leastStep = 0.01 }: WeightSearchOptions,
): number[] {
  if (!(Number.isInteger(starts) && starts >= 1 && firstStep > 0 && leastStep > 0))
    throw new SignalbookError("a search out of range", { found: `${starts} starts, steps ${firstStep}, ${leastStep}` });
  let best = { weights: [] as number[], value: Number.NEGATIVE_INFINITY };
  for (let s = 0; s < starts; s++) {
    const found = climb(objective, startOf(s, members, random), random, firstStep, leastStep);
    if (found.value > best.value + LEAST_GAIN) best = found;
  }
  return best.weights;
}

function startOf(s: number, members: number, random: Generator): number[] {
  if (s === 0) return [...sharesOf(members)];
  if (s <= members) return Array.from({ length: members }, (_, m) => (m === s - 1 ? 1 : 0));
  const drawn = Array.from({ length: members }, () => -Math.log(1 - random.random())); // uniform over the simplex
  return normalised(drawn);
}

/** Below it a rise is rounding. */
const LEAST_GAIN = 1e-12;

/** Moves shares between pairs of members as long as the score rises. */
function climb(
  objective: Objective,
  start: number[],
  random: Generator,
  firstStep: number,
  leastStep: number,
): { weights: number[]; value: number } {
  let weights = start;
  let value = objective(weights);
  const n = weights.length;
  const pairs = Array.from({ length: n * n }, (_, p) => [Math.floor(p / n), p % n] as const).filter(
    ([a, b]) => a !== b,
  );
  for (let step = firstStep; step >= leastStep; ) {
    let rose = false;
    for (const p of random.permutation(pairs.length)) {
      const [from, to] = pairs[p]!;
      const moved = Math.min(step, weights[from]!);
      if (moved === 0) continue;
      const changed = [...weights];
      changed[from]! -= moved;
      changed[to]! += moved;
      const candidate = normalised(changed);
      const reached = objective(candidate);
      if (reached > value + LEAST_GAIN) {
        weights = candidate;
        value = reached;
        rose = true;
      }
    }
    if (!rose) step /= 2;
  }
  return { weights, value };
}

function normalised(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
