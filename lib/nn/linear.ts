import { castTo, tf, toFloat32, toPolicy, truePrecision } from "../engine";
import { checkInteger } from "./checks";
import { type Initializer, uniformByFanIn } from "./initial";
import type { Scope } from "./parameters";

export interface LinearOptions {
  inputs: number;
  outputs: number;
  /** Default PyTorch's: uniform in +-1/sqrt(inputs). */
  weight?: Initializer;
  /** Default PyTorch's: uniform in +-1/sqrt(inputs). `false`: no bias. */
  bias?: Initializer | false;
  /** "float32" whatever the policy (default: it is mostly logits), or "policy": inside a network. */
  result?: "float32" | "policy";
}

/**
 * x weightᵀ + bias in the policy's precision, given back in it or in float32.
 * @param x [..., inputs]; weight: [outputs, inputs]; bias: [outputs]
 */
export function linear<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor,
  bias: tf.Tensor | undefined,
  result: "float32" | "policy",
): T {
  const [outputs, inputs] = weight.shape as [number, number];
  const rows = x.rank === 2 ? x : tf.reshape(x, [-1, inputs]);
  const product = tf.matMul(toPolicy(rows as tf.Tensor2D), toPolicy(weight as tf.Tensor2D), false, true);
  const y = result === "float32" ? toFloat32(product) : product;
  // The bias in the product's own type: a sum of two types would come out as float32.
  const sum = bias === undefined ? y : tf.add(y, castTo(bias, truePrecision(y)));
  return tf.reshape(sum, [...x.shape.slice(0, -1), outputs]) as T;
}

/** A linear layer, with bias unless said otherwise. */
export class Linear {
  private readonly weight: tf.Variable;
  private readonly bias: tf.Variable | undefined;
  private readonly result: "float32" | "policy";
  readonly inputs: number;
  readonly outputs: number;

  constructor(scope: Scope, { inputs, outputs, weight, bias, result = "float32" }: LinearOptions) {
    checkInteger("inputs of a linear layer", inputs, 1);
    checkInteger("outputs of a linear layer", outputs, 1);
    this.inputs = inputs;
    this.outputs = outputs;
    this.result = result;
    const byFanIn = uniformByFanIn(inputs);
    this.weight = scope.parameter("weight", {
      shape: [outputs, inputs],
      layout: "same",
      initializer: weight ?? byFanIn,
    });
    if (bias !== false)
      this.bias = scope.parameter("bias", { shape: [outputs], layout: "same", initializer: bias ?? byFanIn });
  }

  /** [..., inputs] to [..., outputs]. */
  forward<T extends tf.Tensor>(x: T): T {
    return linear(x, this.weight, this.bias, this.result);
  }
}
