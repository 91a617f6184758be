/** From a model and a data set to predictions and their scores. */
export { type BootstrapInterval, type BootstrapOptions, bootstrapInterval } from "./bootstrap";
export { type EpochRecord, giveModel, hasCheckpoint, modelState, readCheckpoint } from "./checkpoint";
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
export { EarlyStopping, type EarlyStoppingOptions } from "./early-stopping";
export { fit } from "./fit";
export type { CheckpointOptions, FitOptions, FitResult, TrainingProgress } from "./fit-options";
export {
  givenFolds,
  groupFolds,
  readSplit,
  requireNoLeak,
  type Split,
  stratifiedGroupFolds,
  type TrainTest,
  trainTest,
  writeSplit,
} from "./folds";
export { classAuc, f1Above, gain, meanAuc, type Score, scoreInterval } from "./intervals";
export {
  applyScaler,
  fitBinary,
  fitMultinomial,
  fitScaler,
  type LogisticModel,
  predictLogistic,
  type StandardScaler,
} from "./logistic";
export { binaryCrossEntropy, crossEntropy, ecgLoss, type Loss, publishedClassWeights } from "./losses";
export {
  accuracy,
  argmax,
  averageScores,
  balancedAccuracy,
  type ClassCounts,
  type ClassScores,
  confusionMatrix,
  countLabels,
  countMarks,
  scoresOf,
  threshold,
} from "./metrics";
export { type MetricsLine, readMetricsFile } from "./metrics-file";
export { type AdamOptions, adam, type Optimizer } from "./optimizers";
export { createPredictor, type PredictOptions, predict, predictLogits } from "./predict";
export {
  type Activation,
  type Logits,
  logits,
  type Probabilities,
  probabilities,
  toProbabilities,
} from "./probabilities";
export { averagePrecision, macroAuc, oneHot, perClass, rocAuc } from "./ranking";
export { constantRate, type Schedule, warmupCosine } from "./schedules";
export { type ImageSize, positionAdapter } from "./vit-positions";
export { loadPretrained, type WeightsOrigin, weightsFromSafetensors, writeWeights } from "./weights-file";
