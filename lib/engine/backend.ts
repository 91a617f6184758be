/**
 * tfjs-node's backend on the engine's bindings: the stock kernels, with one seam more. While a step is traced, the
 * binding is the graph's; what was made before the trace still goes to the eager one.
 */
import type { DataType, Rank, Tensor, TensorInfo, Variable } from "@tensorflow/tfjs";
import * as tfjs from "@tensorflow/tfjs";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import type { TensorMetadata, TFEOpAttr, TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { DType, isHalf } from "./dtypes";
import type { EagerBinding } from "./eager-binding";
import type { GraphBinding } from "./graph-binding";

/** What tfjs-node's backend keeps of each tensor's data. */
export interface TensorData {
  shape: number[];
  /** TensorFlow's number of the true type. */
  dtype: number;
  /** Values not uploaded yet. */
  values: tfjs.backend_util.BackendValues | null;
  /** The binding's number, or -1 before the upload. */
  id: number;
  refCount: number;
}

/** The parts of tfjs-node's backend that its type declarations call private. */
interface BackendInternals {
  tensorMap: {
    get(dataId: object): TensorData;
    set(dataId: object, data: TensorData): void;
    has(dataId: object): boolean;
  };
}

export class EngineBackend extends NodeJSKernelBackend {
  /** The graph being traced, if any. */
  trace: GraphBinding | undefined;
  private tracedData = new WeakSet<object>();

  constructor(readonly eager: EagerBinding) {
    super(eager as unknown as TFJSBinding, "@tensorflow/tfjs-node-gpu");
  }

  /** Traces `work`: its ops go to `graph`. Values made before stay eager. */
  traced<T>(graph: GraphBinding, work: () => T): T {
    this.trace = graph;
    this.tracedData = new WeakSet();
    this.binding = graph as unknown as TFJSBinding;
    try {
      return work();
    } finally {
      this.trace = undefined;
      this.binding = this.eager as unknown as TFJSBinding;
    }
  }

  dataOf(tensor: { dataId: object }): TensorData {
    return (this as unknown as BackendInternals).tensorMap.get(tensor.dataId);
  }

  /** The binding's number of a tensor, uploaded if it was not yet: to the graph if it was made in the trace. */
  idOf(tensor: { dataId: object }): number {
    const data = this.dataOf(tensor);
    if (data.values !== null) {
      const binding = this.trace !== undefined && this.tracedData.has(tensor.dataId) ? this.trace : this.eager;
      data.id = binding.createTensor(data.shape, data.dtype, data.values);
      data.values = null;
    }
    return data.id;
  }

  /** The eager number of a tensor made outside any trace. */
  eagerIdOf(tensor: { dataId: object }): number {
    const data = this.dataOf(tensor);
    if (data.values !== null && !this.tracedData.has(tensor.dataId)) {
      data.id = this.eager.createTensor(data.shape, data.dtype, data.values);
      data.values = null;
    }
    return data.id;
  }

  /** A number of the binding becomes a tensor that the current tidy scope disposes. */
  toTensor(metadata: TensorMetadata): Tensor {
    return seams.createOutputTensor.call(this, metadata);
  }

  /** Gives up one reference to data; the data goes when it was the last. */
  releaseHold(dataId: object): void {
    this.disposeData(dataId);
  }

  /** The true data type of a tensor that tfjs calls float32 or int32. */
  trueDType(tensor: { dataId: object }): number {
    return this.dataOf(tensor).dtype;
  }

  override write(values: tfjs.backend_util.BackendValues, shape: number[], dtype: DataType): object {
    const dataId = super.write(values, shape, dtype);
    if (this.trace !== undefined) this.tracedData.add(dataId);
    return dataId;
  }

  override move(
    dataId: object,
    values: tfjs.backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    super.move(dataId, values, shape, dtype, refCount);
    if (this.trace !== undefined) this.tracedData.add(dataId);
  }

  /** Runs an op of any name on tensors; for kernels that tfjs-node has not. */
  run(name: string, attributes: TFEOpAttr[], inputs: readonly { dataId: object }[], outputs: number): Tensor[] {
    const ids = inputs.map((tensor) => this.idOf(tensor));
    return this.binding.executeOp(name, attributes, ids, outputs).map((m) => this.toTensor(m));
  }

  /** The number under which a variable's buffer can be updated in place; a buffer shared with a clone is parted first. */
  resourceOf(variable: Variable<Rank>): number {
    const data = this.dataOf(variable);
    const id = this.eagerIdOf(variable);
    if (data.refCount <= 1) {
      this.eager.promote(id);
      return id;
    }
    // A clone shares the data: it keeps the old value, and the variable gets data of its own.
    const entry = this.eager.promote(id);
    this.eager.demote(id);
    const own = { dataId: {} };
    const ownId = this.eager.add(entry);
    this.internals.tensorMap.set(own.dataId, { ...data, id: ownId, refCount: 0 });
    const engine = tfjs.engine();
    engine.disposeTensor(variable);
    variable.dataId = own.dataId;
    engine.incRef(variable, this);
    return ownId;
  }

  private get internals(): BackendInternals {
    return this as unknown as BackendInternals;
  }
}

// tfjs-node's declarations call these two private; its kernels reach them on the prototype.
interface Seams {
  getInputTensorIds(this: EngineBackend, tensors: ({ dataId: object } & { valueArray?: Int32Array })[]): number[];
  createOutputTensor(this: EngineBackend, metadata: TensorMetadata): Tensor;
}
const stock = { ...(NodeJSKernelBackend.prototype as unknown as Seams) };
const seams = EngineBackend.prototype as unknown as Seams;

seams.getInputTensorIds = function getInputTensorIds(tensors) {
  return tensors.map((tensor) =>
    tensor.valueArray === undefined ? this.idOf(tensor) : stock.getInputTensorIds.call(this, [tensor])[0]!,
  );
};

/** A number of the binding becomes a tensor that the current tidy scope disposes. */
seams.createOutputTensor = function createOutputTensor(metadata) {
  const { dtype, shape, id } = metadata;
  if (!isHalf(dtype) && dtype !== DType.int64 && dtype !== DType.int16)
    return stock.createOutputTensor.call(this, metadata);
  const dataId = {};
  (this as unknown as BackendInternals).tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
  const label: DataType = isHalf(dtype) ? "float32" : "int32";
  return tfjs.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: label } as TensorInfo);
};
