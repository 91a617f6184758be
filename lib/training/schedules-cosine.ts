/** Cosine schedules of PyTorch: one half wave, and warm restarts. */
import { SignalbookError } from "../core/errors";
import { cosineBetween, requireNumber, requireRates, type Schedule, type ScheduleUnit, timeOf } from "./schedule";

export interface CosineOptions {
  /** The first and highest. */
  rate: number;
  /** Reached after `period`. Default 0. */
  minimum?: number;
  /** In the unit. Default the whole run. Where a run goes on beyond it, the rate rises again, as in PyTorch. */
  period?: number;
  /** Default step. */
  unit?: ScheduleUnit;
}

/** CosineAnnealingLR (Loshchilov and Hutter 2017, without restarts). */
export function cosineAnnealing({ rate, minimum = 0, period, unit = "step" }: CosineOptions): Schedule {
  requireRates(rate, minimum);
  if (period !== undefined) requireNumber("the period of a schedule", period, "above 0");
  return {
    name: "cosine",
    config: { rate, minimum, period: period ?? null, unit },
    rate(step, plan) {
      const run = unit === "step" ? plan.epochs * plan.stepsPerEpoch : plan.epochs;
      return cosineBetween(rate, minimum, timeOf(step, plan, unit) / (period ?? run));
    },
  };
}

export interface WarmRestartsOptions {
  /** The rate after each restart. */
  rate: number;
  /** Length of the first period, in the unit: PyTorch's T_0. */
  period: number;
  /** What each period's length is multiplied by for the next: PyTorch's T_mult, a whole number. Default 1. */
  periodFactor?: number;
  /** PyTorch's eta_min. Default 0. */
  minimum?: number;
  /** Default step. */
  unit?: ScheduleUnit;
  /**
   * How often the schedule moves on in an epoch, with the unit "epoch". System 000 does so twice, after training and
   * after validation, so that its period of 10 is 5 epochs long. Default 1.
   */
  movesPerEpoch?: number;
}

/** CosineAnnealingWarmRestarts (Loshchilov and Hutter 2017). */
export function cosineWarmRestarts(options: WarmRestartsOptions): Schedule {
  const { rate, period, periodFactor = 1, minimum = 0, unit = "step", movesPerEpoch = 1 } = options;
  requireRates(rate, minimum);
  requireNumber("the period of a schedule", period, "above 0");
  if (!(Number.isInteger(periodFactor) && periodFactor >= 1))
    throw new SignalbookError("the growth of a schedule's period out of range", {
      found: String(periodFactor),
      expected: "a whole number from 1",
    });
  if (!(Number.isInteger(movesPerEpoch) && movesPerEpoch >= 1) || (movesPerEpoch > 1 && unit !== "epoch"))
    throw new SignalbookError("moves of a schedule in an epoch out of range", {
      found: `${movesPerEpoch}, in the unit ${unit}`,
      expected: 'a whole number from 1; more than 1 in the unit "epoch" only',
    });
  return {
    name: "cosine-warm-restarts",
    config: { rate, period, periodFactor, minimum, unit, movesPerEpoch },
    rate(step, plan) {
      let time = timeOf(step, plan, unit) * movesPerEpoch;
      let length = period;
      if (periodFactor === 1) time %= period;
      else for (; time >= length; length *= periodFactor) time -= length;
      return cosineBetween(rate, minimum, time / length);
    },
  };
}
