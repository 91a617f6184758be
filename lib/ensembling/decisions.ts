/** From a blend to the labels that are handed in. */
import { argmax, threshold } from "../training/metrics";
import type { Logits, Probabilities } from "../training/probabilities";
import type { BlendScores } from "./members";

/** Names of the classes above a threshold, for each example. May be none: system 004 leaves such records without label. */
export function labelsAbove(
  { ids, classes, values }: Probabilities | BlendScores,
  level = 0.5,
): { id: string; labels: string[] }[] {
  const marks = threshold(values, level);
  return ids.map((id, row) => ({ id, labels: classes.filter((_, k) => marks[row * classes.length + k] === 1) }));
}

/** The class index of each example's largest value; the first one on a tie. */
export function mostLikely({ values, classes }: Probabilities | Logits | BlendScores): Int32Array {
  return argmax(values, classes.length);
}
