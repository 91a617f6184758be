/**
 * The object that tfjs-node's kernels talk to (`TFJSBinding`), on TensorFlow's eager C API.
 *
 * Tensors are numbers to tfjs; here each number stands for a tensor handle, or for a variable's resource: a buffer that
 * compiled steps update in place, and that reads as an ordinary tensor everywhere else.
 */
import type { backend_util } from "@tensorflow/tfjs";
import type { TensorMetadata, TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../core/errors";
import { type AttributeSetter, AttributeType, setAttributes, settleTypes } from "./attributes";
import { type Binding, BindingBase } from "./binding";
import type { CApi, Pointer } from "./c-api";
import { DType, dtypeName, elementCount, isHalf } from "./dtypes";
import { type HostValues, newHostTensor, readHostTensor } from "./host-tensors";
import { OpDefinitions } from "./op-definitions";
import { check, newStatus, type OpContext, type Status } from "./status";

/** What one of tfjs' tensor numbers stands for. */
export interface Entry {
  handle: Pointer;
  /** Of the value, also where the handle is a variable's resource. */
  dtype: number;
  shape: readonly number[];
  /** Whether the handle is a variable's resource. */
  resource: boolean;
}

/** TensorFlow's name for a variable that nobody else can look up: it lives as long as its handle. */
const anonymousName = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

export class EagerBinding extends BindingBase implements Binding {
  readonly status: Status;
  readonly definitions: OpDefinitions;
  private readonly entries = new Map<number, Entry>();
  private nextId = 1;

  constructor(
    readonly api: CApi,
    readonly context: Pointer,
    private readonly usesGpu: boolean,
  ) {
    super(api.TF_Version());
    this.status = newStatus(api);
    this.definitions = new OpDefinitions(api, this.status);
  }

  createTensor(shape: number[], dtype: number, values: backend_util.BackendValues): number {
    const tensor = newHostTensor(this.api, shape, dtype, values as HostValues);
    try {
      const handle = this.api.TFE_NewTensorHandle(tensor, this.status.pointer);
      check(this.status, { op: "new tensor", inputs: () => `${dtypeName(dtype)}[${shape.join(",")}]` });
      return this.add({ handle, dtype, shape: [...shape], resource: false });
    } finally {
      this.api.TF_DeleteTensor(tensor);
    }
  }

  deleteTensor(id: number): void {
    const entry = this.entries.get(id);
    if (entry === undefined) throw unknownTensor(id);
    this.entries.delete(id);
    this.api.TFE_DeleteTensorHandle(entry.handle);
  }

  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    let entry = this.entry(id);
    const temporary: Pointer[] = [];
    try {
      if (entry.resource) entry = this.temporaryEntry(this.readVariable(entry), temporary);
      if (isHalf(entry.dtype)) entry = this.temporaryEntry(this.cast(entry, DType.float32), temporary);
      const tensor = this.api.TFE_TensorHandleResolve(entry.handle, this.status.pointer);
      check(this.status, { op: "read tensor", inputs: () => describe([entry]) });
      try {
        // Strings come as one byte array each: tfjs asks for them so, though the interface does not say it.
        return readHostTensor(this.api, tensor, entry.dtype, elementCount(entry.shape)) as Float32Array;
      } finally {
        this.api.TF_DeleteTensor(tensor);
      }
    } finally {
      for (const handle of temporary) this.api.TFE_DeleteTensorHandle(handle);
    }
  }

  executeOp(name: string, attributes: TFEOpAttr[], inputIds: number[], outputCount: number): TensorMetadata[] {
    if (!Number.isInteger(outputCount))
      throw new SignalbookError("a number of outputs is missing", { place: `op ${name}`, found: String(outputCount) });
    const inputs = inputIds.map((id) => this.entry(id));
    return this.execute(name, attributes, inputs, outputCount).map((entry) => this.publish(entry));
  }

  /** Runs an op on entries. The entries that come back are the caller's to keep or to delete. */
  execute(name: string, attributes: readonly TFEOpAttr[], inputs: readonly Entry[], outputCount: number): Entry[] {
    const definition = this.definitions.get(name);
    const settled = settleTypes(definition, attributes, inputs);
    const temporary: Pointer[] = [];
    const context: OpContext = { op: name, inputs: () => describe(inputs) };
    let op: Pointer = 0n;
    try {
      const handles = inputs.map((entry, i) => {
        let used = entry;
        if (used.resource) used = this.temporaryEntry(this.readVariable(used), temporary);
        const target = settled.casts?.get(i);
        if (target !== undefined) used = this.temporaryEntry(this.cast(used, target), temporary);
        return used.handle;
      });
      op = this.newOp(name, settled.attributes, handles, context);
      const outputs: (Pointer | null)[] = new Array(Math.max(outputCount, 1)).fill(null);
      const count = [outputCount];
      this.api.TFE_Execute(op, outputs, count, this.status.pointer);
      check(this.status, context);
      return this.describeOutputs(outputs.slice(0, count[0]));
    } finally {
      if (op) this.api.TFE_DeleteOp(op);
      for (const handle of temporary) this.api.TFE_DeleteTensorHandle(handle);
    }
  }

  /** A new eager op with its attributes and inputs. The caller deletes it. */
  newOp(name: string, attributes: readonly TFEOpAttr[], handles: readonly Pointer[], context: OpContext): Pointer {
    const { api, status } = this;
    const op = api.TFE_NewOp(this.context, name, status.pointer);
    check(status, context);
    try {
      setAttributes(eagerSetter(api, op, status, context), name, attributes);
      for (const handle of handles) api.TFE_OpAddInput(op, handle, status.pointer);
      check(status, context);
    } catch (error) {
      api.TFE_DeleteOp(op);
      throw error;
    }
    return op;
  }

  describeOutputs(outputs: readonly (Pointer | null)[]): Entry[] {
    const { api, status } = this;
    return outputs.map((handle) => {
      const rank = api.TFE_TensorHandleNumDims(handle!, status.pointer);
      const shape: number[] = new Array(rank);
      for (let i = 0; i < rank; i++) shape[i] = Number(api.TFE_TensorHandleDim(handle!, i, status.pointer));
      return { handle: handle!, dtype: api.TFE_TensorHandleDataType(handle!), shape, resource: false };
    });
  }

  /** The entry of a tensor number. @throws SignalbookError when there is none (any more). */
  entry(id: number): Entry {
    const entry = this.entries.get(id);
    if (entry === undefined) throw unknownTensor(id);
    return entry;
  }

  has(id: number): boolean {
    return this.entries.has(id);
  }

  add(entry: Entry): number {
    const id = this.nextId++;
    this.entries.set(id, entry);
    return id;
  }

  /** Gives an entry a number and says of it what tfjs wants to know. */
  publish(entry: Entry): TensorMetadata {
    return { id: this.add(entry), shape: [...entry.shape], dtype: entry.dtype };
  }

  /** Turns a tensor into a variable's resource, in place: the number stays, steps can update its buffer. */
  promote(id: number): Entry {
    const entry = this.entry(id);
    if (entry.resource) return entry;
    const resource = this.newVariable(entry);
    this.api.TFE_DeleteTensorHandle(entry.handle);
    this.entries.set(id, resource);
    return resource;
  }

  /** Turns a variable's resource back into a tensor with its present value; the resource itself is handed back. */
  demote(id: number): Entry {
    const resource = this.entry(id);
    this.entries.set(id, this.readVariable(resource));
    return resource;
  }

  /** The present value of a variable: shares its buffer until somebody writes. */
  readVariable(entry: Entry): Entry {
    const handle: Entry = { ...entry, dtype: DType.resource, shape: [], resource: false };
    const [value] = this.execute("ReadVariableOp", [attribute.type("dtype", entry.dtype)], [handle], 1);
    return value!;
  }

  private newVariable(value: Entry): Entry {
    const [handle] = this.execute(
      "VarHandleOp",
      [
        attribute.string("container", ""),
        attribute.string("shared_name", anonymousName),
        attribute.type("dtype", value.dtype),
        attribute.shape("shape", [...value.shape]),
      ],
      [],
      1,
    );
    this.execute("AssignVariableOp", [attribute.type("dtype", value.dtype)], [handle!, value], 0);
    return { handle: handle!.handle, dtype: value.dtype, shape: value.shape, resource: true };
  }

  private cast(entry: Entry, target: number): Entry {
    const attributes = [attribute.type("SrcT", entry.dtype), attribute.type("DstT", target)];
    return this.execute("Cast", [...attributes, attribute.bool("Truncate", false)], [entry], 1)[0]!;
  }

  private temporaryEntry(entry: Entry, temporary: Pointer[]): Entry {
    temporary.push(entry.handle);
    return entry;
  }

  getNumOfTensors(): number {
    return this.entries.size;
  }
  isUsingGpuDevice(): boolean {
    return this.usesGpu;
  }
}

