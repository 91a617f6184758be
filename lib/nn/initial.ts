/** First values of parameters, drawn from an explicit generator in PyTorch's element order. */
import type { Generator } from "../core/random";

/** Values of a tensor of `shape` (PyTorch's layout, row-major). */
export type Initializer = (shape: readonly number[], generator: Generator) => Float32Array;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Inputs and outputs each element of the output, or of the input, is connected to. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [outputs = 1, inputs = 1, ...taps] = shape;
  const field = sizeOf(taps);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

export function constant(value: number): Initializer {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/** He et al. 2015, normal, by fan out: keeps the variance of gradients through ReLU layers. */
export const heNormal: Initializer = (shape, generator) => {
  const deviation = Math.sqrt(2 / fans(shape).fanOut);
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = deviation * generator.normal();
  return values;
};

/** Mean 0, deviation 1: what PyTorch's embeddings start with. */
export const standardNormal: Initializer = (shape, generator) =>
  Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());

/** Glorot and Bengio 2010, normal. */
export const xavierNormal: Initializer = (shape, generator) => {
  const { fanIn, fanOut } = fans(shape);
  const deviation = Math.sqrt(2 / (fanIn + fanOut));
  return Float32Array.from({ length: sizeOf(shape) }, () => deviation * generator.normal());
};

/** Glorot and Bengio 2010, uniform. */
export const xavierUniform: Initializer = (shape, generator) => {
  const { fanIn, fanOut } = fans(shape);
  return drawUniform(sizeOf(shape), Math.sqrt(6 / (fanIn + fanOut)), generator);
};

/** Normal with this deviation, drawn again beyond two units (timm's `trunc_normal_`, whose ends are -2 and 2). */
export function truncatedNormal(deviation: number): Initializer {
  return (shape, generator) =>
    Float32Array.from({ length: sizeOf(shape) }, () => {
      let value = deviation * generator.normal();
      while (Math.abs(value) > 2) value = deviation * generator.normal();
      return value;
    });
}

/** Uniform in +-1/sqrt(fanIn): what PyTorch's linear layers start with, weights and biases alike. */
export function uniformByFanIn(fanIn: number): Initializer {
  return (shape, generator) => drawUniform(sizeOf(shape), 1 / Math.sqrt(fanIn), generator);
}

function drawUniform(size: number, bound: number, generator: Generator): Float32Array {
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = generator.uniform(-bound, bound);
  return values;
}
