/**
 * The safetensors container (https://huggingface.co/docs/safetensors): 8 bytes header length (little-endian), a JSON
 * header `{name: {dtype, shape, data_offsets}}` with optional text `__metadata__`, then the tensors' bytes without
 * gaps, row-major and little-endian.
 */
import { readFileSync } from "node:fs";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  /** Half precision: the bits, as stored. */
  F16: Uint16Array,
  BF16: Uint16Array,
} as const;

export type SafetensorsType = keyof typeof ARRAYS;

export interface SafeTensor {
  dtype: SafetensorsType;
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

export interface SafetensorsFile {
  tensors: Map<string, SafeTensor>;
  metadata: Record<string, string>;
}

/** The longest header that readers of the format accept. */
const HEADER_LIMIT = 100_000_000;

/** The bytes of a safetensors file; tensors lie in the map's order, each aligned to 8 bytes. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  // Wider elements first: then every tensor is aligned without gaps, which the format does not allow.
  const order = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  for (const [name, { dtype, shape, data }] of order) {
    if (name === "__metadata__" || !(data instanceof ARRAYS[dtype]) || data.length !== sizeOf(shape))
      throw new SignalbookError("a tensor that cannot be stored", {
        place: name,
        found: `${data.constructor.name} of ${data.length} values`,
        expected: `${ARRAYS[dtype].name} of shape [${shape.join(", ")}]`,
      });
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += " ".repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const headerBytes = Buffer.from(text, "utf8");
  const file = new Uint8Array(8 + headerBytes.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  file.set(headerBytes, 8);
  let at = 8 + headerBytes.length;
  for (const [, { data }] of order) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Writes a safetensors file atomically. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** Reads a safetensors file. Throws where it is truncated, or where header and bytes do not fit. */
export function readSafetensors(path: string): SafetensorsFile {
  return decodeSafetensors(readFileSync(path), path);
}

/** @param file the name to give in errors */
export function decodeSafetensors(bytes: Uint8Array, file = "safetensors"): SafetensorsFile {
  if (bytes.length < 8)
    throw new SignalbookError("a truncated file", { file, found: `${bytes.length} bytes`, expected: "at least 8" });
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length)
    throw new SignalbookError("a truncated file, or no safetensors file", {
      file,
      found: `${bytes.length} bytes`,
      expected: `a header of ${length} bytes`,
    });
  const header = parseHeader(Buffer.from(bytes.subarray(8, 8 + length)).toString("utf8"), file);
  const body = bytes.subarray(8 + length);
  const tensors = new Map<string, SafeTensor>();
  let covered = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: offsets } = entry as Partial<HeaderEntry>;
    if (dtype === undefined || !(dtype in ARRAYS) || !Array.isArray(shape) || !Array.isArray(offsets))
      throw new SignalbookError("a tensor this reader does not know", {
        file,
        place: name,
        found: JSON.stringify(entry),
      });
    const [start, end] = offsets as [number, number];
    const ArrayType = ARRAYS[dtype];
    if (start < 0 || end > body.length || end - start !== sizeOf(shape) * ArrayType.BYTES_PER_ELEMENT)
      throw new SignalbookError("a tensor that does not fit its bytes", {
        file,
        place: name,
        found: `bytes ${start} to ${end} of ${body.length}`,
        expected: `${sizeOf(shape) * ArrayType.BYTES_PER_ELEMENT} bytes for ${dtype} of shape [${shape.join(", ")}]`,
      });
    // a copy: typed arrays need alignment, and the caller should not keep the whole file alive
    tensors.set(name, { dtype, shape, data: new ArrayType(Uint8Array.from(body.subarray(start, end)).buffer) });
    covered += end - start;
  }
  if (covered !== body.length)
    throw new SignalbookError("bytes that belong to no tensor", { file, found: `${body.length - covered} bytes` });
  return { tensors, metadata: (header.__metadata__ ?? {}) as Record<string, string> };
}

interface HeaderEntry {
  dtype: SafetensorsType;
  shape: number[];
  data_offsets: [number, number];
}

function parseHeader(text: string, file: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (header !== null && typeof header === "object" && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch (cause) {
    throw new SignalbookError("a header that is no JSON: not a safetensors file", { file, place: "byte 8", cause });
  }
  throw new SignalbookError("a header that is no JSON object: not a safetensors file", { file, place: "byte 8" });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
