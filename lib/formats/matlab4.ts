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

const HEADER_BYTES = 20;
/** Bytes of a value, by the P digit of the type: double, single, int32, int16, uint16, uint8. */
const VALUE_BYTES = [8, 4, 4, 2, 2, 1];

/**
 * Reads every matrix of the file, in order.
 * @throws SignalbookError for other levels, text and sparse matrices, complex values, and truncated files.
 */
export function readMatlab4(path: string): Matlab4Matrix[] {
  const bytes = readBytes(path, "a MATLAB 4 file");
  const matrices: Matlab4Matrix[] = [];
  let position = 0;
  while (position < bytes.length) {
    const matrix = readMatrix(bytes, position, path);
    matrices.push(matrix);
    position = matrix.byteOffset + matrix.values.byteLength;
  }
  if (matrices.length === 0) throw new SignalbookError("an empty file", { file: path, expected: "a MATLAB 4 matrix" });
  return matrices;
}

function readMatrix(bytes: Buffer, start: number, file: string): Matlab4Matrix {
  const truncated = (needed: number): SignalbookError =>
    new SignalbookError("a truncated file", {
      file,
      place: `byte ${bytes.length}`,
      found: `${bytes.length} bytes`,
      expected: `${needed}`,
      fix: "copy or download it again",
    });
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
  const size = VALUE_BYTES[P]!;
  const byteOffset = start + HEADER_BYTES + nameLength;
  const length = rows * columns;
  if (bytes.length < byteOffset + length * size) throw truncated(byteOffset + length * size);
  // Copied: values need not lie at a multiple of their size in the file.
  const data = Buffer.from(bytes.subarray(byteOffset, byteOffset + length * size));
  if (bigEndian && size === 8) data.swap64();
  if (bigEndian && size === 4) data.swap32();
  if (bigEndian && size === 2) data.swap16();
  const own = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  return {
    name: bytes.toString("latin1", start + HEADER_BYTES, byteOffset - 1),
    rows,
    columns,
    values:
      P === 0
        ? new Float64Array(own)
        : P === 1
          ? new Float32Array(own)
          : P === 2
            ? new Int32Array(own)
            : P === 3
              ? new Int16Array(own)
              : P === 4
                ? new Uint16Array(own)
                : new Uint8Array(own),
    byteOffset,
  };
}
