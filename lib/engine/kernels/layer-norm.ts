/**
 * Layer normalisation over the last axis (Ba et al. 2016). TensorFlow has no fused op for it on processors; here the
 * forward pass and the gradient are written with as few passes over the data as its ops allow, in float32.
 */
import * as tfjs from "@tensorflow/tfjs";
import { castTo, toFloat32, truePrecision } from "../precision";
import { type Attributes, defineKernel, runKernel } from "./define";

/** Saved for the gradient: the normalised values and one over the deviation of each row. */
function normalise(x: tfjs.Tensor, epsilon: number): { normal: tfjs.Tensor; scale: tfjs.Tensor } {
  const centred = tfjs.sub(x, tfjs.mean(x, -1, true));
  const scale = tfjs.rsqrt(tfjs.add(tfjs.mean(tfjs.square(centred), -1, true), epsilon));
  return { normal: tfjs.mul(centred, scale), scale };
}

type Inputs = Readonly<Record<string, tfjs.Tensor>>;

function forward({ x, gamma, beta }: Inputs, { epsilon }: Attributes): tfjs.Tensor[] {
  return tfjs.tidy(() => {
    const { normal, scale } = normalise(x!, epsilon as number);
    return [tfjs.add(tfjs.mul(normal, gamma!), beta!), normal, scale];
  });
}

function backward({ dy, normal, scale, gamma }: Inputs): tfjs.Tensor[] {
  return tfjs.tidy(() => {
    const rows = Array.from({ length: dy!.rank - 1 }, (_, i) => i);
    const along = tfjs.mul(dy!, normal!);
    const through = tfjs.mul(dy!, gamma!);
    const pull = tfjs.add(
      tfjs.mean(through, -1, true),
      tfjs.mul(normal!, tfjs.mean(tfjs.mul(through, normal!), -1, true)),
    );
    return [tfjs.mul(tfjs.sub(through, pull), scale!), tfjs.sum(along, rows), tfjs.sum(dy!, rows)];
  });
}

defineKernel({
  name: "SignalbookLayerNorm",
  tensorflow: forward,
  composed: forward,
  gradient: {
    inputs: ["gamma"],
    outputs: [false, true, true],
    of: ([dy], [gamma, normal, scale]) => {
      const inputs = { dy: dy!, normal: normal!, scale: scale!, gamma: gamma! };
      const [dx, dGamma, dBeta] = runKernel("SignalbookLayerNormGrad", inputs) as tfjs.Tensor[];
      return { x: () => dx!, gamma: () => dGamma!, beta: () => dBeta! };
    },
  },
});

defineKernel({ name: "SignalbookLayerNormGrad", tensorflow: backward, composed: backward });

/**
 * (x - mean) / sqrt(variance + epsilon) * gamma + beta over the last axis, with the biased variance; computed in float32
 * and given back in x's precision. x: [..., features]; gamma, beta: [features].
 */
export function layerNorm<T extends tfjs.Tensor>(x: T, gamma: tfjs.Tensor, beta: tfjs.Tensor, epsilon: number): T {
  const [y] = runKernel("SignalbookLayerNorm", { x: toFloat32(x), gamma, beta }, { epsilon }) as tfjs.Tensor[];
  return castTo(y as T, truePrecision(x));
}
