/**
 * Attributes of an op: set on an eager op or on a graph's operation, with data types taken from the inputs' true types.
 *
 * tfjs knows no 16-bit floats, no uint8 and no int64: its tensors say float32 or int32 while the buffer holds another
 * type. tfjs' kernels then ask for `T = float32`. The rule here settles what the op really runs in:
 * - all inputs of one 16-bit type: the op runs in that type;
 * - 16-bit and float32 mixed: scalars give way (they are cast down), otherwise the op runs in float32;
 * - int32 asked for, uint8 or int64 given: the inputs are cast to int32.
 */
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../core/errors";
import { DType, isHalf } from "./dtypes";
import type { OpDefinition } from "./op-definitions";

export const AttributeType = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5, resource: 6 } as const;

/** The true type and the shape of one input. */
export interface InputType {
  dtype: number;
  shape: readonly number[];
}

/** What to run: the attributes with their settled types, and for each input the type it is to be cast to, if any. */
export interface Settled {
  attributes: readonly TFEOpAttr[];
  casts: Map<number, number> | undefined;
}

/** For each declared input of the op, the positions of its tensors among all inputs. */
export function inputPositions(
  definition: OpDefinition,
  attributes: readonly TFEOpAttr[],
  inputCount: number,
): { start: number; end: number }[] {
  let at = 0;
  return definition.inputs.map((input, i) => {
    const start = at;
    if (input.countAttribute !== undefined || input.typeListAttribute !== undefined) {
      const after = definition.inputs.length - 1 - i;
      const declared = attributes.find((a) => a.name === input.countAttribute)?.value;
      at += typeof declared === "number" ? declared : Math.max(0, inputCount - start - after);
    } else at += 1;
    return { start, end: at };
  });
}

/** Settles the data types an op runs in; see the rule above. */
export function settleTypes(
  definition: OpDefinition,
  attributes: readonly TFEOpAttr[],
  inputs: readonly InputType[],
): Settled {
  if (!inputs.some(({ dtype }) => isHalf(dtype) || dtype === DType.uint8 || dtype === DType.int64))
    return { attributes, casts: undefined };
  const positions = inputPositions(definition, attributes, inputs.length);
  const byAttribute = new Map<string, number[]>();
  definition.inputs.forEach((input, i) => {
    if (input.typeAttribute === undefined) return;
    const list = byAttribute.get(input.typeAttribute) ?? [];
    for (let p = positions[i]!.start; p < positions[i]!.end; p++) list.push(p);
    byAttribute.set(input.typeAttribute, list);
  });
  let settled = attributes;
  const casts = new Map<number, number>();
  for (const [name, places] of byAttribute) {
    const asked = attributes.find((a) => a.name === name)?.value as number | undefined;
    const target = targetType(
      asked,
      places.map((p) => inputs[p]!),
    );
    if (target === undefined) continue;
    for (const p of places) if (inputs[p]!.dtype !== target) casts.set(p, target);
    if (asked !== undefined && asked !== target)
      settled = settled.map((a) => (a.name === name ? { ...a, value: target } : a));
  }
  return { attributes: settled, casts: casts.size > 0 ? casts : undefined };
}

function targetType(asked: number | undefined, inputs: readonly InputType[]): number | undefined {
  const types = new Set(inputs.map((i) => i.dtype));
  if (types.size === 0) return undefined;
  const halves = [...types].filter(isHalf);
  if (halves.length > 0) {
    if (asked !== undefined && asked !== DType.float32 && !isHalf(asked)) return undefined;
    if (types.size === 1) return halves[0];
    const others = inputs.filter((i) => !isHalf(i.dtype));
    if (halves.length === 1 && others.every((i) => i.dtype === DType.float32 && i.shape.length === 0)) return halves[0];
    return DType.float32;
  }
  if (asked === DType.int32 && [...types].some((t) => t !== DType.int32)) return DType.int32;
  return undefined;
}

/** The C functions that set one attribute, of an eager op or of a graph's operation. */
export interface AttributeSetter {
  type(name: string, value: number): void;
  typeList(name: string, values: Int32Array): void;
  int(name: string, value: number | bigint): void;
  intList(name: string, values: number[]): void;
  float(name: string, value: number): void;
  bool(name: string, value: number): void;
  string(name: string, value: Uint8Array): void;
  shape(name: string, dims: number[] | null): void;
}

/** @throws SignalbookError when a value does not fit the attribute's declared type. */
export function setAttributes(setter: AttributeSetter, op: string, attributes: readonly TFEOpAttr[]): void {
  if (!Array.isArray(attributes))
    throw new SignalbookError("an op without a list of attributes", { place: `op ${op}`, found: String(attributes) });
  for (const attribute of attributes) setAttribute(setter, op, attribute);
}

function setAttribute(setter: AttributeSetter, op: string, { name, type, value }: TFEOpAttr): void {
  const refuse = (expected: string): never => {
    throw new SignalbookError("an attribute value of the wrong kind", {
      place: `op ${op}, attribute ${name}`,
      found: JSON.stringify(value) ?? String(value),
      expected,
    });
  };
  const numbers = Array.isArray(value) && value.every((v) => typeof v === "number") ? (value as number[]) : undefined;
  switch (type) {
    case AttributeType.string:
      if (typeof value === "string") setter.string(name, Buffer.from(value, "utf8"));
      else if (value instanceof Uint8Array) setter.string(name, value);
      else refuse("a string");
      break;
    case AttributeType.int:
      if (typeof value === "number" && Number.isInteger(value)) setter.int(name, value);
      else if (numbers !== undefined) setter.intList(name, numbers);
      else refuse("an integer or a list of integers");
      break;
    case AttributeType.float:
      if (typeof value === "number") setter.float(name, value);
      else refuse("a number");
      break;
    case AttributeType.bool:
      if (typeof value === "boolean") setter.bool(name, value ? 1 : 0);
      else refuse("true or false");
      break;
    case AttributeType.type:
      if (typeof value === "number") setter.type(name, value);
      else if (numbers !== undefined) setter.typeList(name, Int32Array.from(numbers));
      else refuse("a data type's number");
      break;
    case AttributeType.shape:
      if (numbers !== undefined) setter.shape(name, numbers);
      else if (value === null) setter.shape(name, null);
      else refuse("a shape, or null for an unknown one");
      break;
    default:
      refuse(`an attribute type of 0 to 5, not ${type}`);
  }
}
