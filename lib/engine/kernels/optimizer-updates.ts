/**
 * Updates of weights by TensorFlow's fused optimizer ops, each one pass over its variables, in place; composed of tfjs'
 * ops on the plain JavaScript backend. Numbers that change from step to step are tensors: a trace takes them as inputs.
 */
import * as tfjs from "@tensorflow/tfjs";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { updateVariables } from "../variables";

const type = attribute.type("T", DType.float32);
const locking = attribute.bool("use_locking", false);

/** The numbers of one Adam step, ready to use. */
export interface AdamUpdate {
  /** The learning rate with both bias corrections: rate * sqrt(1 - beta2^t) / (1 - beta1^t). */
  rate: tfjs.Scalar;
  /** Added to sqrt(v): PyTorch's epsilon times sqrt(1 - beta2^t), for PyTorch adds it behind that correction. */
  epsilon: tfjs.Scalar;
  beta1: tfjs.Scalar;
  beta2: tfjs.Scalar;
}

/** What Adam keeps of a weight, each shaped as the weight. */
export interface AdamMoments {
  m: tfjs.Variable;
  v: tfjs.Variable;
  /** The largest v so far, for AMSGrad, which divides by it. */
  largest?: tfjs.Variable | undefined;
}

/** m and v become moving averages of gradient and squared gradient; variable -= rate * m / (sqrt(v) + epsilon). */
export function updateAdam(
  variable: tfjs.Variable,
  { m, v, largest }: AdamMoments,
  { rate, epsilon, beta1, beta2 }: AdamUpdate,
  gradient: tfjs.Tensor,
): void {
  tfjs.tidy(() => {
    if (tfjs.getBackend() === "tensorflow") {
      // Powers of 0: TensorFlow's own bias corrections become 1.
      const inputs = [tfjs.scalar(0), tfjs.scalar(0), rate, beta1, beta2, epsilon, gradient];
      const backend = tfjs.backend() as EngineBackend;
      if (largest === undefined)
        updateVariables(
          backend,
          "ResourceApplyAdam",
          [type, locking, attribute.bool("use_nesterov", false)],
          [variable, m, v],
          inputs,
        );
      else updateVariables(backend, "ResourceApplyAdamWithAmsgrad", [type, locking], [variable, m, v, largest], inputs);
      return;
    }
    m.assign(tfjs.add(m, tfjs.mul(tfjs.sub(gradient, m), tfjs.sub(1, beta1))));
    v.assign(tfjs.add(v, tfjs.mul(tfjs.sub(tfjs.square(gradient), v), tfjs.sub(1, beta2))));
    largest?.assign(tfjs.maximum(largest, v));
    variable.assign(
      tfjs.sub(variable, tfjs.div(tfjs.mul(m, rate), tfjs.add(tfjs.sqrt(largest ?? v), epsilon))) as tfjs.Tensor,
    );
  });
}

export interface MomentumUpdate {
  rate: tfjs.Scalar;
  momentum: tfjs.Scalar;
  nesterov: boolean;
}

/**
 * velocity = momentum * velocity + gradient; variable -= rate * velocity, or with Nesterov's rule
 * rate * (gradient + momentum * velocity).
 */
export function updateMomentum(
  variable: tfjs.Variable,
  velocity: tfjs.Variable,
  { rate, momentum, nesterov }: MomentumUpdate,
  gradient: tfjs.Tensor,
): void {
  tfjs.tidy(() => {
    if (tfjs.getBackend() === "tensorflow") {
      const attributes = [type, locking, attribute.bool("use_nesterov", nesterov)];
      const backend = tfjs.backend() as EngineBackend;
      updateVariables(backend, "ResourceApplyMomentum", attributes, [variable, velocity], [rate, gradient, momentum]);
      return;
    }
    velocity.assign(tfjs.add(tfjs.mul(velocity, momentum), gradient));
    const along = nesterov ? tfjs.add(gradient, tfjs.mul(velocity, momentum)) : velocity;
    variable.assign(tfjs.sub(variable, tfjs.mul(along, rate)) as tfjs.Tensor);
  });
}

/** variable -= share * change. */
export function subtractFrom(variable: tfjs.Variable, share: tfjs.Scalar, change: tfjs.Tensor): void {
  if (tfjs.getBackend() === "tensorflow") {
    const backend = tfjs.backend() as EngineBackend;
    updateVariables(backend, "ResourceApplyGradientDescent", [type, locking], [variable], [share, change]);
    return;
  }
  tfjs.tidy(() => variable.assign(tfjs.sub(variable, tfjs.mul(change, share)) as tfjs.Tensor));
}
