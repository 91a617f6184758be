/**
 * Learning rates by step. A schedule is a pure function of the step, the plan of the run and the epochs done so far, so
 * that a resumed run goes on with the same rates and nothing of a schedule needs to be saved.
 */
export type { RunPlan, Schedule, ScheduleUnit } from "./schedule";
export {
  type CosineOptions,
  cosineAnnealing,
  cosineWarmRestarts,
  type WarmRestartsOptions,
} from "./schedules-cosine";
export { type PlateauOptions, reduceOnPlateau } from "./schedules-plateau";
export {
  constantRate,
  type OneCycleOptions,
  oneCycle,
  type WarmupCosineOptions,
  warmupCosine,
} from "./schedules-warmup";
