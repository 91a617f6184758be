/**
 * Rules that deal examples or groups out to folds. Each equals scikit-learn's splitter of that name, shuffled ones with
 * the same seed included; `orderedGroupFolds` is system 001's.
 */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { distinct, type Label, type LeakRule, makeSplit, positions, requireFolds, type Split } from "./folds";

/** For rules that deal out single examples, and so tear groups of several. */
export interface ExampleFoldOptions {
  /** The group (subject, exam) of each example. */
  groups: readonly Label[];
  folds: number;
  /** Shuffles. Without it the examples are taken in their order. */
  seed?: number;
  /** Default "forbidden": throws where a group has examples in two folds. */
  leak?: LeakRule;
}

/** Examples in stretches of (nearly) equal length: scikit-learn's KFold. */
export function kFolds({ groups, folds, seed, leak }: ExampleFoldOptions): Split {
  requireFolds(folds, groups.length, "examples");
  const order = Array.from(groups, (_, i) => i);
  if (seed !== undefined) new Generator(seed).shuffle(order);
  const foldOf = new Array<number>(groups.length);
  evenParts(order, folds).forEach((part, fold) => {
    for (const i of part) foldOf[i] = fold;
  });
  return makeSplit({ kind: "k-fold", folds, seed: seed ?? null, foldOf, groups: groups.map(String) }, leak);
}

/**
 * Examples dealt out class by class, so that each fold has its share of every class: scikit-learn's StratifiedKFold.
 * A class with fewer examples than folds is spread as far as it goes.
 * @throws SignalbookError where every class has fewer examples than there are folds
 */
export function stratifiedFolds(options: ExampleFoldOptions & { labels: readonly Label[] }): Split {
  const { groups, labels, folds, seed, leak } = options;
  requireSameNumber(labels, groups);
  requireFolds(folds, groups.length, "examples");
  const classes = [...new Set(labels)]; // in order of appearance, as the peer takes them
  const classOf = positions(classes, labels);
  const counts = classes.map((_, k) => classOf.filter((c) => c === k).length);
  requireLargeClass(counts, folds);
  const random = seed === undefined ? undefined : new Generator(seed);
  // Round robin over the examples sorted by class says how many of each class a fold gets.
  const sorted = counts.flatMap((count, k) => new Array<number>(count).fill(k));
  const foldOf = new Array<number>(groups.length);
  classes.forEach((_, k) => {
    const shares = sorted.flatMap((c, at) => (c === k ? [at % folds] : [])).sort((a, b) => a - b);
    random?.shuffle(shares);
    let next = 0;
    classOf.forEach((c, i) => {
      if (c === k) foldOf[i] = shares[next++]!;
    });
  });
  return makeSplit({ kind: "stratified", folds, seed: seed ?? null, foldOf, groups: groups.map(String) }, leak);
}

/**
 * Groups dealt out so that folds have equal numbers of examples: the largest group first, each to the fold that has
 * the fewest (scikit-learn's GroupKFold; groups of equal size in descending order of their name).
 * @param seed shuffles the groups and gives each fold the same number of them, whatever their sizes, as the peer does
 */
export function groupFolds(groups: readonly Label[], folds: number, seed?: number): Split {
  const { names, groupOf } = distinct(groups);
  requireFolds(folds, names.length, "groups");
  const order = names.map((_, g) => g);
  const foldOfGroup = new Array<number>(names.length);
  if (seed !== undefined) {
    evenParts(new Generator(seed).shuffle(order), folds).forEach((part, fold) => {
      for (const g of part) foldOfGroup[g] = fold;
    });
  } else {
    const sizes = new Array<number>(names.length).fill(0);
    for (const g of groupOf) sizes[g]!++;
    order.sort((a, b) => sizes[b]! - sizes[a]! || b - a);
    const load = new Array<number>(folds).fill(0);
    for (const g of order) {
      const lightest = load.indexOf(Math.min(...load));
      foldOfGroup[g] = lightest;
      load[lightest]! += sizes[g]!;
    }
  }
  const foldOf = groupOf.map((g) => foldOfGroup[g]!);
  return makeSplit({ kind: "group", folds, seed: seed ?? null, foldOf, groups: groups.map(String) });
}

/**
 * Groups in the order in which they first appear, cut at equal shares of their number: fold k has those from k / folds
 * to (k + 1) / folds. Nothing is shuffled or balanced: system 001's folds by exam order.
 */
export function orderedGroupFolds(groups: readonly Label[], folds: number): Split {
  const names = [...new Set(groups)];
  requireFolds(folds, names.length, "groups");
  const last = Array.from({ length: folds }, (_, k) => Math.floor((names.length * (k + 1)) / folds));
  const foldOf = positions(names, groups).map((g) => last.findIndex((end) => g < end));
  return makeSplit({ kind: "group-order", folds, seed: null, foldOf, groups: groups.map(String) });
}

/** Consecutive parts; the first ones have one more where the number does not divide. */
function evenParts<T>(items: readonly T[], parts: number): T[][] {
  const [size, extra] = [Math.floor(items.length / parts), items.length % parts];
  return Array.from({ length: parts }, (_, p) => {
    const start = p * size + Math.min(p, extra);
    return items.slice(start, start + size + (p < extra ? 1 : 0));
  });
}

export function requireSameNumber(labels: readonly unknown[], groups: readonly Label[]): void {
  if (labels.length !== groups.length)
    throw new SignalbookError("labels and groups differ in number", { found: `${labels.length} and ${groups.length}` });
}

/** @throws SignalbookError where every class has fewer examples than there are folds */
export function requireLargeClass(counts: ArrayLike<number>, folds: number): void {
  const largest = Math.max(...Array.from(counts));
  if (largest < folds)
    throw new SignalbookError("every class has fewer examples than there are folds", {
      found: `${largest} examples of the largest class`,
      expected: `at least ${folds}`,
    });
}
