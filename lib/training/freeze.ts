/**
 * Which weights learn. Fine-tuning all of a model is training it as it is; freezing gives a view of the model, sharing
 * its weights, whose `parameters` are only those that learn: the optimizer keeps nothing for the others, no gradient is
 * computed for them, and averages of weights leave them out.
 *
 * A batch norm of which nothing learns is frozen as a whole: it normalises by its running statistics, in training too,
 * and these stay as they are. (PyTorch's `requires_grad = False` alone would go on updating them, so that a "frozen"
 * network answers otherwise after training.) Dropout stays active.
 */
import { SignalbookError } from "../core/errors";
import type { tf } from "../engine";
import type { Model } from "../models";

/**
 * Parameters by name: a whole name, or the beginning of names up to a dot ("layer4" is all of layer4), with "*" for any
 * run of characters without a dot; or a regular expression.
 */
export type NamePattern = string | RegExp;

export type FreezeOptions =
  /** Freezes these. */
  | { names: readonly NamePattern[] }
  /** Freezes all but these; "last layer": all but the layer of the last parameter. */
  | { except: readonly NamePattern[] | "last layer" };

/**
 * A view of the model with some of its weights frozen. It shares everything with the model: training, loading into or
 * disposing one of them does the same to the other. Views of views freeze more.
 * @throws SignalbookError for a pattern that names no parameter, and where nothing or everything would be frozen
 */
export function freeze(model: Model, options: FreezeOptions): Model {
  const names = [...model.parameters.keys()];
  const chosen =
    "names" in options
      ? matching(model, options.names)
      : new Set(options.except === "last layer" ? lastLayer(model) : matching(model, options.except));
  const parameters = new Map([...model.parameters].filter(([name]) => chosen.has(name) === "except" in options));
  if (parameters.size === 0 || parameters.size === names.length)
    throw new SignalbookError(`freezing would leave ${parameters.size === 0 ? "nothing" : "everything"} to learn`, {
      place: model.name,
      found: `${names.length - parameters.size} of ${names.length} parameters frozen`,
    });
  const learning = new Set([...parameters.keys()].map(layerOf));
  const buffers = new Map([...model.buffers].filter(([name]) => learning.has(layerOf(name))));
  const kept = new Set<tf.Variable>(
    model.tensors.flatMap(({ name, kind, variable }) => (kind === "buffer" && !buffers.has(name) ? [variable] : [])),
  );
  return {
    ...model,
    parameters,
    buffers,
    forward: (inputs, context) =>
      model.forward(inputs, { ...context, keptStatistics: new Set([...kept, ...(context.keptStatistics ?? [])]) }),
  };
}

/** The names of all parameters that a model has but does not learn: what {@link freeze} took out. */
export function frozenParameters(model: Model): string[] {
  return model.tensors.flatMap(({ name, kind }) => (kind === "parameter" && !model.parameters.has(name) ? [name] : []));
}

/** Names that a pattern takes, of any list of names. */
export function matches(pattern: NamePattern, name: string): boolean {
  if (pattern instanceof RegExp) return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).test(name);
  const text = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^.]*");
  return new RegExp(`^${text}(\\.|$)`).test(name);
}

function matching(model: Model, patterns: readonly NamePattern[]): Set<string> {
  const names = [...model.parameters.keys()];
  return new Set(
    patterns.flatMap((pattern) => {
      const found = names.filter((name) => matches(pattern, name));
      if (found.length > 0) return found;
      throw new SignalbookError("a pattern that names no parameter", {
        place: model.name,
        found: String(pattern),
        expected: `one of ${[...new Set(names.map((name) => name.split(".")[0]!))].join(", ")} ...`,
      });
    }),
  );
}

function lastLayer(model: Model): string[] {
  const names = [...model.parameters.keys()];
  return names.filter((name) => layerOf(name) === layerOf(names.at(-1)!));
}

/** "layer1.0.bn1.weight" to "layer1.0.bn1". */
function layerOf(name: string): string {
  return name.replace(/\.?[^.]+$/, "");
}
