/**
 * The same binding while a step is traced: each op that tfjs' kernels would run becomes a node of a TensorFlow graph.
 *
 * - Values made in the step become constants; tensors from outside become inputs, captured once.
 * - A `tf.Variable` becomes a resource input. It is read once; updates of it come after every read.
 * - Shapes come from TensorFlow's own inference, so they are the ones the kernels would see.
 */
import type { backend_util } from "@tensorflow/tfjs";
import type { TensorMetadata, TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../core/errors";
import { type AttributeSetter, type InputType, inputPositions, setAttributes, settleTypes } from "./attributes";
import { type Binding, BindingBase } from "./binding";
import type { CApi, GraphOutput, Pointer } from "./c-api";
import { DType, dtypeName, elementCount, isHalf, isInteger } from "./dtypes";
import { attribute, describe, type EagerBinding } from "./eager-binding";
import { type HostValues, newHostTensor } from "./host-tensors";
import { check, newStatus, type Status } from "./status";

/** One tensor of the graph. */
export interface Node {
  output: GraphOutput;
  dtype: number;
  shape: readonly number[];
  /** The values of a constant, for kernels that look at them. */
  values?: backend_util.BackendValues;
  /** Set where TensorFlow cannot tell the shape: nobody may use such a tensor. Names its op. */
  unknownShapeOf?: string;
}

/** A variable in the graph: its resource input, what has read it, and what last wrote it. */
interface TracedVariable {
  resource: GraphOutput;
  dtype: number;
  shape: readonly number[];
  value: Node | undefined;
  readers: Pointer[];
  writer: Pointer | undefined;
}

/** One operation as it was traced: its name, the shapes it takes and gives, and what a profile needs to run it again. */
export interface TracedOperation {
  op: string;
  inputs: readonly (readonly number[])[];
  outputs: readonly (readonly number[])[];
  /** Of the first output: "float32", "bfloat16" ...; "" where there is none. */
  type: string;
  attributes: readonly TFEOpAttr[];
  /** TensorFlow's numbers of the inputs' types. */
  inputTypes: readonly number[];
  /** The values of those inputs that are constants and say what is to be done: axes, shapes, numbers of steps. */
  constants: readonly (backend_util.BackendValues | undefined)[];
  /** How many of the inputs, the first ones, are variables that it updates in place. */
  updates: number;
}

/** Constants of up to so many elements are part of an operation; larger ones of floats are its data. */
const smallConstant = 16;

/** An input of the finished function, in order: what to hand over at each run. */
export type CapturedInput = { kind: "tensor"; handle: Pointer } | { kind: "variable"; id: number };

export class GraphBinding extends BindingBase implements Binding {
  readonly graph: Pointer;
  /** The captured inputs, in the order of their placeholders; the step's own arguments come before them. */
  readonly captured: { input: CapturedInput; output: GraphOutput }[] = [];
  /** What tfjs' kernels asked for, in order, updates of variables included: the work of the step. */
  readonly traced: TracedOperation[] = [];
  /** Operations that must run though nobody reads them: updates of variables. */
  readonly effects: Pointer[] = [];
  /** Variables (by tensor number) that the step updates. */
  readonly updated = new Set<number>();

  private readonly api: CApi;
  private readonly status: Status;
  private readonly nodes = new Map<number, Node>();
  private readonly capturedNodes = new Map<number, Node>();
  private readonly variables = new Map<number, TracedVariable>();
  private operations = 0;
  /** Numbers of traced tensors are negative from -2 on (tfjs uses -1 for "not uploaded"): never an eager tensor's. */
  private nextId = -2;

  /** @param isVariable tells whether an eager tensor number is a `tf.Variable`'s. */
  constructor(
    private readonly eager: EagerBinding,
    private readonly isVariable: (id: number) => boolean,
  ) {
    super(eager.TF_Version);
    this.api = eager.api;
    this.status = newStatus(this.api);
    this.graph = this.api.TF_NewGraph();
  }

  /** Frees the graph; the function made from it lives on. */
  dispose(): void {
    this.api.TF_DeleteGraph(this.graph);
    this.api.TF_DeleteStatus(this.status.pointer);
  }

  get operationCount(): number {
    return this.operations;
  }

  /** An argument of the step. */
  argument(dtype: number, shape: readonly number[]): { id: number; output: GraphOutput } {
    const output = this.placeholder(dtype, shape);
    return { id: this.add({ output, dtype, shape }), output };
  }

  createTensor(shape: number[], dtype: number, values: backend_util.BackendValues): number {
    const tensor = newHostTensor(this.api, shape, dtype, values as HostValues);
    try {
      const description = this.api.TF_NewOperation(this.graph, "Const", this.nextName("Const"));
      this.api.TF_SetAttrType(description, "dtype", dtype);
      this.api.TF_SetAttrTensor(description, "value", tensor, this.status.pointer);
      check(this.status, { op: "Const" });
      return this.add({ output: { oper: this.finish(description, "Const"), index: 0 }, dtype, shape, values });
    } finally {
      this.api.TF_DeleteTensor(tensor);
    }
  }

  deleteTensor(id: number): void {
    if (id < 0) this.nodes.delete(id);
    else this.eager.deleteTensor(id);
  }

  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    if (id >= 0) return this.eager.tensorDataSync(id);
    const values = this.node(id).values;
    if (values !== undefined) return values as Float32Array;
    throw new SignalbookError("a value was asked for while the step is traced, where there are no values yet", {
      expected: "tensor operations only between the step's inputs and its outputs",
      fix: "return the tensor from the step and read it after the call",
    });
  }

  executeOp(name: string, attributes: TFEOpAttr[], inputIds: number[], outputCount: number): TensorMetadata[] {
    const inputs = inputIds.map((id) => this.node(id));
    const outputs = this.execute(name, attributes, inputs, outputCount);
    // An integer constant in another type is a constant still.
    if (name === "Cast" && inputs[0]?.values !== undefined && outputs.every(({ dtype }) => isInteger(dtype)))
      outputs[0]!.values = inputs[0].values;
    this.record(name, attributes, inputs, outputs, 0);
    return outputs.map((node) => ({ id: this.add(node), shape: [...node.shape], dtype: node.dtype }));
  }

  private record(
    op: string,
    attributes: readonly TFEOpAttr[],
    inputs: readonly (InputType & { values?: backend_util.BackendValues })[],
    outputs: readonly Node[],
    updates: number,
  ): void {
    this.traced.push({
      op,
      inputs: inputs.map(({ shape }) => shape),
      outputs: outputs.map(({ shape }) => shape),
      type: outputs[0] === undefined ? "" : dtypeName(outputs[0].dtype),
      attributes,
      inputTypes: inputs.map(({ dtype }) => dtype),
      constants: inputs.map(({ dtype, shape, values }) =>
        isInteger(dtype) || elementCount(shape) <= smallConstant ? values : undefined,
      ),
      updates,
    });
  }

  /** Adds an operation; its outputs' types and shapes are what TensorFlow infers. */
  execute(
    name: string,
    attributes: readonly TFEOpAttr[],
    inputs: readonly Node[],
    outputCount: number,
    after: readonly Pointer[] = [],
  ): Node[] {
    const oper = this.addOperation(name, attributes, inputs, after);
    return Array.from({ length: outputCount }, (_, index) => this.nodeOf({ oper, index }, name));
  }

  /** The node of a tensor number; a tensor from outside is captured at its first use. */
  node(id: number): Node {
    if (id < 0) {
      const node = this.nodes.get(id);
      if (node?.unknownShapeOf !== undefined)
        throw new SignalbookError("an output whose shape depends on values, in a traced step", {
          place: node.unknownShapeOf,
          fix: "run that part outside compile()",
        });
      if (node !== undefined) return node;
      throw new SignalbookError("a tensor of the traced step that was disposed, or of an earlier trace", {
        fix: "keep tensors inside one step, or return them from it",
      });
    }
    if (this.isVariable(id)) return this.read(id);
    let node = this.capturedNodes.get(id);
    if (node === undefined) {
      const entry = this.eager.entry(id);
      const output = this.placeholder(entry.dtype, entry.shape);
      // The function holds the tensor itself: the user may dispose it after the trace.
      const handle = this.api.TFE_TensorHandleCopySharingTensor(entry.handle, this.status.pointer);
      check(this.status, { op: "capture", inputs: () => describe([entry]) });
      node = { output, dtype: entry.dtype, shape: entry.shape };
      this.captured.push({ input: { kind: "tensor", handle }, output });
      this.capturedNodes.set(id, node);
    }
    return node;
  }

  /** Adds an operation that updates variables in place; it runs after all that has read or written them so far. */
  update(
    name: string,
    attributes: readonly TFEOpAttr[],
    variableIds: readonly number[],
    inputs: readonly Node[],
  ): void {
    const variables = variableIds.map((id) => this.variable(id));
    const after = variables.flatMap((v) => (v.writer === undefined ? v.readers : [...v.readers, v.writer]));
    const resources = variables.map((v): Node => ({ output: v.resource, dtype: DType.resource, shape: [] }));
    const oper = this.addOperation(name, attributes, [...resources, ...inputs], after);
    for (const id of variableIds) {
      const variable = this.variable(id);
      Object.assign(variable, { value: undefined, readers: [], writer: oper });
      this.updated.add(id);
    }
    this.effects.push(oper);
    this.record(name, attributes, [...variables, ...inputs], [], variables.length);
  }

  /** The value a variable has at the end of the step. */
  assign(variableId: number, value: Node): void {
    const attributes = [attribute.type("dtype", this.variable(variableId).dtype)];
    this.update("AssignVariableOp", attributes, [variableId], [value]);
  }

  /** A node that tfjs can be handed as float32: 16-bit floats must not leave the step. */
  asOutput(node: Node): Node {
    if (isHalf(node.dtype)) return this.cast(node, DType.float32);
    return this.execute("Identity", [attribute.type("T", node.dtype)], [node], 1)[0]!;
  }

  private read(id: number): Node {
    const variable = this.variable(id);
    if (variable.value === undefined) {
      const resource: Node = { output: variable.resource, dtype: DType.resource, shape: [] };
      const after = variable.writer === undefined ? [] : [variable.writer];
      const dtype = attribute.type("dtype", variable.dtype);
      const oper = this.addOperation("ReadVariableOp", [dtype], [resource], after);
      const output = { oper, index: 0 };
      // A resource carries no shape for TensorFlow to infer: say it.
      const { shape } = variable;
      this.api.TF_GraphSetTensorShape(this.graph, output, shape, shape.length, this.status.pointer);
      check(this.status, { op: "ReadVariableOp", inputs: () => describe([variable]) });
      variable.value = { output, dtype: variable.dtype, shape };
      variable.readers.push(oper);
    }
    return variable.value;
  }

  private variable(id: number): TracedVariable {
    let variable = this.variables.get(id);
    if (variable === undefined) {
      const { dtype, shape } = this.eager.entry(id);
      const resource = this.placeholder(DType.resource, []);
      variable = { resource, dtype, shape, value: undefined, readers: [], writer: undefined };
      this.variables.set(id, variable);
      this.captured.push({ input: { kind: "variable", id }, output: resource });
    }
    return variable;
  }

  private placeholder(dtype: number, shape: readonly number[]): GraphOutput {
    const description = this.api.TF_NewOperation(this.graph, "Placeholder", this.nextName("input"));
    this.api.TF_SetAttrType(description, "dtype", dtype);
    this.api.TF_SetAttrShape(description, "shape", shape, shape.length);
    return { oper: this.finish(description, "Placeholder"), index: 0 };
  }

  private addOperation(
    name: string,
    attributes: readonly TFEOpAttr[],
    inputs: readonly Node[],
    after: readonly Pointer[],
  ): Pointer {
    const { api, status } = this;
    const definition = this.eager.definitions.get(name);
    const settled = settleTypes(definition, attributes, inputs);
    const used = inputs.map((input, i) => {
      const target = settled.casts?.get(i);
      return target === undefined ? input : this.cast(input, target);
    });
    const description = api.TF_NewOperation(this.graph, name, this.nextName(name));
    setAttributes(graphSetter(api, description), name, settled.attributes);
    const positions = inputPositions(definition, settled.attributes, used.length);
    definition.inputs.forEach((input, i) => {
      const { start, end } = positions[i]!;
      const outputs = used.slice(start, end).map((node) => node.output);
      if (input.countAttribute !== undefined || input.typeListAttribute !== undefined)
        api.TF_AddInputList(description, outputs, outputs.length);
      else if (outputs[0] !== undefined) api.TF_AddInput(description, outputs[0]);
    });
    for (const oper of after) api.TF_AddControlInput(description, oper);
    const oper = api.TF_FinishOperation(description, status.pointer);
    check(status, { op: name, inputs: () => describe(inputs) });
    return oper;
  }

  private cast(node: Node, target: number): Node {
    const attributes = [attribute.type("SrcT", node.dtype), attribute.type("DstT", target)];
    return this.execute("Cast", [...attributes, attribute.bool("Truncate", false)], [node], 1)[0]!;
  }

  private nodeOf(output: GraphOutput, op: string): Node {
    const { api, status } = this;
    const rank = api.TF_GraphGetTensorNumDims(this.graph, output, status.pointer);
    check(status, { op });
    const shape: number[] = new Array(Math.max(rank, 0)).fill(0);
    if (rank > 0) api.TF_GraphGetTensorShape(this.graph, output, shape, rank, status.pointer);
    const dtype = api.TF_OperationOutputType(output);
    if (rank >= 0 && shape.every((n) => Number(n) >= 0)) return { output, dtype, shape: shape.map(Number) };
    return { output, dtype, shape: [], unknownShapeOf: `op ${op}, output ${output.index}` };
  }

  private finish(description: Pointer, op: string): Pointer {
    const oper = this.api.TF_FinishOperation(description, this.status.pointer);
    check(this.status, { op });
    return oper;
  }

  private add(node: Node): number {
    const id = this.nextId--;
    this.nodes.set(id, node);
    return id;
  }

  private nextName(op: string): string {
    return `${op}_${this.operations++}`;
  }

  getNumOfTensors(): number {
    return this.eager.getNumOfTensors();
  }
  isUsingGpuDevice(): boolean {
    return this.eager.isUsingGpuDevice();
  }
}

function graphSetter(api: CApi, description: Pointer): AttributeSetter {
  return {
    type: (name, value) => api.TF_SetAttrType(description, name, value),
    typeList: (name, values) => api.TF_SetAttrTypeList(description, name, values, values.length),
    int: (name, value) => api.TF_SetAttrInt(description, name, value),
    intList: (name, values) => api.TF_SetAttrIntList(description, name, values, values.length),
    float: (name, value) => api.TF_SetAttrFloat(description, name, value),
    bool: (name, value) => api.TF_SetAttrBool(description, name, value),
    string: (name, value) => api.TF_SetAttrString(description, name, value, value.byteLength),
    shape: (name, dims) => api.TF_SetAttrShape(description, name, dims, dims?.length ?? -1),
  };
}
