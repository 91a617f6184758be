/** One trace of a step: the TensorFlow function, what it captured, and how it is run. */
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../core/errors";
import type { EngineBackend } from "./backend";
import type { GraphOutput, Pointer } from "./c-api";
import { attribute, describe, type Entry } from "./eager-binding";
import { type CapturedInput, GraphBinding, type Node, type TracedOperation } from "./graph-binding";
import { withoutJavaScriptRandomness } from "./random-guard";
import { engineState, type NativeEngine } from "./state";
import { check, newStatus, type OpContext } from "./status";
import { flatten, rebuild, type TensorTree } from "./trees";

export interface TraceOptions {
  name: string;
  xla: boolean;
}

/** What a run hands to TensorFlow. */
interface Prepared {
  op: Pointer;
  context: OpContext;
}

export class CompiledFunction<A extends readonly TensorTree[], R extends TensorTree> {
  readonly operations: number;
  readonly traced: readonly TracedOperation[];
  private readonly functionName: string;
  private readonly captured: CapturedVariableOrTensor[];
  private readonly outputCount: number;
  private readonly shape: R;

  constructor(
    private readonly native: NativeEngine,
    step: (...args: A) => R,
    args: A,
    private readonly options: TraceOptions,
  ) {
    const state = engineState()!;
    this.functionName = `signalbook_${options.name.replace(/[^A-Za-z0-9]/g, "_")}_${state.compiledFunctions++}`;
    const variables = variablesById(native.backend);
    const graph = new GraphBinding(native.eager, (id) => variables.has(id));
    try {
      const traced = trace(native.backend, graph, variables, step, args, options.name);
      this.shape = traced.result;
      this.outputCount = traced.outputs.length;
      this.captured = graph.captured.map(
        ({ input }): CapturedVariableOrTensor =>
          input.kind === "tensor"
            ? input
            : { kind: "variable", variable: variables.get(input.id)!, updated: graph.updated.has(input.id) },
      );
      this.operations = graph.operationCount;
      this.traced = graph.traced;
      this.define(graph, traced.inputs, traced.outputs);
    } finally {
      graph.dispose();
    }
  }

  /** @param tensors the leaves of the arguments, in order */
  run(tensors: readonly tfjs.Tensor[]): R {
    const { api, eager } = this.native;
    const outputs = this.newOutputs();
    const count = [this.outputCount];
    const prepared = this.prepare(tensors);
    try {
      api.TFE_Execute(prepared.op, outputs, count, eager.status.pointer);
      check(eager.status, prepared.context);
    } finally {
      api.TFE_DeleteOp(prepared.op);
    }
    return this.results(outputs);
  }

  async runAsync(tensors: readonly tfjs.Tensor[]): Promise<R> {
    const { api } = this.native;
    const outputs = this.newOutputs();
    const count = [this.outputCount];
    const prepared = this.prepare(tensors);
    // The shared status belongs to synchronous calls, which may happen while this one runs.
    const status = newStatus(api);
    try {
      await new Promise<void>((resolve, reject) => {
        api.TFE_Execute.async(prepared.op, outputs, count, status.pointer, (error) =>
          error === null ? resolve() : reject(error),
        );
      });
      check(status, prepared.context);
    } finally {
      api.TFE_DeleteOp(prepared.op);
      api.TF_DeleteStatus(status.pointer);
    }
    return this.results(outputs);
  }

  dispose(): void {
    const { api, context, eager } = this.native;
    for (const input of this.captured) if (input.kind === "tensor") api.TFE_DeleteTensorHandle(input.handle);
    this.captured.length = 0;
    api.TFE_ContextRemoveFunction(context, this.functionName, eager.status.pointer);
    check(eager.status, { op: this.functionName });
    eager.definitions.forgetFunction(this.functionName);
  }

  private newOutputs(): (Pointer | null)[] {
    return new Array(Math.max(this.outputCount, 1)).fill(null);
  }

  private prepare(tensors: readonly tfjs.Tensor[]): Prepared {
    const { backend, eager } = this.native;
    const temporary: Pointer[] = [];
    const entries: Entry[] = tensors.map((tensor) => {
      const entry = eager.entry(backend.idOf(tensor));
      // A variable passed as an argument is passed by its value.
      if (!entry.resource) return entry;
      const value = eager.readVariable(entry);
      temporary.push(value.handle);
      return value;
    });
    const context: OpContext = { op: this.options.name, inputs: () => describe(entries) };
    const handles = [...entries.map((entry) => entry.handle), ...this.captured.map((input) => this.handleOf(input))];
    const attributes: TFEOpAttr[] = this.options.xla ? [attribute.bool("_XlaMustCompile", true)] : [];
    try {
      return { op: eager.newOp(this.functionName, attributes, handles, context), context };
    } finally {
      for (const handle of temporary) this.native.api.TFE_DeleteTensorHandle(handle);
    }
  }

