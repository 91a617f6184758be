/** Layers with named parameters, by PyTorch's rules and names; activations are channels last. */
export { gelu, relu, silu } from "../engine";
export { type AttendOptions, attend, joinHeads, SelfAttention, splitHeads } from "./attention";
export { type AveragePoolOptions, averagePool1d, averagePoolImage } from "./average-pool";
export { BatchNorm, type BatchNormOptions } from "./batch-norm";
export { checkInteger, checkRate } from "./checks";
export { type ForwardContext, tapOf } from "./context";
export { Conv1d, Conv2d, type ConvOptions, type Sides } from "./conv";
export { type ConvNormNames, type ConvNormOptions, convNorm1d, convNorm2d } from "./conv-norm";
export { dropPath } from "./drop-path";
export { dropout } from "./dropout";
export { Embedding, type EmbeddingOptions } from "./embedding";
export { GroupNorm, type GroupNormOptions } from "./group-norm";
export {
  constant,
  heNormal,
  type Initializer,
  standardNormal,
  truncatedNormal,
  uniformByFanIn,
  xavierNormal,
  xavierUniform,
} from "./initial";
export { DeviationNorm, LayerNorm, type LayerNormOptions } from "./layer-norm";
export { fromTorch, type Layout, torchShape, toTorch } from "./layouts";
export { Linear, type LinearOptions, linear } from "./linear";
export { BiLstm, Lstm, type LstmOptions } from "./lstm";
export {
  type AttentionTokens,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from "./multi-head-attention";
export {
  type GivenValues,
  type Initial,
  type NamedTensor,
  type ParameterSpec,
  Parameters,
  Scope,
} from "./parameters";
export { globalAveragePool, type MaxPoolOptions, maxPool1d, maxPoolImage } from "./pool";
export {
  decibels,
  MelPowerSpectrogram,
  type MelWeights,
  PowerSpectrogram,
  type PowerSpectrogramOptions,
  type TensorDecibelOptions,
} from "./spectrogram";
export { SqueezeExcitation } from "./squeeze-excitation";
export { loadState, readState, type State, type StoredTensor, torchValues } from "./state";
export { WindowAttention, type WindowAttentionOptions } from "./window-attention";
