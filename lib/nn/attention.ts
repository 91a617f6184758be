/** Scaled dot-product attention in several heads (Vaswani et al. 2017). */
import { attention, castTo, tf, toFloat32, truePrecision } from "../engine";
import { checkInteger } from "./checks";
import { Linear } from "./linear";
import type { Scope } from "./parameters";

export interface AttendOptions {
  /** Added to the scores; broadcast to [batch, heads, tokens, tokens]. */
  bias?: tf.Tensor;
  /** What becomes of the weights before they are used: their dropout. */
  dropped?: (weights: tf.Tensor) => tf.Tensor;
}

/**
 * softmax(q kᵀ / sqrt(size) + bias) v, the softmax in float32.
 * @param q [batch, heads, tokens, size]; k, v: the same, of as many tokens as are attended to
 */
export function attend(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, options: AttendOptions = {}): tf.Tensor4D {
  const { bias, dropped } = options;
  const scaled = tf.mul(q, q.shape[3] ** -0.5);
  if (dropped === undefined) return attention({ q: scaled, k, v, bias }) as tf.Tensor4D;
  const scores = toFloat32(tf.matMul(scaled, k, false, true));
  const weights = dropped(tf.softmax(bias === undefined ? scores : tf.add(scores, bias)));
  return tf.matMul(castTo(weights, truePrecision(v)), v) as tf.Tensor4D;
}

/** [batch, tokens, heads * size] to [batch, heads, tokens, size]. */
export function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [batch, tokens, features] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, tokens, heads, features / heads]), [0, 2, 1, 3]);
}

/** The inverse of {@link splitHeads}. */
export function joinHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, tokens, size] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * size]);
}

/** Self-attention with one linear layer for queries, keys and values: timm's `qkv` and `proj`. */
export class SelfAttention {
  private readonly qkv: Linear;
  private readonly projection: Linear;
  private readonly heads: number;

  constructor(scope: Scope, { features, heads }: { features: number; heads: number }) {
    checkInteger("features per head of an attention", features / heads, 1);
    this.heads = heads;
    this.qkv = new Linear(scope.at("qkv"), { inputs: features, outputs: 3 * features, result: "policy" });
    this.projection = new Linear(scope.at("proj"), { inputs: features, outputs: features, result: "policy" });
  }

  /** [batch, tokens, features] to the same. */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    const [batch, tokens, features] = x.shape;
    const size = features / this.heads;
    const parts = tf.reshape(this.qkv.forward(x), [batch, tokens, 3, this.heads, size]);
    const [q, k, v] = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4])) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    return this.projection.forward(joinHeads(attend(q, k, v)));
  }
}
