/**
 * Batch normalisation over all axes but the last, with TensorFlow's fused kernels. tfjs composes it of a dozen ops.
 * Statistics and parameters stay float32 whatever the activations are.
 */
import * as tfjs from "@tensorflow/tfjs";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { type Attributes, defineKernel, runKernel } from "./define";

/** TensorFlow's kernels want four axes: [1, rows, 1, channels] is the same memory. */
function asImage(x: tfjs.Tensor): tfjs.Tensor {
  if (x.rank === 4) return x;
  const channels = x.shape[x.rank - 1]!;
  return tfjs.reshape(x, [1, x.size / channels, 1, channels]);
}

function common(attributes: Attributes, training: boolean): ReturnType<typeof attribute.type>[] {
  return [
    attribute.type("T", DType.float32),
    attribute.type("U", DType.float32),
    attribute.float("epsilon", attributes["epsilon"] as number),
    attribute.string("data_format", "NHWC"),
    attribute.bool("is_training", training),
  ];
}

const axesBut = (x: tfjs.Tensor): number[] => Array.from({ length: x.rank - 1 }, (_, i) => i);

function rowsOf(x: tfjs.Tensor): number {
  return x.size / x.shape[x.rank - 1]!;
}

/**
 * Gradients of x, gamma and beta, all three at once: what the gradient of one input makes is disposed before the next is
 * asked for.
 */
function gradients([dy, x, gamma, mean, variance]: tfjs.Tensor[], attributes: Attributes): tfjs.Tensor[] {
  const inputs = { dy: dy!, x: x!, gamma: gamma!, mean: mean!, variance: variance! };
  return runKernel("SignalbookBatchNormGrad", inputs, attributes) as tfjs.Tensor[];
}

defineKernel({
  name: "SignalbookBatchNormTraining",
  tensorflow: ({ x, gamma, beta }, attributes, backend) => {
    const none = tfjs.tensor1d([]);
    const outputs = backend.run(
      "FusedBatchNormV3",
      [...common(attributes, true), attribute.float("exponential_avg_factor", 1)],
      [asImage(x!), gamma!, beta!, none, none],
      6,
    );
    // y, the batch's mean and unbiased variance, and what the gradient wants back.
    return [tfjs.reshape(outputs[0]!, x!.shape), ...outputs.slice(1, 5)];
  },
  composed: ({ x, gamma, beta }, attributes) => {
    const { mean, variance } = tfjs.moments(x!, axesBut(x!));
    const scale = tfjs.rsqrt(tfjs.add(variance, attributes["epsilon"] as number));
    const y = tfjs.add(tfjs.mul(tfjs.mul(tfjs.sub(x!, mean), scale), gamma!), beta!);
    const rows = rowsOf(x!);
    const unbiased = tfjs.mul(variance, rows / Math.max(rows - 1, 1));
    return [y, mean, unbiased, tfjs.clone(mean), tfjs.clone(variance)];
  },
  gradient: {
    inputs: ["x", "gamma"],
    outputs: [false, false, false, true, true],
    of: ([dy], [x, gamma, mean, variance], attributes) => {
      const [dx, dGamma, dBeta] = gradients([dy!, x!, gamma!, mean!, variance!], { ...attributes, training: true });
      return { x: () => dx!, gamma: () => dGamma!, beta: () => dBeta! };
    },
  },
});

