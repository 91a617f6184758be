/** Every example answered once, by something that learnt from the other folds: a network, a regression, a control. */
import { SignalbookError } from "../core/errors";
import { type Dataset, subset, targetsOf } from "./dataset";
import { type Split, trainTest } from "./folds";
import type { Score } from "./intervals";
import { type Probabilities, probabilities } from "./probabilities";

export interface FoldParts {
  fold: number;
  train: Dataset;
  /** To be answered. Nothing may be chosen by it. */
  held: Dataset;
}

export interface FoldAnswer {
  fold: number;
  held: Dataset;
  answers: Probabilities;
}

export interface CrossValidation {
  folds: readonly FoldAnswer[];
  /** All folds' answers, in the data set's order. */
  pooled: Probabilities;
  /** As the split's: with a leak, part of what is measured is memory. */
  leak: Split["leak"];
}

/**
 * Asks `answer` about each fold in turn. A split with a leak is used as it is: it says itself that it has one.
 * @throws SignalbookError for answers about other examples or classes than the fold's
 */
export async function crossValidate(
  dataset: Dataset,
  split: Split,
  answer: (parts: FoldParts) => Promise<Probabilities> | Probabilities,
): Promise<CrossValidation> {
  const width = dataset.classes.length;
  const values = new Float64Array(dataset.length * width);
  const folds: FoldAnswer[] = [];
  for (let fold = 0; fold < split.folds; fold++) {
    const { train, test } = trainTest(split, fold);
    const held = subset(dataset, test, `fold ${fold + 1} of ${split.folds}`);
    const answers = await answer({ fold, train: subset(dataset, train, `all but fold ${fold + 1}`), held });
    if (answers.ids.join("\n") !== held.ids.join("\n") || answers.classes.join("\n") !== dataset.classes.join("\n"))
      throw new SignalbookError("answers to other examples or classes than were asked about", {
        place: held.name,
        found: `${answers.ids.length} examples, classes ${answers.classes.join(", ")}`,
        expected: `${held.length} examples in their order, classes ${dataset.classes.join(", ")}`,
      });
    test.forEach((index, row) => {
      values.set(answers.values.subarray(row * width, (row + 1) * width), index * width);
    });
    folds.push({ fold, held, answers });
  }
  const missing = split.foldOf.findIndex((fold) => fold < 0);
  if (missing >= 0)
    throw new SignalbookError("an example that no fold holds back", {
      place: dataset.ids[missing]!,
      expected: "folds that hold each example back once",
    });
  return { folds, pooled: probabilities(dataset.ids, dataset.classes, values), leak: split.leak };
}

export interface FoldSpread {
  /** Of each fold's answers; null where the score is not defined (a class missing). */
  scores: (number | null)[];
  mean: number;
  /** Standard deviation of the folds that have a score (n - 1). */
  deviation: number;
}

/**
 * A score of each fold by itself.
 * @throws SignalbookError where it is defined in fewer than two folds
 */
export function foldSpread({ folds }: Pick<CrossValidation, "folds">, score: Score): FoldSpread {
  const scores = folds.map(({ held, answers }) =>
    score(Float64Array.from(targetsOf(held)), Float64Array.from(answers.values)),
  );
  const defined = scores.filter((value): value is number => value !== null);
  if (defined.length < 2)
    throw new SignalbookError("a spread of fewer than two folds", { found: `${defined.length} folds with a score` });
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length;
  const squares = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { scores, mean, deviation: Math.sqrt(squares / (defined.length - 1)) };
}
