/**
 * The safetensors container (https://huggingface.co/docs/safetensors): 8 bytes header length (little-endian), a JSON
 * header `{name: {dtype, shape, data_offsets}}` with optional text `__metadata__`, then the tensors' bytes without
 * gaps, row-major and little-endian.
 */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import type { NdArray } from "./ndarray";
import { sizeOf, widenHalves } from "./ndarray";
import { quoted, readBytes } from "./text";

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
  /** Half precision and less: the bits, as stored. */
  F16: Uint16Array,
  BF16: Uint16Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
} as const;

export type SafetensorsType = keyof typeof ARRAYS;

export interface SafeTensor {
  dtype: SafetensorsType;
  shape: readonly number[];
  data: NdArray["data"];
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
  const chunks = safetensorsChunks(tensors, metadata);
  const file = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    file.set(chunk, at);
    at += chunk.length;
  }
  return file;
}

/** The same bytes in pieces: the header, then views of the tensors' own memory, so that nothing is copied. */
export function safetensorsChunks(
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  // Without a prototype, "__proto__" is a name like any other.
  const header: Record<string, unknown> = Object.create(null);
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
  const start = new Uint8Array(8 + headerBytes.length);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  start.set(headerBytes, 8);
  return [start, ...order.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/** Writes a safetensors file atomically. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomic(path, safetensorsChunks(tensors, metadata));
}

/** Reads a safetensors file. Throws where it cannot be read, is truncated, or header and bytes do not fit. */
export function readSafetensors(path: string): SafetensorsFile {
  return decodeSafetensors(readBytes(path, "a safetensors file"), path);
}

/**
 * @param file the name to give in errors
 * @param share tensors are views of `bytes` where these are aligned: whoever keeps one of them keeps them all. Default:
 * copies
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  file = "safetensors",
  { share = false }: { share?: boolean } = {},
): SafetensorsFile {
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
  const spans: { name: string; start: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, start, end } = checkedEntry(name, entry, body.length, file);
    const own = body.subarray(start, end);
    const aligned = own.byteOffset % ARRAYS[dtype].BYTES_PER_ELEMENT === 0; // as typed arrays need it
    const part = share && aligned ? own : new Uint8Array(own);
    const data = new ARRAYS[dtype](part.buffer as ArrayBuffer, part.byteOffset, sizeOf(shape));
    tensors.set(name, { dtype, shape, data });
    spans.push({ name, start, end });
  }
  checkCover(spans, body.length, file);
  return { tensors, metadata: metadataOf(header, file) };
}

/** A header's entry, when it says where its tensor is and that is within the file. */
function checkedEntry(
  name: string,
  entry: unknown,
  length: number,
  file: string,
): { dtype: SafetensorsType; shape: number[]; start: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<HeaderEntry>;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  const known = typeof dtype === "string" && Object.hasOwn(ARRAYS, dtype);
  if (!known || !Array.isArray(shape) || !shape.every(isCount) || !Array.isArray(offsets) || !offsets.every(isCount))
    throw new SignalbookError("a tensor this reader does not know", {
      file,
      place: name,
      found: quoted(JSON.stringify(entry)),
      expected: "dtype, shape and data_offsets",
    });
  const [start = 0, end = 0] = offsets;
  const bytes = sizeOf(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT;
  if (offsets.length !== 2 || end > length || end - start !== bytes)
    throw new SignalbookError("a tensor that does not fit its bytes", {
      file,
      place: name,
      found: `bytes ${offsets.join(" to ")} of ${length}`,
      expected: `${bytes} bytes for ${dtype} of shape [${shape.join(", ")}]`,
    });
  return { dtype, shape, start, end };
}

/** Tensors must follow each other without gaps and without sharing bytes. */
function checkCover(spans: { name: string; start: number; end: number }[], length: number, file: string): void {
  let covered = 0;
  for (const { name, start, end } of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered)
      throw new SignalbookError(start < covered ? "tensors that share bytes" : "bytes that belong to no tensor", {
        file,
        place: name,
        found: `its first byte ${start}`,
        expected: `${covered}, where the one before ends`,
      });
    covered = end;
  }
  if (covered !== length)
    throw new SignalbookError("bytes that belong to no tensor", { file, found: `${length - covered} bytes` });
}

function metadataOf(header: Readonly<Record<string, unknown>>, file: string): Record<string, string> {
  const metadata: unknown = header.__metadata__ ?? {};
  const isText = (value: unknown): boolean => typeof value === "string";
  if (typeof metadata === "object" && metadata !== null && Object.values(metadata).every(isText))
    return metadata as Record<string, string>;
  throw new SignalbookError("metadata that are not texts", { file, place: "__metadata__", expected: "texts by name" });
}

/** A tensor of floats as numbers: half precision widened, exactly. @throws SignalbookError for any other type. */
export function tensorFloats({ dtype, data }: SafeTensor): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  if (dtype === "F16") return widenHalves(data as Uint16Array);
  if (dtype === "BF16") {
    const bits = Uint32Array.from(data as Uint16Array, (half) => half << 16);
    return new Float32Array(bits.buffer);
  }
  throw new SignalbookError("a tensor that holds no floats", { found: dtype, expected: "F64, F32, F16 or BF16" });
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
