/**
 * Out-of-fold predictions: every example predicted once, by the model of the fold that it was held back from. Whatever is
 * chosen after training (weights, thresholds) is chosen on these: on examples that a model was trained on it looks better
 * than it is.
 */
import { SignalbookError } from "../core/errors";
import type { Dataset } from "../training/dataset";
import { type Probabilities, probabilities } from "../training/probabilities";

/** What one fold's model says about the examples that were held back from it. */
export interface FoldPrediction {
  fold: number;
  held: Probabilities;
  /** Ids of the examples that this fold's model was trained on. */
  trainedOn: readonly string[];
}

/** One member of an ensemble, on every example of a data set. Made by {@link outOfFold} only. */
export interface OutOfFold {
  readonly kind: "out-of-fold";
  readonly name: string;
  /** In the data set's order. */
  readonly probabilities: Probabilities;
  /** The fold that each example was held back in. */
  readonly foldOf: readonly number[];
}

/**
 * Puts the folds' predictions together.
 * @throws SignalbookError where a model was trained on an example it predicts, or on another of the same group (patient);
 * where an example is predicted twice, not at all, or is not in the data set; and for other classes
 */
export function outOfFold(
  name: string,
  folds: readonly FoldPrediction[],
  dataset: Pick<Dataset, "ids" | "groups" | "classes">,
): OutOfFold {
  const { ids, groups, classes } = dataset;
  const width = classes.length;
  const indexOf = new Map(ids.map((id, i) => [id, i]));
  const values = new Float64Array(ids.length * width);
  const foldOf = new Array<number>(ids.length).fill(-1);
  for (const { fold, held, trainedOn } of folds) {
    const place = `${name}, fold ${fold}`;
    if (!Number.isInteger(fold) || fold < 0)
      throw new SignalbookError("a fold out of range", { place, expected: "0 or more" });
    if (held.classes.join("\n") !== classes.join("\n"))
      throw new SignalbookError("predictions of other classes than the data set's", {
        place,
        found: held.classes.join(", "),
        expected: classes.join(", "),
      });
    const known = new Set(trainedOn);
    const knownGroups = new Set(trainedOn.flatMap((id) => (indexOf.has(id) ? [groups[indexOf.get(id)!]!] : [])));
    held.ids.forEach((id, row) => {
      const index = indexOf.get(id);
      if (index === undefined)
        throw new SignalbookError("an example that is not in the data set", { place, found: id });
      const group = groups[index]!;
      if (known.has(id) || knownGroups.has(group))
        throw new SignalbookError("a prediction that is not out of fold", {
          place: `${place}, example ${id}`,
          found: known.has(id) ? "an example the model was trained on" : `group ${group}, that it was trained on`,
          fix: "predict each example by the model of the fold that held it back",
        });
      if (foldOf[index]! >= 0)
        throw new SignalbookError("an example predicted twice", {
          place,
          found: `${id}, also in fold ${foldOf[index]}`,
        });
      foldOf[index] = fold;
      values.set(held.values.subarray(row * width, (row + 1) * width), index * width);
    });
  }
  const missing = foldOf.findIndex((fold) => fold < 0);
  if (missing >= 0)
    throw new SignalbookError("examples without a prediction", {
      place: name,
      found: `none for ${ids[missing]}, nor for ${foldOf.filter((fold) => fold < 0).length - 1} others`,
      expected: "one for each of the data set's examples",
    });
  return { kind: "out-of-fold", name, probabilities: probabilities(ids, classes, values), foldOf };
}
