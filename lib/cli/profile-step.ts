/** The compiled step that is profiled: one training step or one inference of a registry model, on random inputs. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { compile, type Precision, type TracedOperation, tf, withPrecision } from "../engine";
import { createModel, type InputShapes, listModels, type Model, type ModelInputs } from "../models";
import { adam, binaryCrossEntropy, createTrainStep, crossEntropy } from "../training";
import { noiseBatch } from "../training/noise-batch";
import { batchInputs } from "../training/train-step";

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
  /** Of the step, which the first run traces. */
  readonly work: readonly TracedOperation[];
  /** Resolves when the step is done. */
  run(): Promise<void>;
  dispose(): void;
}

/** @throws SignalbookError for a model, an option or a size that does not fit. */
export function makeStep(options: ProfileOptions): ProfiledStep {
  const { model, shapes } = makeModelFor(options);
  try {
    const made = (options.mode === "train" ? training : inference)(model, shapes, options);
    return {
      shapes: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, [options.batch, ...shape]])),
      get work() {
        return made.work;
      },
      run: made.run,
      dispose() {
        made.dispose();
        model.dispose();
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function makeModelFor(options: ProfileOptions): { model: Model; shapes: InputShapes } {
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
      if (shape.length === 1) return [input, shape];
      const places = size ?? (samples === undefined ? shape.slice(0, -1) : [samples]);
      return [input, [...places, channels ?? shape.at(-1)!]];
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

type Made = Pick<ProfiledStep, "work" | "run" | "dispose">;

function inference(model: Model, shapes: InputShapes, { precision, batch: size }: ProfileOptions): Made {
  const { batch, inputShape } = noiseBatch({ shapes, size, classes: 1, activation: "sigmoid" }, new Generator(1));
  const inputs = batchInputs(batch, inputShape);
  const step = compile(
    (given: Record<string, tf.Tensor>): tf.Tensor =>
      withPrecision(precision, () => model.forward(given as ModelInputs, { training: false })),
    { name: `infer ${model.name}` },
  );
  return {
    get work() {
      return step.work;
    },
    // Reading a value waits for the step.
    run: async () => void tf.tidy(() => step(inputs).dataSync()),
    dispose() {
      step.dispose();
      tf.dispose(inputs);
    },
  };
}

/** The step of `fit`: cross entropy, gradients of all weights, Adam, and what keeps a bad batch out. */
function training(model: Model, shapes: InputShapes, { precision, batch: size }: ProfileOptions): Made {
  const classes = outputsOf(model, shapes);
  const loss = classes === 1 ? binaryCrossEntropy({ positives: "none" }) : crossEntropy();
  const { batch, inputShape } = noiseBatch({ shapes, size, classes, activation: loss.activation }, new Generator(1));
  const optimizer = adam().create(model.parameters);
  const step = createTrainStep({ model, loss, optimizer, inputShape, seed: 0, precision, weighted: false });
  let number = 0;
  return {
    get work() {
      return step.work;
    },
    run: async () => void (await step.run(batch, number++, RATE)),
    dispose() {
      step.dispose();
      optimizer.dispose();
    },
  };
}

/** Any rate costs the same; this one leaves the weights near where they were drawn. */
const RATE = 1e-5;

/** How many logits an example gets: one of noise is asked. */
function outputsOf(model: Model, shapes: InputShapes): number {
  const { batch, inputShape } = noiseBatch({ shapes, size: 1, classes: 1, activation: "sigmoid" }, new Generator(1));
  return tf.tidy(() => model.forward(batchInputs(batch, inputShape) as ModelInputs, { training: false }).shape[1]);
}
