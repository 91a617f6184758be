/** The names a NumPy array is pickled with, and what each builds. Nothing else can be named by a pickle. */
import { arrayOfBytes, type NdArray, type NdType, type StoredType, sizeOf, storedType } from "./ndarray";
import type { PickleValue } from "./pickle";

/** An array whose elements are any values. */
export interface ObjectArray {
  dtype: "object";
  shape: readonly number[];
  data: readonly PickleValue[];
}

/** An array while it is built: created empty, filled by its state, as pickles do it. */
export class PickledArray {
  dtype: NdType | "object" = "uint8";
  shape: readonly number[] = [];
  data: NdArray["data"] | readonly PickleValue[] = new Uint8Array(0);
  filled = false;
}

/** numpy.dtype: its order of bytes comes later than its kind. */
export class PickledType {
  order = "|";
  /** @param code "f8", "i4", "b1", "O8". */
  constructor(readonly code: string) {}
}

/** A name a pickle may call, and how many bytes of arrays it may make. */
export type PickleFunction = (args: readonly PickleItem[], budget: ByteBudget) => PickleItem;

/** What the machine's stack can hold: values, and what values are built from. */
export type PickleItem = PickleValue | PickledArray | PickledType | PickleName;

/** An allowed name, such as numpy.ndarray. */
export class PickleName {
  constructor(
    readonly name: string,
    readonly call: PickleFunction,
  ) {}
}

/** Each byte of a file is in one array at most: what a file makes cannot outgrow it much. */
export class ByteBudget {
  constructor(private left: number) {}

  spend(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new RangeError("arrays that share their bytes beyond the file's size");
  }
}

const wrong = (what: string): never => {
  throw new RangeError(what);
};

const reconstruct: PickleFunction = ([type]) =>
  type instanceof PickleName && type.name === "numpy.ndarray"
    ? new PickledArray()
    : wrong("an array of another class than numpy.ndarray");

const scalar: PickleFunction = ([type, bytes], budget) => {
  const array = fill(new PickledArray(), [], type, false, bytes, budget);
  const value = (array.data as NdArray["data"])[0]!;
  return array.dtype === "bool" ? value === 1 : narrow(value);
};

/** Protocol 5: array(buffer, dtype, shape, order). */
const fromBuffer: PickleFunction = ([bytes, type, shape, order], budget) =>
  order === "C" || order === "F" || order === "A"
    ? fill(new PickledArray(), shapeOf(shape), type, order === "F", bytes, budget)
    : wrong("an array of unknown order");

const dtype: PickleFunction = ([code]) =>
  typeof code === "string" ? new PickledType(code) : wrong("a NumPy type without its code");

/** How protocols 0 to 2 write bytes: as a text of their numbers. */
const encode: PickleFunction = ([text, encoding], budget) => {
  if (typeof text !== "string" || encoding !== "latin1") return wrong("bytes in another encoding than latin1");
  budget.spend(text.length);
  return latin1(text);
};

const bytes: PickleFunction = ([content, encoding], budget) =>
  content === undefined
    ? new Uint8Array(0)
    : content instanceof Uint8Array
      ? content
      : encode([content, encoding ?? null], budget);

const set: PickleFunction = ([items]) =>
  items === undefined ? new Set() : Array.isArray(items) ? new Set(items) : wrong("a set of no list");

const ordered: PickleFunction = ([pairs]) => {
  if (pairs === undefined) return new Map();
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2))
    return wrong("an ordered dictionary of no pairs");
  return new Map(pairs as [PickleValue, PickleValue][]);
};

