import { tf, toFloat32, toPolicy } from "../engine";
import { checkInteger } from "./checks";
import { type Initializer, uniformByFanIn } from "./initial";
import type { Scope } from "./parameters";

export interface LinearOptions {
  inputs: number;
  outputs: number;
  /** Default PyTorch's: uniform in +-1/sqrt(inputs). */
  weight?: Initializer;
  /** Default PyTorch's: uniform in +-1/sqrt(inputs). */
  bias?: Initializer;
}

/** A linear layer with bias. The result is float32 whatever the policy: it is mostly logits. */
export class Linear {
  private readonly weight: tf.Variable;
  private readonly bias: tf.Variable;
  readonly inputs: number;

  constructor(scope: Scope, { inputs, outputs, weight, bias }: LinearOptions) {
    checkInteger("inputs of a linear layer", inputs, 1);
    checkInteger("outputs of a linear layer", outputs, 1);
    this.inputs = inputs;
    const byFanIn = uniformByFanIn(inputs);
    this.weight = scope.parameter("weight", {
      shape: [outputs, inputs],
      layout: "same",
      initializer: weight ?? byFanIn,
    });
    this.bias = scope.parameter("bias", { shape: [outputs], layout: "same", initializer: bias ?? byFanIn });
  }

  /** [batch, inputs] to [batch, outputs]. */
  forward(x: tf.Tensor2D): tf.Tensor2D {
    const product = tf.matMul(toPolicy(x), toPolicy(this.weight as tf.Tensor2D), false, true);
    return tf.add(toFloat32(product), this.bias);
  }
}
