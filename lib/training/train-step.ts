/** One training step as one compiled function: forward, gradients and optimizer. */
import { SignalbookError } from "../core/errors";
import { compile, type Precision, type TensorTree, tensorRandom, tf, toFloat32, withPrecision } from "../engine";
import type { Model, ModelInputs } from "../models";
import type { Batch } from "./dataset";
import type { EmaOptions } from "./ema";
import type { LossScalerOptions } from "./loss-scaler";
import type { Loss } from "./losses";
import type { OptimizerRun } from "./optimizers";

export interface Accumulation {
  /** Batches whose gradients make one step of the optimizer. Groups run on over the ends of epochs. */
  batches: number;
  /** Of the batches' gradients. sum: as system 000 does it, whose loss is the sum of the batches' mean losses. */
  reduce: "mean" | "sum";
}

export interface TrainStepOptions {
  model: Model;
  loss: Loss;
  optimizer: OptimizerRun;
  /** Shape of one input without the batch: [time, channels]. */
  inputShape: readonly number[];
  /** Seeds the dropout masks, together with the step's number. */
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
  dispose(): void;
}

export function createTrainStep(options: TrainStepOptions): TrainStep {
  const { model, loss, optimizer, inputShape, seed, precision, weighted } = options;
  for (const part of ["accumulate", "clipNorm", "ema", "scaler"] as const)
    if (options[part] !== undefined) throw new SignalbookError(`the training step has no ${part} yet`);
  const weights = [...model.parameters];
  const buffers = [...model.buffers.values()];

  const step = compile(
    (
      inputs: Record<string, tf.Tensor>,
      targets: tf.Tensor,
      exampleWeights: tf.Tensor,
      scalars: Record<string, tf.Tensor>,
      stepNumber: tf.Tensor,
    ): TensorTree => {
      const buffersBefore = buffers.map((buffer) => tf.clone(buffer as tf.Tensor));
      const forward = (): tf.Scalar => {
        const random = tensorRandom(seed, stepNumber as tf.Scalar);
        const logits = withPrecision(precision, () =>
          model.forward(inputs as unknown as ModelInputs, { training: true, random }),
        );
        return loss.compute(
          toFloat32(logits),
          targets as tf.Tensor2D,
          weighted ? (exampleWeights as tf.Tensor1D) : undefined,
        );
      };
      const { value, grads } = tf.variableGrads(
        forward,
        weights.map(([, variable]) => variable),
      );
      const gradients = weights.map(([name, variable]): [string, tf.Tensor] => [name, grads[variable.name]!]);
      const squaredNorm = tf.addN(gradients.map(([, gradient]) => tf.sum(tf.square(gradient))));
      // A step that is not finite must leave weights and statistics as they were, so that what was learnt can be kept
      // and looked at: rate 0 and gradients 0 then.
      const finite = tf.logicalAnd(tf.isFinite(value), tf.isFinite(squaredNorm));
      const kept = gradients.map(([name, gradient]): [string, tf.Tensor] => [
        name,
        tf.where(finite, gradient, tf.zerosLike(gradient)),
      ]);
      buffers.forEach((buffer, i) => {
        buffer.assign(tf.where(finite, buffer as tf.Tensor, buffersBefore[i]!));
      });
      const learningRate = tf.mul(scalars["learningRate"]!, tf.cast(finite, "float32"));
      optimizer.apply(new Map(kept), {
        ...(scalars as Record<string, tf.Scalar>),
        learningRate: learningRate as tf.Scalar,
      });
      return tf.stack([value, tf.sqrt(squaredNorm) as tf.Scalar]);
    },
    { name: `train ${model.name}` },
  );

  return {
    slots: new Map(),
    ema: null,
    endEpoch: () => undefined,
    async run(batch, number, learningRate) {
      const args = tf.tidy(() => {
        const numbers = Object.entries(optimizer.scalars(number, learningRate));
        return {
          inputs: batchInputs(batch, inputShape),
          targets: tf.tensor2d(batch.target, [batch.size, batch.target.length / batch.size]),
          exampleWeights: tf.tensor1d(batch.weight),
          scalars: Object.fromEntries(numbers.map(([name, value]) => [name, tf.scalar(value)])),
          step: tf.scalar(number, "int32"),
        };
      });
      try {
        const result = (await step.async(
          args.inputs,
          args.targets,
          args.exampleWeights,
          args.scalars,
          args.step,
        )) as tf.Tensor;
        const [value, gradientNorm] = result.dataSync() as Float32Array;
        result.dispose();
        const finite = Number.isFinite(value) && Number.isFinite(gradientNorm);
        return { loss: value!, gradientNorm: gradientNorm!, finite, updated: finite, skipped: false, scale: null };
      } finally {
        tf.dispose(args);
      }
    },
    dispose: () => step.dispose(),
  };
}

/** A batch's inputs as tensors, by the model's names. */
export function batchInputs(
  { input, extras, size }: Pick<Batch, "input" | "extras" | "size">,
  inputShape: readonly number[],
): Record<string, tf.Tensor> {
  const inputs: Record<string, tf.Tensor> = { signal: tf.tensor(input, [size, ...inputShape]) };
  for (const [name, values] of Object.entries(extras)) inputs[name] = tf.tensor2d(values, [size, values.length / size]);
  return inputs;
}
