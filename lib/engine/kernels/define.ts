/** Kernels and gradients under tfjs' own registry, redefinable because notebooks reload edited modules. */
import * as tfjs from "@tensorflow/tfjs";
import type { EngineBackend } from "../backend";
import { startEngine } from "../start";

// tfjs-node's own kernels must be there before this project's replace some of them.
startEngine();

export type Attributes = Readonly<Record<string, unknown>>;
export type Inputs = Readonly<Record<string, tfjs.Tensor>>;

/** One op of the project's own: on TensorFlow, and composed of tfjs' ops for the plain JavaScript backend. */
export interface KernelDefinition {
  name: string;
  /** On the engine's backend. */
  tensorflow: (inputs: Inputs, attributes: Attributes, backend: EngineBackend) => tfjs.Tensor | tfjs.Tensor[];
  /** On tfjs' `cpu` backend, of tfjs' ops: what the fused version is compared with. */
  composed: (inputs: Inputs, attributes: Attributes) => tfjs.Tensor | tfjs.Tensor[];
  gradient?: {
    /** Names of inputs the gradient needs. */
    inputs?: string[];
    /** Which outputs the gradient needs, in order. */
    outputs?: boolean[];
    /** Given the gradient of the output (or outputs) and what was saved, a gradient for each input, made on demand. */
    of: (
      dy: tfjs.Tensor[],
      saved: tfjs.Tensor[],
      attributes: Attributes,
    ) => Readonly<Record<string, () => tfjs.Tensor>>;
  };
}

export function defineKernel({ name, tensorflow, composed, gradient }: KernelDefinition): void {
  replaceKernel(name, "tensorflow", ({ inputs, attrs, backend }) =>
    tensorflow(inputs as unknown as Inputs, (attrs ?? {}) as Attributes, backend as EngineBackend),
  );
  replaceKernel(name, "cpu", ({ inputs, attrs }) =>
    tfjs.tidy(() => composed(inputs as unknown as Inputs, (attrs ?? {}) as Attributes)),
  );
  if (gradient !== undefined) defineGradient(name, gradient);
}

/** Replaces (or sets) the gradient of a kernel, tfjs' own included. */
export function defineGradient(name: string, gradient: NonNullable<KernelDefinition["gradient"]>): void {
  if (tfjs.getGradient(name) !== undefined) tfjs.unregisterGradient(name);
  tfjs.registerGradient({
    kernelName: name,
    inputsToSave: gradient.inputs ?? [],
    outputsToSave: gradient.outputs ?? [],
    gradFunc: (dy, saved, attributes) =>
      gradient.of(Array.isArray(dy) ? dy : [dy], saved, (attributes ?? {}) as Attributes),
  });
}

/** Replaces (or sets) a kernel of one backend. */
export function replaceKernel(name: string, backendName: string, kernelFunc: tfjs.KernelFunc): void {
  if (tfjs.getKernel(name, backendName) !== undefined) tfjs.unregisterKernel(name, backendName);
  tfjs.registerKernel({ kernelName: name, backendName, kernelFunc });
}

/** Runs a kernel by name: recorded for gradients, dispatched to the current backend. */
export function runKernel(name: string, inputs: Inputs, attributes: Attributes = {}): tfjs.Tensor | tfjs.Tensor[] {
  return tfjs.engine().runKernel(name, inputs as unknown as tfjs.NamedTensorMap, attributes as tfjs.NamedAttrMap) as
    | tfjs.Tensor
    | tfjs.Tensor[];
}
