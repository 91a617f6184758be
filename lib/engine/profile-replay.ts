/** One traced operation run again by itself: how long it takes on the engine, warm. */
import type { backend_util } from "@tensorflow/tfjs";
import * as tfjs from "@tensorflow/tfjs";
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { compile } from "./compile";
import { bytesPerElement, DType, elementCount } from "./dtypes";
import type { GraphBinding, Node, TracedOperation } from "./graph-binding";
import { engineState, type NativeEngine } from "./state";

/** Small operations are run several times in one call, so that calling it does not count: as often as this many bytes hold. */
const bytesOfOneCall = 1 << 22;
const mostCopies = 32;
/** Calls go on until they have taken so long, in milliseconds; at least `fewestCalls`. */
const enough = 20;
const [fewestCalls, mostCalls] = [3, 50];

/** The engine's library. @throws SignalbookError on the plain JavaScript backend. */
export function profiledEngine(): NativeEngine {
  const native = engineState()?.native;
  if (native !== undefined) return native;
  throw new SignalbookError("a profile needs the TensorFlow engine", {
    found: `backend ${tfjs.getBackend()}`,
    fix: "run `npm run setup`, and unset SIGNALBOOK_BACKEND",
  });
}

/**
 * Seconds that one run of the operation takes: on values of its shapes and types, the median of several calls.
 * @throws EngineError or SignalbookError where it cannot run by itself.
 */
export function timeOperation(operation: TracedOperation): number {
  // In a step oneDNN takes the gradient of max pooling only together with its forward pass: both are run then.
  if (operation.op !== "MaxPoolGrad") return timeCopies(operation, emit);
  return Math.max(0, timeCopies(operation, emitPoolGradient) - timeCopies(forwardOf(operation), emit));
}

/** Adds the operation to the graph. @returns its outputs; none where it updates variables */
type Emit = (graph: GraphBinding, operation: TracedOperation, given: Given) => void;

interface Given {
  /** Numbers of the variables it updates. */
  variables: readonly number[];
  inputs: readonly Node[];
}

/** The operation after the one before it, so that copies neither run at once nor count as one. */
const emit: Emit = (graph, { op, attributes, outputs, updates }, { variables, inputs }) => {
  if (updates > 0) graph.update(op, attributes, variables, inputs);
  else keep(graph, graph.execute(op, attributes, inputs, outputs.length, lastOf(graph)));
};

const emitPoolGradient: Emit = (graph, operation, { inputs: [x, , dy] }) => {
  const { op, attributes } = operation;
  const y = graph.execute("MaxPool", attributes, [x!], 1, lastOf(graph));
  keep(graph, graph.execute(op, attributes, [x!, y[0]!, dy!], 1));
};

function forwardOf({ inputs, inputTypes, constants, ...rest }: TracedOperation): TracedOperation {
  return {
    ...rest,
    op: "MaxPool",
    inputs: [inputs[0]!],
    outputs: [inputs[1]!],
    inputTypes: [inputTypes[0]!],
    constants: [constants[0]],
  };
}

/** Nobody reads the outputs: as an effect of the step the operation runs all the same. */
function keep(graph: GraphBinding, outputs: readonly Node[]): void {
  graph.effects.push(outputs[0]!.output.oper);
}

const lastOf = ({ effects }: GraphBinding): GraphBinding["effects"] => effects.slice(-1);

