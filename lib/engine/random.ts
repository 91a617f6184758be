/**
 * Random tensors that are right inside a compiled step: drawn by the step itself, from a seed and the step's number.
 * A new step number gives new numbers; the same seed and number give the same ones.
 */
import * as tfjs from "@tensorflow/tfjs";
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import type { EngineBackend } from "./backend";
import { DType } from "./dtypes";
import { attribute } from "./eager-binding";
import { castTo, truePrecision } from "./precision";

/** Draws of one step. Each draw takes the next stream, so the order of draws in the step is part of the seed. */
export interface TensorRandom {
  /** Uniform in [0, 1). */
  uniform(shape: readonly number[]): tfjs.Tensor;
  /** Standard normal. */
  normal(shape: readonly number[]): tfjs.Tensor;
  /** A dropout mask: 0 with probability `rate`, else 1 / (1 - rate). */
  keep(shape: readonly number[], rate: number): tfjs.Tensor;
}

/**
 * @param seed an integer in 0 .. 2^32 - 1
 * @param step the step's number, an int32 scalar; an argument of the compiled step
 */
export function tensorRandom(seed: number, step: tfjs.Scalar): TensorRandom {
  if (step.dtype !== "int32" || step.rank !== 0)
    throw new SignalbookError("a step number of the wrong kind", {
      found: `${step.dtype} of rank ${step.rank}`,
      expected: "an int32 scalar",
      fix: 'pass tf.scalar(number, "int32")',
    });
  const streams = new Generator(seed);
  const uniform = (shape: readonly number[]): tfjs.Tensor => draw("StatelessRandomUniform", streams, step, shape);
  return {
    uniform,
    normal: (shape) => draw("StatelessRandomNormal", streams, step, shape),
    keep: (shape, rate) => {
      if (!(rate >= 0 && rate < 1))
        throw new SignalbookError("a dropout rate out of range", { found: String(rate), expected: "0 <= rate < 1" });
      const kept = tfjs.cast(tfjs.greaterEqual(uniform(shape), rate), "float32");
      return tfjs.mul(kept, 1 / (1 - rate));
    },
  };
}

type DrawOp = "StatelessRandomUniform" | "StatelessRandomNormal";

function draw(op: DrawOp, streams: Generator, step: tfjs.Scalar, shape: readonly number[]): tfjs.Tensor {
  const stream = streams.uint32() | 0;
  if (tfjs.getBackend() !== "tensorflow") return drawPlain(op, stream, step, shape);
  return tfjs.tidy(() => {
    const seed = tfjs.stack([tfjs.scalar(stream, "int32"), step]);
    const dims = tfjs.tensor1d([...shape], "int32");
    const attributes = [
      attribute.type("dtype", DType.float32),
      attribute.type("T", DType.int32),
      attribute.type("Tseed", DType.int32),
    ];
    return (tfjs.backend() as EngineBackend).run(op, attributes, [dims, seed], 1)[0]!;
  });
}

/** On the plain JavaScript backend, where nothing is traced: other numbers than TensorFlow's, by the same rule. */
function drawPlain(op: DrawOp, stream: number, step: tfjs.Scalar, shape: readonly number[]): tfjs.Tensor {
  const number = step.dataSync()[0]!;
  const generator = new Generator((Math.imul(number + 1, 0x9e3779b1) ^ stream) >>> 0);
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: size }, () =>
    // float32 rounds numbers close to 1 up to 1: keep the interval half open
    op === "StatelessRandomUniform" ? Math.min(generator.random(), 1 - 2 ** -24) : generator.normal(),
  );
  return tfjs.tensor(values, [...shape]);
}

/** Drops elements with probability `rate` and scales the others up; x keeps its precision. Any shape. */
export function dropout<T extends tfjs.Tensor>(x: T, rate: number, random: TensorRandom): T {
  if (rate === 0) return x;
  return tfjs.mul(x, castTo(random.keep(x.shape, rate), truePrecision(x)));
}
