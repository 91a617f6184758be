/** Variables to the tensors of a checkpoint's files, and back. */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import type { SafeTensor } from "../formats/safetensors";
import type { Model } from "../models";
import type { State } from "../nn";

/** Values of variables by name, as a safetensors file holds them. */
export type Weights = Map<string, SafeTensor>;

/** Whose variables stand in a file beside the model's, by the prefix of their names. */
export type SlotOwner = "optimizer" | "step";

const SLOT = /^(optimizer|step)\//;

/** A model's weights and statistics: PyTorch's names and layouts, so that other programs can read the file too. */
export function takeModel(model: Model): Weights {
  return new Map(
    [...model.readState()].map(([name, { shape, values }]) => [name, { dtype: "F32", shape, data: values }]),
  );
}

/** Saved weights as a model takes them; slots are left aside. */
export function modelState(weights: ReadonlyMap<string, SafeTensor>): State {
  const own = [...weights].filter(([name]) => !SLOT.test(name));
  return new Map(own.map(([name, { shape, data }]) => [name, { shape, values: data as Float32Array }]));
}

/** Sets a model to saved weights. */
export function giveModel(model: Model, weights: ReadonlyMap<string, SafeTensor>): void {
  model.loadState(modelState(weights));
}

/** What an optimizer or a training step keeps, as the engine lays it out: numbers, or whole numbers. To be used before the next step. */
export function takeSlots(owner: SlotOwner, slots: ReadonlyMap<string, tf.Variable>): Weights {
  return new Map(
    [...slots].map(([name, slot]) => {
      const dtype = dtypeOf(name, slot);
      return [`${owner}/${name}`, { dtype, shape: [...slot.shape], data: slot.dataSync() } as SafeTensor];
    }),
  );
}

export function giveSlots(
  owner: SlotOwner,
  slots: ReadonlyMap<string, tf.Variable>,
  weights: ReadonlyMap<string, SafeTensor>,
): void {
  for (const [name, slot] of slots) {
    const key = `${owner}/${name}`;
    const saved = weights.get(key);
    const dtype = dtypeOf(name, slot);
    if (saved === undefined || saved.dtype !== dtype || saved.shape.join() !== slot.shape.join())
      throw new SignalbookError("a saved state that does not fit the model, the optimizer or the step", {
        place: key,
        found: saved === undefined ? "nothing" : `${saved.dtype} [${saved.shape.join(", ")}]`,
        expected: `${dtype} [${slot.shape.join(", ")}]`,
      });
    tf.tidy(() => {
      slot.assign(tf.tensor(saved.data as Float32Array | Int32Array, slot.shape, slot.dtype));
    });
  }
}

function dtypeOf(name: string, { dtype }: tf.Variable): "F32" | "I32" {
  if (dtype === "float32") return "F32";
  if (dtype === "int32") return "I32";
  throw new SignalbookError("a slot of a type that checkpoints do not hold", { place: name, found: dtype });
}
