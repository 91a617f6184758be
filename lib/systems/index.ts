/** The published systems as data, and the sample task. */
export { AGE_SLOTS, ecgInput, encodeAge, encodeSex } from "./ecg-inputs";
export {
  type EcgPreset,
  type EcgRun,
  ecgAugmentation,
  ecgLossOf,
  ecgMetrics,
  ecgModel,
  trainEcg,
  withoutExtras,
} from "./ecg-training";
export {
  HEFEI,
  HEFEI_ENSEMBLE,
  HEFEI_TRAINING,
  HEFEI_VARIANTS,
  type HefeiFolder,
  type HefeiVariant,
  hefeiDataset,
  hefeiFolder,
  hefeiSplit,
  publishedPreset,
} from "./hefei";
export { HEFEI_ROUND2_LABELS, hefeiGloss } from "./hefei-labels";
export { type HefeiSampleOptions, type HefeiSampleTask, hefeiSampleTask } from "./hefei-sample";
export {
  baselineFeatures,
  type PtbxlTask,
  type PtbxlTaskOptions,
  ptbxlFolder,
  ptbxlFolds,
  ptbxlSplit,
  ptbxlTask,
  SAMPLE_PRESET,
} from "./ptbxl";
export type { Deviation, System } from "./system";
