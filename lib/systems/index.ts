/** The published systems as data, and the sample task. */
export {
  BEETL,
  BEETL_ATTNSLEEP_TRAINING,
  BEETL_POSITIONING,
  BEETL_PUBLISHED_SCALE,
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
export { BEETL_LEADERBOARD_PIPELINE, BEETL_PIPELINE, beetlPipelinePreset } from "./beetl-pipeline";
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
export { deviationOf, slipOf } from "./deviations";
export { type EcgBaseline, type EcgMeasurements, ecgBaseline, measureEcgs } from "./ecg-baseline";
export { AGE_SLOTS, type EcgLength, ecgInput, encodeAge, encodeSex, steadyLeads } from "./ecg-inputs";
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
export {
  HEFEI_ANSWERED_C,
  HEFEI_ANSWERED_PRESET,
  type HefeiAnsweredOptions,
  type HefeiAnsweredTask,
  hefeiAnsweredTask,
} from "./hefei-answered";
export { HEFEI_PIPELINE } from "./hefei-pipeline";
export { type HefeiSampleOptions, type HefeiSampleTask, hefeiSampleTask } from "./hefei-sample";
export { type HefeiSampleFolderOptions, writeHefeiSampleFolder } from "./hefei-sample-folder";
export { HMS, HMS_MODEL, HMS_SECOND_STAGE, HMS_TRAINING } from "./hms";
export {
  type HmsImageSize,
  type HmsSource,
  hmsDataset,
  hmsSource,
  middleWindows,
  voteTarget,
  windowId,
} from "./hms-data";
export { HMS_PIPELINE, hmsPipelinePreset } from "./hms-pipeline";
export {
  HMS_PUBLISHED_PRESET,
  HMS_SAMPLE_PRESET,
  type HmsPreset,
  type HmsRun,
  hmsAugmentation,
  hmsModel,
  hmsScores,
  trainHms,
} from "./hms-training";
export {
  MAIC_LISTS,
  type MaicDataset,
  type MaicList,
  maicAnsweredList,
  maicDataset,
  maicImages,
  maicList,
  maicListOf,
  maicTarget,
} from "./maic-data";
export { type StagedExam, stagedExam } from "./maic-exam";
export { type MaicMemoryRun, type MaicParts, maicAugmentation, maicParts, trainMaicInMemory } from "./maic-memory";
export { bandShares, maicBands, type PictureBand } from "./maic-rows";
export { type MaicNetwork, type MaicRun, maicInputs, maicMacroF1, maicScores, trainMaic } from "./maic-training";
export {
  ownTrainingWindows,
  ownWindows,
  type StagedNight,
  type StageShares,
  stageOwnNight,
  writeStagedNight,
} from "./own-night";
export {
  type Pipeline,
  type PipelineAnswer,
  type PipelinePreset,
  type PipelineTraining,
  PRESET_NAMES,
  type PresetName,
  type SourceData,
  type SubmissionFacts,
} from "./pipeline";
export { type PipelineRun, type PipelineRunOptions, runPipeline, type TrainedMember } from "./pipeline-run";
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
export { PTBXL_BASELINE_C, ptbxlBaseline } from "./ptbxl-baseline";
export { refusalOf } from "./refusal";
export {
  SLEEPINGDRAGON,
  SLEEPINGDRAGON_AUGMENTATION,
  SLEEPINGDRAGON_INPUT,
  SLEEPINGDRAGON_MEMBERS,
  SLEEPINGDRAGON_TRAINING,
} from "./sleepingdragon";
export { SLEEPINGDRAGON_PIPELINE, sleepingdragonPipelinePreset } from "./sleepingdragon-pipeline";
export {
  blendSleepingdragon,
  outputNames,
  SLEEPINGDRAGON_PRESETS,
  type SleepingdragonNetwork,
  type SleepingdragonPreset,
  sleepingdragonAsPublished,
  sleepingdragonNetwork,
  sleepingdragonSchedule,
  sleepingdragonStages,
  sleepingdragonWeights,
} from "./sleepingdragon-training";
export type { Deviation, System } from "./system";
export { SYSTEMS } from "./systems";
export { YAI, YAI_BILSTM_TRAINING, YAI_NETWORKS, YAI_RESNET_SCRIPT, YAI_STRIPS } from "./yai";
export { YAI_PIPELINE, yaiPipelinePreset } from "./yai-pipeline";
export { yaiStrips } from "./yai-strips";
export {
  blendYai,
  blendYaiAsPublished,
  YAI_PRESETS,
  YAI_STRIP_ROWS,
  type YaiBilstm,
  type YaiCnn,
  type YaiPreset,
  type YaiStripName,
  yaiBilstmNetwork,
  yaiCnnNetwork,
  yaiNetworks,
  yaiResnetNetwork,
} from "./yai-training";
