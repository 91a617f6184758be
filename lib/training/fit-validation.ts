/** What a run measures after an epoch. */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import { type Dataset, labelsOf } from "./dataset";
import type { FitOptions } from "./fit-options";
import type { Predictor } from "./predict";
import { toProbabilities } from "./probabilities";

/** The loss, and what `evaluate` measures, on the validation data. */
export async function measure(
  { loss, evaluate, signal, validationLoader }: FitOptions,
  validation: Dataset,
  predictor: Predictor,
): Promise<Record<string, number>> {
  const predicted = await predictor.logits(validationLoader ?? validation, signal);
  const shape: [number, number] = [validation.length, validation.classes.length];
  const value = tf.tidy(
    () =>
      loss
        .compute(tf.tensor2d(predicted.values as Float32Array, shape), tf.tensor2d(labelsOf(validation).targets, shape))
        .dataSync()[0]!,
  );
  if (!Number.isFinite(value))
    throw new SignalbookError("the validation loss is not finite", {
      place: validation.name,
      found: String(value),
      fix: "lower the learning rate, or look for NaN in the validation data",
    });
  return { loss: value, ...evaluate?.(toProbabilities(predicted, loss.activation), validation) };
}
