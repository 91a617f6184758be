/** NumPy arrays as pickles, protocol 4, under the module names of NumPy 1, which NumPy 2 reads too. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { matchesType, type NdArray, typeString } from "./ndarray";

const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x8c, value.length]), Buffer.from(value)]);
const ops = (letters: string): Buffer => Buffer.from(letters, "latin1");
const name = (module: string, attribute: string): Buffer => Buffer.concat([text(module), text(attribute), ops("\x93")]);

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5, "J");
  bytes.writeInt32LE(value, 1);
  return bytes;
}

/** @throws SignalbookError where data and shape do not fit, and for float16, which was widened when it was read. */
export function encodePickledArray(array: NdArray): Uint8Array {
  const { dtype, shape, data } = array;
  if (!matchesType(array) || dtype === "float16")
    throw new SignalbookError("an array that cannot be pickled as it is", {
      found: `${data.constructor.name} of ${data.length}, called ${dtype} [${shape.join(", ")}]`,
      expected: "as many elements as the shape says, of the type's own array",
    });
  const type = typeString(dtype);
  const length = Buffer.alloc(9, 0x8e);
  length.writeBigUInt64LE(BigInt(data.byteLength), 1);
  return Buffer.concat([
    ops("\x80\x04"),
    name("numpy.core.multiarray", "_reconstruct"),
    name("numpy", "ndarray"),
    ops("K\x00\x85C\x01b\x87R(K\x01("),
    ...shape.map(integer),
    ops("t"),
    name("numpy", "dtype"),
    text(type.slice(1)),
    ops("\x89\x88\x87R(K\x03"),
    text(type.slice(0, 1)),
    ops("NNN"),
    integer(-1),
    integer(-1),
    ops("K\x00tb\x89"),
    length,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ops("tb."),
  ]);
}

/** Writes a pickle atomically. @throws SignalbookError as {@link encodePickledArray}. */
export function writePickledArray(path: string, array: NdArray): void {
  writeFileAtomic(path, encodePickledArray(array));
}
