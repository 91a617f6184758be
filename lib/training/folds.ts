/**
 * Folds: which examples are tested together. Grouped folds keep every patient on one side; a split that does not
 * throws. A split is written as JSON with what made it, so that another run can use the same one.
 */
import { readFileSync } from "node:fs";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { Generator } from "../core/random";

export type Label = string | number;

export interface Split {
  /** How it was made: "group", "stratified-group", or a name the data set gives ("strat_fold"). */
  kind: string;
  folds: number;
  /** null where nothing was shuffled. */
  seed: number | null;
  /** The fold in which each example is tested, 0 .. folds - 1. */
  foldOf: number[];
  /** The group (patient) of each example. */
  groups: string[];
}

/** Indices of examples: those to train on and those held back. */
export interface TrainTest {
  train: number[];
  test: number[];
}

/**
 * Groups dealt out so that folds have equal numbers of examples: the largest group first, each to the fold that has
 * the fewest (scikit-learn's GroupKFold; groups of equal size in descending order of their name).
 */
export function groupFolds(groups: readonly Label[], folds: number): Split {
  const { names, groupOf } = distinct(groups);
  requireFolds(folds, names.length, "groups");
  const sizes = new Array<number>(names.length).fill(0);
  for (const g of groupOf) sizes[g]!++;
  const order = names.map((_, g) => g).sort((a, b) => sizes[b]! - sizes[a]! || b - a);
  const load = new Array<number>(folds).fill(0);
  const foldOfGroup = new Array<number>(names.length);
  for (const g of order) {
    const lightest = load.indexOf(Math.min(...load));
    foldOfGroup[g] = lightest;
    load[lightest]! += sizes[g]!;
  }
  return { kind: "group", folds, seed: null, foldOf: groupOf.map((g) => foldOfGroup[g]!), groups: groups.map(String) };
}

export interface StratifiedGroupOptions {
  groups: readonly Label[];
  /** The class of each example, or all its classes where it has several. */
  labels: readonly (Label | readonly Label[])[];
  folds: number;
  /** Shuffles groups that the rule does not order. Without it: scikit-learn's unshuffled result. */
  seed?: number;
}

/**
 * Groups dealt out so that every class is spread evenly over the folds: groups with the most uneven class counts
 * first, each to the fold where it makes the spread of class shares smallest (scikit-learn's StratifiedGroupKFold;
 * here also for examples with several labels, each of which counts).
 */
