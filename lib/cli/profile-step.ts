/** The compiled step that is profiled: one training step or one inference of a registry model, on random inputs. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import {
  applyAdam,
  type Compiled,
  compile,
  type Precision,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  tensorRandom,
  tf,
  toFloat32,
  withPrecision,
} from "../engine";
import { createModel, type InputShapes, listModels, type Model, type ModelInputs } from "../models";

export interface ProfileOptions {
  model: string;
  batch: number;
  mode: "train" | "infer";
  precision: Precision;
  channels?: number;
  classes?: number;
  /** Pixels, [height, width]. */
  size?: readonly [number, number];
  /** Of the whole window. */
  samples?: number;
}

export interface ProfiledStep {
  /** Inputs by name, with the batch. */
  shapes: Record<string, readonly number[]>;
  /** Traced by the first run. */
  step: Compiled<[Named], tf.Tensor>;
  run(): void;
  dispose(): void;
}

type Named = Record<string, tf.Tensor>;

/** @throws SignalbookError for a model, an option or a size that does not fit. */
export function makeStep(options: ProfileOptions): ProfiledStep {
  const { model, shapes } = makeModelFor(options);
  const generator = new Generator(1);
  const inputs: Named = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, normalTensor(shape, generator)]),
  );
  const { step, dispose } = options.mode === "train" ? training(model, options) : inference(model, options);
  return {
    shapes,
    step,
    // Reading a value waits for the step.
    run: () => void tf.tidy(() => step(inputs).dataSync()),
    dispose: () => {
      step.dispose();
      dispose();
      tf.dispose(inputs);
      model.dispose();
    },
  };
}

function makeModelFor(options: ProfileOptions): { model: Model; shapes: Record<string, readonly number[]> } {
  const { model: name, channels, classes, size, samples } = options;
  const info = listModels().find((listed) => listed.name === name);
  if (info === undefined) {
    const expected = listModels().map((listed) => listed.name);
    throw new SignalbookError("an unknown model", { found: name, expected: expected.join(", ") });
  }
  if ((size !== undefined && info.input !== "image") || (samples !== undefined && info.input !== "signal"))
    throw new SignalbookError(`${name} looks at ${info.input === "image" ? "images" : "signals"}`, {
      found: size === undefined ? "--samples" : "--size",
      expected: info.input === "image" ? "--size" : "--samples",
    });
  const made: Record<string, unknown> = {};
  if (channels !== undefined) made["channels"] = channels;
  if (classes !== undefined) made["classes"] = classes;
  if (size !== undefined && info.options.includes("height")) [made["height"], made["width"]] = size;
  const shapes = Object.entries(info.shapes as Record<string, readonly number[]>).map(
    ([input, shape]): [string, readonly number[]] => {
      if (shape.length === 1) return [input, [options.batch, ...shape]];
      const places = size ?? (samples === undefined ? shape.slice(0, -1) : [samples]);
      return [input, [options.batch, ...places, channels ?? shape.at(-1)!]];
    },
  );
  if (samples !== undefined && info.options.includes("windowSeconds"))
    made["windowSeconds"] = windowSeconds(name, info.shapes, samples);
  return { model: createModel(name, made, new Generator(0)), shapes: Object.fromEntries(shapes) };
}

/** The window that makes so many samples at the model's own rate (and, of IITNet, number of epochs). */
function windowSeconds(name: string, { signal }: InputShapes, samples: number): number {
  const model = createModel(name, {}, new Generator(0));
  try {
    return ((model.config["windowSeconds"] as number) * samples) / signal![0]!;
  } finally {
    model.dispose();
  }
}

function normalTensor(shape: readonly number[], generator: Generator): tf.Tensor {
  const values = Float32Array.from({ length: shape.reduce((n, side) => n * side, 1) }, () => generator.normal());
  return tf.tensor(values, [...shape]);
}

interface Made {
  step: Compiled<[Named], tf.Tensor>;
  dispose(): void;
}

function inference(model: Model, { precision }: ProfileOptions): Made {
  const step = compile(
    (inputs: Named): tf.Tensor =>
      withPrecision(precision, () => model.forward(inputs as ModelInputs, { training: false })),
    { name: `infer ${model.name}` },
  );
  return { step, dispose: () => {} };
}

/** Forward, cross entropy with the first class, gradients of all weights, Adam. */
function training(model: Model, { precision }: ProfileOptions): Made {
  const weights = [...model.parameters.values()];
  const moments = weights.map(({ shape }) => [0, 1].map(() => tf.tidy(() => tf.variable(tf.zeros(shape), false))));
  const step = compile(
    (inputs: Named): tf.Tensor => {
      // Numbers that change from step to step do not change what it costs; they still are inputs of the step.
      const number = tf.cast(tf.mul(tf.sum(Object.values(inputs)[0]!), 0), "int32") as tf.Scalar;
      const random = tensorRandom(0, number);
      const { value, grads } = tf.variableGrads(() => {
        const context = { training: true, random };
        return lossOf(toFloat32(withPrecision(precision, () => model.forward(inputs as ModelInputs, context))));
      }, weights);
      const numbers = { learningRate: tf.scalar(1e-3), beta1Power: tf.scalar(0.9), beta2Power: tf.scalar(0.999) };
      weights.forEach((weight, i) => {
        const [m, v] = moments[i]!;
        const gradient = grads[weight.name];
        const adam = { ...numbers, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        if (gradient !== undefined) applyAdam(weight, m!, v!, adam, gradient);
      });
      return value;
    },
    { name: `train ${model.name}` },
  );
  return { step, dispose: () => tf.dispose(moments as tf.TensorContainer) };
}

function lossOf(logits: tf.Tensor2D): tf.Scalar {
  const [batch, classes] = logits.shape;
  if (classes === 1) return tf.mean(sigmoidCrossEntropy(tf.ones([batch, 1]) as tf.Tensor2D, logits));
  const first = tf.tensor1d(new Int32Array(batch), "int32");
  return tf.mean(softmaxCrossEntropy(tf.cast(tf.oneHot(first, classes), "float32") as tf.Tensor2D, logits));
}
