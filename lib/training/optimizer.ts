/**
 * What an optimizer is, and what all of them share. An optimizer says what it keeps for each weight (its slots, saved in
 * checkpoints), which numbers change from step to step (inputs of the compiled step), and how a weight is updated.
 */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import { type ParameterGroup, type SettledGroup, settleGroups } from "./parameter-groups";

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
  /** The numbers of a step. @param step from 0: those that were skipped do not count */
  scalars(step: number, learningRate: number): Record<string, number>;
  /** Updates all weights; called while the step is traced. */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, scalars: ScalarTensors, context?: Partial<ApplyContext>): void;
  dispose(): void;
}

/** The numbers of `scalars`, as inputs of the compiled step. */
export type ScalarTensors = Readonly<Record<string, tf.Scalar>>;

export interface ApplyContext {
  /** 1 (the default), or 0 to leave weights and slots as they are, bit for bit; the gradients are 0 then. */
  proceed: tf.Scalar;
  /** The axis of a weight's output channels: they are first in PyTorch's layout, but last in a convolution's here. Default: the last. */
  channelAxis(name: string): number;
}

/** One weight and what goes with it. */
export interface Target<Slot extends string> {
  weight: tf.Variable;
  slots: Readonly<Record<Slot, tf.Variable>>;
  gradient: tf.Tensor;
  channelAxis: number;
}

/** What an optimizer knows of a step, for one group: made once, used for all its weights. */
export class GroupStep {
  constructor(
    readonly scalars: ScalarTensors,
    readonly proceed: tf.Scalar,
    private readonly group: SettledGroup,
  ) {}

  /** A number of the step times the group's rate factor, and 0 where the step is not to be made. */
  rate(name = "learningRate"): tf.Scalar {
    const rate = tf.mul(this.scalars[name]!, this.proceed) as tf.Scalar;
    const { rateFactor } = this.group;
    return rateFactor === 1 ? rate : (tf.mul(rate, rateFactor) as tf.Scalar);
  }

  /** A share that is kept of a moving average: 1, so that nothing changes, where the step is not to be made. */
  kept(share: number): tf.Scalar {
    return tf.where(tf.greater(this.proceed, 0), tf.scalar(share), tf.scalar(1)) as tf.Scalar;
  }

  /** The group's weight decay as an L2 penalty; absent where it is 0. */
  penalty(): tf.Scalar | undefined {
    const { weightDecay } = this.group;
    return weightDecay === 0 ? undefined : (tf.mul(this.proceed, weightDecay) as tf.Scalar);
  }

  /** What the step takes off a weight by decoupled decay; absent where it is nothing. */
  decay(): tf.Scalar | undefined {
    const { weightDecay } = this.group;
    return weightDecay === 0 ? undefined : (tf.mul(this.rate(), weightDecay) as tf.Scalar);
  }
}

/** One optimizer's formula. */
export interface Rule<Slot extends string, Prepared> {
  name: string;
  config: Readonly<Record<string, unknown>>;
  slots: readonly Slot[];
  weightDecay: number;
  groups: readonly ParameterGroup[] | undefined;
  scalars(step: number, learningRate: number): Record<string, number>;
  prepare(step: GroupStep): Prepared;
  update(target: Target<Slot>, prepared: Prepared): void;
}

export function makeOptimizer<Slot extends string, Prepared>(rule: Rule<Slot, Prepared>): Optimizer {
  return {
    name: rule.name,
    config: { ...rule.config, weightDecay: rule.weightDecay, ...(rule.groups && { groups: rule.groups }) },
    create(parameters) {
      const groups = settleGroups(parameters, rule.groups, rule.weightDecay);
      const slots = new Map<string, tf.Variable>();
      // tidy frees the zeros: the variable holds on to their data
      for (const [name, weight] of parameters)
        for (const slot of rule.slots)
          tf.tidy(() => void slots.set(`${name}.${slot}`, tf.variable(tf.zeros(weight.shape), false)));
      return {
        slots,
        scalars: (step, learningRate) => rule.scalars(step, learningRate),
        apply(
          gradients,
          scalars,
          { proceed = tf.scalar(1), channelAxis = (name: string) => parameters.get(name)!.shape.length - 1 } = {},
        ) {
          const prepared = new Map<SettledGroup, Prepared>();
          for (const [name, gradient] of gradients) {
            const group = groups.get(name)!;
            if (!prepared.has(group)) prepared.set(group, rule.prepare(new GroupStep(scalars, proceed, group)));
            const own = Object.fromEntries(rule.slots.map((slot) => [slot, slots.get(`${name}.${slot}`)!]));
            rule.update(
              {
                weight: parameters.get(name)!,
                slots: own as Record<Slot, tf.Variable>,
                gradient,
                channelAxis: channelAxis(name),
              },
              prepared.get(group)!,
            );
          }
        },
        dispose() {
          for (const slot of slots.values()) slot.dispose();
        },
      };
    },
  };
}

/** The gradient with the L2 penalty's: decay times the weight. Absent: no penalty. */
export function withPenalty(gradient: tf.Tensor, weight: tf.Variable, decay: tf.Scalar | undefined): tf.Tensor {
  return decay === undefined ? gradient : tf.add(gradient, tf.mul(weight, decay));
}

export interface SharedOptions {
  /** Default: all weights are one group. */
  groups?: readonly ParameterGroup[];
}

/** Throws unless constants of an optimizer lie where its formula makes sense. */
export function requireConstants(
  optimizer: string,
  constants: Readonly<Record<string, { value: number; below?: number; above?: number }>>,
): void {
  for (const [name, { value, below = Number.POSITIVE_INFINITY, above }] of Object.entries(constants)) {
    const enough = above === undefined ? value >= 0 : value > above;
    if (!(enough && value < below))
      throw new SignalbookError(`a constant of ${optimizer} out of range`, {
        found: `${name} ${value}`,
        expected: `${above === undefined ? "0 or more" : `above ${above}`}${Number.isFinite(below) ? `, below ${below}` : ""}`,
      });
  }
}
