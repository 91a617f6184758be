/** A network as a maker of features: its outputs for each example, and a linear classifier on them. */
import { SignalbookError } from "../core/errors";
import type { Model } from "../models";
import type { Dataset } from "./dataset";
import {
  applyScaler,
  fitMultinomial,
  fitScaler,
  type LogisticModel,
  type LogisticOptions,
  predictLogistic,
  type StandardScaler,
} from "./logistic";
import { type PredictOptions, predictLogits } from "./predict";

/**
 * The model's outputs, one row an example, in the data set's order.
 * @param model whose outputs are features: `chambon2018` with its `classes` as the size of the embedding
 */
export async function extractFeatures(
  model: Model,
  dataset: Dataset,
  options: PredictOptions,
): Promise<Float32Array[]> {
  const width = model.config["classes"];
  if (typeof width !== "number")
    throw new SignalbookError("a model that does not say how many outputs it has", { place: model.name });
  const named: Dataset = {
    ...dataset,
    classes: Array.from({ length: width }, (_, k) => `feature ${k}`),
    example: (index) => ({ ...dataset.example(index), target: new Float32Array(width) }),
  };
  const { values } = await predictLogits(model, named, options);
  return Array.from({ length: dataset.length }, (_, i) =>
    Float32Array.from(values.subarray(i * width, (i + 1) * width)),
  );
}

/** A scaler and the regression on what it scaled. */
export interface LinearProbe {
  readonly scaler: StandardScaler;
  readonly model: LogisticModel;
}

/**
 * Fits scaler and multinomial logistic regression on the features of training examples: how much of the classes lies
 * open in them. System 003's settings are `{ C: 1, classWeight: "balanced" }`.
 * @param rows [examples][features]
 * @param labels class index of each row; every class must occur
 */
export function fitProbe(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  classes: number,
  options: LogisticOptions = {},
): LinearProbe {
  const scaler = fitScaler(rows);
  return { scaler, model: fitMultinomial(applyScaler(scaler, rows), labels, classes, options) };
}

/** Probability of each class for each row, [examples][classes]. */
export function predictProbe({ scaler, model }: LinearProbe, rows: readonly ArrayLike<number>[]): Float64Array[] {
  return predictLogistic(model, applyScaler(scaler, rows));
}
