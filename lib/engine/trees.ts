/** Nested arrays and records of tensors, flattened in a fixed order and put together again. */
import * as tfjs from "@tensorflow/tfjs";
import { SignalbookError } from "../core/errors";

/** A tensor, or an array or record of trees. */
export type TensorTree = tfjs.Tensor | readonly TensorTree[] | { readonly [key: string]: TensorTree | undefined };

/** The leaves, in the order of the structure, and the structure as a string that is equal for equal structures. */
export interface Flattened {
  tensors: tfjs.Tensor[];
  structure: string;
}

/** @param what names the tree in errors, as "argument 1". @throws SignalbookError at a leaf that is no tensor. */
export function flatten(tree: TensorTree, what: string): Flattened {
  const tensors: tfjs.Tensor[] = [];
  const structure = walk(tree, what, tensors);
  return { tensors, structure };
}

function walk(tree: TensorTree | undefined, what: string, tensors: tfjs.Tensor[]): string {
  if (tree instanceof tfjs.Tensor) {
    tensors.push(tree);
    return "*";
  }
  if (Array.isArray(tree)) return `[${tree.map((part, i) => walk(part, `${what}[${i}]`, tensors)).join()}]`;
  if (tree !== null && typeof tree === "object" && isRecord(tree)) {
    const parts = Object.entries(tree as Record<string, TensorTree | undefined>).filter(([, v]) => v !== undefined);
    return `{${parts.map(([key, part]) => `${JSON.stringify(key)}:${walk(part, `${what}.${key}`, tensors)}`).join()}}`;
  }
  throw new SignalbookError(`${what} of a compiled step is no tensor`, {
    found: tree instanceof Promise ? "a promise" : typeof tree,
    expected: "a tensor, or an array or record of tensors",
    fix:
      tree instanceof Promise
        ? "a step is traced synchronously: make the function synchronous"
        : "pass numbers as tf.scalar(), so that they are inputs and not constants of the step",
  });
}

function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A tree of the same structure with other tensors, made in order by `replace`. */
export function rebuild<T extends TensorTree>(tree: T, replace: (tensor: tfjs.Tensor) => tfjs.Tensor): T {
  const build = (part: TensorTree): TensorTree => {
    if (part instanceof tfjs.Tensor) return replace(part);
    if (Array.isArray(part)) return part.map(build);
    const record = part as Record<string, TensorTree | undefined>;
    return Object.fromEntries(Object.entries(record).flatMap(([k, v]) => (v === undefined ? [] : [[k, build(v)]])));
  };
  return build(tree) as T;
}
