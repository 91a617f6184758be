/** Weights in safetensors files: read for loading, and written under PyTorch's names and layouts. */
import { SignalbookError } from "../core/errors";
import { readSafetensors, type SafeTensor, tensorFloats, writeSafetensors } from "../formats/safetensors";
import type { Model } from "../models";
import { isCounter, type LoadedWeights, type LoadWeightsOptions, loadWeights } from "../models/weights";
import type { State, StoredTensor } from "../nn";
import { type ImageSize, positionAdapter } from "./vit-positions";

/**
 * A file's tensors as float32: float16 and bfloat16 are widened, exactly. `num_batches_tracked`, an integer, is left out.
 * @throws SignalbookError naming every tensor of another type
 */
export function weightsFromSafetensors(path: string): State {
  return readWeights(path).state;
}

interface WeightsFile {
  state: State;
  /** The images that weights written here are for. */
  trained?: ImageSize;
}

function readWeights(path: string): WeightsFile {
  const { tensors, metadata } = readSafetensors(path);
  const own = [...tensors].filter(([name]) => !isCounter(name));
  const others = own.filter(([, { dtype }]) => !["F32", "F16", "BF16"].includes(dtype));
  if (others.length > 0)
    throw new SignalbookError("tensors that are no weights", {
      file: path,
      found: others.map(([name, { dtype }]) => `${name} ${dtype}`).join(", "),
      expected: "F32, F16 or BF16",
    });
  const state: State = new Map(
    own.map(([name, tensor]) => [name, { shape: tensor.shape, values: tensorFloats(tensor) as Float32Array }]),
  );
  return { state, ...trainedSize(metadata) };
}

/** The model that written weights are of. */
export interface WeightsOrigin {
  model: string;
  /** The options it was made with. */
  config: Readonly<Record<string, unknown>>;
}

/** Writes weights atomically, as float32, with the model they are of in the file's metadata. */
export function writeWeights(path: string, state: ReadonlyMap<string, StoredTensor>, origin: WeightsOrigin): void {
  const tensors = [...state].map(([name, { shape, values }]): [string, SafeTensor] => [
    name,
    { dtype: "F32", shape, data: values },
  ]);
  writeSafetensors(path, new Map(tensors), {
    format: "pt", // what other programs write for PyTorch's layouts
    model: origin.model,
    options: JSON.stringify(origin.config),
  });
}

/** Height and width of the options that {@link writeWeights} wrote; files of others say nothing of the kind. */
function trainedSize({ options = "{}" }: Readonly<Record<string, string>>): { trained?: ImageSize } {
  try {
    const { height, width } = (JSON.parse(options) ?? {}) as Partial<ImageSize>;
    return Number.isInteger(height) && Number.isInteger(width) ? { trained: { height: height!, width: width! } } : {};
  } catch {
    return {}; // somebody else's "options", in words
  }
}

/**
 * Loads a file into a model: names, first convolution and last layer as {@link loadWeights} says, and a vision
 * transformer's position embedding resized to the model's image.
 * @throws SignalbookError naming the file and every tensor that does not fit; then nothing was loaded
 */
export function loadPretrained(
  model: Model,
  path: string,
  options: Pick<LoadWeightsOptions, "head"> = {},
): LoadedWeights {
  const { state, trained } = readWeights(path);
  return loadWeights(model, state, { ...options, file: path, adapters: [positionAdapter(trained)] });
}
