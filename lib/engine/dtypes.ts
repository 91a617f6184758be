/** TensorFlow's data types by their number in the C API (tensorflow/c/tf_datatype.h). */
export const DType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  float16: 19,
  resource: 20,
  uint32: 22,
  uint64: 23,
} as const;

export type DTypeNumber = (typeof DType)[keyof typeof DType];

const names = new Map<number, string>(Object.entries(DType).map(([name, number]) => [number, name]));

/** The type's name, or "type 99" for one the engine does not know. */
export function dtypeName(dtype: number): string {
  return names.get(dtype) ?? `type ${dtype}`;
}

/** Bytes of one element; 0 for strings and resources, whose size is not fixed. */
export function bytesPerElement(dtype: number): number {
  switch (dtype) {
    case DType.float64:
    case DType.complex64:
    case DType.int64:
    case DType.uint64:
      return 8;
    case DType.float32:
    case DType.int32:
    case DType.uint32:
      return 4;
    case DType.int16:
    case DType.bfloat16:
    case DType.uint16:
    case DType.float16:
      return 2;
    case DType.uint8:
    case DType.int8:
    case DType.bool:
      return 1;
    default:
      return 0;
  }
}

/** Whether the type is one of the two 16-bit floating types, which tfjs calls float32. */
export function isHalf(dtype: number): boolean {
  return dtype === DType.bfloat16 || dtype === DType.float16;
}

/** Whether the type is one of the two that shapes, axes and counts come in. */
export function isInteger(dtype: number): boolean {
  return dtype === DType.int32 || dtype === DType.int64;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
