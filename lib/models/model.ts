/** What every model offers, whatever its architecture. */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import {
  type ForwardContext,
  type Initial,
  loadState,
  type NamedTensor,
  Parameters,
  readState,
  type State,
} from "../nn";

/** What models look at; each takes what it needs and refuses to do without. */
export interface ModelInputs {
  /** [batch, time, channels] */
  signal?: tf.Tensor3D;
  /** The other window of a pair, shaped as `signal`. */
  other?: tf.Tensor3D;
  /** [batch, height, width, channels] */
  image?: tf.Tensor4D;
  /** [batch, 10], one-hot decade of age; slot 0: unknown. */
  age?: tf.Tensor2D;
  /** [batch, 1]: 1 female, 2 male, 0 unknown. */
  sex?: tf.Tensor2D;
}

export interface Model {
  /** As in the registry. */
  readonly name: string;
  /** The options it was made with, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What learns, by canonical name, in PyTorch's order; in TensorFlow's layout. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** Running statistics, in the same way. */
  readonly buffers: ReadonlyMap<string, tf.Variable>;
  /** Parameters and buffers with their layouts, in `state_dict` order. */
  readonly tensors: readonly NamedTensor[];
  /**
   * Logits, [batch, classes], float32, before any softmax or sigmoid.
   * @throws SignalbookError when an input is missing or of the wrong shape.
   */
  forward(inputs: ModelInputs, context: ForwardContext): tf.Tensor2D;
  /** All parameters and buffers in PyTorch's layout. */
  readState(): State;
  /** @throws SignalbookError listing every tensor that does not fit; then nothing was loaded. */
  loadState(state: State): void;
  dispose(): void;
}

/** A network as an architecture file builds it: layers made at a scope, and the pass through them. */
export type Network = (inputs: ModelInputs, context: ForwardContext) => tf.Tensor2D;

/** Puts a model together. If `build` throws, no tensor is left behind. */
export function makeModel(
  name: string,
  config: Readonly<Record<string, unknown>>,
  initial: Initial,
  build: (parameters: Parameters) => Network,
): Model {
  const store = new Parameters(initial);
  let network: Network;
  try {
    network = build(store);
  } catch (error) {
    store.dispose();
    throw error;
  }
  const tensors: readonly NamedTensor[] = [...store.tensors];
  const named = (kind: NamedTensor["kind"]): Map<string, tf.Variable> =>
    new Map(tensors.filter((tensor) => tensor.kind === kind).map(({ name, variable }) => [name, variable]));
  return {
    name,
    config,
    parameters: named("parameter"),
    buffers: named("buffer"),
    tensors,
    forward: (inputs, context) => tf.tidy(() => network(inputs, context)),
    readState: () => readState(tensors),
    loadState: (state) => loadState(tensors, state),
    dispose: () => store.dispose(),
  };
}

/** @throws SignalbookError unless `x` is there and its last axis has `channels`. */
export function needInput<T extends tf.Tensor>(
  model: string,
  input: keyof ModelInputs,
  x: T | undefined,
  axes: readonly string[],
  channels: number,
): T {
  const expected = `[${axes.join(", ")}] with ${channels} ${axes[axes.length - 1]}`;
  if (x === undefined)
    throw new SignalbookError(`${model} was not given its input "${input}"`, { found: "nothing", expected });
  if (x.rank !== axes.length || x.shape[x.rank - 1] !== channels)
    throw new SignalbookError(`${model} was given an input "${input}" of the wrong shape`, {
      found: `[${x.shape.join(", ")}]`,
      expected,
    });
  return x;
}

/** @throws SignalbookError unless the image is there and of the size the model was made for. */
export function needImage(
  model: string,
  image: tf.Tensor4D | undefined,
  { height, width, channels }: { height: number; width: number; channels: number },
): tf.Tensor4D {
  const x = needInput(model, "image", image, ["batch", "height", "width", "channels"], channels);
  if (x.shape[1] !== height || x.shape[2] !== width)
    throw new SignalbookError(`${model} was given an image of the wrong size`, {
      found: `${x.shape[1]} x ${x.shape[2]} pixels`,
      expected: `${height} x ${width}, which it was made for`,
      fix: "resize the image, or make the model with this height and width",
    });
  return x;
}
