/**
 * Reference vectors computed by the peers (PyTorch, SciPy, scikit-learn ...): reading them, and the formula that
 * fills weights and inputs on both sides, so that no weights need to be stored. The format is described in
 * test/golden/README.md.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { crc32 } from "node:zlib";

/** An array of a golden file, row-major. i64 values are read as numbers: none of the files holds one above 2^53. */
export interface GoldenArray {
  shape: number[];
  data: Float64Array | Float32Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array | Uint32Array;
}

export interface GoldenComplex {
  re: GoldenArray;
  im: GoldenArray;
}

/** The folder of the golden files. */
export const goldenFolder: string = resolve(__dirname, "..", "golden");

/**
 * Reads `test/golden/<path>` (without ".json") and replaces every stored array by a {@link GoldenArray}.
 * `T` is what the test says the file holds.
 */
export function readGolden<T = Record<string, unknown>>(path: string): T {
  const file = join(goldenFolder, `${path}.json`);
  const bins = new Map<string, Buffer>();
  const decode = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(decode);
    if (value === null || typeof value !== "object") return value;
    const record = value as Record<string, unknown>;
    if (typeof record.dtype === "string" && Array.isArray(record.shape)) {
      return decodeArray(record as unknown as StoredArray, (name) => {
        const binFile = join(dirname(file), name);
        if (!bins.has(binFile)) bins.set(binFile, readFileSync(binFile));
        return bins.get(binFile)!;
      });
    }
    return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, decode(inner)]));
  };
  if (!existsSync(file)) throw new Error(`no golden file ${file}`);
  return decode(JSON.parse(readFileSync(file, "utf8"))) as T;
}

interface StoredArray {
  dtype: string;
  shape: number[];
  data?: (number | string)[];
  bin?: string;
  offset?: number;
  bytes?: number;
}

const CONSTRUCTORS = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  i16: Int16Array,
  i8: Int8Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
} as const;

function decodeArray(stored: StoredArray, bin: (name: string) => Buffer): GoldenArray {
  const { dtype, shape } = stored;
  const size = shape.reduce((product, n) => product * n, 1);
  let data: GoldenArray["data"];
  if (stored.data !== undefined) {
    const numbers = stored.data.map(Number); // NaN and infinities are strings there
    data = dtype === "i64" ? Float64Array.from(numbers) : constructorOf(dtype).from(numbers);
  } else {
    const { offset = 0, bytes = 0 } = stored;
    const slice = Uint8Array.from(bin(stored.bin!).subarray(offset, offset + bytes)); // its own, aligned buffer
    data =
      dtype === "i64"
        ? Float64Array.from(new BigInt64Array(slice.buffer), Number)
        : new (constructorOf(dtype))(slice.buffer);
  }
  if (data.length !== size) throw new Error(`golden array of shape [${shape.join(", ")}] holds ${data.length} values`);
  return { shape, data };
}

function constructorOf(dtype: string): (typeof CONSTRUCTORS)[keyof typeof CONSTRUCTORS] {
  const found = CONSTRUCTORS[dtype as keyof typeof CONSTRUCTORS];
  if (found === undefined) throw new Error(`golden dtype ${dtype} is not known`);
  return found;
}

/** A number that JSON stores as it is, or as the strings "NaN", "Infinity", "-Infinity". */
export function goldenNumber(value: number | string | null): number {
  if (value === null) throw new Error("a golden number is null");
  return Number(value);
}

/** The kinds of tensor the fill knows: third entry of a golden model's `params` and `buffers` rows. */
export type FillKind = "weight" | "norm_weight" | "bias" | "table" | "running_mean" | "running_var";

/** u(name, i) for i = 0 .. length - 1: float64 values in [-0.5, 0.5), the same on every machine. */
export function uniform(name: string, length: number): Float64Array {
  const start = crc32(name) >>> 0;
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    let h = (start + Math.imul(i, 0x9e3779b1)) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    values[i] = ((h ^ (h >>> 16)) >>> 0) / 4294967296 - 0.5;
  }
  return values;
}

/** `offset + scale * u(name, i)` over a whole tensor, float64. Golden model inputs have scale 2 and are then float32. */
export function scaled(name: string, shape: readonly number[], scale = 1, offset = 0): Float64Array {
  return uniform(name, sizeOf(shape)).map((value) => offset + scale * value);
}

/**
 * The deterministic weights of the golden models: `name` as in the peer's state_dict, shape in the peer's layout.
 * Computed in float64, rounded to float32. `gain` multiplies the kind "weight" only.
 */
export function fill(name: string, shape: readonly number[], kind: FillKind, gain = 1): Float32Array {
  const size = sizeOf(shape);
  const fanIn = size / (shape[0] ?? 1);
  const [offset, scale] = {
    weight: [0, gain * 2 * Math.sqrt(3 / fanIn)],
    norm_weight: [1, 0.2],
    bias: [0, 0.2],
    table: [0, 0.2],
    running_mean: [0, 0.2],
    running_var: [1, 0.5],
  }[kind] as [number, number];
  const u = uniform(name, size);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = offset + scale * u[i]!; // networks have 10^8 of them: no iterator here
  return values;
}

/** The golden signals: `scale * (S[i+1] - S[max(0, i+1-span)])` with S the running sum of u(name), float64. */
export function walk(name: string, length: number, scale: number, span: number): Float64Array {
  const sums = new Float64Array(length + 1);
  uniform(name, length).forEach((value, i) => {
    sums[i + 1] = sums[i]! + value;
  });
  return Float64Array.from({ length }, (_, i) => scale * (sums[i + 1]! - sums[Math.max(0, i + 1 - span)]!));
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
