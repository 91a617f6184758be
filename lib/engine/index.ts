/** The engine's public surface. */
import "./kernels/mat-mul";

export { type Compiled, type CompileOptions, compile } from "./compile";
export type { TracedOperation } from "./graph-binding";
export { gelu, silu } from "./kernels/activations";
export { type Attended, attention } from "./kernels/attention";
export { type BatchNormTraining, batchNormInference, batchNormTraining } from "./kernels/batch-norm";
export { type Conv2DOptions, conv2d, type Padding } from "./kernels/conv";
export { sigmoidCrossEntropy, softmaxCrossEntropy } from "./kernels/cross-entropy";
export { embedding } from "./kernels/embedding";
export { scaleOrZero, sumOfSquares } from "./kernels/gradient-scaling";
export { groupNorm } from "./kernels/group-norm";
export { layerNorm } from "./kernels/layer-norm";
export { lstm } from "./kernels/lstm";
export { type MaxPool2DOptions, maxPool2d } from "./kernels/max-pool";
export {
  type AdamMoments,
  type AdamUpdate,
  type MomentumUpdate,
  subtractFrom,
  updateAdam,
  updateMomentum,
} from "./kernels/optimizer-updates";
export { relu } from "./kernels/relu";
export { castTo, type Precision, precision, toFloat32, toPolicy, truePrecision, withPrecision } from "./precision";
export { dropout, type TensorRandom, tensorRandom } from "./random";
export { type EngineOptions, startEngine } from "./start";
export type { EngineInfo } from "./state";
export { EngineError } from "./status";
export * as tf from "./tf";
export type { TensorTree } from "./trees";
