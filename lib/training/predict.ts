/** What a model says about a whole data set, batch by batch, in one compiled forward pass. */
import { compile, type Precision, type TensorTree, tf, toFloat32, withPrecision } from "../engine";
import type { Model, ModelInputs } from "../models";
import { collate, type Dataset, epochBatches } from "./dataset";
import { type Activation, type Logits, logits, type Probabilities, toProbabilities } from "./probabilities";
import { batchInputs } from "./train-step";

export interface PredictOptions {
  batchSize: number;
  precision?: Precision;
  /** Ends between two batches by throwing the signal's reason. */
  signal?: AbortSignal;
}

/** A compiled forward pass, for repeated use. */
export interface Predictor {
  logits(dataset: Dataset, signal?: AbortSignal): Promise<Logits>;
  dispose(): void;
}

export function createPredictor(model: Model, { batchSize, precision = "float32" }: PredictOptions): Predictor {
  const forward = compile(
    (inputs: Record<string, tf.Tensor>): TensorTree =>
      toFloat32(withPrecision(precision, () => model.forward(inputs as unknown as ModelInputs, { training: false }))),
    { name: `predict ${model.name}` },
  );
  return {
    async logits(dataset, signal) {
      const width = dataset.classes.length;
      const values = new Float32Array(dataset.length * width);
      const size = Math.min(batchSize, dataset.length);
      for (const indices of epochBatches(dataset.length, { batchSize: size, dropLast: false })) {
        signal?.throwIfAborted();
        // A last, smaller batch is filled up with its last example: no second trace, and rows do not touch each other.
        const padded = Array.from({ length: size }, (_, row) => indices[Math.min(row, indices.length - 1)]!);
        const batch = collate(
          dataset,
          padded.map((i) => dataset.example(i)),
        );
        const inputs = batchInputs(batch, dataset.inputShape);
        try {
          const result = (await forward.async(inputs)) as tf.Tensor;
          values.set((result.dataSync() as Float32Array).subarray(0, indices.length * width), indices[0]! * width);
          result.dispose();
        } finally {
          tf.dispose(inputs);
        }
      }
      return logits(dataset.ids, dataset.classes, values);
    },
    dispose: () => forward.dispose(),
  };
}

/** Logits of every example, in the data set's order. */
export async function predictLogits(model: Model, dataset: Dataset, options: PredictOptions): Promise<Logits> {
  const predictor = createPredictor(model, options);
  try {
    return await predictor.logits(dataset, options.signal);
  } finally {
    predictor.dispose();
  }
}

/** Probabilities of every example, in the data set's order. */
export async function predict(
  model: Model,
  dataset: Dataset,
  options: PredictOptions & { activation: Activation },
): Promise<Probabilities> {
  return toProbabilities(await predictLogits(model, dataset, options), options.activation);
}
