/** GELU and SiLU, each with a gradient of its own: tfjs would compose it of twice the passes. */
import * as tfjs from "@tensorflow/tfjs";
import { castTo, toFloat32, truePrecision } from "../precision";
import { defineKernel, runKernel } from "./define";

interface Activation {
  value: (x: tfjs.Tensor) => tfjs.Tensor;
  slope: (x: tfjs.Tensor) => tfjs.Tensor;
}

/** x Phi(x), Phi the normal distribution function by erf (Hendrycks and Gimpel 2016): PyTorch's default. */
const gaussian: Activation = {
  value: (x) => tfjs.mul(x, normalDistribution(x)),
  slope: (x) => {
    const density = tfjs.mul(tfjs.exp(tfjs.mul(tfjs.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return tfjs.add(normalDistribution(x), tfjs.mul(x, density));
  },
};

function normalDistribution(x: tfjs.Tensor): tfjs.Tensor {
  return tfjs.mul(tfjs.add(tfjs.erf(tfjs.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/** x sigmoid(x) (Elfwing et al. 2017), also called swish. */
const sigmoidLinear: Activation = {
  value: (x) => tfjs.mul(x, tfjs.sigmoid(x)),
  slope: (x) => {
    const s = tfjs.sigmoid(x);
    return tfjs.mul(s, tfjs.add(tfjs.mul(x, tfjs.sub(1, s)), 1));
  },
};

function define(name: string, { value, slope }: Activation): <T extends tfjs.Tensor>(x: T) => T {
  const forward = ({ x }: Readonly<Record<string, tfjs.Tensor>>): tfjs.Tensor => tfjs.tidy(() => value(x!));
  const backward = ({ x, dy }: Readonly<Record<string, tfjs.Tensor>>): tfjs.Tensor =>
    tfjs.tidy(() => tfjs.mul(dy!, slope(x!)));
  defineKernel({
    name,
    tensorflow: forward,
    composed: forward,
    gradient: {
      inputs: ["x"],
      of: ([dy], [x]) => ({ x: () => runKernel(`${name}Grad`, { x: x!, dy: dy! }) as tfjs.Tensor }),
    },
  });
  defineKernel({ name: `${name}Grad`, tensorflow: backward, composed: backward });
  // In float32, as PyTorch computes it inside: in 16 bits the small differences would be lost on the way.
  return (x) => castTo(runKernel(name, { x: toFloat32(x) }) as typeof x, truePrecision(x));
}

/** Any shape; the result has x's precision. */
export const gelu = define("SignalbookGelu", gaussian);

/** Any shape; the result has x's precision. */
export const silu = define("SignalbookSilu", sigmoidLinear);
