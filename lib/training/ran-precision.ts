/** What a run really computes in: asked of the graph that runs, since not every operation has a 16-bit type. */
import { compile, type Precision, startEngine, tf, withPrecision } from "../engine";
import { type Model, type ModelInputs, multiplyAddsOf } from "../models";
import type { DatasetInfo } from "./loader";
import { batchInputs } from "./train-step";

export interface RanPrecision {
  asked: Precision;
  /** Share of the forward pass' multiply-adds by type. */
  multiplyAdds: Record<string, number>;
  /** "CPU", or the GPU's name. */
  device: string;
  /** "tensorflow", or "cpu" for tfjs in plain JavaScript. */
  backend: string;
}

/** For a 16-bit type, traces the forward pass on one empty example and counts. */
export function ranPrecision(model: Model, examples: DatasetInfo, asked: Precision): RanPrecision {
  const { device, backend } = startEngine();
  const multiplyAdds = asked === "float32" ? { float32: 1 } : sharesByType(model, examples, asked);
  return { asked, multiplyAdds, device, backend };
}

/** In words, for logs and reports: "bfloat16 asked; multiply-adds 97 % in bfloat16, 3 % in float32; tensorflow on CPU". */
export function precisionText({ asked, multiplyAdds, device, backend }: RanPrecision): string {
  const shares = Object.entries(multiplyAdds).map(
    ([type, share]) => `${Number((100 * share).toFixed(1))} % in ${type}`,
  );
  return `${asked} asked; multiply-adds ${shares.join(", ")}; ${backend} on ${device}`;
}

function sharesByType(
  model: Model,
  { inputShape, extraLengths }: DatasetInfo,
  asked: Precision,
): Record<string, number> {
  const forward = compile((inputs: Record<string, tf.Tensor>) =>
    withPrecision(asked, () => model.forward(inputs as unknown as ModelInputs, { training: false })),
  );
  try {
    const size = inputShape.reduce((product, n) => product * n, 1);
    const extras = Object.entries(extraLengths).map(([name, length]) => [name, new Float32Array(length)]);
    const empty = { input: new Float32Array(size), extras: Object.fromEntries(extras), size: 1 };
    tf.tidy(() => forward(batchInputs(empty, inputShape)));
    const counts: Record<string, number> = {};
    for (const operation of forward.work) {
      const count = multiplyAddsOf(operation);
      if (count > 0) counts[operation.type] = (counts[operation.type] ?? 0) + count;
    }
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return Object.fromEntries(Object.entries(counts).map(([type, count]) => [type, count / total]));
  } finally {
    forward.dispose();
  }
}
