/**
 * compile(step): a function of tensors becomes one TensorFlow function. It is traced once for each signature (structure,
 * shapes and types of its arguments); after that a call is one op: forward, gradients and optimizer without JavaScript
 * in between, and without stopping the event loop when it is called by `async`.
 */
import * as tfjs from "@tensorflow/tfjs";
import { SignalbookError } from "../core/errors";
import { CompiledFunction } from "./compiled-function";
import type { TracedOperation } from "./graph-binding";
import { engineState, type NativeEngine } from "./state";
import { type Flattened, flatten, type TensorTree } from "./trees";

export interface CompileOptions {
  /** Names the step in errors and profiles. Default: the function's own name. */
  name?: string;
  /** Compiles with XLA: for GPUs; on CPUs convolutions are slower that way. */
  xla?: boolean;
}

/** A compiled step. */
export interface Compiled<A extends readonly TensorTree[], R extends TensorTree> {
  /** Runs the step. Results are ordinary tensors: the current tidy scope disposes them. */
  (...args: A): R;
  /** The same on a worker thread: timers and signals go on meanwhile. Results are kept: dispose them. */
  async(...args: A): Promise<R>;
  /** Signatures traced so far. */
  readonly traces: number;
  /** Operations in the last traced graph. */
  readonly operations: number;
  /** The work of the last traced graph, operation by operation; without reads of variables and casts to settle types. */
  readonly work: readonly TracedOperation[];
  /** Frees the traced functions. */
  dispose(): void;
}

/**
 * Compiles `step`. It may read and `assign` any `tf.Variable` made before; numbers that change from call to call must be
 * arguments (`tf.scalar`), for everything else in the step is traced as a constant. Traced are tensor operations, not
 * effects: a `console.log` in the step prints once a trace. Randomness of JavaScript throws: use `tensorRandom`.
 * On the plain JavaScript backend the step simply runs.
 */
export function compile<A extends readonly TensorTree[], R extends TensorTree>(
  step: (...args: A) => R,
  options: CompileOptions = {},
): Compiled<A, R> {
  const name = options.name ?? (step.name || "step");
  const functions = new Map<string, CompiledFunction<A, R>>();
  let disposed = false;
  let operations = 0;
  let work: readonly TracedOperation[] = [];

  const find = (native: NativeEngine, args: A): { traced: CompiledFunction<A, R>; tensors: tfjs.Tensor[] } => {
    if (disposed) throw new SignalbookError(`the compiled step "${name}" was disposed`);
    const parts = args.map((arg, i) => flatten(arg, `argument ${i + 1}`));
    const tensors = parts.flatMap((part) => part.tensors);
    const signature = signatureOf(native, parts);
    let traced = functions.get(signature);
    if (traced === undefined) {
      traced = new CompiledFunction(native, step, args, { name, xla: options.xla === true });
      operations = traced.operations;
      work = traced.traced;
      functions.set(signature, traced);
    }
    return { traced, tensors };
  };

  const run = (...args: A): R => {
    const native = engineState()?.native;
    if (native === undefined) return tfjs.tidy(() => step(...args) as tfjs.TensorContainer) as R;
    const { traced, tensors } = find(native, args);
    return traced.run(tensors);
  };
  const runAsync = async (...args: A): Promise<R> => {
    const native = engineState()?.native;
    if (native === undefined) return run(...args);
    const { traced, tensors } = find(native, args);
    return traced.runAsync(tensors);
  };
  return Object.defineProperties(run, {
    name: { value: name },
    async: { value: runAsync },
    traces: { get: () => functions.size },
    operations: { get: () => operations },
    work: { get: () => work },
    dispose: {
      value: () => {
        disposed = true;
        for (const traced of functions.values()) traced.dispose();
        functions.clear();
      },
    },
  }) as unknown as Compiled<A, R>;
}

/** Structure, shapes and true types: tfjs calls 16-bit floats float32, but a trace is made for one of them. */
function signatureOf({ backend }: NativeEngine, parts: readonly Flattened[]): string {
  const leaf = (tensor: tfjs.Tensor): string => `${backend.trueDType(tensor)}[${tensor.shape.join()}]`;
  return parts.map(({ structure, tensors }) => `${structure}${tensors.map(leaf).join()}`).join(";");
}
