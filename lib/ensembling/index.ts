/** From several models' predictions to one decision, and what is done with a sequence of them. */
export { type Logits, logits, type Probabilities, probabilities, toProbabilities } from "../training/probabilities";
export { blendByScore, scoreWeights, softVote, weightedMean } from "./blend";
export { applyContextRules, CONTEXT_RULES, type ContextRule, examRuns } from "./context-rules";
export { labelsAbove, mostLikely } from "./decisions";
export { averageLogits, averageProbabilitiesWithLogitsAsPublished } from "./logits";
export { generalisedMean, type MeanRule, meanOfTransformed, toShares } from "./means";
export type { BlendScores, ScoreTable } from "./members";
export { type FoldPrediction, type OutOfFold, outOfFold } from "./out-of-fold";
export { readPredictions, writePredictions } from "./prediction-file";
export {
  dropRecordings,
  HMS_DROP_LEVEL,
  HMS_HIGH_VOTES,
  meanOfPresent,
  type PartialPredictions,
  secondStage,
  splitByVotes,
} from "./pseudolabels";
export { meanOfRanks, type RankedAmong } from "./ranks";
export { averageReplicas, equalReplicas, type Replica, type ReplicaMean } from "./replicas";
export { type SimulatedStagerOptions, simulateStager, TYPICAL_STAGE_CONFUSION } from "./simulated-stager";
export {
  compareSmoothers,
  type ScoredNight,
  SMOOTHERS,
  type SmoothedNight,
  type Smoother,
} from "./smoothing-comparison";
export { effectiveSquareRootWeights, foldClasses, PUBLISHED_SQUARE_ROOTS, weightedSquareRoots } from "./square-roots";
export { fitStageChain, type StageChain, type StageSmoothingOptions, smoothStages } from "./stage-smoothing";
export { asItIs, backwards, clampProbabilities, leftRight, predictViews, type View, viewOf } from "./tta";
export { type HiddenChain, viterbi } from "./viterbi";
export { hardVote, hardVoteLabels } from "./votes";
export { type FoundWeights, searchWeights, type WeightSearchOptions } from "./weight-search";
