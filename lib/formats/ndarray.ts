/** NumPy's arrays: element types by NumPy's names, and raw bytes of any order to typed arrays, row-major. */
import { SignalbookError } from "../core/errors";
import { largeArray } from "../core/large-arrays";

const ARRAYS = {
  float64: Float64Array,
  float32: Float32Array,
  /** Widened, exactly. */
  float16: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint64: BigUint64Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  /** 0 and 1. */
  bool: Uint8Array,
} as const;

export type NdType = keyof typeof ARRAYS;

/** An array of numbers, row-major (C order) whatever the file's order was. */
export interface NdArray {
  dtype: NdType;
  shape: readonly number[];
  data:
    | Float64Array
    | Float32Array
    | BigInt64Array
    | Int32Array
    | Int16Array
    | Int8Array
    | BigUint64Array
    | Uint32Array
    | Uint16Array
    | Uint8Array;
}

/** An element type as bytes lie in a file. */
export interface StoredType {
  name: NdType;
  /** Bytes an element. */
  size: number;
  bigEndian: boolean;
}

/** Where an array stands, for messages. */
export interface ArrayPlace {
  file: string;
  place: string;
}

const KINDS: Readonly<Record<string, string>> = { f: "float", i: "int", u: "uint", b: "bool" };

/** NumPy's type string, such as "<f8", ">i2", "|b1"; the order may be left out. Null for a type that is not read. */
export function storedType(text: string): StoredType | null {
  const match = /^([<>|=]?)([fiub])([1248])$/.exec(text);
  if (match === null) return null;
  const [, order, kind, digits] = match as unknown as [string, string, string, string];
  const size = Number(digits);
  const name = kind === "b" ? "bool" : `${KINDS[kind]}${8 * size}`;
  if (!(name in ARRAYS) || (kind === "b" && size !== 1)) return null;
  return { name: name as NdType, size, bigEndian: order === ">" };
}

/** NumPy's type string of an element type, little-endian: "<f8"; float16 is stored as the float32 it was read as. */
export function typeString(name: NdType): string {
  if (name === "bool") return "|b1";
  const [, kind, bits] = /^(float|int|uint)(\d+)$/.exec(name === "float16" ? "float32" : name)!;
  return `${bits === "8" ? "|" : "<"}${kind![0]}${Number(bits) / 8}`;
}

/** Whether a value is an array of one of the types of {@link NdArray}. */
export function matchesType({ dtype, shape, data }: NdArray): boolean {
  return data instanceof ARRAYS[dtype] && data.length === sizeOf(shape);
}

/** The number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/**
 * Raw bytes as an array. The bytes must be exactly as many as the shape takes. The result may share their memory, where
 * they already are what is wanted.
 * @param fortran whether the first index runs fastest in the bytes.
 */
export function arrayOfBytes(
  bytes: Uint8Array,
  type: StoredType,
  shape: readonly number[],
  fortran: boolean,
  at: ArrayPlace,
): NdArray {
  const { name, size, bigEndian } = type;
  const length = sizeOf(shape);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || length * size !== bytes.length)
    throw new SignalbookError("an array that does not fit its bytes", {
      ...at,
      found: `${bytes.length} bytes`,
      expected: `${length * size}: ${size} for each element of shape [${shape.join(", ")}]`,
      fix: "the file is damaged or was cut short: copy or download it again",
    });
  const isSwapped = bigEndian && size > 1;
  let native = bytes;
  if (isSwapped || bytes.byteOffset % size !== 0) {
    // Eight bytes at a time only for their alignment, and the memory a large array is best kept in.
    native = new Uint8Array(largeArray(Float64Array, Math.ceil(bytes.length / 8)).buffer, 0, bytes.length);
    native.set(bytes);
  }
  if (isSwapped) swapBytes(native, size);
  const { buffer, byteOffset } = native;
  const data: NdArray["data"] =
    name === "float16"
      ? widenHalves(new Uint16Array(buffer, byteOffset, length))
      : new ARRAYS[name](buffer as ArrayBuffer, byteOffset, length);
  const columns = shape.filter((n) => n > 1).length;
  return { dtype: name, shape: [...shape], data: fortran && columns > 1 ? rowMajor(data, shape) : data };
}

function swapBytes({ buffer, byteOffset, byteLength }: Uint8Array, size: number): void {
  const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else bytes.swap64();
}

/** The numbers that bits of IEEE 754's binary16 stand for. */
export function widenHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (bits) => {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits & 0x8000 ? -1 : 1;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
}

/** Elements whose first index runs fastest, reordered so that the last one does. */
function rowMajor<T extends NdArray["data"]>(data: T, shape: readonly number[]): T {
  const out = data.slice() as T;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
