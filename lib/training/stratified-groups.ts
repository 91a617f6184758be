/** Folds that keep groups whole and classes even. */
import { Generator } from "../core/random";
import { requireLargeClass, requireSameNumber } from "./fold-rules";
import { distinct, type Label, makeSplit, requireFolds, type Split } from "./folds";

export interface StratifiedGroupOptions {
  groups: readonly Label[];
  /** The class of each example, or all its classes where it has several. */
  labels: readonly (Label | readonly Label[])[];
  folds: number;
  /** Shuffles groups that the rule does not order. */
  seed?: number;
}

/**
 * Groups dealt out so that every class is spread evenly over the folds: groups with the most uneven class counts
 * first, each to the fold where it makes the spread of class shares smallest (scikit-learn's StratifiedGroupKFold;
 * here also for examples with several labels, each of which counts).
 */
export function stratifiedGroupFolds({ groups, labels, folds, seed }: StratifiedGroupOptions): Split {
  requireSameNumber(labels, groups);
  const { names, groupOf } = distinct(groups);
  requireFolds(folds, names.length, "groups");
  const perExample = labels.map((label) => (Array.isArray(label) ? (label as readonly Label[]) : [label as Label]));
  const classes = distinct(perExample.flat()).names;
  const classIndex = new Map(classes.map((name, k) => [name, k]));
  const countsOf = names.map(() => new Float64Array(classes.length));
  const totals = new Float64Array(classes.length);
  perExample.forEach((list, i) => {
    for (const label of list) {
      const k = classIndex.get(label)!;
      countsOf[groupOf[i]!]![k]!++;
      totals[k]!++;
    }
  });
  requireLargeClass(totals, folds);
  const order = names.map((_, g) => g);
  if (seed !== undefined) new Generator(seed).shuffle(order);
  const spread = countsOf.map(standardDeviation);
  order.sort((a, b) => spread[b]! - spread[a]!); // stable: a shuffled order stays among equals
  const countsOfFold = Array.from({ length: folds }, () => new Float64Array(classes.length));
  const foldOfGroup = new Array<number>(names.length);
  for (const g of order) {
    const fold = bestFold(countsOfFold, totals, countsOf[g]!);
    countsOf[g]!.forEach((count, k) => {
      countsOfFold[fold]![k]! += count;
    });
    foldOfGroup[g] = fold;
  }
  const foldOf = groupOf.map((g) => foldOfGroup[g]!);
  return makeSplit({ kind: "stratified-group", folds, seed: seed ?? null, foldOf, groups: groups.map(String) });
}

/** The fold that a group makes the evenest; among (nearly) equals the one with the fewest labels. */
function bestFold(countsOfFold: Float64Array[], totals: Float64Array, added: Float64Array): number {
  let best = 0;
  let bestSpread = Number.POSITIVE_INFINITY;
  let bestSize = Number.POSITIVE_INFINITY;
  const shares = new Float64Array(countsOfFold.length);
  countsOfFold.forEach((counts, fold) => {
    let total = 0;
    for (let k = 0; k < totals.length; k++) {
      for (let other = 0; other < shares.length; other++) {
        const count = countsOfFold[other]![k]! + (other === fold ? added[k]! : 0);
        shares[other] = count / totals[k]!;
      }
      total += standardDeviation(shares);
    }
    const spread = total / totals.length;
    const size = counts.reduce((sum, count) => sum + count, 0);
    // 1e-8 and 1e-5: the tolerances with which the peer calls two spreads equal
    const equal = Math.abs(spread - bestSpread) <= 1e-8 + 1e-5 * bestSpread;
    if (spread < bestSpread || (equal && size < bestSize)) {
      best = fold;
      bestSpread = spread;
      bestSize = size;
    }
  });
  return best;
}

/** Population standard deviation. */
function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
}
