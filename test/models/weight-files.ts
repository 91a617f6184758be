/** Weights as the peers' files hold them, for tests of loading: filled by the golden formula, under any names. */
import type { SafeTensor } from "../../lib/formats";
import { createModel, type Model } from "../../lib/models";
import type { State } from "../../lib/nn";
import { fill } from "../support/golden";
import type { GoldenModel } from "./golden-model";

/** The weights that the golden logits were computed with, by timm's names. */
export function goldenWeights({ params, buffers, fill: { prefix, gain } }: GoldenModel): State {
  return new Map(
    [...params, ...buffers].map(([name, shape, kind]) => [
      name,
      { shape, values: fill(prefix + name, shape, kind, gain) },
    ]),
  );
}

/** As a safetensors file takes them. */
export function safe(state: State): Map<string, SafeTensor> {
  return new Map(Array.from(state, ([name, { shape, values }]) => [name, { dtype: "F32", shape, data: values }]));
}

/** A model of one value everywhere, unlike any that a test loads. */
export function unfilled(name: string, options: Record<string, unknown>, value = 7): Model {
  return createModel(name, options, (_, shape) =>
    new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
  );
}

/** Bits of half precision and bfloat16 worked out by hand. */
export function halves(): Map<string, SafeTensor> {
  return new Map<string, SafeTensor>([
    // 1, -2, 0.5, the largest half, the smallest, 0
    ["half", { dtype: "F16", shape: [2, 3], data: Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x7bff, 0x0001, 0) }],
    // 1, -2, 0.5, 2^100, -(2^-100), 0: the upper halves of their float32 bits
    ["brain", { dtype: "BF16", shape: [6], data: Uint16Array.of(0x3f80, 0xc000, 0x3f00, 0x7180, 0x8d80, 0) }],
  ]);
}
