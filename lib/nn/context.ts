import type { TensorRandom, tf } from "../engine";

/** How a forward pass runs. */
export interface ForwardContext {
  /** Training: batch statistics in batch norm (the running ones are updated), dropout active. */
  training: boolean;
  /** The step's random draws; needed where dropout is active. */
  random?: TensorRandom;
  /** Running statistics of frozen layers: such a batch norm normalises by them, and leaves them, in training too. */
  keptStatistics?: ReadonlySet<tf.Variable>;
  /**
   * Is handed the named intermediates as they are computed, channels last. They live until the forward pass ends: `tf.keep`
   * what is wanted longer. Not called where the same code runs inside a compiled step and no tap was given.
   */
  tap?: (name: string, value: tf.Tensor) => void;
}

/** What hands an intermediate to the context's tap, if there is one, and gives it back. */
export function tapOf({ tap }: ForwardContext): <T extends tf.Tensor>(name: string, value: T) => T {
  return (name, value) => {
    tap?.(name, value);
    return value;
  };
}
