import { SignalbookError } from "../core/errors";
import { castTo, tf, truePrecision } from "../engine";
import type { ForwardContext } from "./context";

/**
 * Stochastic depth (Huang et al. 2016): leaves out the branch x, [batch, ...], of whole examples with probability `rate`
 * while training, and scales the others up.
 * @throws SignalbookError when the context has no random draws.
 */
export function dropPath<T extends tf.Tensor>(x: T, rate: number, context: ForwardContext): T {
  if (!context.training || rate === 0) return x;
  if (context.random === undefined)
    throw new SignalbookError("drop path without random draws", {
      fix: "give the forward pass `random: tensorRandom(seed, step)`, or build the model with dropPath 0",
    });
  const keep = context.random.keep([x.shape[0]!, ...x.shape.slice(1).map(() => 1)], rate);
  return tf.mul(x, castTo(keep, truePrecision(x)));
}
