import { layerNorm, tf, toFloat32 } from "../engine";
import { checkInteger } from "./checks";
import { constant } from "./initial";
import type { Scope } from "./parameters";

export interface LayerNormOptions {
  features: number;
  /** Added to the variance. Default 1e-5, PyTorch's. */
  epsilon?: number;
}

/** A scale that starts at 1 and a shift that starts at 0, by these names. */
function scaleAndShift(
  scope: Scope,
  names: readonly [scale: string, shift: string],
  features: number,
): [tf.Variable, tf.Variable] {
  const [weight, bias] = names.map((name, i) =>
    scope.parameter(name, { shape: [features], layout: "same", initializer: constant(1 - i) }),
  );
  return [weight!, bias!];
}

/** Layer normalisation over the last axis (Ba et al. 2016). */
export class LayerNorm {
  private readonly weight: tf.Variable;
  private readonly bias: tf.Variable;
  private readonly epsilon: number;

  constructor(scope: Scope, { features, epsilon = 1e-5 }: LayerNormOptions) {
    checkInteger("features of a layer norm", features, 1);
    [this.weight, this.bias] = scaleAndShift(scope, ["weight", "bias"], features);
    this.epsilon = epsilon;
  }

  /** x: [..., features], any precision. */
  forward<T extends tf.Tensor>(x: T): T {
    return layerNorm(x, this.weight, this.bias, this.epsilon);
  }
}

/**
 * The layer norm of the annotated transformer, which AttnSleep took over: it divides by the unbiased standard deviation
 * with epsilon added to it, and calls its parameters `a_2` and `b_2`.
 */
export class DeviationNorm {
  private readonly weight: tf.Variable;
  private readonly bias: tf.Variable;
  private readonly epsilon: number;

  constructor(scope: Scope, { features, epsilon = 1e-6 }: LayerNormOptions) {
    checkInteger("features of a layer norm", features, 2);
    [this.weight, this.bias] = scaleAndShift(scope, ["a_2", "b_2"], features);
    this.epsilon = epsilon;
  }

  /** x: [..., features]; the result is float32. */
  forward<T extends tf.Tensor>(x: T): T {
    const features = x.shape[x.rank - 1]!;
    const wide = toFloat32(x);
    const centred = tf.sub(wide, tf.mean(wide, -1, true));
    const variance = tf.div(tf.sum(tf.square(centred), -1, true), features - 1);
    const normal = tf.div(centred, tf.add(tf.sqrt(variance), this.epsilon));
    return tf.add(tf.mul(normal, this.weight), this.bias);
  }
}
