/**
 * One training step as one compiled function: forward, gradients, accumulation, clipping, optimizer, averaged weights
 * and loss scaling. A batch that is not the last of its group has a shorter one, which only adds up gradients.
 */
import { SignalbookError } from "../core/errors";
import {
  type Compiled,
  compile,
  type Precision,
  scaleOrZero,
  sumOfSquares,
  type TensorTree,
  type TracedOperation,
  tensorRandom,
  tf,
  toFloat32,
  withPrecision,
} from "../engine";
import type { Model, ModelInputs } from "../models";
import { type Accumulation, createGradientSums, type Gradients } from "./accumulate";
import type { Batch } from "./dataset";
import { createEma, type EmaOptions } from "./ema";
import type { Loss } from "./loss";
import { createLossScaler, type LossScalerOptions } from "./loss-scaler";
import type { OptimizerRun } from "./optimizer";

export type { Accumulation } from "./accumulate";

export interface TrainStepOptions {
  model: Model;
  loss: Loss;
  optimizer: OptimizerRun;
  /** Shape of one input without the batch: [time, channels]. */
  inputShape: readonly number[];
  /** Seeds the dropout masks, together with the batch's number. */
  seed: number;
  precision: Precision;
  /** Whether examples count differently: else their weights stay out of the graph. */
  weighted: boolean;
  accumulate?: Accumulation;
  /** The largest L2 norm of all gradients together, after accumulation; longer ones are scaled down to it. */
  clipNorm?: number;
  ema?: EmaOptions;
  /** For float16, whose gradients would underflow. */
  scaler?: LossScalerOptions;
}

export interface StepResult {
  /** Of this batch. */
  loss: number;
  /** L2 norm of all gradients together, before clipping: of the batch, or of the whole group where it was its last. */
  gradientNorm: number;
  /** False where loss or gradients are NaN or infinite: then no weight and no statistic was changed. */
  finite: boolean;
  /** Whether the optimizer made a step: the batch was the last of its group, and all was finite. */
  updated: boolean;
  /** Not finite, and taken by the loss scaler as too large a scale: not a failure. */
  skipped: boolean;
  /** What the loss was multiplied by; null without a loss scaler. */
  scale: number | null;
}

export interface TrainStep {
  /** All that is kept from step to step besides model and optimizer: belongs into a checkpoint. */
  readonly slots: ReadonlyMap<string, tf.Variable>;
  /** Runs one batch on a worker thread. @param batchNumber of the batch in the run, from 0: seeds dropout */
  run(batch: Batch, batchNumber: number, learningRate: number): Promise<StepResult>;
  /** To be called after each epoch: averages the weights where that is done by the epoch. */
  endEpoch(): void;
  /** Exchanges the model's weights and their averages, for validation and at the end; null without averages. */
  readonly ema: { swapIn(): void; swapOut(): void } | null;
  /** The operations of a batch that ends in the optimizer's step, once one was run: for profiles. */
  readonly work: readonly TracedOperation[];
  dispose(): void;
}

/** What a step takes, in order: inputs, targets, example weights, the optimizer's numbers, the batch's number. */
type StepArguments = [Record<string, tf.Tensor>, tf.Tensor, tf.Tensor, Record<string, tf.Tensor>, tf.Tensor];

export function createTrainStep(options: TrainStepOptions): TrainStep {
  const { model, optimizer, inputShape, accumulate, clipNorm } = options;
  if (clipNorm !== undefined && !(clipNorm > 0))
    throw new SignalbookError("a gradient norm to clip to out of range", {
      found: String(clipNorm),
      expected: "above 0",
    });
  const sums = accumulate && createGradientSums(accumulate, model.parameters);
  const ema = options.ema && createEma(options.ema, model.parameters);
  const scaler = options.scaler && createLossScaler(options.scaler);
  const batches = accumulate?.batches ?? 1;
  const share = accumulate?.reduce === "mean" ? 1 / batches : 1;
  const buffers = [...model.buffers.values()];
  const channelAxes = new Map(
    model.tensors.map(({ name, layout, variable }) => [name, layout === "same" ? 0 : variable.rank - 1]),
  );

  const trace =
    (last: boolean) =>
    (...args: StepArguments): TensorTree => {
      const buffersBefore = buffers.map((buffer) => tf.clone(buffer as tf.Tensor));
      const { value, gradients } = gradientsOf(options, args, scaler?.scale);
      const scale = scaler === undefined ? tf.scalar(1) : tf.clone(scaler.scale as tf.Scalar);
      const factor = tf.div(share, scale) as tf.Scalar;
      const total = last && sums !== undefined ? sums.total(gradients, factor) : gradients;
      /** What makes the true gradients of `total`. */
      const inverse = total === gradients ? (tf.div(1, scale) as tf.Scalar) : tf.scalar(1);
      const squares = tf.addN([...total.values()].map(sumOfSquares)) as tf.Scalar;
      const norm = tf.mul(tf.sqrt(squares), inverse) as tf.Scalar;
      const sound = tf.logicalAnd(tf.isFinite(value), tf.isFinite(norm));
      // A step that is not finite must leave weights and statistics as they were, so that what was learnt can be kept
      // and looked at.
      const finite = tf.cast(sound, "float32") as tf.Scalar;
      buffers.forEach((buffer, i) => {
        buffer.assign(tf.where(sound, buffer as tf.Tensor, buffersBefore[i]!));
      });
      if (last) {
        const clipping = clipNorm === undefined ? inverse : tf.mul(inverse, clippingFactor(norm, clipNorm));
        const kept = scaled(total, tf.where(sound, clipping, tf.scalar(0)) as tf.Scalar);
        const scalars = args[3] as Record<string, tf.Scalar>;
        optimizer.apply(kept, scalars, { proceed: finite, channelAxis: (name) => channelAxes.get(name)! });
        // With a scaler, what made a group not finite goes with the group.
        sums?.reset(scaler === undefined ? (tf.sub(1, finite) as tf.Scalar) : tf.scalar(0));
        if (ema?.every === "step") ema.update(finite);
        scaler?.update(finite);
      } else if (scaler === undefined) sums!.add(scaled(gradients, finite), factor);
      // One overflow makes the whole group not finite: it is skipped at its end, and the scale falls once.
      else sums!.add(gradients, tf.where(sound, factor, tf.scalar(Number.NaN)) as tf.Scalar);
      return tf.stack([value, norm, finite, scale]);
    };
  const full = compile(trace(true), { name: `train ${model.name}` });
  const partial = batches === 1 ? undefined : compile(trace(false), { name: `accumulate ${model.name}` });
  const slots = new Map([...(sums?.slots ?? []), ...(ema?.slots ?? []), ...(scaler?.slots ?? [])]);

  return {
    slots,
    ema: ema ?? null,
    get work() {
      return full.work;
    },
    endEpoch() {
      if (ema?.every === "epoch") ema.update();
    },
    async run(batch, batchNumber, learningRate) {
      if (ema?.swapped)
        throw new SignalbookError("a training step while the model has its averaged weights", {
          fix: "call ema.swapOut() first",
        });
      const last = (batchNumber + 1) % batches === 0;
      const stepsBefore = scaler?.steps() ?? Math.floor(batchNumber / batches);
      const args = argumentsOf(batch, inputShape, optimizer.scalars(stepsBefore, learningRate), batchNumber);
      const result = await runStep(last ? full : partial!, args);
      const skipped = !result.finite && scaler !== undefined && result.scale > scaler.lowest;
      return { ...result, updated: last && result.finite, skipped, scale: scaler === undefined ? null : result.scale };
    },
    dispose() {
      full.dispose();
      partial?.dispose();
      for (const slot of slots.values()) slot.dispose();
    },
  };
}

