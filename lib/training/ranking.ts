/** Metrics of an ordering, free of any threshold: area under the ROC curve and average precision. */
import { SignalbookError } from "../core/errors";
import { bit, rowsOf, sum } from "./metrics";

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half.
 * Throws where one side is missing: the area is not defined then.
 * @param truth 0 or 1
 */
export function rocAuc(truth: ArrayLike<number>, scores: ArrayLike<number>): number {
  const { positives, negatives } = count(truth, scores);
  if (positives === 0 || negatives === 0)
    throw new SignalbookError("the area under the ROC curve is not defined", {
      found: `${positives} positives and ${negatives} negatives`,
      expected: "at least one of each",
    });
  let wins = 0;
  let below = 0;
  forEachTie(truth, scores, "ascending", (tiedPositives, tiedNegatives) => {
    wins += tiedPositives * (below + tiedNegatives / 2);
    below += tiedNegatives;
  });
  return wins / (positives * negatives);
}

/**
 * Average precision: the sum over distinct scores, from the highest down, of precision times the gain in recall
 * (no interpolation). Throws where there is no positive.
 * @param truth 0 or 1
 */
export function averagePrecision(truth: ArrayLike<number>, scores: ArrayLike<number>): number {
  const { positives } = count(truth, scores);
  if (positives === 0)
    throw new SignalbookError("average precision is not defined", { found: "no positive", expected: "at least one" });
  let found = 0;
  let given = 0;
  let area = 0;
  forEachTie(truth, scores, "descending", (tiedPositives, tiedNegatives) => {
    found += tiedPositives;
    given += tiedPositives + tiedNegatives;
    area += (tiedPositives / positives) * (found / given);
  });
  return area;
}

/**
 * A metric of each class by itself (one against the rest); null for a class where it is not defined.
 * @param truth 0 or 1, [examples, classes]
 * @param scores [examples, classes]
 */
export function perClass(
  metric: typeof rocAuc | typeof averagePrecision,
  truth: ArrayLike<number>,
  scores: ArrayLike<number>,
  classes: number,
): (number | null)[] {
  const examples = rowsOf(truth, scores, classes);
  return Array.from({ length: classes }, (_, k) => {
    const t = Uint8Array.from({ length: examples }, (_, i) => (bit(truth[i * classes + k]!) ? 1 : 0));
    const positives = t.reduce((total, value) => total + value, 0);
    if (positives === 0 || (metric === rocAuc && positives === examples)) return null;
    return metric(
      t,
      Float64Array.from({ length: examples }, (_, i) => scores[i * classes + k]!),
    );
  });
}

/** Mean of the classes' areas under the ROC curve. Throws where a class has no positive or no negative. */
export function macroAuc(truth: ArrayLike<number>, scores: ArrayLike<number>, classes: number): number {
  const areas = perClass(rocAuc, truth, scores, classes);
  const missing = areas.flatMap((area, k) => (area === null ? [k] : []));
  if (missing.length > 0)
    throw new SignalbookError("the macro area under the ROC curve is not defined", {
      found: `no positive or no negative example of class ${missing.join(", ")}`,
      expected: "both for every class",
    });
  return areas.reduce<number>((total, area) => total + area!, 0) / classes;
}

/**
 * One area for more than two classes. ovr: each class against the rest. ovo: each pair of classes among its own
 * examples, both ways (Hand and Till 2001). weighted: by the examples of the class, or of the pair.
 * Throws where a class has no example, or all.
 * @param truth class index of every example
 * @param scores [examples, classes]
 */
export function multiclassAuc(
  truth: ArrayLike<number>,
  scores: ArrayLike<number>,
  classes: number,
  scheme: "ovr" | "ovo",
  averaging: "macro" | "weighted" = "macro",
): number {
  oneHot(truth, classes); // throws where a class index is out of range
  rowsOf(scores, { length: truth.length * classes }, classes);
  const all = Int32Array.from({ length: truth.length }, (_, i) => i);
  const area = (rows: Int32Array, k: number): number =>
    rocAuc(
      Uint8Array.from(rows, (i) => Number(truth[i] === k)),
      Float64Array.from(rows, (i) => scores[i * classes + k]!),
    );
  const parts: { area: number; examples: number }[] = [];
  for (let a = 0; a < classes; a++) {
    if (scheme === "ovr") parts.push({ area: area(all, a), examples: all.filter((i) => truth[i] === a).length });
    else
      for (let b = a + 1; b < classes; b++) {
        const rows = all.filter((i) => truth[i] === a || truth[i] === b);
        parts.push({ area: (area(rows, a) + area(rows, b)) / 2, examples: rows.length });
      }
  }
  const weight = (part: { examples: number }): number => (averaging === "macro" ? 1 : part.examples);
  return sum(parts.map((part) => weight(part) * part.area)) / sum(parts.map(weight));
}

/** [examples, classes] of 0 and 1 from one class index an example. */
export function oneHot(labels: ArrayLike<number>, classes: number): Uint8Array {
  const marks = new Uint8Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const k = labels[i]!;
    if (!(Number.isInteger(k) && k >= 0 && k < classes))
      throw new SignalbookError("a class index out of range", {
        place: `example ${i}`,
        found: String(k),
        expected: `0 .. ${classes - 1}`,
      });
    marks[i * classes + k] = 1;
  }
  return marks;
}

function count(truth: ArrayLike<number>, scores: ArrayLike<number>): { positives: number; negatives: number } {
  rowsOf(truth, scores, 1);
  let positives = 0;
  for (let i = 0; i < truth.length; i++) {
    if (bit(truth[i]!)) positives++;
    if (Number.isNaN(scores[i]!)) throw new SignalbookError("a score is NaN", { place: `example ${i}` });
  }
  return { positives, negatives: truth.length - positives };
}

/** Calls `visit` once for each distinct score, in order, with the positives and negatives that have it. */
function forEachTie(
  truth: ArrayLike<number>,
  scores: ArrayLike<number>,
  direction: "ascending" | "descending",
  visit: (positives: number, negatives: number) => void,
): void {
  const sign = direction === "ascending" ? 1 : -1;
  const order = Array.from({ length: truth.length }, (_, i) => i).sort((a, b) => sign * (scores[a]! - scores[b]!));
  for (let start = 0; start < order.length; ) {
    let end = start;
    let positives = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) positives += truth[order[end++]!]!;
    visit(positives, end - start - positives);
    start = end;
  }
}
