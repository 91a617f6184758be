/** JavaScript values to TensorFlow's tensors (`TF_Tensor`) and back. */
import koffi from "koffi";
import { SignalbookError } from "../core/errors";
import type { CApi, Pointer } from "./c-api";
import { bytesPerElement, DType, dtypeName, elementCount } from "./dtypes";

/** Bytes of one `TF_TString` (tensorflow/core/platform/ctstring_internal.h). */
const stringBytes = 24;

export type HostValues = ArrayBufferView | ArrayLike<number> | readonly (string | Uint8Array)[];

/**
 * A new `TF_Tensor` with a copy of `values`. The caller deletes it.
 * Integers of 64 bits come as BigInt arrays, or as Int32Array pairs (low, high), which is how tfjs writes them.
 * @throws SignalbookError when the number of values is not the shape's.
 */
export function newHostTensor(api: CApi, shape: readonly number[], dtype: number, values: HostValues): Pointer {
  const count = elementCount(shape);
  if (dtype === DType.string) return newStringTensor(api, shape, values as readonly (string | Uint8Array)[], count);
  const width = bytesPerElement(dtype);
  if (width === 0)
    throw new SignalbookError("a tensor of a type the engine does not build", {
      found: dtypeName(dtype),
      expected: "float32, int32, int64, uint8, bool, complex64 or string",
    });
  const bytes = bytesOf(values, dtype);
  if (bytes.byteLength !== count * width)
    throw new SignalbookError("values that do not fill the shape", {
      found: `${bytes.byteLength / width} values of ${dtypeName(dtype)}`,
      expected: `${count} for shape [${shape.join(", ")}]`,
    });
  const tensor = api.TF_AllocateTensor(dtype, shape as number[], shape.length, bytes.byteLength);
  if (bytes.byteLength > 0) new Uint8Array(koffi.view(api.TF_TensorData(tensor), bytes.byteLength)).set(bytes);
  return tensor;
}

function bytesOf(values: HostValues, dtype: number): Uint8Array {
  let view: ArrayBufferView;
  if (dtype === DType.bool || dtype === DType.uint8)
    view = values instanceof Uint8Array ? values : Uint8Array.from(values as ArrayLike<number>);
  else if (dtype === DType.float32 || dtype === DType.complex64)
    view = values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
  else if (dtype === DType.int32)
    view = values instanceof Int32Array ? values : Int32Array.from(values as ArrayLike<number>);
  else if (ArrayBuffer.isView(values)) view = values;
  else throw new SignalbookError(`values for ${dtypeName(dtype)} must come as a typed array`, { found: typeof values });
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function newStringTensor(
  api: CApi,
  shape: readonly number[],
  values: readonly (string | Uint8Array)[],
  count: number,
): Pointer {
  if (values.length !== count)
    throw new SignalbookError("values that do not fill the shape", {
      found: `${values.length} strings`,
      expected: `${count} for shape [${shape.join(", ")}]`,
    });
  const tensor = api.TF_AllocateTensor(DType.string, shape as number[], shape.length, count * stringBytes);
  const data = api.TF_TensorData(tensor);
  values.forEach((value, i) => {
    const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    const at = data + BigInt(i * stringBytes);
    api.TF_StringInit(at);
    api.TF_StringCopy(at, bytes, bytes.byteLength);
  });
  return tensor;
}

/** The values of a `TF_Tensor`, copied, in the form tfjs reads them: one typed array, or the bytes of each string. */
export function readHostTensor(
  api: CApi,
  tensor: Pointer,
  dtype: number,
  count: number,
): Float32Array | Int32Array | Uint8Array | Uint8Array[] {
  if (dtype === DType.string || dtype === DType.resource) return readStrings(api, tensor, dtype, count);
  const size = Number(api.TF_TensorByteSize(tensor));
  const buffer =
    size === 0 ? new ArrayBuffer(0) : new Uint8Array(koffi.view(api.TF_TensorData(tensor), size)).slice().buffer;
  switch (dtype) {
    case DType.float32:
    case DType.complex64:
      return new Float32Array(buffer);
    case DType.int32:
      return new Int32Array(buffer);
    case DType.bool:
    case DType.uint8:
      return new Uint8Array(buffer);
    case DType.int64:
      return narrowed(new BigInt64Array(buffer));
    case DType.float64:
      return Float32Array.from(new Float64Array(buffer));
    default:
      throw new SignalbookError("a tensor of a type that JavaScript cannot read", {
        found: dtypeName(dtype),
        fix: "cast it to float32 or int32 first",
      });
  }
}

/** tfjs has no 64-bit integers: they become int32, and one that does not fit is an error, not another number. */
function narrowed(values: BigInt64Array): Int32Array {
  const out = new Int32Array(values.length);
  values.forEach((value, i) => {
    if (value < -2147483648n || value > 2147483647n)
      throw new SignalbookError("an int64 value that does not fit into int32", { found: String(value) });
    out[i] = Number(value);
  });
  return out;
}

function readStrings(api: CApi, tensor: Pointer, dtype: number, count: number): Uint8Array[] {
  if (dtype === DType.resource) throw new SignalbookError("the value of a resource handle cannot be read");
  const data = api.TF_TensorData(tensor);
  return Array.from({ length: count }, (_, i) => {
    const at = data + BigInt(i * stringBytes);
    const size = Number(api.TF_StringGetSize(at));
    if (size === 0) return new Uint8Array(0);
    return new Uint8Array(koffi.view(api.TF_StringGetDataPointer(at), size)).slice();
  });
}
