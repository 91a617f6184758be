/** What a weights file holds, and which models of the registry it is for. */
import { readSafetensors, type SafetensorsType } from "../formats";
import { createModel, listModels, type Model, type ModelInfo } from "../models";
import { timmNames } from "../models/torchvision-names";
import { firstConvolutionOf, headOf, isCounter } from "../models/weights";
import { type State, torchShape } from "../nn";

export interface WeightsSummary {
  file: string;
  tensors: { name: string; type: SafetensorsType; shape: readonly number[] }[];
  /** In all tensors together: parameters, and the running statistics of batch norms. */
  values: number;
  metadata: Record<string, string>;
  fits: WeightsFit[];
}

export interface WeightsFit {
  model: string;
  /** With them the model's names and shapes are the file's; those with defaults are left out. */
  options: Record<string, unknown>;
  /** What the file differs in from the model made without options. */
  differs: string[];
}

export function inspectWeights(file: string): WeightsSummary {
  const { tensors, metadata } = readSafetensors(file);
  const listed = [...tensors].map(([name, { dtype, shape }]) => ({ name, type: dtype, shape }));
  const values = [...tensors].reduce((sum, [name, { data }]) => sum + (isCounter(name) ? 0 : data.length), 0);
  return { file, tensors: listed, values, metadata, fits: fitsOf(shapesOf(listed)) };
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** By timm's names, without counters of batches. torchvision's EfficientNet keeps its names, which fit nothing. */
function shapesOf(tensors: WeightsSummary["tensors"]): Shapes {
  const none = new Float32Array(0);
  const state: State = new Map(tensors.map(({ name, shape }) => [name, { shape, values: none }]));
  const ours = state.has("features.0.0.weight") ? state : timmNames(state);
  return new Map([...ours].filter(([name]) => !isCounter(name)).map(([name, { shape }]) => [name, shape]));
}

function fitsOf(shapes: Shapes): WeightsFit[] {
  return listModels().flatMap((info) => {
    // Inputs that widen the last layer are part of the network.
    const variants = info.options.includes("ageAndSex") ? [{}, { ageAndSex: false }] : [{}];
    return variants.flatMap((options) => fitOf(info, options, shapes) ?? []);
  });
}

/** Not an error: this model's tensors are not the file's, which its first few tell. */
class NotThisModel extends Error {}

/** A last layer's weight and bias, first filters, positions: no more may differ. */
const mayDiffer = 4;

function fitOf({ name }: ModelInfo, options: object, shapes: Shapes): WeightsFit | undefined {
  let model: Model | undefined;
  try {
    let different = 0;
    model = createModel(name, { ...options }, (tensor, shape) => {
      if (shapes.get(tensor)?.join() !== shape.join() && ++different > mayDiffer) throw new NotThisModel();
      return new Float32Array(shape.reduce((product, n) => product * n, 1));
    });
    return compare(model, options, shapes);
  } catch (error) {
    if (error instanceof NotThisModel) return undefined;
    throw error;
  } finally {
    model?.dispose();
  }
}

function compare(model: Model, options: object, shapes: Shapes): WeightsFit | undefined {
  const fit: WeightsFit = { model: model.name, options: { ...options }, differs: [] };
  const own = new Set(model.tensors.map(({ name }) => name));
  if ([...shapes.keys()].some((name) => !own.has(name))) return undefined;
  const head = headOf(model) ?? [];
  for (const { name, variable, layout } of model.tensors) {
    const shape = torchShape(variable.shape, layout);
    const found = shapes.get(name);
    if (found?.join() === shape.join()) continue;
    if (found === undefined) {
      if (!head.includes(name)) return undefined;
      fit.differs.push(`without ${name}`);
    } else if (head.includes(name) && sameBut(0, found, shape)) {
      // Weight and bias must agree on it.
      if ((fit.options["classes"] ?? found[0]) !== found[0]) return undefined;
      fit.options["classes"] = found[0]!;
    } else if (name === firstConvolutionOf(model) && sameBut(1, found, shape)) fit.options["channels"] = found[1]!;
    else if (name === "pos_embed" && sameBut(1, found, shape)) {
      const side = 16 * Math.sqrt(found[1]! - 1);
      // Other grids have as many patches: then the image's size is not to be told from the file.
      if (!Number.isInteger(side)) fit.differs.push(`an image of ${found[1]! - 1} patches`);
      else Object.assign(fit.options, { height: side, width: side });
    } else return undefined;
  }
  return fit;
}

/** Whether two shapes agree on every axis but one. */
function sameBut(axis: number, a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => i === axis || n === b[i]);
}
