/** The registry of models: by name, with options in the vocabulary of signals or images. */
import { SignalbookError } from "../core/errors";
import type { Initial } from "../nn";
import { type AttnSleepName, type AttnSleepOptions, attnSleeps } from "./attn-sleep";
import { type BlancoOptions, blancos } from "./blanco";
import { type ChambonName, type ChambonOptions, chambons } from "./chambon";
import { type EcgResNetName, type EcgResNetOptions, ecgResNets } from "./ecg-resnet";
import { type EfficientNetName, type EfficientNetOptions, efficientNets } from "./efficientnet";
import type { Family, InputShapes } from "./family";
import { type IitnetName, type IitnetOptions, iitnets } from "./iitnet";
import type { Model } from "./model";
import { type ResNetName, type ResNetOptions, resNets } from "./resnet";
import { type StripIitnetName, type StripIitnetOptions, stripIitnets } from "./strip-iitnet";
import { type TinyVitName, type TinyVitOptions, tinyVits } from "./tiny-vit";
import { type VitName, type VitOptions, vits } from "./vit";

export type { AttnSleepName, AttnSleepOptions } from "./attn-sleep";
export type { BlancoOptions } from "./blanco";
export type { ChambonName, ChambonOptions } from "./chambon";
export type { EcgResNetName, EcgResNetOptions } from "./ecg-resnet";
export type { EfficientNetName, EfficientNetOptions } from "./efficientnet";
export type { InputShapes } from "./family";
export type { IitnetName, IitnetOptions } from "./iitnet";
export type { Model, ModelInputs } from "./model";
export { countMultiplyAdds, multiplyAddsOf } from "./multiply-adds";
export {
  departure,
  type PrintedNumber,
  type PublishedCount,
  type PublishedModel,
  publishedModels,
} from "./published";
export type { ResNetName, ResNetOptions } from "./resnet";
export type { StripIitnetName, StripIitnetOptions } from "./strip-iitnet";
export type { TinyVitName, TinyVitOptions } from "./tiny-vit";
export type { VitName, VitOptions } from "./vit";
export { attentionRollout, classTokenAttention } from "./vit-attention";
export { type Adapted, type Adapter, type LoadedWeights, type LoadWeightsOptions, loadWeights } from "./weights";

/** The names, each with its options. */
export type ModelOptions = Record<EcgResNetName, EcgResNetOptions> &
  Record<ResNetName, ResNetOptions> &
  Record<VitName, VitOptions> &
  Record<EfficientNetName, EfficientNetOptions> &
  Record<TinyVitName, TinyVitOptions> &
  Record<ChambonName, ChambonOptions> &
  Record<"blanco2020", BlancoOptions> &
  Record<AttnSleepName, AttnSleepOptions> &
  Record<IitnetName, IitnetOptions> &
  Record<StripIitnetName, StripIitnetOptions>;

export type ModelName = keyof ModelOptions;

export interface ModelInfo {
  name: ModelName;
  /** What it looks at. */
  input: "signal" | "image";
  /** One line for a table. */
  summary: string;
  /** Where the architecture was published. */
  source: string;
  /** Options it knows. */
  options: readonly string[];
  /** Inputs of the model made without options, as published; without the batch. */
  shapes: InputShapes;
}

interface Entry extends ModelInfo {
  make: (options: object, initial: Initial) => Model;
}

function entriesOf<Name extends ModelName, Options extends object>(family: Family<Name, Options>): Entry[] {
  const { input, options, members, shapes, make } = family;
  return (Object.keys(members) as Name[]).map((name) => ({
    ...{ name, input, options, shapes, ...members[name] },
    make: (given, initial) => make(name, given as Options, initial),
  }));
}

const entries = new Map<string, Entry>(
  [
    ...entriesOf(ecgResNets),
    ...entriesOf(resNets),
    ...entriesOf(vits),
    ...entriesOf(efficientNets),
    ...entriesOf(tinyVits),
    ...entriesOf(chambons),
    ...entriesOf(blancos),
    ...entriesOf(attnSleeps),
    ...entriesOf(iitnets),
    ...entriesOf(stripIitnets),
  ].map((entry) => [entry.name, entry]),
);

/** All models, in the order of their families. */
export function listModels(): ModelInfo[] {
  return [...entries.values()].map(({ make: _, ...info }) => info);
}

/**
 * Makes a model.
 * @param initial a generator, from which each layer draws its first weights, or the weights themselves by name
 * @throws SignalbookError for a name, an option or a value that it does not know, with what it would take
 */
export function createModel<N extends ModelName>(name: N, options: ModelOptions[N], initial: Initial): Model;
export function createModel(name: string, options: Record<string, unknown>, initial: Initial): Model;
export function createModel(name: string, options: object, initial: Initial): Model {
  const entry = entries.get(name);
  if (entry === undefined)
    throw new SignalbookError("an unknown model", { found: name, expected: [...entries.keys()].join(", ") });
  const unknown = Object.keys(options).filter((key) => !entry.options.includes(key));
  if (unknown.length > 0)
    throw new SignalbookError(`${name}: unknown options`, {
      found: unknown.join(", "),
      expected: entry.options.join(", "),
    });
  return entry.make(options, initial);
}
