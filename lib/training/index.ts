/** From a model and a data set to predictions and their scores. */
export type { Accumulation } from "./accumulate";
export {
  againstConsensus,
  type Consensus,
  type ConsensusScores,
  consensusOf,
  type NightAgreement,
  overNights,
  type Scoring,
  scorerAgreement,
} from "./agreement";
export { anyExample, imageAugmentation, type Partner, signalAugmentation } from "./augment";
export { type BootstrapInterval, type BootstrapOptions, bootstrapInterval, bootstrapIntervals } from "./bootstrap";
export { type CacheOptions, type CacheSetup, type CacheStats, cacheSetup, cacheStats, ExampleCache } from "./cache";
export type { CachedArray, CachedArrays } from "./cache-entry";
export { confidenceBins, largestCalibrationError, type ReliabilityEdges } from "./calibration";
export { type CellCheckpoints, cellCheckpoints } from "./cell-checkpoints";
export { type EpochRecord, hasCheckpoint, readCheckpoint } from "./checkpoint";
export { giveModel, modelState } from "./checkpoint-weights";
export { divergenceOf, macroF1Of } from "./class-scores";
export {
  type ClassificationReport,
  type ClassRow,
  classificationIntervals,
  classificationReport,
  type MarksReport,
  marksReport,
} from "./classification-report";
export {
  type Answers,
  type AnswersCompared,
  type CompareOptions,
  type Contrast,
  compareAnswers,
  type Measured,
} from "./compare-answers";
export {
  type CrossValidation,
  crossValidate,
  type FoldAnswer,
  type FoldParts,
  type FoldSpread,
  foldSpread,
} from "./cross-validate";
export {
  type Augmentation,
  type Batch,
  batchCount,
  classCounts,
  collate,
  type Dataset,
  type Example,
  epochBatches,
  memoryDataset,
  subset,
  targetsOf,
} from "./dataset";
export type { DivergenceOptions } from "./divergence";
export { EarlyStopping, type EarlyStoppingOptions } from "./early-stopping";
export type { EmaOptions } from "./ema";
export { EventFile } from "./event-file";
export { extractFeatures, fitProbe, type LinearProbe, predictProbe } from "./features";
export { fit } from "./fit";
export type { CheckpointOptions, FitOptions, FitResult, TrainingProgress } from "./fit-options";
export { type ExampleFoldOptions, groupFolds, kFolds, orderedGroupFolds, stratifiedFolds } from "./fold-rules";
export {
  givenFolds,
  type LeakRule,
  requireNoLeak,
  type Split,
  type SplitLeak,
  type TrainTest,
  trainTest,
} from "./folds";
export { type FreezeOptions, freeze, frozenParameters, type NamePattern } from "./freeze";
export { holdOutGroups, holdOutShare } from "./hold-out";
export type { ImageAugmentationName } from "./image-examples";
export { type ImageFeatureOptions, imageFeatures } from "./image-features";
export { type ImageFile, type ImageSourceOptions, imageSource, maicSource } from "./image-source";
export { classAuc, f1Above, gain, meanAuc, ofClasses, type Score, scoreInterval, scoreIntervals } from "./intervals";
export { cohenKappa, fleissKappa, type KappaWeights, kappaOf, matthewsCorrelation } from "./kappa";
export {
  brierScore,
  filterByVotes,
  klFromVotes,
  klRows,
  logLoss,
  type VotedRows,
  type VoteFilter,
  voteShares,
} from "./likelihood";
export { BASELINE_PENALTIES, type LinearBaselineOptions, linearBaseline } from "./linear-baseline";
export {
  type BatchLoader,
  type BatchPlan,
  type DatasetInfo,
  type LoaderStats,
  memoryLoader,
  type SkippedExample,
} from "./loader";
export type { BadExample, MakeExample, PrepareExamples } from "./loader-batch";
export {
  applyScaler,
  fitBinary,
  fitMultinomial,
  fitScaler,
  fitShares,
  type LogisticModel,
  type LogisticOptions,
  predictLogistic,
  type StandardScaler,
} from "./logistic";
export type { LossScalerOptions } from "./loss-scaler";
export * from "./losses";
export {
  accuracy,
  argmax,
  averageScores,
  balancedAccuracy,
  type ClassCounts,
  type ClassScores,
  type ConfusionShares,
  confusionMatrix,
  countLabels,
  countMarks,
  normaliseConfusion,
  scoresOf,
  threshold,
} from "./metrics";
export { type MetricsLine, readMetricsFile } from "./metrics-file";
export { batchMeanF1, hammingLoss, samplesF1, subsetAccuracy } from "./multi-label";
export { occluded, type PictureRegion } from "./occlusion";
export * from "./optimizers";
export { meanOverRuns } from "./over-runs";
export { pairDataset, pairModel, redrawPairs } from "./pair-dataset";
export {
  type PairedCost,
  type PairedRun,
  pairedCost,
  plainScore,
  seedSpread,
  type TrainingWay,
  trainWay,
} from "./paired-runs";
export { createPredictor, type PredictOptions, predict, predictLogits } from "./predict";
export {
  type Activation,
  type Logits,
  logits,
  type Probabilities,
  probabilities,
  toProbabilities,
} from "./probabilities";
export type { PublishedScore } from "./published-score";
export { precisionText, type RanPrecision } from "./ran-precision";
export { averagePrecision, macroAuc, multiclassAuc, oneHot, perClass, rocAuc } from "./ranking";
export { withTargets } from "./relabel";
export {
  inventedPlaces,
  type PairRules,
  type PairSampler,
  pairSampler,
  type WindowPair,
  type WindowPlace,
} from "./relative-positioning";
export * from "./schedules";
export { shuffledLabels } from "./shuffled-labels";
export { sourceDataset } from "./source-dataset";
export { readSplit, writeSplit } from "./split-file";
export { type StratifiedGroupOptions, stratifiedGroupFolds } from "./stratified-groups";
export { createTrainStep, type StepResult, type TrainStep, type TrainStepOptions } from "./train-step";
export type { Timing } from "./training-clock";
export { type Transfer, type TransferOptions, transferWeights } from "./transfer";
export { type Trial, type TrialOptions, type TrialStep, trialSteps } from "./trial-steps";
export { type ImageSize, positionAdapter } from "./vit-positions";
export { loadPretrained, type WeightsOrigin, weightsFromSafetensors, writeWeights } from "./weights-file";
export { type WorkerLoaderOptions, type WorkerSource, workerLoader } from "./worker-loader";