/** Attributes by kind, as tfjs-node's kernels write them. */
export const attribute = {
  type: (name: string, value: number): TFEOpAttr => ({ name, type: AttributeType.type, value }),
  int: (name: string, value: number | number[]): TFEOpAttr => ({ name, type: AttributeType.int, value }),
  float: (name: string, value: number): TFEOpAttr => ({ name, type: AttributeType.float, value }),
  bool: (name: string, value: boolean): TFEOpAttr => ({ name, type: AttributeType.bool, value }),
  string: (name: string, value: string): TFEOpAttr => ({ name, type: AttributeType.string, value }),
  shape: (name: string, value: number[]): TFEOpAttr => ({ name, type: AttributeType.shape, value }),
};

/** "float32[2,3], int32[]" */
export function describe(inputs: readonly { dtype: number; shape: readonly number[] }[]): string {
  return inputs.map(({ dtype, shape }) => `${dtypeName(dtype)}[${shape.join(",")}]`).join(", ");
}

function eagerSetter(api: CApi, op: Pointer, status: Status, context: OpContext): AttributeSetter {
  return {
    type: (name, value) => api.TFE_OpSetAttrType(op, name, value),
    typeList: (name, values) => api.TFE_OpSetAttrTypeList(op, name, values, values.length),
    int: (name, value) => api.TFE_OpSetAttrInt(op, name, value),
    intList: (name, values) => api.TFE_OpSetAttrIntList(op, name, values, values.length),
    float: (name, value) => api.TFE_OpSetAttrFloat(op, name, value),
    bool: (name, value) => api.TFE_OpSetAttrBool(op, name, value),
    string: (name, value) => api.TFE_OpSetAttrString(op, name, value, value.byteLength),
    shape: (name, dims) => {
      api.TFE_OpSetAttrShape(op, name, dims, dims?.length ?? -1, status.pointer);
      check(status, context);
    },
  };
}

function unknownTensor(id: number): SignalbookError {
  return new SignalbookError("a tensor that no longer exists, or that was made while a step was traced", {
    found: `tensor number ${id}`,
    fix: "keep a tensor with tf.keep, return it from the step, or make it before compile()",
  });
}
