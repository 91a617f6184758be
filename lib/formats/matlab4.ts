/** MATLAB 4 files (MAT-file level 4): full numeric matrices, as the PhysioNet challenges ship their signals. */
import { SignalbookError } from "../core/errors";
import { readBytes } from "./text";

export interface Matlab4Matrix {
  name: string;
  rows: number;
  columns: number;
  /** Column-major: element (row, column) is `values[column * rows + row]`. */
  values: Float64Array | Float32Array | Int32Array | Int16Array | Uint16Array | Uint8Array;
  /** Offset of the first value in the file. */
  byteOffset: number;
}

/** What a matrix says of itself before its values. */
export interface Matlab4Header {
  name: string;
  rows: number;
  columns: number;
  type: keyof typeof TYPES;
  bigEndian: boolean;
  /** Offset of the first value in the file. */
  byteOffset: number;
  /** Bytes of all values. */
  byteLength: number;
}

const HEADER_BYTES = 20;
const TYPES = {
  double: Float64Array,
  single: Float32Array,
  int32: Int32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;
/** By the P digit of a matrix's type. */
const TYPE_NAMES = Object.keys(TYPES) as (keyof typeof TYPES)[];

/**
 * Reads every matrix of the file, in order.
 * @throws SignalbookError for other levels, text and sparse matrices, complex values, and truncated files.
 */
export function readMatlab4(path: string): Matlab4Matrix[] {
  const bytes = readBytes(path, "a MATLAB 4 file");
  const matrices: Matlab4Matrix[] = [];
  let position = 0;
  while (position < bytes.length) {
    const header = matlab4Header(bytes, bytes.length, position, path);
    const { name, rows, columns, byteOffset } = header;
    matrices.push({ name, rows, columns, values: valuesOf(bytes, header), byteOffset });
    position = byteOffset + header.byteLength;
  }
  if (matrices.length === 0) throw emptyFile(path);
  return matrices;
}

function emptyFile(file: string): SignalbookError {
  return new SignalbookError("an empty file", { file, expected: "a MATLAB 4 matrix" });
}

/**
 * A matrix's header, checked to have its values in the file.
 * @param bytes the file's beginning, the header in it; the values need not be.
 * @param size of the whole file, in bytes.
 * @throws SignalbookError as {@link readMatlab4}.
 */
export function matlab4Header(bytes: Buffer, size: number, start: number, file: string): Matlab4Header {
  const truncated = (needed: number): SignalbookError =>
    new SignalbookError("a truncated file", {
      file,
      place: `byte ${size}`,
      found: `${size} bytes`,
      expected: `${needed}`,
      fix: "copy or download it again",
    });
  if (size === 0) throw emptyFile(file);
  if (bytes.length < start + HEADER_BYTES) throw truncated(start + HEADER_BYTES);
  const little = bytes.readInt32LE(start);
  const bigEndian = little < 0 || little > 9999;
  const int = (at: number): number => (bigEndian ? bytes.readInt32BE(start + at) : bytes.readInt32LE(start + at));
  const [type, rows, columns, complex, nameLength] = [int(0), int(4), int(8), int(12), int(16)];
  const [M, O, P, T] = [Math.floor(type / 1000), Math.floor(type / 100) % 10, Math.floor(type / 10) % 10, type % 10];
  if (type < 0 || M !== (bigEndian ? 1 : 0) || O !== 0 || P > 5 || T > 2 || rows < 0 || columns < 0 || nameLength < 1)
    throw new SignalbookError("not a MATLAB 4 matrix", {
      file,
      place: `byte ${start}`,
      found: bytes.toString("latin1", 0, 6) === "MATLAB" ? "a MATLAB 5 (or later) file" : `type ${type}`,
      expected: "a type of the level 4 format",
      fix: "save it with save(..., '-v4')",
    });
  if (T !== 0 || complex !== 0)
    throw new SignalbookError("a matrix of a kind that holds no signal", {
      file,
      place: `byte ${start}`,
      found: T === 1 ? "text" : T === 2 ? "a sparse matrix" : "complex values",
      expected: "a full, real, numeric matrix",
    });
  const typeName = TYPE_NAMES[P]!;
  const byteOffset = start + HEADER_BYTES + nameLength;
  const byteLength = rows * columns * TYPES[typeName].BYTES_PER_ELEMENT;
  if (size < byteOffset + byteLength) throw truncated(byteOffset + byteLength);
  const name = bytes.toString("latin1", start + HEADER_BYTES, Math.min(byteOffset, bytes.length) - 1);
  return { name, rows, columns, type: typeName, bigEndian, byteOffset, byteLength };
}

function valuesOf(bytes: Buffer, { type, bigEndian, byteOffset, byteLength }: Matlab4Header): Matlab4Matrix["values"] {
  // Copied: values need not lie at a multiple of their size in the file.
  const own = bytes.buffer.slice(bytes.byteOffset + byteOffset, bytes.byteOffset + byteOffset + byteLength);
  const data = Buffer.from(own);
  const size = TYPES[type].BYTES_PER_ELEMENT;
  if (bigEndian && size === 8) data.swap64();
  if (bigEndian && size === 4) data.swap32();
  if (bigEndian && size === 2) data.swap16();
  return new TYPES[type](own as ArrayBuffer);
}
