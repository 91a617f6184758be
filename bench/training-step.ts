/** The training step that benches time: forward, backward and Adam, compiled, as it is beside PyTorch's eager step. */
import { applyAdam, type Compiled, compile, type Precision, type TensorTree, tf, withPrecision } from "../lib/engine";
import type { Model, ModelInputs } from "../lib/models";
import type { ForwardContext } from "../lib/nn";

const [rate, beta1, beta2] = [1e-3, 0.9, 0.999];

/** What a step is given; every number that changes from step to step is a tensor. */
interface StepArguments extends Record<string, TensorTree> {
  inputs: Record<string, tf.Tensor>;
  target: tf.Tensor2D;
  numbers: Record<string, tf.Scalar>;
}

export interface StepOptions {
  model: Model;
  /** From logits and targets, [batch, classes] each. */
  loss: (target: tf.Tensor2D, logits: tf.Tensor2D) => tf.Scalar;
  precision?: Precision;
  /** The random draws of a step, where the model needs any. */
  random?: (step: tf.Scalar) => ForwardContext["random"];
}

/** Runs one step, numbered from 1. @returns the loss before the update */
export type TrainingStep = (inputs: Record<string, tf.Tensor>, target: tf.Tensor2D, step: number) => number;

/** Adam's moments are made here; the step is traced when it first runs. */
export function trainingStep({ model, loss, precision = "float32", random }: StepOptions): TrainingStep {
  const variables = [...model.parameters.values()];
  const moments = variables.map(({ shape }) => [0, 1].map(() => tf.tidy(() => tf.variable(tf.zeros(shape), false))));
  const step: Compiled<[StepArguments], tf.Scalar> = compile(
    ({ inputs, target, numbers }: StepArguments): tf.Scalar => {
      const { learningRate, beta1Power, beta2Power, number } = numbers as Record<string, tf.Scalar>;
      const adam = { learningRate: learningRate!, beta1Power: beta1Power!, beta2Power: beta2Power! };
      const draws = random?.(number!);
      const context: ForwardContext = draws === undefined ? { training: true } : { training: true, random: draws };
      const { value, grads } = tf.variableGrads(
        () =>
          loss(
            target,
            withPrecision(precision, () => model.forward(inputs as ModelInputs, context)),
          ),
        variables,
      );
      variables.forEach((variable, i) => {
        const [m, v] = moments[i]!;
        const gradient = grads[variable.name];
        // A weight that nothing uses has no gradient, and PyTorch leaves it alone too.
        if (gradient !== undefined) applyAdam(variable, m!, v!, { ...adam, beta1, beta2, epsilon: 1e-8 }, gradient);
      });
      return value;
    },
    { name: `train ${model.name}` },
  );
  return (inputs, target, t) => {
    let value = Number.NaN;
    tf.tidy(() => {
      const numbers = {
        learningRate: tf.scalar(rate),
        beta1Power: tf.scalar(beta1 ** t),
        beta2Power: tf.scalar(beta2 ** t),
        number: tf.scalar(t, "int32"),
      };
      value = step({ inputs, target, numbers }).dataSync()[0]!;
    });
    return value;
  };
}
