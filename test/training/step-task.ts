/** A linear model on four numbers, with batches for it: what the tests of the training step work on. */
import { tf } from "../../lib/engine";
import { type Model, makeModel } from "../../lib/models/model";
import { Linear } from "../../lib/nn";
import type { Batch } from "../../lib/training/dataset";
import { crossEntropy } from "../../lib/training/losses";
import type { OptimizerRun } from "../../lib/training/optimizers";
import type { TrainStepOptions } from "../../lib/training/train-step";
import { scaled } from "../support/golden";

const FEATURES = 4;
const CLASSES = 3;

export function linearModel(): Model {
  return makeModel(
    "linear",
    {},
    (name, shape) => Float32Array.from(scaled(name, shape)),
    (parameters) => {
      const layer = new Linear(parameters.root().at("head"), { inputs: FEATURES, outputs: CLASSES });
      return ({ signal }) => layer.forward(tf.reshape(signal!, [-1, FEATURES]) as tf.Tensor2D);
    },
  );
}

/** @param value puts one number of the first example's input */
export function batch(name: string, size: number, value?: number): Batch {
  const input = Float32Array.from(scaled(name, [size, FEATURES], 4));
  if (value !== undefined) input[0] = value;
  const target = new Float32Array(size * CLASSES);
  for (let i = 0; i < size; i++) target[i * CLASSES + ((name.length + i) % CLASSES)] = 1;
  const ids = Array.from({ length: size }, (_, i) => `${name}-${i}`);
  return { ids, size, input, extras: {}, target, weight: new Float32Array(size).fill(1) };
}

/** Several batches as one. */
export function joined(batches: readonly Batch[]): Batch {
  const all = (key: "input" | "target" | "weight"): Float32Array =>
    Float32Array.from(batches.flatMap((part) => [...part[key]]));
  return {
    ids: batches.flatMap(({ ids }) => ids),
    size: batches.reduce((sum, { size }) => sum + size, 0),
    ...{ input: all("input"), target: all("target"), weight: all("weight") },
    extras: {},
  };
}

export function stepOptions(
  model: Model,
  optimizer: OptimizerRun,
  changes: Partial<TrainStepOptions> = {},
): TrainStepOptions {
  return {
    ...{ model, optimizer, loss: crossEntropy(), inputShape: [1, FEATURES] },
    ...{ seed: 1, precision: "float32", weighted: false },
    ...changes,
  };
}

/** The values of variables, in order. */
export function valuesOf(variables: Iterable<tf.Variable>): number[][] {
  return Array.from(variables, (variable) => Array.from(variable.dataSync()));
}

/** The largest difference of two lists of values. */
export function furthest(found: number[][], expected: number[][]): number {
  return Math.max(...found.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected[i]![j]!))));
}