/** The loss, and the gradient times the scale of each weight that the loss depends on. */
function gradientsOf(
  { model, loss, seed, precision, weighted }: TrainStepOptions,
  [inputs, targets, exampleWeights, , batchNumber]: StepArguments,
  scale: tf.Variable | undefined,
): { value: tf.Scalar; gradients: Gradients } {
  const weights = [...model.parameters];
  const forward = (): tf.Scalar => {
    const random = tensorRandom(seed, batchNumber as tf.Scalar);
    const logits = withPrecision(precision, () =>
      model.forward(inputs as unknown as ModelInputs, { training: true, random }),
    );
    const counts = weighted ? (exampleWeights as tf.Tensor1D) : undefined;
    return loss.compute(toFloat32(logits), targets as tf.Tensor2D, counts);
  };
  const variables = weights.map(([, variable]) => variable as tf.Tensor);
  const start = scale === undefined ? undefined : (tf.clone(scale as tf.Tensor) as tf.Scalar);
  // The scale enters as the gradient of the loss itself: the loss comes out as it is.
  const { value, grads } = tf.engine().gradients(forward, variables, start, true);
  // A weight that the loss does not depend on has none: the optimizer leaves it alone, as PyTorch's do.
  const gradients = weights.flatMap(([name], i): [string, tf.Tensor][] => (grads[i] ? [[name, grads[i]]] : []));
  if (gradients.length === 0)
    throw new SignalbookError("a loss that depends on no weight", { place: `${model.name}, ${loss.name}` });
  return { value, gradients: new Map(gradients) };
}

/** PyTorch's clip_grad_norm_: at most 1. */
function clippingFactor(norm: tf.Scalar, clipNorm: number): tf.Scalar {
  return tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1);
}

function scaled(gradients: Gradients, factor: tf.Scalar): Map<string, tf.Tensor> {
  return new Map([...gradients].map(([name, gradient]) => [name, scaleOrZero(gradient, factor)]));
}

function argumentsOf(
  batch: Batch,
  inputShape: readonly number[],
  scalars: Readonly<Record<string, number>>,
  batchNumber: number,
): StepArguments {
  return [
    batchInputs(batch, inputShape),
    tf.tensor2d(batch.target, [batch.size, batch.target.length / batch.size]),
    tf.tensor1d(batch.weight),
    Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)])),
    tf.scalar(batchNumber, "int32"),
  ];
}

interface Outcome {
  loss: number;
  gradientNorm: number;
  finite: boolean;
  scale: number;
}

/** Disposes the arguments. */
async function runStep(step: Compiled<StepArguments, TensorTree>, args: StepArguments): Promise<Outcome> {
  try {
    const result = (await step.async(...args)) as tf.Tensor;
    const [loss, gradientNorm, finite, scale] = result.dataSync() as Float32Array;
    result.dispose();
    return { loss: loss!, gradientNorm: gradientNorm!, finite: finite === 1, scale: scale! };
  } finally {
    tf.dispose(args);
  }
}

/** A batch's inputs as tensors, by the model's names: three axes an example are an image, two a signal. */
export function batchInputs(
  { input, extras, size }: Pick<Batch, "input" | "extras" | "size">,
  inputShape: readonly number[],
): Record<string, tf.Tensor> {
  const own = inputShape.length === 3 ? "image" : "signal";
  const inputs: Record<string, tf.Tensor> = { [own]: tf.tensor(input, [size, ...inputShape]) };
  for (const [name, values] of Object.entries(extras))
    inputs[name] = tf.tensor(values, [size, ...(name === "other" ? inputShape : [values.length / size])]);
  return inputs;
}
