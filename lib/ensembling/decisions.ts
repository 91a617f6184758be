/** From probabilities to the labels that are handed in. */
import { threshold } from "../training/metrics";
import type { Probabilities } from "../training/probabilities";

/** Names of the classes above a threshold, for each example. May be none: system 004 leaves such records without label. */
export function labelsAbove({ ids, classes, values }: Probabilities, level = 0.5): { id: string; labels: string[] }[] {
  const marks = threshold(values, level);
  return ids.map((id, row) => ({ id, labels: classes.filter((_, k) => marks[row * classes.length + k] === 1) }));
}
