/** Optimizers that are part of the compiled step. */
export type { ApplyContext, Optimizer, OptimizerRun, ScalarTensors } from "./optimizer";
export { type AdamOptions, type AdamWOptions, adam, adamW } from "./optimizers-adam";
export { type AdamPOptions, adamP } from "./optimizers-adamp";
export { type RmspropOptions, rmsprop, type SgdOptions, sgd } from "./optimizers-sgd";
export {
  type LayerwiseOptions,
  layerwiseRates,
  noDecayOnVectors,
  type ParameterGroup,
  type ParameterSelection,
} from "./parameter-groups";
