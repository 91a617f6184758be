/** Pretrained weights: checked against a model as a whole, adapted where a published rule says how, then loaded. */
import { SignalbookError } from "../core/errors";
import { type State, type StoredTensor, torchShape, torchValues } from "../nn";
import type { Model } from "./model";
import { timmNames } from "./torchvision-names";

export interface Adapted extends StoredTensor {
  /** What was done, in words. */
  how: string;
}

/** Makes a stored tensor one of the model's `shape`, or gives nothing where it has no rule for it or nothing to do. */
export type Adapter = (
  name: string,
  stored: StoredTensor,
  shape: readonly number[],
  model: Model,
) => Adapted | undefined;

export interface LoadWeightsOptions {
  /** Whether the last layer is loaded, or stays as the model made it, whatever the weights hold. Default "keep". */
  head?: "keep" | "new";
  /** Rules beside that of the first convolution. */
  adapters?: readonly Adapter[];
  /** Where the weights are from, for errors. */
  file?: string;
}

/** Names of the model's tensors, by what became of them. */
export interface LoadedWeights {
  loaded: string[];
  adapted: { name: string; how: string }[];
  left: string[];
}

/**
 * Loads weights under timm's names, or torchvision's where the network is the same. A first convolution of 3 channels
 * becomes one of other counts: see {@link adaptFirstConvolution}. `num_batches_tracked` is left aside: nothing uses it.
 * Names cannot tell everything: timm's `efficientnet_b*` (without `tf_`) have tf_efficientnet's names, but pad otherwise.
 * @throws SignalbookError listing every missing, unexpected and misshapen tensor; then nothing was loaded
 */
export function loadWeights(
  model: Model,
  weights: ReadonlyMap<string, StoredTensor>,
  options: LoadWeightsOptions = {},
): LoadedWeights {
  const { head = "keep", adapters = [], file = "" } = options;
  const given = timmNames(weights, file);
  const fresh = new Set(head === "new" ? newHead(model) : []);
  const report: LoadedWeights = { loaded: [], adapted: [], left: [] };
  const problems: Problems = { missing: [], unexpected: [], misshapen: [] };
  const ready: State = new Map();
  for (const { name, variable, layout } of model.tensors) {
    const shape = torchShape(variable.shape, layout);
    const stored = given.get(name);
    if (fresh.has(name)) {
      report.left.push(name);
      ready.set(name, { shape, values: torchValues(variable, layout) });
    } else if (stored === undefined) {
      problems.missing.push(`${name} [${shape.join(", ")}]`);
    } else {
      const adapted = isWhole(stored) ? adapt(name, stored, shape, model, adapters) : undefined;
      const fitting = adapted ?? stored;
      if (!isWhole(fitting) || fitting.shape.join() !== shape.join())
        problems.misshapen.push(misshapen(name, stored, shape));
      else if (adapted === undefined) report.loaded.push(name);
      else report.adapted.push({ name, how: adapted.how });
      ready.set(name, fitting);
    }
  }
  const wanted = new Set(model.tensors.map(({ name }) => name));
  problems.unexpected = [...given.keys()].filter((name) => !wanted.has(name) && !isCounter(name));
  refuse(model, problems, file);
  model.loadState(ready);
  return report;
}

/** PyTorch counts batches in its batch norms; nothing here does. */
export function isCounter(name: string): boolean {
  return name.endsWith("num_batches_tracked");
}

interface Problems {
  missing: string[];
  unexpected: string[];
  misshapen: string[];
}

function refuse(model: Model, problems: Problems, file: string): void {
  const lists = Object.entries(problems).filter(([, names]) => names.length > 0);
  if (lists.length === 0) return;
  throw new SignalbookError("weights that do not fit the model", {
    ...{ file, place: model.name },
    found: lists.map(([what, names]) => `${names.length} ${what}: ${names.join(", ")}`).join("; "),
    fix: "check the model's name and options, or leave the last layer new; nothing was loaded",
  });
}

function misshapen(name: string, { shape, values }: StoredTensor, wanted: readonly number[]): string {
  return `${name} [${shape.join(", ")}] of ${values.length} values, not [${wanted.join(", ")}]`;
}

function isWhole({ shape, values }: StoredTensor): boolean {
  return values.length === shape.reduce((product, n) => product * n, 1);
}

function adapt(
  name: string,
  stored: StoredTensor,
  shape: readonly number[],
  model: Model,
  adapters: readonly Adapter[],
): Adapted | undefined {
  for (const adapter of [adaptFirstConvolution, ...adapters]) {
    const adapted = adapter(name, stored, shape, model);
    if (adapted !== undefined) return adapted;
  }
  return undefined;
}

/** The last layer's tensors: those beside the last parameter. Nothing where it is not one of the model's classes. */
export function headOf(model: Model): string[] | undefined {
  const layer = [...model.parameters.keys()].at(-1)!.replace(/\.[^.]+$/, "");
  const names = [...model.parameters.keys()].filter((name) => name.startsWith(`${layer}.`));
  const classes = model.config["classes"];
  return names.every((name) => model.parameters.get(name)!.shape[0] === classes) ? names : undefined;
}

function newHead(model: Model): string[] {
  const names = headOf(model);
  if (names !== undefined) return names;
  throw new SignalbookError("a model whose last layer is not one of its classes", {
    place: model.name,
    found: [...model.parameters.keys()].at(-1)!,
    fix: "load all of its weights",
  });
}

/** The first filters, where they look at all channels of an image. */
export function firstConvolutionOf(model: Model): string | undefined {
  const first = model.tensors.find(({ layout }) => layout !== "same");
  if (first?.layout !== "conv2d" || first.variable.shape[2] !== model.config["channels"]) return undefined;
  return first.name;
}

/**
 * Filters for 3 channels (red, green, blue) made filters for another number. One channel: the sum of the three, as
 * the network answers to a grey image (system 002's rule, and timm's). More, or two: the three in turn, times
 * 3 / channels, so that the answer keeps its size (timm's `adapt_input_conv`).
 */
export const adaptFirstConvolution: Adapter = (name, stored, shape, model) => {
  const [outputs, from = 0, ...taps] = stored.shape;
  const [, channels = 0] = shape;
  const fits = from === 3 && channels !== 3 && [outputs, channels, ...taps].join() === shape.join();
  if (!fits || name !== firstConvolutionOf(model)) return undefined;
  const area = taps.reduce((product, n) => product * n, 1);
  const values = new Float32Array(outputs! * channels * area);
  for (let at = 0; at < values.length; at++) {
    const [filter, channel, tap] = [Math.floor(at / area / channels), Math.floor(at / area) % channels, at % area];
    const weight = (c: number): number => stored.values[(filter * 3 + c) * area + tap]!;
    values[at] = channels === 1 ? weight(0) + weight(1) + weight(2) : (weight(channel % 3) * 3) / channels;
  }
  const how =
    channels === 1
      ? "the sum of the weights of 3 channels"
      : `the weights of 3 channels in turn, times 3 / ${channels}`;
  return { shape, values, how };
};
