/** Adam and its relatives with one fused op a weight. */
import { subtractFrom, updateAdam } from "../engine";
import { makeOptimizer, type Optimizer, requireConstants, type SharedOptions, withPenalty } from "./optimizer";

export interface AdamConstants extends SharedOptions {
  /** Default 0.9 and 0.999. */
  betas?: readonly [number, number];
  /** Default 1e-8. */
  epsilon?: number;
}

export interface AdamOptions extends AdamConstants {
  /** L2 penalty: added to the gradient, before the moments (PyTorch's Adam, not AdamW). Default 0. */
  weightDecay?: number;
  /** Divides by the largest second moment so far (Reddi et al. 2018). Default false. */
  amsgrad?: boolean;
}

/** Adam (Kingma and Ba 2015) by PyTorch's formula. */
export function adam({ weightDecay = 0, amsgrad = false, ...constants }: AdamOptions = {}): Optimizer {
  return adamRule("adam", constants, { weightDecay, amsgrad, decoupled: false });
}

export interface AdamWOptions extends AdamConstants {
  /** Share of a weight that a step at rate 1 takes off, beside the gradient's step. Default 0.01. */
  weightDecay?: number;
  /** Default false. */
  amsgrad?: boolean;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019) by PyTorch's formula. */
export function adamW({ weightDecay = 0.01, amsgrad = false, ...constants }: AdamWOptions = {}): Optimizer {
  return adamRule("adamw", constants, { weightDecay, amsgrad, decoupled: true });
}

interface Variant {
  weightDecay: number;
  amsgrad: boolean;
  decoupled: boolean;
}

type Slot = "m" | "v" | "largest";

function adamRule(name: string, constants: AdamConstants, { weightDecay, amsgrad, decoupled }: Variant): Optimizer {
  const { betas = [0.9, 0.999], epsilon = 1e-8, groups } = constants;
  requireAdamConstants(name, betas, epsilon, weightDecay);
  return makeOptimizer({
    name,
    config: { betas, epsilon, ...(amsgrad && { amsgrad }) },
    slots: (amsgrad ? ["m", "v", "largest"] : ["m", "v"]) as Slot[],
    weightDecay,
    groups,
    scalars: (step, learningRate) => {
      const { first, second } = biasCorrections(betas, step);
      return { learningRate, rate: (learningRate * second) / first, epsilon: epsilon * second };
    },
    prepare: (step) => ({
      update: {
        rate: step.rate("rate"),
        epsilon: step.scalars["epsilon"]!,
        beta1: step.kept(betas[0]),
        beta2: step.kept(betas[1]),
      },
      penalty: decoupled ? undefined : step.penalty(),
      decay: decoupled ? step.decay() : undefined,
    }),
    update: ({ weight, slots, gradient }, { update, penalty, decay }) => {
      const total = withPenalty(gradient, weight, penalty);
      if (decay !== undefined) subtractFrom(weight, decay, weight);
      updateAdam(weight, slots, update, total);
    },
  });
}

export function requireAdamConstants(
  name: string,
  [beta1, beta2]: readonly [number, number],
  epsilon: number,
  weightDecay: number,
): void {
  requireConstants(name, {
    "beta 1": { value: beta1, below: 1 },
    "beta 2": { value: beta2, below: 1 },
    epsilon: { value: epsilon, above: 0 },
    "weight decay": { value: weightDecay },
  });
}

/**
 * 1 - beta1^t, and the square root of 1 - beta2^t, t counted from 1. Of the betas as float32 has them, with which the
 * moments are averaged: at the first step 1 - 0.999 in float32 is off by 1e-5.
 */
export function biasCorrections(
  [beta1, beta2]: readonly [number, number],
  step: number,
): { first: number; second: number } {
  const missing = (beta: number): number => 1 - Math.fround(beta) ** (step + 1);
  return { first: missing(beta1), second: Math.sqrt(missing(beta2)) };
}
