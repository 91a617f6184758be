/** Updates of variables in place, by TensorFlow's fused optimizer ops: eager, and in a traced step. */
import type * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../core/errors";
import type { EngineBackend } from "./backend";
import { DType } from "./dtypes";
import type { Entry } from "./eager-binding";

/** Runs an op on TensorFlow whose first inputs are the resources of `variables`. */
export function updateVariables(
  backend: EngineBackend,
  name: string,
  attributes: readonly TFEOpAttr[],
  variables: readonly tfjs.Variable[],
  inputs: readonly tfjs.Tensor[],
): void {
  if (backend.trace !== undefined) {
    const graph = backend.trace;
    const ids = variables.map((variable) => backend.eagerIdOf(variable));
    const assigned = variables.find((_, i) => ids[i]! < 0);
    if (assigned !== undefined)
      throw new SignalbookError("a variable was assigned and then updated in place in one traced step", {
        found: `variable ${assigned.name}`,
        fix: "do one or the other",
      });
    graph.update(
      name,
      attributes,
      ids,
      inputs.map((tensor) => graph.node(backend.idOf(tensor))),
    );
    return;
  }
  const resources = variables.map((variable): Entry => {
    const entry = backend.eager.entry(backend.resourceOf(variable));
    return { ...entry, dtype: DType.resource, shape: [], resource: false };
  });
  const temporary: Entry[] = [];
  const values = inputs.map((tensor) => {
    const entry = backend.eager.entry(backend.idOf(tensor));
    if (!entry.resource) return entry;
    const value = backend.eager.readVariable(entry);
    temporary.push(value);
    return value;
  });
  try {
    backend.eager.execute(name, attributes, [...resources, ...values], 0);
  } finally {
    for (const { handle } of temporary) backend.eager.api.TFE_DeleteTensorHandle(handle);
  }
}
