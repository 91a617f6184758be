import { SignalbookError } from "../core/errors";
import { embedding, type tf } from "../engine";
import { checkInteger } from "./checks";
import { type Initializer, standardNormal } from "./initial";
import type { Scope } from "./parameters";

export interface EmbeddingOptions {
  /** Rows of the table: how many different indices there are. */
  entries: number;
  features: number;
  /** Default PyTorch's: standard normal. */
  initializer?: Initializer;
}

/** A learned row of numbers for each index. */
export class Embedding {
  private readonly weight: tf.Variable;

  constructor(scope: Scope, { entries, features, initializer = standardNormal }: EmbeddingOptions) {
    checkInteger("entries of an embedding", entries, 1);
    checkInteger("features of an embedding", features, 1);
    this.weight = scope.parameter("weight", { shape: [entries, features], layout: "same", initializer });
  }

  /**
   * @param indices int32, any shape, each from 0 to entries - 1; on GPUs the row of any other is zero, on processors it
   *   throws
   * @returns [...indices, features], float32
   * @throws SignalbookError for indices that are not int32
   */
  forward(indices: tf.Tensor): tf.Tensor {
    if (indices.dtype !== "int32")
      throw new SignalbookError("indices of an embedding that are no integers", {
        found: indices.dtype,
        expected: "int32",
        fix: 'make them with tf.tensor(values, shape, "int32") or x.toInt()',
      });
    return embedding(this.weight, indices);
  }
}
