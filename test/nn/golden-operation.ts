/** PyTorch's single operations of the golden file: inputs, outputs and gradients by name. */
import assert from "node:assert/strict";
import { type GoldenArray, readGolden, scaled } from "../support/golden";

export interface Operation {
  case: string;
  args: Record<string, unknown>;
  inputs: { name: string; shape: number[]; scale: number; offset: number }[];
  outputs: GoldenArray[];
  grads: Record<string, GoldenArray>;
  running_after?: GoldenArray[];
}

const cases = ["models/ops", "models/layers"].flatMap((file) => readGolden<{ cases: Operation[] }>(file).cases);

export function operation(name: string): Operation {
  const found = cases.find((entry) => entry.case === name);
  assert.ok(found !== undefined, `no golden operation ${name}`);
  return found;
}

/** The input with tag "x", "w" or "b", in PyTorch's layout. */
export function input(op: Operation, tag: string): { shape: number[]; values: Float32Array } {
  const found = op.inputs.find(({ name }) => name.endsWith(`/${tag}`))!;
  return {
    shape: found.shape,
    values: Float32Array.from(scaled(found.name, found.shape, found.scale, found.offset)),
  };
}

/** To rounding of float32 numbers as large as the largest. */
export function assertEqual(found: ArrayLike<number>, expected: GoldenArray, what: string): void {
  assert.equal(found.length, expected.data.length, what);
  const largest = Math.max(1, ...Array.from(expected.data, Math.abs));
  expected.data.forEach((x, i) => {
    assert.ok(Math.abs(found[i]! - x) <= 3e-6 * largest, `${what}, value ${i}: ${found[i]}, expected ${x}`);
  });
}
