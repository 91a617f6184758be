/** The training step that benches time: the one that `fit` takes, with Adam, beside PyTorch's eager step. */
import type { Precision } from "../lib/engine";
import type { Model } from "../lib/models";
import { adam, createTrainStep, type Loss } from "../lib/training";
import type { noiseBatch } from "../lib/training/noise-batch";

export const RATE = 1e-3;

export interface StepOptions extends ReturnType<typeof noiseBatch> {
  model: Model;
  loss: Loss;
  precision?: Precision;
}

/** Each call is a step on the same batch. @returns the loss before the update */
export function trainingStep({
  model,
  loss,
  precision = "float32",
  batch,
  inputShape,
}: StepOptions): () => Promise<number> {
  const optimizer = adam().create(model.parameters);
  const step = createTrainStep({ model, loss, optimizer, inputShape, seed: 0, precision, weighted: false });
  let number = 0;
  return async () => (await step.run(batch, number++, RATE)).loss;
}
