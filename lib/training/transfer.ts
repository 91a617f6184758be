/**
 * Weights of one network for another: by name, with every difference listed. (Files of pretrained weights, with the
 * adaptation of a first convolution, are loaded by `loadPretrained`.)
 */
import { SignalbookError } from "../core/errors";
import type { Model } from "../models";
import { isCounter } from "../models/weights";
import { type State, type StoredTensor, torchShape } from "../nn";
import { matches, type NamePattern } from "./freeze";

export interface TransferOptions {
  /** Tensors of the model that stay as they are, whatever the source holds: its head, most likely. */
  exclude?: readonly NamePattern[];
  /** What the model calls a tensor of the source; null leaves it out. Default: the same. */
  rename?: (name: string) => string | null;
}

/** Names by what became of them: of the model, but `unused`, of the source. */
export interface Transfer {
  loaded: string[];
  /** Excluded, and so as they were. */
  kept: string[];
  /** Tensors of the source left out by `rename`, or excluded in the model. */
  unused: string[];
}

/**
 * Copies weights and running statistics into a model.
 * @param source another model's `readState()`, or `weightsFromSafetensors()`
 * @throws SignalbookError listing every tensor of either side without a counterpart, and every one of another shape,
 *   that was not excluded; then nothing was loaded
 */
export function transferWeights(
  model: Model,
  source: ReadonlyMap<string, StoredTensor>,
  { exclude = [], rename = (name) => name }: TransferOptions = {},
): Transfer {
  const excluded = (name: string): boolean => exclude.some((pattern) => matches(pattern, name));
  const idle = exclude.filter((pattern) => !model.tensors.some(({ name }) => matches(pattern, name)));
  const transfer: Transfer = { loaded: [], kept: [], unused: [] };
  const problems = idle.map((pattern) => `${pattern} excludes nothing`);
  const given = new Map<string, StoredTensor>();
  const own = new Set(model.tensors.map(({ name }) => name));
  for (const [name, stored] of source) {
    if (isCounter(name)) continue;
    const target = rename(name);
    if (target === null || excluded(target)) transfer.unused.push(name);
    else if (!own.has(target)) problems.push(`${name} is nowhere in the model`);
    else if (given.has(target)) problems.push(`${name} is a second tensor for ${target}`);
    else given.set(target, stored);
  }
  const state: State = model.readState();
  for (const { name, variable, layout } of model.tensors) {
    const stored = given.get(name);
    const shape = torchShape(variable.shape, layout);
    if (excluded(name)) transfer.kept.push(name);
    else if (stored === undefined) problems.push(`${name} is not in the source`);
    else if (stored.shape.join() !== shape.join())
      problems.push(`${name} has shape [${stored.shape.join(", ")}], not [${shape.join(", ")}]`);
    else {
      transfer.loaded.push(name);
      state.set(name, stored);
    }
  }
  if (problems.length > 0)
    throw new SignalbookError("weights that do not fit the model", {
      place: model.name,
      found: problems.join("; "),
      fix: "exclude what is to stay as it is, and rename what is called otherwise; nothing was loaded",
    });
  model.loadState(state);
  return transfer;
}
