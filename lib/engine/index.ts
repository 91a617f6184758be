/** The engine's public surface. */
export { type Compiled, type CompileOptions, compile } from "./compile";
export { type EngineOptions, startEngine } from "./start";
export type { EngineInfo } from "./state";
export { EngineError } from "./status";
export * as tf from "./tf";
export type { TensorTree } from "./trees";
