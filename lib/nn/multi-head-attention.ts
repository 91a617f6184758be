/** Attention in several heads with the parameters of `torch.nn.MultiheadAttention`: queries may ask other tokens. */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import { attend, joinHeads, splitHeads } from "./attention";
import { checkInteger, checkRate } from "./checks";
import type { ForwardContext } from "./context";
import { dropout } from "./dropout";
import { constant, xavierUniform } from "./initial";
import { Linear, linear } from "./linear";
import type { Scope } from "./parameters";

export interface MultiHeadAttentionOptions {
  features: number;
  /** Must divide the features. */
  heads: number;
  /** Of all four projections. Default true. */
  bias?: boolean;
  /** Of the attention weights while training. Default 0. */
  dropout?: number;
}

export interface AttentionTokens {
  /** What is attended to, [batch, keys, features]. Default the queries: self-attention. */
  key?: tf.Tensor3D;
  /** Shaped as `key`. Default the keys. */
  value?: tf.Tensor3D;
  /** bool, [batch, keys]: true for keys nobody may look at, such as the padding of short sequences. */
  keyPadding?: tf.Tensor2D;
  /**
   * Broadcast to [batch, heads, queries, keys]; bool: true where a query may not look, as PyTorch has it; float32: added
   * to the scores. A query that may look nowhere gives NaN, as in PyTorch.
   */
  mask?: tf.Tensor;
  /** Query i sees keys 0 to i only. Default false. */
  causal?: boolean;
}

/** Parameters as PyTorch's: `in_proj_weight`, `in_proj_bias` (queries, keys, values one below the other), `out_proj`. */
export class MultiHeadAttention {
  private readonly weight: tf.Variable;
  private readonly bias: tf.Variable | undefined;
  private readonly projection: Linear;
  private readonly settled: Required<MultiHeadAttentionOptions>;

  constructor(scope: Scope, { features, heads, bias = true, dropout: rate = 0 }: MultiHeadAttentionOptions) {
    checkInteger("heads of an attention", heads, 1);
    checkInteger("features per head of an attention", features / heads, 1);
    checkRate("dropout of an attention", rate);
    this.settled = { features, heads, bias, dropout: rate };
    const zero = constant(0);
    this.weight = scope.parameter("in_proj_weight", {
      ...{ shape: [3 * features, features], layout: "same", initializer: xavierUniform },
    });
    if (bias) this.bias = scope.parameter("in_proj_bias", { shape: [3 * features], layout: "same", initializer: zero });
    this.projection = new Linear(scope.at("out_proj"), {
      ...{ inputs: features, outputs: features, bias: bias ? zero : false, result: "policy" },
    });
  }

  /**
   * @param query [batch, queries, features]
   * @returns the same shape
   * @throws SignalbookError for keys, values or masks of shapes that do not belong to the queries
   */
  forward(query: tf.Tensor3D, tokens: AttentionTokens, context: ForwardContext): tf.Tensor3D {
    const { features, heads, dropout: rate } = this.settled;
    const { key = query, value = key } = tokens;
    needTokens("keys", key, [query.shape[0], key.shape[1], features]);
    needTokens("values", value, key.shape);
    const [q, k, v] = this.project(query, key, value).map((x) => splitHeads(x, heads));
    const bias = scoreBias(tokens, query.shape[1], key);
    const attended = attend(q!, k!, v!, {
      ...(bias !== undefined && { bias }),
      dropped: (weights) => dropout(weights, rate, context),
    });
    return this.projection.forward(joinHeads(attended));
  }

  /** Queries, keys and values: one product where all come from the same tokens. */
  private project(query: tf.Tensor3D, key: tf.Tensor3D, value: tf.Tensor3D): tf.Tensor3D[] {
    const { features } = this.settled;
    if (query === key && key === value) return tf.split(linear(query, this.weight, this.bias, "policy"), 3, 2);
    return [query, key, value].map((x, i) => {
      const weight = tf.slice(this.weight, [i * features, 0], [features, features]);
      const bias = this.bias === undefined ? undefined : tf.slice(this.bias, [i * features], [features]);
      return linear(x, weight, bias, "policy");
    });
  }
}

function needTokens(what: string, x: tf.Tensor, expected: readonly number[]): void {
  if (x.shape.join() === expected.join()) return;
  throw new SignalbookError(`attention to ${what} of the wrong shape`, {
    found: `[${x.shape.join(", ")}]`,
    expected: `[${expected.join(", ")}]`,
  });
}

/** What all masks together add to the scores. */
function scoreBias(tokens: AttentionTokens, queries: number, key: tf.Tensor3D): tf.Tensor | undefined {
  const { keyPadding, mask, causal = false } = tokens;
  const [batch, keys] = key.shape;
  const parts: tf.Tensor[] = [];
  if (keyPadding !== undefined) {
    needTokens("padded keys", keyPadding, [batch, keys]);
    parts.push(closed(tf.reshape(keyPadding, [batch, 1, 1, keys])));
  }
  if (mask !== undefined) parts.push(mask.dtype === "bool" ? closed(mask) : mask);
  if (causal) {
    const values = Float32Array.from({ length: queries * keys }, (_, i) =>
      i % keys > Math.floor(i / keys) ? -Infinity : 0,
    );
    parts.push(tf.tensor(values, [queries, keys]));
  }
  return parts.length === 0 ? undefined : parts.reduce((sum, part) => tf.add(sum, part));
}

/** Minus infinity where true. */
function closed(mask: tf.Tensor): tf.Tensor {
  return tf.where(mask, tf.fill(mask.shape, -Infinity), tf.zeros(mask.shape));
}