defineKernel({
  name: "SignalbookBatchNormInference",
  tensorflow: ({ x, mean, variance, gamma, beta }, attributes, backend) => {
    const [y] = backend.run(
      "FusedBatchNormV3",
      [...common(attributes, false), attribute.float("exponential_avg_factor", 1)],
      [asImage(x!), gamma!, beta!, mean!, variance!],
      6,
    );
    return tfjs.reshape(y!, x!.shape);
  },
  composed: ({ x, mean, variance, gamma, beta }, attributes) => {
    const scale = tfjs.rsqrt(tfjs.add(variance!, attributes["epsilon"] as number));
    return tfjs.add(tfjs.mul(tfjs.mul(tfjs.sub(x!, mean!), scale), gamma!), beta!);
  },
  gradient: {
    inputs: ["x", "gamma", "mean", "variance"],
    of: ([dy], [x, gamma, mean, variance], attributes) => {
      const [dx, dGamma, dBeta] = gradients([dy!, x!, gamma!, mean!, variance!], { ...attributes, training: false });
      const constant = (name: string) => (): tfjs.Tensor => {
        throw new Error(`batch normalisation in inference: ${name} is a statistic, it has no gradient`);
      };
      return {
        x: () => dx!,
        gamma: () => dGamma!,
        beta: () => dBeta!,
        mean: constant("mean"),
        variance: constant("variance"),
      };
    },
  },
});

/** Gradients of x, gamma and beta. `mean` and `variance` are what normalised: the batch's, or the running ones. */
defineKernel({
  name: "SignalbookBatchNormGrad",
  tensorflow: ({ dy, x, gamma, mean, variance }, attributes, backend) => {
    const training = attributes["training"] as boolean;
    const outputs = backend.run(
      "FusedBatchNormGradV3",
      common(attributes, training),
      [asImage(dy!), asImage(x!), gamma!, mean!, variance!, tfjs.tensor1d([])],
      5,
    );
    return [tfjs.reshape(outputs[0]!, x!.shape), outputs[1]!, outputs[2]!];
  },
  composed: ({ dy, x, gamma, mean, variance }, attributes) => {
    const axes = axesBut(x!);
    const scale = tfjs.rsqrt(tfjs.add(variance!, attributes["epsilon"] as number));
    const normal = tfjs.mul(tfjs.sub(x!, mean!), scale);
    const dBeta = tfjs.sum(dy!, axes);
    const dGamma = tfjs.sum(tfjs.mul(dy!, normal), axes);
    const through = tfjs.mul(dy!, tfjs.mul(gamma!, scale));
    if (attributes["training"] !== true) return [through, dGamma, dBeta];
    const rows = rowsOf(x!);
    const pull = tfjs.mul(tfjs.mul(gamma!, scale), tfjs.div(tfjs.add(dBeta, tfjs.mul(normal, dGamma)), rows));
    return [tfjs.sub(through, pull), dGamma, dBeta];
  },
});

/** What batch normalisation in training gives. */
export interface BatchNormTraining<T extends tfjs.Tensor> {
  /** The normalised activations, shaped as x. */
  y: T;
  /** The batch's mean, [channels]. */
  mean: tfjs.Tensor1D;
  /** The batch's unbiased variance, [channels]: what PyTorch puts into its running variance. */
  variance: tfjs.Tensor1D;
}

/** Normalises by the batch's own statistics. x: [..., channels]; gamma, beta: [channels]. */
export function batchNormTraining<T extends tfjs.Tensor>(
  x: T,
  gamma: tfjs.Tensor,
  beta: tfjs.Tensor,
  epsilon: number,
): BatchNormTraining<T> {
  const outputs = runKernel("SignalbookBatchNormTraining", { x, gamma, beta }, { epsilon }) as tfjs.Tensor[];
  return { y: outputs[0] as T, mean: outputs[1] as tfjs.Tensor1D, variance: outputs[2] as tfjs.Tensor1D };
}

/** Normalises by given statistics. x: [..., channels]; all others: [channels]. */
export function batchNormInference<T extends tfjs.Tensor>(
  x: T,
  mean: tfjs.Tensor,
  variance: tfjs.Tensor,
  gamma: tfjs.Tensor,
  beta: tfjs.Tensor,
  epsilon: number,
): T {
  return runKernel("SignalbookBatchNormInference", { x, mean, variance, gamma, beta }, { epsilon }) as T;
}