export function stratifiedGroupFolds({ groups, labels, folds, seed }: StratifiedGroupOptions): Split {
  if (labels.length !== groups.length)
    throw new SignalbookError("labels and groups differ in number", { found: `${labels.length} and ${groups.length}` });
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
  if (totals.every((total) => total < folds))
    throw new SignalbookError("every class has fewer examples than there are folds", {
      found: `${Math.max(...totals)} examples of the largest class`,
      expected: `at least ${folds}`,
    });
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
  return {
    kind: "stratified-group",
    folds,
    seed: seed ?? null,
    foldOf: groupOf.map((g) => foldOfGroup[g]!),
    groups: groups.map(String),
  };
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

/** A split whose folds the data set itself gives. Throws where a group lies in two folds. */
export function givenFolds(kind: string, foldOf: readonly number[], groups: readonly Label[], folds: number): Split {
  const split: Split = { kind, folds, seed: null, foldOf: [...foldOf], groups: groups.map(String) };
  requireWholeGroups(split);
  return split;
}

/** Examples of one fold held back, all others to train on. */
export function trainTest(split: Split, fold: number): TrainTest {
  if (!(Number.isInteger(fold) && fold >= 0 && fold < split.folds))
    throw new SignalbookError("a fold out of range", { found: String(fold), expected: `0 .. ${split.folds - 1}` });
  const parts: TrainTest = { train: [], test: [] };
  split.foldOf.forEach((f, i) => {
    (f === fold ? parts.test : parts.train).push(i);
  });
  requireNoLeak(split.groups, parts);
  return parts;
}

/** Throws where a group has examples on both sides: what is measured then is memory, not generalisation. */
export function requireNoLeak(groups: readonly Label[], { train, test }: TrainTest): void {
  const known = new Map(train.map((i) => [String(groups[i]!), i]));
  for (const i of test) {
    const twin = known.get(String(groups[i]!));
    if (twin !== undefined)
      throw new SignalbookError("a leak: one group is on both sides of the split", {
        place: `group ${groups[i]}`,
        found: `example ${twin} to train on and example ${i} held back`,
        expected: "all examples of a group on one side",
        fix: "split by group (groupFolds, stratifiedGroupFolds)",
      });
  }
}

function requireWholeGroups({ foldOf, groups, folds }: Split): void {
  if (foldOf.length !== groups.length)
    throw new SignalbookError("folds and groups differ in number", { found: `${foldOf.length} and ${groups.length}` });
  const home = new Map<string, number>();
  foldOf.forEach((fold, i) => {
    if (!(Number.isInteger(fold) && fold >= 0 && fold < folds))
      throw new SignalbookError("a fold out of range", {
        place: `example ${i}`,
        found: String(fold),
        expected: `0 .. ${folds - 1}`,
      });
    const first = home.get(groups[i]!);
    if (first !== undefined && first !== fold)
      throw new SignalbookError("a leak: one group lies in two folds", {
        place: `group ${groups[i]}`,
        found: `folds ${first} and ${fold}`,
      });
    home.set(groups[i]!, fold);
  });
}

/** Writes a split with the ids of its examples as JSON. */
export function writeSplit(file: string, split: Split, ids: readonly string[]): void {
  if (ids.length !== split.foldOf.length)
    throw new SignalbookError("ids and folds differ in number", {
      file,
      found: `${ids.length} and ${split.foldOf.length}`,
    });
  const { kind, folds, seed, foldOf, groups } = split;
  const rows = ids.map((id, i) => JSON.stringify({ id, group: groups[i], fold: foldOf[i] }));
  writeFileAtomic(
    file,
    `{"kind": ${JSON.stringify(kind)}, "folds": ${folds}, "seed": ${seed}, "examples": [\n${rows.join(",\n")}\n]}\n`,
  );
}

/** Reads a split for these ids, in their order. Throws where an id is missing, or a group lies in two folds. */
export function readSplit(file: string, ids: readonly string[]): Split {
  const stored = JSON.parse(readFileSync(file, "utf8")) as {
    kind: string;
    folds: number;
    seed: number | null;
    examples: { id: string; group: string; fold: number }[];
  };
  const byId = new Map(stored.examples.map((row) => [row.id, row]));
  const rows = ids.map((id) => {
    const row = byId.get(id);
    if (row === undefined)
      throw new SignalbookError("an example is not in the split", {
        file,
        found: `no ${id}`,
        fix: "write the split anew for these examples",
      });
    return row;
  });
  const split: Split = {
    kind: stored.kind,
    folds: stored.folds,
    seed: stored.seed,
    foldOf: rows.map((row) => row.fold),
    groups: rows.map((row) => row.group),
  };
  requireWholeGroups(split);
  return split;
}

/** Distinct values in ascending order (numbers by value, text by code unit), and the index of each item's value. */
function distinct(items: readonly Label[]): { names: Label[]; groupOf: number[] } {
  const names = [...new Set(items)].sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
  const index = new Map(names.map((name, i) => [name, i]));
  return { names, groupOf: items.map((item) => index.get(item)!) };
}

function requireFolds(folds: number, available: number, of: string): void {
  if (!Number.isInteger(folds) || folds < 2 || folds > available)
    throw new SignalbookError("a number of folds out of range", {
      found: String(folds),
      expected: `an integer from 2 to the ${available} ${of}`,
    });
}

/** Population standard deviation. */
function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
}
