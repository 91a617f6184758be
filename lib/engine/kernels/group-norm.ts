/**
 * Group normalisation (Wu and He 2018). Means are taken over the places first and over a group's channels then: both
 * reductions run along memory as it lies, channels last. In float32.
 */
import * as tfjs from "@tensorflow/tfjs";
import { castTo, toFloat32, truePrecision } from "../precision";
import { type Attributes, defineKernel, runKernel } from "./define";

type Inputs = Readonly<Record<string, tfjs.Tensor>>;

/** Each channel's group mean: [batch, places, channels] to [batch, 1, channels]. */
function groupMean(x: tfjs.Tensor, groups: number): tfjs.Tensor {
  const [batch, , channels] = x.shape as [number, number, number];
  const grouped = tfjs.reshape(tfjs.mean(x, 1), [batch, groups, channels / groups]);
  const means = tfjs.tile(tfjs.mean(grouped, 2, true), [1, 1, channels / groups]);
  return tfjs.reshape(means, [batch, 1, channels]);
}

/** Besides the result, what its gradient wants: the normalised values and one over each channel's deviation. */
function forward({ x, gamma, beta }: Inputs, { groups, epsilon }: Attributes): tfjs.Tensor[] {
  return tfjs.tidy(() => {
    const centred = tfjs.sub(x!, groupMean(x!, groups as number));
    const variance = groupMean(tfjs.square(centred), groups as number);
    const scale = tfjs.rsqrt(tfjs.add(variance, epsilon as number));
    const normal = tfjs.mul(centred, scale);
    return [tfjs.add(tfjs.mul(normal, gamma!), beta!), normal, scale];
  });
}

function backward({ dy, normal, scale, gamma }: Inputs, { groups }: Attributes): tfjs.Tensor[] {
  return tfjs.tidy(() => {
    const through = tfjs.mul(dy!, gamma!);
    const pull = tfjs.add(
      groupMean(through, groups as number),
      tfjs.mul(normal!, groupMean(tfjs.mul(through, normal!), groups as number)),
    );
    const dGamma = tfjs.sum(tfjs.mul(dy!, normal!), [0, 1]);
    return [tfjs.mul(tfjs.sub(through, pull), scale!), dGamma, tfjs.sum(dy!, [0, 1])];
  });
}

defineKernel({
  name: "SignalbookGroupNorm",
  tensorflow: forward,
  composed: forward,
  gradient: {
    inputs: ["gamma"],
    outputs: [false, true, true],
    of: ([dy], [gamma, normal, scale], attributes) => {
      const inputs = { dy: dy!, normal: normal!, scale: scale!, gamma: gamma! };
      const [dx, dGamma, dBeta] = runKernel("SignalbookGroupNormGrad", inputs, attributes) as tfjs.Tensor[];
      return { x: () => dx!, gamma: () => dGamma!, beta: () => dBeta! };
    },
  },
});

defineKernel({ name: "SignalbookGroupNormGrad", tensorflow: backward, composed: backward });

/**
 * Normalises each example's groups of neighbouring channels by their own mean and biased variance, then
 * `* gamma + beta`; computed in float32 and given back in x's precision.
 * @param x [batch, ..., channels]; gamma, beta: [channels]
 * @param groups must divide the channels; as many as channels is instance normalisation
 */
export function groupNorm<T extends tfjs.Tensor>(
  x: T,
  gamma: tfjs.Tensor,
  beta: tfjs.Tensor,
  { groups, epsilon }: { groups: number; epsilon: number },
): T {
  const [batch, channels] = [x.shape[0]!, x.shape[x.rank - 1]!];
  const places = tfjs.reshape(toFloat32(x), [batch, x.size / (batch * channels), channels]);
  const [y] = runKernel("SignalbookGroupNorm", { x: places, gamma, beta }, { groups, epsilon }) as tfjs.Tensor[];
  return castTo(tfjs.reshape(y!, x.shape) as T, truePrecision(x));
}
