/**
 * Python pickles, protocols 0 to 5, that hold NumPy arrays and plain values: BEETL's ".npy" files are such. The reader
 * runs the format's stack machine but can call nothing: the few names a NumPy array is pickled with are known here, each
 * built by this project's own code, and every other name is refused. So a hostile file can at worst be refused.
 */
import { SignalbookError } from "../core/errors";
import type { NdArray } from "./ndarray";
import { isNpy, parseNpyHeader } from "./npy";
import { PickleMachine } from "./pickle-machine";
import { type ObjectArray, PickledArray } from "./pickle-numpy";
import { readBytes } from "./text";

/**
 * What a pickle can hold: None, booleans, integers (beyond 2^53 bigint), floats, texts, bytes, lists and tuples, sets,
 * dictionaries, arrays of numbers and arrays of such values.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | ReadonlySet<PickleValue>
  | ReadonlyMap<PickleValue, PickleValue>
  | NdArray
  | ObjectArray;

/**
 * Reads a pickle, or a .npy file of objects (numpy.save of a dictionary).
 * @throws SignalbookError with the byte's offset for another format, damage, and any name beyond NumPy's arrays.
 */
export function readPickle(path: string): PickleValue {
  return decodePickle(readBytes(path, "a pickle"), path);
}

/** {@link readPickle} on bytes; `file` is for messages. */
export function decodePickle(bytes: Uint8Array, file: string): PickleValue {
  const start = isNpy(bytes) ? objectsStart(bytes, file) : 0;
  return new PickleMachine(bytes, file, start).run();
}

function objectsStart(bytes: Uint8Array, file: string): number {
  const { type, bytes: start } = parseNpyHeader(bytes, file);
  if (type === "|O") return start;
  throw new SignalbookError("no pickle, but a .npy array of numbers", {
    file,
    found: type,
    expected: "objects",
    fix: "read it with readNpy",
  });
}

/** An array of numbers that a file should hold. @throws SignalbookError when the value is anything else. */
export function arrayIn(value: PickleValue, file: string, place = ""): NdArray {
  if (value instanceof PickledArray && value.dtype !== "object") return value as NdArray;
  throw new SignalbookError("no array of numbers", {
    file,
    place,
    found: value === null ? "None" : value instanceof PickledArray ? "an array of objects" : describe(value),
    expected: "a pickled NumPy array",
  });
}

function describe(value: Exclude<PickleValue, null>): string {
  if (typeof value !== "object") return `${typeof value} ${String(value).slice(0, 40)}`;
  if (value instanceof Map) return `a dictionary of ${value.size} entries`;
  if (value instanceof Set) return `a set of ${value.size}`;
  return Array.isArray(value) ? `a list of ${value.length}` : "bytes";
}
