/** Attention within windows of an image, with a learned bias for each distance: LeViT's (Graham et al. 2021), as TinyViT. */
import { tf } from "../engine";
import { attend, joinHeads } from "./attention";
import { checkInteger } from "./checks";
import { constant } from "./initial";
import { LayerNorm } from "./layer-norm";
import { Linear } from "./linear";
import type { Scope } from "./parameters";

export interface WindowAttentionOptions {
  features: number;
  heads: number;
  /** Side of a window, in places. */
  window: number;
}

/**
 * Norm, attention and projection of one window's places, timm's `attn` of TinyViT. Queries, keys and values of a head
 * lie together in the rows of `qkv`; `attention_biases` has a value a head for each distance (down, right).
 */
export class WindowAttention {
  private readonly biases: tf.Variable;
  private readonly norm: LayerNorm;
  private readonly qkv: Linear;
  private readonly projection: Linear;

  constructor(
    scope: Scope,
    private readonly options: WindowAttentionOptions,
  ) {
    const { features, heads, window } = options;
    checkInteger("features per head of an attention", features / heads, 1);
    checkInteger("side of a window", window, 1, 256);
    this.biases = scope.parameter("attention_biases", {
      shape: [heads, window * window],
      layout: "same",
      initializer: constant(0),
    });
    this.norm = new LayerNorm(scope.at("norm"), { features });
    this.qkv = new Linear(scope.at("qkv"), { inputs: features, outputs: 3 * features, result: "policy" });
    this.projection = new Linear(scope.at("proj"), { inputs: features, outputs: features, result: "policy" });
  }

  /** [batch, height, width, features] to the same. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const { features, window } = this.options;
    const [batch, height, width] = x.shape;
    const [rows, columns] = [Math.ceil(height / window), Math.ceil(width / window)];
    const [down, right] = [rows * window - height, columns * window - width];
    const whole = down === 0 && right === 0;
    const padded = whole ? x : (tf.pad(x, [[0, 0], [0, down], [0, right], [0, 0]]) as tf.Tensor4D); // biome-ignore format: one line reads better
    const tiles = tf.reshape(padded, [batch, rows, window, columns, window, features]);
    const count = batch * rows * columns;
    const windows: tf.Tensor3D = tf.reshape(tf.transpose(tiles, [0, 1, 3, 2, 4, 5]), [
      count,
      window * window,
      features,
    ]);
    const attended = tf.reshape(this.withinWindows(windows), [batch, rows, columns, window, window, features]);
    const image: tf.Tensor4D = tf.reshape(tf.transpose(attended, [0, 1, 3, 2, 4, 5]), padded.shape);
    return whole ? image : tf.slice(image, [0, 0, 0, 0], [batch, height, width, features]);
  }

  private withinWindows(x: tf.Tensor3D): tf.Tensor3D {
    const { features, heads } = this.options;
    const [count, places] = x.shape;
    const parts = tf.reshape(this.qkv.forward(this.norm.forward(x)), [count, places, heads, 3, features / heads]);
    const [q, k, v] = tf.unstack(tf.transpose(parts, [3, 0, 2, 1, 4])) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    return this.projection.forward(joinHeads(attend(q, k, v, { bias: this.bias() })));
  }

  /**
   * The biases spread out to [heads, places, places]. Two products with tables of ones choose the distance down and the
   * distance right: their gradient is a product again, where a gather's would add up value by value.
   */
  private bias(): tf.Tensor {
    const { heads, window } = this.options;
    const table = tf.reshape(this.biases, [heads, window, window]);
    const chosen = distances(window);
    const spread = (t: tf.Tensor): tf.Tensor => tf.tile(tf.expandDims(t, 0), [heads, 1, 1]);
    const down = tf.matMul(spread(chosen), table);
    // [heads, (from, to) down, (from, to) right]
    const both = tf.matMul(down, spread(chosen), false, true);
    const apart = tf.reshape(both, [heads, window, window, window, window]);
    return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4]), [heads, window * window, window * window]);
  }
}

/** [side * side, side]: in the row of two places a one at their distance. */
function distances(side: number): tf.Tensor2D {
  const values = new Float32Array(side ** 3);
  for (let from = 0; from < side; from++)
    for (let to = 0; to < side; to++) values[(from * side + to) * side + Math.abs(from - to)] = 1;
  return tf.tensor2d(values, [side * side, side]);
}
