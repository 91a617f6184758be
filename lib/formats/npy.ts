/** NumPy's .npy files (numpy.lib.format, versions 1 to 3): one array of numbers a file. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { arrayOfBytes, matchesType, type NdArray, storedType, typeString } from "./ndarray";
import { quoted, readBytes } from "./text";

const MAGIC = "\x93NUMPY";

export interface NpyHeader {
  /** NumPy's type string: "<f8"; "|O" for pickled objects; a list's text for a structured type. */
  type: string;
  fortran: boolean;
  shape: readonly number[];
  /** Bytes before the data. */
  bytes: number;
}

/** Whether the bytes begin as a .npy file does. Pickles are also found under that name, and do not. */
export function isNpy(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 6)).toString("latin1") === MAGIC;
}

/**
 * Reads an array. Objects are refused: that needs a pickle reader (readPickle).
 * @throws SignalbookError for another format, a type that is not read, and a file cut short or too long.
 */
export function readNpy(path: string): NdArray {
  return decodeNpy(readBytes(path, "a .npy array"), path);
}

/** {@link readNpy} on bytes; `file`, and `place` within it, are for messages. The array may share the bytes' memory. */
export function decodeNpy(bytes: Uint8Array, file: string, place = ""): NdArray {
  const header = parseNpyHeader(bytes, file, place);
  const type = storedType(header.type);
  if (type === null)
    throw new SignalbookError("an array of a type that is not read", {
      file,
      place,
      found: header.type,
      expected: "booleans, integers or floats of up to 8 bytes",
      ...(header.type === "|O" ? { fix: "it holds pickled objects: read it with readPickle" } : {}),
    });
  const at = place === "" ? `byte ${header.bytes}` : place;
  return arrayOfBytes(bytes.subarray(header.bytes), type, header.shape, header.fortran, { file, place: at });
}

/** The header in front of the data. Throws for what is no .npy file. */
export function parseNpyHeader(bytes: Uint8Array, file: string, place = ""): NpyHeader {
  const problem = (what: string, found: string, expected: string): SignalbookError =>
    new SignalbookError(what, { file, place: place === "" ? "byte 0" : place, found, expected });
  if (!isNpy(bytes))
    throw problem("no .npy file", quoted(Buffer.from(bytes.subarray(0, 8)).toString("latin1")), quoted(MAGIC));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) throw problem("a .npy file of another version", String(version), "1, 2 or 3");
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw problem("a truncated .npy file", `${bytes.length} bytes`, `${start} at least`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = start + length;
  if (end > bytes.length) throw problem("a truncated .npy file", `${bytes.length} bytes`, `a header to byte ${end}`);
  const text = Buffer.from(bytes.subarray(start, end)).toString(version === 3 ? "utf8" : "latin1");
  // A Python dictionary written by NumPy, keys in any order.
  const type = /'descr'\s*:\s*(?:'([^']*)'|(\[[^\]]*\]))/.exec(text);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (type === null || fortran === null || shape === null)
    throw problem("a .npy header that is not read", quoted(text.trim()), "a dictionary of descr, fortran_order, shape");
  const sizes = shape[1]!.split(",").map((size) => size.trim());
  if (sizes[sizes.length - 1] === "") sizes.pop();
  // Python 2 wrote long integers as 20L.
  const wrong = sizes.find((size) => !/^\d{1,15}L?$/.test(size));
  if (wrong !== undefined) throw problem("a shape that is not read", quoted(wrong), "whole numbers");
  return {
    type: type[1] ?? type[2]!,
    fortran: fortran[1] === "True",
    shape: sizes.map((size) => Number.parseInt(size, 10)),
    bytes: end,
  };
}

/**
 * The bytes of a .npy file, version 1, as NumPy writes them: little-endian, row-major, data from a multiple of 64 bytes.
 * @throws SignalbookError when type, shape and data do not belong together.
 */
export function encodeNpy(array: NdArray): Uint8Array {
  const { dtype, shape, data } = array;
  if (!matchesType(array))
    throw new SignalbookError("an array that cannot be stored", {
      found: `${data.constructor.name} of ${data.length} values`,
      expected: `${dtype} of shape [${shape.join(", ")}]`,
    });
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${typeString(dtype)}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const file = new Uint8Array(10 + length + data.byteLength);
  file.set(Buffer.from(MAGIC, "latin1"));
  file.set([1, 0, length & 255, length >> 8], 6);
  file.set(Buffer.from(`${text.padEnd(length - 1)}\n`, "latin1"), 10);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  return file;
}

/** Writes a .npy file atomically. float16 becomes float32: that is what it was read as. */
export function writeNpy(path: string, array: NdArray): void {
  writeFileAtomic(path, encodeNpy(array));
}
