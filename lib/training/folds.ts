/**
 * Which examples are tested together. Grouped folds keep every subject (or exam) on one side; a split that does not
 * throws, unless a published result with such a leak is to be repeated: then the split says how many groups it tears.
 * The rules that make splits are in fold-rules.ts, stratified-groups.ts and hold-out.ts.
 */
import { SignalbookError } from "../core/errors";

export type Label = string | number;

export interface Split {
  /** How it was made: "group", "stratified-group", "hold-out", or a name the data set gives ("strat_fold"). */
  kind: string;
  folds: number;
  /** null where nothing was shuffled. */
  seed: number | null;
  /** The fold in which each example is tested, 0 .. folds - 1; of a hold-out, -1 where it is not held back. */
  foldOf: number[];
  /** The group (subject, exam) of each example. */
  groups: string[];
  /** Only where a leak was asked for ("as published"): what is measured with such a split is partly memory. */
  leak?: SplitLeak;
}

export interface SplitLeak {
  /** Groups with examples in more than one fold. */
  groups: number;
  /** All groups. */
  of: number;
}

/** What becomes of groups that a rule tears: an error, or, to repeat a published result, a split that says so. */
export type LeakRule = "forbidden" | "as published";

/** Indices of examples: those to train on and those held back. */
export interface TrainTest {
  train: number[];
  test: number[];
}

/**
 * Puts a split together.
 * @throws SignalbookError for a fold out of range; for a group in two folds, unless `leak` is "as published"
 */
export function makeSplit(parts: Omit<Split, "leak">, leak: LeakRule = "forbidden"): Split {
  const torn = tornGroups(parts);
  if (torn.length === 0) return parts;
  if (leak === "as published") return { ...parts, leak: { groups: torn.length, of: new Set(parts.groups).size } };
  const { group, folds } = torn[0]!;
  throw new SignalbookError("a leak: one group lies in two folds", {
    place: `group ${group}`,
    found: `folds ${folds.join(" and ")}${torn.length > 1 ? `, and ${torn.length - 1} other groups so` : ""}`,
    expected: "all examples of a group in one fold",
    fix: 'split by group (groupFolds, stratifiedGroupFolds); to repeat a published result: leak "as published"',
  });
}

/** A split whose folds the data set itself gives. Throws where a group lies in two folds. */
export function givenFolds(kind: string, foldOf: readonly number[], groups: readonly Label[], folds: number): Split {
  return makeSplit({ kind, folds, seed: null, foldOf: [...foldOf], groups: groups.map(String) });
}

/** Examples of one fold held back, all others to train on. Throws on a leak that was not asked for. */
export function trainTest(split: Split, fold: number): TrainTest {
  if (!(Number.isInteger(fold) && fold >= 0 && fold < split.folds))
    throw new SignalbookError("a fold out of range", { found: String(fold), expected: `0 .. ${split.folds - 1}` });
  const parts: TrainTest = { train: [], test: [] };
  split.foldOf.forEach((f, i) => {
    (f === fold ? parts.test : parts.train).push(i);
  });
  if (split.leak === undefined) requireNoLeak(split.groups, parts);
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

function tornGroups({
  foldOf,
  groups,
  folds,
}: Pick<Split, "foldOf" | "groups" | "folds">): { group: string; folds: number[] }[] {
  if (foldOf.length !== groups.length)
    throw new SignalbookError("folds and groups differ in number", { found: `${foldOf.length} and ${groups.length}` });
  const lowest = folds === 1 ? -1 : 0; // with one fold only, a hold-out, the others are never held back
  const homes = new Map<string, Set<number>>();
  foldOf.forEach((fold, i) => {
    if (!(Number.isInteger(fold) && fold >= lowest && fold < folds))
      throw new SignalbookError("a fold out of range", {
        place: `example ${i}`,
        found: String(fold),
        expected: `${lowest} .. ${folds - 1}`,
      });
    const group = groups[i]!;
    homes.set(group, (homes.get(group) ?? new Set()).add(fold));
  });
  return [...homes].filter(([, home]) => home.size > 1).map(([group, home]) => ({ group, folds: [...home].sort() }));
}

/** Distinct values in ascending order (numbers by value, text by code unit), and the index of each item's value. */
export function distinct(items: readonly Label[]): { names: Label[]; groupOf: number[] } {
  const names = [...new Set(items)].sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
  return { names, groupOf: positions(names, items) };
}

/** The index of each item among `names`. */
export function positions(names: readonly Label[], items: readonly Label[]): number[] {
  const index = new Map(names.map((name, i) => [name, i]));
  return items.map((item) => index.get(item)!);
}

/** @throws SignalbookError unless there are 2 or more folds, and something for each */
export function requireFolds(folds: number, available: number, of: string): void {
  if (!Number.isInteger(folds) || folds < 2 || folds > available)
    throw new SignalbookError("a number of folds out of range", {
      found: String(folds),
      expected: `an integer from 2 to the ${available} ${of}`,
    });
}