/** Every name a pickle may hold. NumPy 2 renamed numpy.core to numpy._core; Python 3 renamed __builtin__. */
const NAMES: Readonly<Record<string, PickleFunction>> = {
  "numpy.core.multiarray._reconstruct": reconstruct,
  "numpy._core.multiarray._reconstruct": reconstruct,
  "numpy.core.multiarray.scalar": scalar,
  "numpy._core.multiarray.scalar": scalar,
  "numpy.core.numeric._frombuffer": fromBuffer,
  "numpy._core.numeric._frombuffer": fromBuffer,
  "numpy.ndarray": () => wrong("an array built without its bytes"),
  "numpy.dtype": dtype,
  "_codecs.encode": encode,
  "builtins.bytes": bytes,
  "__builtin__.bytes": bytes,
  "builtins.bytearray": bytes,
  "__builtin__.bytearray": bytes,
  "builtins.set": set,
  "__builtin__.set": set,
  "builtins.frozenset": set,
  "__builtin__.frozenset": set,
  "collections.OrderedDict": ordered,
};

/** An allowed name; null for any other. */
export function pickleName(module: string, name: string): PickleName | null {
  const whole = `${module}.${name}`;
  return Object.hasOwn(NAMES, whole) ? new PickleName(whole, NAMES[whole]!) : null;
}

/** What BUILD does: gives an object its state. Throws RangeErrors for a state that is none. */
export function setState(object: PickleItem, state: PickleItem, budget: ByteBudget): void {
  const parts = Array.isArray(state) ? (state as readonly PickleItem[]) : wrong("a state that is no tuple");
  if (object instanceof PickledType) object.order = orderIn(parts);
  else if (object instanceof PickledArray) {
    // Version, shape, type, whether in Fortran's order, bytes; the oldest NumPy wrote no version.
    const [shape, type, fortran, content] = parts.length === 5 ? parts.slice(1) : parts;
    fill(object, shapeOf(shape), type, fortran === true || fortran === 1, content, budget);
  } else wrong("a state for an object that has none");
}

function orderIn([version, order, subtype, names, fields]: readonly PickleItem[]): string {
  if (typeof version !== "number" || typeof order !== "string") return wrong("a NumPy type without its order");
  return subtype === null && names === null && fields === null ? order : wrong("a structured NumPy type");
}

function fill(
  array: PickledArray,
  shape: readonly number[],
  type: PickleItem | undefined,
  fortran: boolean,
  content: PickleItem | undefined,
  budget: ByteBudget,
): PickledArray {
  if (array.filled) return wrong("an array given its state twice");
  if (!(type instanceof PickledType)) return wrong("an array without its type");
  if (type.code.startsWith("O")) {
    if (!Array.isArray(content) || content.length !== sizeOf(shape))
      return wrong("objects that do not fit their shape");
    Object.assign(array, { dtype: "object", shape, data: fortran ? content.slice() : content, filled: true });
    if (fortran && shape.length > 1) return wrong("objects in Fortran's order");
    return array;
  }
  const stored: StoredType | null = storedType(`${type.order}${type.code}`);
  if (stored === null) return wrong(`an array of type ${JSON.stringify(type.code)}`);
  // Python 2 wrote bytes as texts.
  const raw = typeof content === "string" ? latin1(content) : content;
  if (!(raw instanceof Uint8Array)) return wrong("an array without its bytes");
  budget.spend(raw.length);
  const { dtype: name, data } = arrayOfBytes(raw, stored, shape, fortran, { file: "", place: "" });
  return Object.assign(array, { dtype: name, shape, data, filled: true });
}

function shapeOf(shape: PickleItem | undefined): readonly number[] {
  if (Array.isArray(shape) && shape.length <= 64 && shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0))
    return shape as readonly number[];
  return wrong("an array without its shape");
}

function latin1(text: string): Uint8Array {
  const content = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) wrong("a text that holds no bytes");
    content[i] = code;
  }
  return content;
}

/** An integer as a number where that is exact. */
export function narrow(value: bigint | number): bigint | number {
  if (typeof value === "number") return value;
  return BigInt.asIntN(54, value) === value && value !== -(2n ** 53n) ? Number(value) : value;
}
