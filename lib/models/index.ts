/** The registry of models: by name, with options in the vocabulary of signals or images. */
import { SignalbookError } from "../core/errors";
import type { Initial } from "../nn";
import { type EcgResNetName, type EcgResNetOptions, ecgResNet, ecgResNetNames } from "./ecg-resnet";
import type { Model } from "./model";
import { type ResNetName, type ResNetOptions, resNet, resNetNames } from "./resnet";
import { type VitName, type VitOptions, vit, vitNames } from "./vit";

export type { EcgResNetName, EcgResNetOptions } from "./ecg-resnet";
export type { Model, ModelInputs } from "./model";
export type { ResNetName, ResNetOptions } from "./resnet";
export type { VitName, VitOptions } from "./vit";

/** The names, each with its options. */
export type ModelOptions = Record<EcgResNetName, EcgResNetOptions> &
  Record<ResNetName, ResNetOptions> &
  Record<VitName, VitOptions>;

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
}

interface Entry extends ModelInfo {
  make: (options: Record<string, unknown>, initial: Initial) => Model;
}

const summaries: Record<ModelName, string> = {
  ecg_resnet50: "1-D ResNet-50 with long filters for the ECG, with or without age and sex",
  ecg_resnet101: "1-D ResNet-101 with long filters for the ECG, with or without age and sex",
  ecg_resnext50_2x64d: "1-D ResNeXt-50, two groups, for the ECG, with or without age and sex",
  ecg_resnet18_small: "narrow 1-D ResNet of basic blocks for the ECG: small variant for two CPU cores",
  resnet50: "ResNet-50 for images",
  resnext50_32x4d: "ResNeXt-50 for images, 32 groups",
  vit_tiny_patch16_224: "vision transformer, 192 features: small variant of ViT-B/16",
  vit_small_patch16_224: "vision transformer, 384 features: small variant of ViT-B/16",
  vit_base_patch16_224: "vision transformer ViT-B/16",
};

const ecgSource = "Tianchi 231754, github.com/mikochou/ECG-tianchi";

const entries = new Map<string, Entry>([
  ...ecgResNetNames.map((name): [string, Entry] => [
    name,
    {
      name,
      input: "signal",
      summary: summaries[name],
      source: name === "ecg_resnet18_small" ? `this project, after ${ecgSource}` : ecgSource,
      options: ["channels", "classes", "ageAndSex", "dropout", "width"],
      make: (options, initial) => ecgResNet(name, options as EcgResNetOptions, initial),
    },
  ]),
  ...resNetNames.map((name): [string, Entry] => [
    name,
    {
      name,
      input: "image",
      summary: summaries[name],
      source:
        name === "resnet50"
          ? "He et al. 2016, arXiv 1512.03385; timm resnet50"
          : "Xie et al. 2017, arXiv 1611.05431; timm resnext50_32x4d",
      options: ["channels", "classes"],
      make: (options, initial) => resNet(name, options as ResNetOptions, initial),
    },
  ]),
  ...vitNames.map((name): [string, Entry] => [
    name,
    {
      name,
      input: "image",
      summary: summaries[name],
      source: `Dosovitskiy et al. 2021, arXiv 2010.11929; timm ${name}`,
      options: ["channels", "classes", "height", "width", "dropPath"],
      make: (options, initial) => vit(name, options as VitOptions, initial),
    },
  ]),
]);

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
  return entry.make(options as Record<string, unknown>, initial);
}
