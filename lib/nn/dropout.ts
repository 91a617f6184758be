import { SignalbookError } from "../core/errors";
import { dropout as drop, type tf } from "../engine";
import type { ForwardContext } from "./context";

/**
 * Drops elements with probability `rate` while training, and scales the others up.
 * @throws SignalbookError when the context has no random draws.
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, context: ForwardContext): T {
  if (!context.training || rate === 0) return x;
  if (context.random === undefined)
    throw new SignalbookError("dropout without random draws", {
      fix: "give the forward pass `random: tensorRandom(seed, step)`, or build the model with dropout 0",
    });
  return drop(x, rate, context.random);
}
