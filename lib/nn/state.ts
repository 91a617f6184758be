/** A model's tensors as they are saved and loaded: PyTorch's names, layouts and order. */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import { fromTorch, type Layout, torchShape, toTorch } from "./layouts";
import type { NamedTensor } from "./parameters";

/** Row-major values in PyTorch's layout. */
export interface StoredTensor {
  shape: readonly number[];
  values: Float32Array;
}

/** By canonical name, in `state_dict` order. */
export type State = Map<string, StoredTensor>;

/** Copies all parameters and buffers out. */
export function readState(tensors: readonly NamedTensor[]): State {
  return new Map(
    tensors.map(({ name, variable, layout }) => [
      name,
      { shape: torchShape(variable.shape, layout), values: torchValues(variable, layout) },
    ]),
  );
}

/** A tensor's values in PyTorch's layout, row-major. */
export function torchValues(x: tf.Tensor, layout: Layout): Float32Array {
  let values: Float32Array = new Float32Array(0);
  // Nothing is returned from tidy: it would look for tensors in each element of the array.
  tf.tidy(() => {
    values = toTorch(x, layout).dataSync() as Float32Array;
  });
  return values;
}

/**
 * Copies all parameters and buffers in. PyTorch's counters `num_batches_tracked` are left aside: nothing uses them.
 * @throws SignalbookError listing every missing, unexpected and misshapen tensor; then nothing was loaded.
 */
export function loadState(tensors: readonly NamedTensor[], state: ReadonlyMap<string, StoredTensor>): void {
  const problems: string[] = [];
  const wanted = new Set(tensors.map(({ name }) => name));
  for (const { name, variable, layout } of tensors) {
    const shape = torchShape(variable.shape, layout);
    const stored = state.get(name);
    if (stored === undefined) problems.push(`missing ${name} [${shape.join(", ")}]`);
    else if (stored.shape.join() !== shape.join() || stored.values.length !== variable.size)
      problems.push(`${name} has shape [${stored.shape.join(", ")}], not [${shape.join(", ")}]`);
  }
  for (const name of state.keys())
    if (!wanted.has(name) && !name.endsWith("num_batches_tracked")) problems.push(`unexpected ${name}`);
  if (problems.length > 0) {
    const shown = problems.slice(0, 8).join("; ");
    const more = problems.length > 8 ? `; and ${problems.length - 8} more` : "";
    throw new SignalbookError("weights that do not fit the model", {
      found: `${shown}${more}`,
      fix: "check the model's name and its options; nothing was loaded",
    });
  }
  for (const { name, variable, layout } of tensors) {
    const { shape, values } = state.get(name)!;
    tf.tidy(() => variable.assign(fromTorch(tf.tensor(values, [...shape], "float32"), layout)));
  }
}
