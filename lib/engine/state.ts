/**
 * The engine of this process. Notebooks reload edited modules, but the library, its context and the tensors in it must
 * live on: they hang on `globalThis` under one key.
 */

import type { EngineBackend } from "./backend";
import type { CApi, Pointer } from "./c-api";
import type { EagerBinding } from "./eager-binding";

/** What runs here: for the doctor, the report and notebook 00. */
export interface EngineInfo {
  /** "tensorflow": TensorFlow's C library. "cpu": tfjs in plain JavaScript, slow, when the library is missing. */
  backend: "tensorflow" | "cpu";
  /** "CPU", or the GPU's name as TensorFlow gives it. */
  device: string;
  devices: string[];
  tensorflowVersion: string | null;
  tfjsVersion: string;
  /** "cpu" or "cuda"; null on the plain JavaScript backend. */
  variant: string | null;
  libraryFolder: string | null;
  /** Why the plain JavaScript backend was chosen, if it was. */
  fallbackReason: string | null;
}

/** The loaded library with everything made on it. */
export interface NativeEngine {
  api: CApi;
  context: Pointer;
  eager: EagerBinding;
  backend: EngineBackend;
}

export interface EngineState {
  info: EngineInfo;
  /** Absent on the plain JavaScript backend. */
  native: NativeEngine | undefined;
  /** Functions compiled so far in this process: each needs a name of its own. */
  compiledFunctions: number;
}

const key = Symbol.for("signalbook.engine");

export function engineState(): EngineState | undefined {
  return (globalThis as { [key]?: EngineState })[key];
}

export function setEngineState(state: EngineState): void {
  (globalThis as { [key]?: EngineState })[key] = state;
}
