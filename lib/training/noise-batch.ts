/** A batch of noise: what a step costs, where what it learns is not asked. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import type { InputShapes } from "../models";
import type { Batch } from "./dataset";
import type { Activation } from "./probabilities";

export interface NoiseOptions {
  /** Of a model's inputs, without the batch: an image or a signal, and what goes with it. */
  shapes: InputShapes;
  size: number;
  classes: number;
  /** softmax: each example has one class. sigmoid: each class by itself, in half of the examples. */
  activation: Activation;
}

/** Inputs are normal, so that nothing is constant; targets are drawn. @throws SignalbookError without image or signal */
export function noiseBatch(
  { shapes, size, classes, activation }: NoiseOptions,
  random: Generator,
): { batch: Batch; inputShape: readonly number[] } {
  const { image, signal, ...others } = shapes;
  const inputShape = image ?? signal;
  if (inputShape === undefined)
    throw new SignalbookError("neither image nor signal among a model's inputs", {
      found: Object.keys(shapes).join(", "),
    });
  const noise = (shape: readonly number[]): Float32Array =>
    Float32Array.from({ length: shape.reduce((n, side) => n * side, size) }, () => random.normal());
  const input = noise(inputShape);
  const extras = Object.fromEntries(
    Object.entries(others).map(([name, shape]): [string, Float32Array] => [name, noise(shape)]),
  );
  const target = new Float32Array(size * classes);
  for (let i = 0; i < size; i++) {
    if (activation === "softmax") target[i * classes + random.below(classes)] = 1;
    else for (let k = 0; k < classes; k++) target[i * classes + k] = random.below(2);
  }
  const ids = Array.from({ length: size }, (_, i) => `noise ${i}`);
  return { batch: { ids, size, input, extras, target, weight: new Float32Array(size).fill(1) }, inputShape };
}
