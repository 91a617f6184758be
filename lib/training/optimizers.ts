/**
 * Optimizers that are part of the compiled step. An optimizer says what it keeps for each weight (its slots, saved in
 * checkpoints), which numbers change from step to step (inputs of the compiled step), and how a weight is updated.
 */
import { SignalbookError } from "../core/errors";
import { applyAdam, tf } from "../engine";

export interface Optimizer {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Makes the slots, before the step is compiled. */
  create(parameters: ReadonlyMap<string, tf.Variable>): OptimizerRun;
}

/** An optimizer with the slots of one model. */
export interface OptimizerRun {
  /** By name: "<weight>.m" ... */
  readonly slots: ReadonlyMap<string, tf.Variable>;
  /** The numbers of a step. @param step from 0 */
  scalars(step: number, learningRate: number): Record<string, number>;
  /** Updates all weights; called while the step is traced. Gradients by weight, in the order of the weights. */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, scalars: Readonly<Record<string, tf.Scalar>>): void;
  dispose(): void;
}

export interface AdamOptions {
  /** Default 0.9 and 0.999. */
  betas?: readonly [number, number];
  /** Default 1e-8. */
  epsilon?: number;
  /** L2 penalty: added to the gradient, before the moments (PyTorch's Adam, not AdamW). Default 0. */
  weightDecay?: number;
}

/** Adam (Kingma and Ba 2015) by PyTorch's formula. */
export function adam({ betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 }: AdamOptions = {}): Optimizer {
  const [beta1, beta2] = betas;
  if (![beta1, beta2].every((beta) => beta >= 0 && beta < 1) || !(epsilon > 0) || !(weightDecay >= 0))
    throw new SignalbookError("Adam's constants out of range", {
      found: `betas ${beta1} and ${beta2}, epsilon ${epsilon}, weight decay ${weightDecay}`,
      expected: "betas in 0 .. 1, epsilon above 0, weight decay 0 or more",
    });
  return {
    name: "adam",
    config: { betas, epsilon, weightDecay },
    create(parameters) {
      const slots = new Map<string, tf.Variable>();
      for (const [name, weight] of parameters) {
        // tidy frees the zeros: the variable holds on to their data
        for (const moment of ["m", "v"])
          tf.tidy(() => void slots.set(`${name}.${moment}`, tf.variable(tf.zeros(weight.shape), false)));
      }
      return {
        slots,
        scalars: (step, learningRate) => ({
          learningRate,
          beta1Power: beta1 ** (step + 1),
          beta2Power: beta2 ** (step + 1),
        }),
        apply(gradients, scalars) {
          const { learningRate, beta1Power, beta2Power } = scalars as Record<string, tf.Scalar>;
          const step = {
            learningRate: learningRate!,
            beta1Power: beta1Power!,
            beta2Power: beta2Power!,
            beta1,
            beta2,
            epsilon,
          };
          for (const [name, gradient] of gradients) {
            const weight = parameters.get(name)!;
            const total = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay));
            applyAdam(weight, slots.get(`${name}.m`)!, slots.get(`${name}.v`)!, step, total);
          }
        },
        dispose() {
          for (const slot of slots.values()) slot.dispose();
        },
      };
    },
  };
}
