/** What a schedule of learning rates is, and what all of them share. */
import { SignalbookError } from "../core/errors";
import type { EpochRecord } from "./checkpoint";

/** What a schedule needs to know of the run. A step is one of the optimizer: of several batches, with accumulation. */
export interface RunPlan {
  stepsPerEpoch: number;
  epochs: number;
}

/** What a schedule may look at of an epoch that is done. */
export type FinishedEpoch = Pick<EpochRecord, "epoch" | "metrics">;

export interface Schedule {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * @param step of the optimizer: 0, 1, 2 ... over the whole run
   * @param history the epochs finished before that step
   */
  rate(step: number, plan: RunPlan, history: readonly FinishedEpoch[]): number;
}

/**
 * What a schedule counts by. step: steps of the optimizer. epoch: whole epochs, so that the rate stays the same within
 * one. fraction: epochs, with the part of the running one that is done.
 */
export type ScheduleUnit = "step" | "epoch" | "fraction";

/** How far a run is at a step, in the unit. */
export function timeOf(step: number, { stepsPerEpoch }: RunPlan, unit: ScheduleUnit): number {
  if (unit === "step") return step;
  const time = step / stepsPerEpoch;
  // With accumulation an epoch may hold a fraction of a step: the quotient then misses whole epochs by rounding.
  const epochs = Math.round(time);
  const settled = Math.abs(time - epochs) < 1e-9 ? epochs : time;
  return unit === "epoch" ? Math.floor(settled) : settled;
}

/** From `rate` at share 0 to `minimum` at share 1, by half a cosine. */
export function cosineBetween(rate: number, minimum: number, share: number): number {
  return minimum + ((rate - minimum) * (1 + Math.cos(Math.PI * share))) / 2;
}

/** Throws unless a number of a schedule is at least 0, or above it. */
export function requireNumber(what: string, value: number, least: "0" | "above 0"): void {
  if (!(Number.isFinite(value) && (least === "0" ? value >= 0 : value > 0)))
    throw new SignalbookError(`${what} out of range`, {
      found: String(value),
      expected: least === "0" ? "0 or more" : "above 0",
    });
}

/** Throws unless 0 <= minimum <= rate, and the rate is above 0. */
export function requireRates(rate: number, minimum: number): void {
  requireNumber("a learning rate", rate, "above 0");
  requireNumber("a smallest learning rate", minimum, "0");
  if (minimum > rate)
    throw new SignalbookError("a smallest learning rate above the first", {
      found: String(minimum),
      expected: `at most ${rate}`,
    });
}
