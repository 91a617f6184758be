/** TensorFlow's status object, and the exception it becomes. */
import { SignalbookError } from "../core/errors";
import type { CApi, Pointer } from "./c-api";

/** A `TF_Status` of the library; one for all synchronous calls, and one for each running asynchronous call. */
export interface Status {
  api: CApi;
  pointer: Pointer;
}

/** Where an error happened: the op and the inputs it was given. */
export interface OpContext {
  op: string;
  /** "float32[2,3], int32[]" */
  inputs?: () => string;
}

/** An op that TensorFlow refused, with its name, its inputs' types and shapes, and TensorFlow's own words. */
export class EngineError extends SignalbookError {
  constructor(
    readonly op: string,
    readonly inputs: string,
    readonly tensorflowMessage: string,
  ) {
    super(tensorflowMessage, { place: inputs === "" ? `op ${op}` : `op ${op}(${inputs})` });
    this.name = "EngineError";
  }
}

export function newStatus(api: CApi): Status {
  return { api, pointer: api.TF_NewStatus() };
}

/** @throws EngineError unless the last call with this status went well. */
export function check(status: Status, context: OpContext): void {
  if (status.api.TF_GetCode(status.pointer) === 0) return;
  throw new EngineError(context.op, context.inputs?.() ?? "", status.api.TF_Message(status.pointer));
}
