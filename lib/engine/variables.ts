/** Updates of variables in place, by TensorFlow's fused optimizer ops: eager, and in a traced step. */
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../core/errors";
import type { EngineBackend } from "./backend";
import { DType } from "./dtypes";
import { attribute, type Entry } from "./eager-binding";

/** Runs an op whose first inputs are the resources of `variables`. */
function updateVariables(
  backend: EngineBackend,
  name: string,
  attributes: readonly TFEOpAttr[],
  variables: readonly tfjs.Variable[],
  inputs: readonly tfjs.Tensor[],
): void {
  if (backend.trace !== undefined) {
    const graph = backend.trace;
    const ids = variables.map((variable) => backend.eagerIdOf(variable));
    const assigned = variables.find((_, i) => ids[i]! < 0);
    if (assigned !== undefined)
      throw new SignalbookError("a variable was assigned and then updated in place in one traced step", {
        found: `variable ${assigned.name}`,
        fix: "do one or the other",
      });
    graph.update(
      name,
      attributes,
      ids,
      inputs.map((tensor) => graph.node(backend.idOf(tensor))),
    );
    return;
  }
  const resources = variables.map((variable): Entry => {
    const entry = backend.eager.entry(backend.resourceOf(variable));
    return { ...entry, dtype: DType.resource, shape: [], resource: false };
  });
  const values = inputs.map((tensor) => backend.eager.entry(backend.idOf(tensor)));
  backend.eager.execute(name, attributes, [...resources, ...values], 0);
}

/** The numbers of one Adam step. Scalars that change from step to step are tensors, so that a trace takes them as inputs. */
export interface AdamStep {
  learningRate: tfjs.Scalar;
  /** beta1 to the power of the step's number, counted from 1. */
  beta1Power: tfjs.Scalar;
  /** beta2 to the power of the step's number. */
  beta2Power: tfjs.Scalar;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/**
 * One Adam step on one variable, in place, by PyTorch's formula: the denominator is sqrt(v / (1 - beta2^t)) + epsilon.
 * (TensorFlow's own adds epsilon before that correction; so it is handed a corrected epsilon.)
 * @param m first moment, @param v second moment: variables shaped as the first
 */
export function applyAdam(
  variable: tfjs.Variable,
  m: tfjs.Variable,
  v: tfjs.Variable,
  step: AdamStep,
  gradient: tfjs.Tensor,
): void {
  tfjs.tidy(() => {
    const correction = tfjs.sqrt(tfjs.sub(1, step.beta2Power));
    const epsilon = tfjs.mul(correction, step.epsilon);
    if (tfjs.getBackend() === "tensorflow") {
      const attributes = [
        attribute.type("T", DType.float32),
        attribute.bool("use_locking", false),
        attribute.bool("use_nesterov", false),
      ];
      const scalars = [step.beta1Power, step.beta2Power, step.learningRate];
      const constants = [tfjs.scalar(step.beta1), tfjs.scalar(step.beta2), epsilon];
      const inputs = [...scalars, ...constants, gradient];
      updateVariables(tfjs.backend() as EngineBackend, "ResourceApplyAdam", attributes, [variable, m, v], inputs);
      return;
    }
    const rate = tfjs.div(tfjs.mul(step.learningRate, correction), tfjs.sub(1, step.beta1Power));
    m.assign(tfjs.add(tfjs.mul(m, step.beta1), tfjs.mul(gradient, 1 - step.beta1)));
    v.assign(tfjs.add(tfjs.mul(v, step.beta2), tfjs.mul(tfjs.square(gradient), 1 - step.beta2)));
    variable.assign(tfjs.sub(variable, tfjs.div(tfjs.mul(rate, m), tfjs.add(tfjs.sqrt(v), epsilon))));
  });
}