  private handleOf(input: CapturedVariableOrTensor): Pointer {
    if (input.kind === "tensor") return input.handle;
    const { variable, updated } = input;
    if (variable.isDisposed)
      throw new SignalbookError(`a variable of the compiled step "${this.options.name}" was disposed`, {
        found: `variable ${variable.name}`,
      });
    const { backend, eager } = this.native;
    return (updated ? eager.entry(backend.resourceOf(variable)) : eager.promote(backend.idOf(variable))).handle;
  }

  private results(outputs: (Pointer | null)[]): R {
    const { backend, eager } = this.native;
    const entries = eager.describeOutputs(outputs.slice(0, this.outputCount));
    const tensors = entries.map((entry) => backend.toTensor(eager.publish(entry)));
    let next = 0;
    return rebuild(this.shape, () => tensors[next++]!);
  }

  private define(graph: GraphBinding, inputs: GraphOutput[], outputs: Node[]): void {
    const { api, context, eager } = this.native;
    const { status } = eager;
    const allInputs = [...inputs, ...graph.captured.map((c) => c.output)];
    const outs = outputs.map((node) => node.output);
    const { effects } = graph;
    const fn = api.TF_GraphToFunctionWithControlOutputs(
      graph.graph,
      this.functionName,
      0,
      -1,
      null,
      allInputs.length,
      allInputs,
      outs.length,
      outs,
      null,
      effects.length,
      effects,
      null,
      null,
      null,
      status.pointer,
    );
    check(status, { op: `compile ${this.options.name}` });
    try {
      if (this.options.xla) {
        // AttrValue { b: true } (tensorflow/core/framework/attr_value.proto)
        const yes = Uint8Array.from([0x28, 0x01]);
        api.TF_FunctionSetAttrValueProto(fn, "_XlaMustCompile", yes, yes.byteLength, status.pointer);
        check(status, { op: `compile ${this.options.name}` });
      }
      api.TFE_ContextAddFunction(context, fn, status.pointer);
      check(status, { op: `compile ${this.options.name}` });
      eager.definitions.declareFunction(this.functionName);
    } finally {
      api.TF_DeleteFunction(fn);
    }
  }
}

type CapturedVariableOrTensor =
  | Extract<CapturedInput, { kind: "tensor" }>
  | { kind: "variable"; variable: tfjs.Variable; updated: boolean };

function registeredVariables(): tfjs.Variable[] {
  const { registeredVariables: registered } = tfjs.engine() as unknown as {
    registeredVariables: Record<string, tfjs.Variable>;
  };
  return Object.values(registered);
}

function variablesById(backend: EngineBackend): Map<number, tfjs.Variable> {
  return new Map(registeredVariables().map((variable) => [backend.eagerIdOf(variable), variable]));
}

interface Traced<R> {
  inputs: GraphOutput[];
  outputs: Node[];
  /** The result's structure, with tensors that are disposed: only their places count. */
  result: R;
}

/** Runs the step on placeholders, and turns what it assigned into updates of the graph. */
function trace<A extends readonly TensorTree[], R extends TensorTree>(
  backend: EngineBackend,
  graph: GraphBinding,
  variables: ReadonlyMap<number, tfjs.Variable>,
  step: (...args: A) => R,
  args: A,
  name: string,
): Traced<R> {
  const engine = tfjs.engine();
  const inputs: GraphOutput[] = [];
  const held = [...variables].map(([id, variable]) => ({ id, variable, dataId: variable.dataId }));
  // A hold on each variable's data: assign() inside the step would free it.
  for (const { dataId } of held) backend.incRef(dataId);
  engine.startScope(`trace ${name}`);
  try {
    return backend.traced(graph, () => {
      const placeholders = args.map((arg) =>
        rebuild(arg, (tensor) => {
          const dtype = backend.trueDType(tensor);
          const { id, output } = graph.argument(dtype, tensor.shape);
          inputs.push(output);
          return backend.toTensor({ id, shape: tensor.shape, dtype });
        }),
      ) as unknown as A;
      const result = withoutJavaScriptRandomness(name, () => step(...placeholders));
      const { tensors } = flatten(result, "the result");
      const outputs = tensors.map((tensor) => graph.asOutput(graph.node(backend.idOf(tensor))));
      for (const { id, variable, dataId } of held) {
        if (variable.dataId !== dataId) graph.assign(id, graph.node(backend.idOf(variable)));
      }
      return { inputs, outputs, result };
    });
  } finally {
    for (const { variable, dataId } of held) {
      if (variable.dataId !== dataId) {
        engine.disposeTensor(variable);
        variable.dataId = dataId as tfjs.Variable["dataId"];
        engine.incRef(variable, backend);
      }
      backend.releaseHold(dataId);
    }
    engine.endScope();
    rejectNewVariables(variables, name);
  }
}

function rejectNewVariables(before: ReadonlyMap<number, tfjs.Variable>, name: string): void {
  const known = new Set(before.values());
  const made = registeredVariables().filter((variable) => !known.has(variable));
  if (made.length === 0) return;
  for (const variable of made) variable.dispose();
  throw new SignalbookError(`the step "${name}" made variables while it was traced`, {
    found: made.map((variable) => variable.name).join(", "),
    fix: "make variables (optimizer state too) before compile()",
  });
}
