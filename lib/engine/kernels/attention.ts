/**
 * Scaled dot-product attention (Vaswani et al. 2017) from scores to values, with a gradient of its own. What tfjs would
 * compose goes over the weights, one for each pair of tokens, four times more; here the sum that the gradient of a
 * softmax needs, over dP P, is taken over dO O instead (Dao et al. 2022, arXiv 2205.14135): features, not pairs.
 */
import * as tfjs from "@tensorflow/tfjs";
import { castTo, toFloat32, truePrecision } from "../precision";
import { defineKernel, type Inputs, runKernel } from "./define";

export interface Attended {
  /** [..., queries, size] */
  q: tfjs.Tensor;
  /** [..., keys, size] */
  k: tfjs.Tensor;
  /** [..., keys, features] */
  v: tfjs.Tensor;
  /** Added to the scores, [..., queries, keys]; its leading axes may be missing or 1. */
  bias?: tfjs.Tensor | undefined;
}

/** The weights P = softmax(q kᵀ + bias), in float32; and P v. */
function forward({ q, k, v, bias }: Inputs): tfjs.Tensor[] {
  return tfjs.tidy(() => {
    const scores = toFloat32(tfjs.matMul(q!, k!, false, true));
    const weights = tfjs.softmax(bias === undefined ? scores : tfjs.add(scores, bias));
    return [tfjs.matMul(castTo(weights, truePrecision(v!)), v!), weights];
  });
}

function backward({ dy, y, weights, q, k, v }: Inputs): tfjs.Tensor[] {
  return tfjs.tidy(() => {
    const slope = castTo(dy!, truePrecision(v!));
    const dv = tfjs.matMul(castTo(weights!, truePrecision(v!)), slope, true, false);
    const dWeights = toFloat32(tfjs.matMul(slope, v!, false, true));
    const pull = tfjs.sum(tfjs.mul(toFloat32(dy!), toFloat32(y!)), -1, true);
    const dScores = tfjs.mul(tfjs.sub(dWeights, pull), weights!);
    const narrow = castTo(dScores, truePrecision(q!));
    return [tfjs.matMul(narrow, k!), tfjs.matMul(narrow, q!, true, false), dv, dScores];
  });
}

defineKernel({
  name: "SignalbookAttention",
  tensorflow: forward,
  composed: forward,
  gradient: {
    inputs: ["q", "k", "v"],
    outputs: [true, true],
    of: ([dy], [q, k, v, y, weights], { biasShape }) => {
      const inputs = { dy: dy!, y: y!, weights: weights!, q: q!, k: k!, v: v! };
      const [dq, dk, dv, dScores] = runKernel("SignalbookAttentionGrad", inputs) as tfjs.Tensor[];
      return { q: () => dq!, k: () => dk!, v: () => dv!, bias: () => reduceTo(dScores!, biasShape as number[]) };
    },
  },
});

defineKernel({ name: "SignalbookAttentionGrad", tensorflow: backward, composed: backward });

/** The gradient of a tensor that was broadcast: summed over the axes it had not, or had once. */
function reduceTo(slope: tfjs.Tensor, shape: readonly number[]): tfjs.Tensor {
  return tfjs.tidy(() => {
    const missing = slope.rank - shape.length;
    const axes = slope.shape.flatMap((n, i) => (i < missing || (shape[i - missing] === 1 && n !== 1) ? [i] : []));
    return tfjs.reshape(axes.length === 0 ? slope : tfjs.sum(slope, axes), [...shape]);
  });
}

/** softmax(q kᵀ + bias) v, the softmax in float32: [..., queries, features] in v's precision. Scale q before. */
export function attention({ q, k, v, bias }: Attended): tfjs.Tensor {
  const inputs: Inputs = bias === undefined ? { q, k, v } : { q, k, v, bias };
  const [y] = runKernel("SignalbookAttention", inputs, { biasShape: bias?.shape ?? [] }) as tfjs.Tensor[];
  return y!;
}
