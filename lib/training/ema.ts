/**
 * Exponential moving averages of a model's weights, by the rule of torch_ema: of what learns, not of running statistics,
 * which are averages already.
 */
import { SignalbookError } from "../core/errors";
import { subtractFrom, tf } from "../engine";

export interface EmaOptions {
  /** Share of the old average that an update keeps. */
  decay: number;
  /** capped: at most (1 + n) / (10 + n) at the n-th update, so that the first ones count more (torch_ema). */
  rule: "constant" | "capped";
  /** After each step of the optimizer, or once after each epoch (system 002). */
  every: "step" | "epoch";
}

export interface Ema {
  readonly every: EmaOptions["every"];
  /** The averages, "ema.<weight>", and the number of updates, "ema.updates". */
  readonly slots: ReadonlyMap<string, tf.Variable>;
  /** Takes the weights as they are now into the averages; in a traced step too. @param proceed 0 changes nothing */
  update(proceed?: tf.Scalar): void;
  /** Whether the model has the averages for weights. */
  readonly swapped: boolean;
  /** The model's weights become the averages, and are kept aside. */
  swapIn(): void;
  /** Undoes swapIn. */
  swapOut(): void;
}

/** The averages begin as the weights are now. */
export function createEma({ decay, rule, every }: EmaOptions, parameters: ReadonlyMap<string, tf.Variable>): Ema {
  if (!(decay >= 0 && decay <= 1))
    throw new SignalbookError("a decay of averaged weights out of range", {
      found: String(decay),
      expected: "0 .. 1",
    });
  const pairs = [...parameters].map(([name, weight]) => ({
    name,
    weight,
    // a copy: the variable would share the weight's own data
    average: tf.tidy(() => tf.variable(tf.mul(weight, 1), false)),
  }));
  const updates = tf.tidy(() => tf.variable(tf.scalar(0), false));
  let swapped = false;
  const exchange = (to: boolean): void => {
    if (swapped === to)
      throw new SignalbookError(`averaged weights swapped ${to ? "in" : "out"} twice`, {
        fix: "call swapIn and swapOut in turn",
      });
    swapped = to;
    tf.tidy(() => {
      for (const { weight, average } of pairs) {
        const own = tf.clone(weight as tf.Tensor);
        weight.assign(average);
        average.assign(own);
      }
    });
  };
  return {
    every,
    slots: new Map([
      ...pairs.map(({ name, average }): [string, tf.Variable] => [`ema.${name}`, average]),
      ["ema.updates", updates],
    ]),
    update(given) {
      if (swapped) throw new SignalbookError("an update of averaged weights while they are the model's own");
      tf.tidy(() => {
        const proceed = given ?? tf.scalar(1);
        subtractFrom(updates, tf.neg(proceed) as tf.Scalar, tf.scalar(1));
        // 1 - (1 + n) / (10 + n) = 9 / (10 + n), without the difference of nearly equal numbers
        const fresh = rule === "constant" ? 1 - decay : tf.maximum(tf.div(9, tf.add(updates, 10)), 1 - decay);
        const share = tf.mul(proceed, fresh) as tf.Scalar;
        for (const { weight, average } of pairs) subtractFrom(average, share, tf.sub(average, weight));
      });
    },
    get swapped() {
      return swapped;
    },
    swapIn: () => exchange(true),
    swapOut: () => exchange(false),
  };
}