function timeCopies(operation: TracedOperation, add: Emit): number {
  const { backend, eager } = profiledEngine();
  const { inputs, inputTypes, constants, updates } = operation;
  const copies = copiesOf(operation);
  const variables = inputs
    .slice(0, updates)
    .map((shape, i) => tfjs.tidy(() => tfjs.variable(newTensor(shape, inputTypes[i]!), false)));
  const data = inputs.flatMap((shape, i) =>
    i < updates || constants[i] !== undefined ? [] : [newTensor(shape, inputTypes[i]!)],
  );
  const step = compile(
    (given: readonly tfjs.Tensor[]): readonly tfjs.Tensor[] => {
      const graph = backend.trace!;
      let next = 0;
      const nodes = inputs.slice(updates).map((shape, i) => {
        const [dtype, values] = [inputTypes[i + updates]!, constants[i + updates]];
        if (values === undefined) return graph.node(backend.idOf(given[next++]!));
        return graph.node(graph.createTensor([...shape], dtype, storedAs(dtype, values)));
      });
      const ids = variables.map((variable) => backend.eagerIdOf(variable));
      for (let copy = 0; copy < copies; copy++) add(graph, operation, { variables: ids, inputs: nodes });
      return [];
    },
    { name: `profile ${operation.op}` },
  );
  try {
    step(data); // traced and warmed up
    const milliseconds: number[] = [];
    for (let spent = 0; milliseconds.length < fewestCalls || (spent < enough && milliseconds.length < mostCalls); ) {
      const start = performance.now();
      step(data);
      milliseconds.push(performance.now() - start);
      spent += milliseconds.at(-1)!;
    }
    return middle(milliseconds) / 1000 / copies;
  } finally {
    step.dispose();
    tfjs.dispose([...variables, ...data]);
  }

  function newTensor(shape: readonly number[], dtype: number): tfjs.Tensor {
    const id = eager.createTensor([...shape], dtype, dataOf(dtype, elementCount(shape)));
    return backend.toTensor({ id, shape: [...shape], dtype });
  }
}

function copiesOf({ inputs, outputs, inputTypes }: TracedOperation): number {
  const width = Math.max(1, ...inputTypes.map(bytesPerElement));
  const bytes = [...inputs, ...outputs].reduce((sum, shape) => sum + elementCount(shape) * width, 0);
  return Math.max(1, Math.min(mostCopies, Math.floor(bytesOfOneCall / Math.max(bytes, 1))));
}

export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const period = 4099;
/** Between 0.5 and 1.5, where roots, logarithms and quotients are ordinary numbers. */
let sample: Float32Array | undefined;

/** Values of a type: floats repeat a sample; integers and booleans are 0 and false. */
function dataOf(dtype: number, count: number): backend_util.BackendValues {
  const generator = new Generator(0);
  sample ??= Float32Array.from({ length: period }, () => 0.5 + generator.random());
  switch (dtype) {
    case DType.float32:
      return repeat(new Float32Array(count), sample);
    case DType.bfloat16: // the upper half of a float32
      return repeat(
        new Uint16Array(count),
        new Uint16Array(sample.buffer).filter((_, i) => i % 2 === 1),
      ) as never;
    case DType.float16: // five bits of exponent: 14 is 0.5 to 1
      return repeat(
        new Uint16Array(count),
        Uint16Array.from(sample, (x) => (14 << 10) | Math.floor((x - 0.5) * 1023)),
      ) as never;
    case DType.int64:
      return new BigInt64Array(count) as never;
    case DType.int16:
      return new Int16Array(count) as never;
    case DType.int32:
      return new Int32Array(count);
    case DType.bool:
    case DType.uint8:
      return new Uint8Array(count);
    default:
      throw new SignalbookError("an input of a type that has no sample values", { found: `type ${dtype}` });
  }
}

function repeat<T extends Float32Array | Uint16Array>(into: T, values: ArrayLike<number>): T {
  into.set(Array.prototype.slice.call(values, 0, Math.min(values.length, into.length)));
  for (let filled = values.length; filled < into.length; filled *= 2) into.copyWithin(filled, 0, filled);
  return into;
}

/** tfjs keeps integers of 64 bits as ordinary ones. */
function storedAs(dtype: number, values: backend_util.BackendValues): backend_util.BackendValues {
  return dtype === DType.int64 ? (BigInt64Array.from(values as Int32Array, BigInt) as never) : values;
}
