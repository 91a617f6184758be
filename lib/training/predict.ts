/** What a model says about a whole data set, batch by batch, in one compiled forward pass. */
import { compile, type Precision, type TensorTree, tf, toFloat32, withPrecision } from "../engine";
import type { Model, ModelInputs } from "../models";
import { type Dataset, epochBatches } from "./dataset";
import { type BatchLoader, memoryLoader } from "./loader";
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
  /** Of all examples, in the data set's order. @param source a loader of ones that are not augmented; it stays open */
  logits(source: Dataset | BatchLoader, signal?: AbortSignal): Promise<Logits>;
  dispose(): void;
}

export function createPredictor(model: Model, { batchSize, precision = "float32" }: PredictOptions): Predictor {
  const forward = compile(
    (inputs: Record<string, tf.Tensor>): TensorTree =>
      toFloat32(withPrecision(precision, () => model.forward(inputs as unknown as ModelInputs, { training: false }))),
    { name: `predict ${model.name}` },
  );
  return {
    async logits(source, signal) {
      const loader = "batches" in source ? source : memoryLoader(source);
      const { dataset } = loader;
      const width = dataset.classes.length;
      const values = new Float32Array(dataset.length * width);
      const size = Math.min(batchSize, dataset.length);
      const parts = epochBatches(dataset.length, { batchSize: size, dropLast: false });
      // A last, smaller batch is filled up with its last example: no second trace, and rows do not touch each other.
      const plans = parts.map((indices) => ({ indices: filledUp(indices, size), seed: 0 }));
      let done = 0;
      for await (const batch of loader.batches(plans, signal)) {
        const inputs = batchInputs(batch, dataset.inputShape);
        try {
          const result = (await forward.async(inputs)) as tf.Tensor;
          const indices = parts[done++]!;
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

function filledUp(indices: Int32Array, size: number): Int32Array {
  return Int32Array.from({ length: size }, (_, row) => indices[Math.min(row, indices.length - 1)]!);
}

/** Logits of every example, in the data set's order. */
export async function predictLogits(
  model: Model,
  source: Dataset | BatchLoader,
  options: PredictOptions,
): Promise<Logits> {
  const predictor = createPredictor(model, options);
  try {
    return await predictor.logits(source, options.signal);
  } finally {
    predictor.dispose();
  }
}

/** Probabilities of every example, in the data set's order. */
export async function predict(
  model: Model,
  source: Dataset | BatchLoader,
  options: PredictOptions & { activation: Activation },
): Promise<Probabilities> {
  return toProbabilities(await predictLogits(model, source, options), options.activation);
}
