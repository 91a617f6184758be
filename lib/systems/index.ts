/** The published systems as data, and the sample task. */
export {
  BEETL,
  BEETL_ATTNSLEEP_TRAINING,
  BEETL_POSITIONING,
  BEETL_PUBLISHED_SCALE,
  BEETL_SCORES,
} from "./beetl";
export {
  BEETL_ROUNDS,
  BEETL_WINDOW_SECONDS,
  type BeetlInput,
  type BeetlRound,
  beetlSource,
  beetlTarget,
  beetlToLabel,
  beetlWindows,
  nightExamples,
  windowPlaces,
} from "./beetl-data";
export { BEETL_LEADERBOARD_PIPELINE, BEETL_PIPELINE } from "./beetl-pipeline";
export {
  BEETL_PRESETS,
  type BeetlPreset,
  type BeetlRun,
  beetlLoss,
  beetlMetrics,
  beetlModel,
  type FineTuned,
  fineTuneBeetl,
  trainBeetl,
} from "./beetl-training";
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
export { HEFEI_PIPELINE } from "./hefei-pipeline";
export { type HefeiSampleOptions, type HefeiSampleTask, hefeiSampleTask } from "./hefei-sample";
export { type HefeiSampleFolderOptions, writeHefeiSampleFolder } from "./hefei-sample-folder";
export {
  type Pipeline,
  type PipelineAnswer,
  type PipelinePreset,
  type PipelineTraining,
  PRESET_NAMES,
  type PresetName,
  type SourceData,
} from "./pipeline";
export { PIPELINES, pipelineNamed } from "./pipelines";
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
