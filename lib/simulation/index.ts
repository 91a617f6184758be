/** Simulated recordings in published layouts, and the sleep they are made of. */
export { BEETL_SETS, type SimulatedBeetl, type SimulatedNight, simulateBeetl, simulateBeetlNight } from "./beetl";
export { TRUTH_FILE } from "./files";
export { simulateHefei } from "./hefei";
export { simulateHms } from "./hms";
export { simulateMaic } from "./maic";
export { sampleStageStatistics } from "./sample";
export { type OnSubject, SAMPLE_SETS, type SampleLayout, sampleSet, sampleSetFolder } from "./sample-sets";
export { drawSleeper, type Sleeper } from "./sleeper";
export type { SimulatedStage, StageStatistics } from "./stages";
export { simulatedAnswers } from "./truth";
