/** Schedules that begin low: warm-up and cosine, one cycle; and the constant rate. */
import { SignalbookError } from "../core/errors";
import { cosineBetween, type RunPlan, requireNumber, type Schedule } from "./schedule";

export interface WarmupCosineOptions {
  /** The highest rate, reached at the end of the warm-up. */
  rate: number;
  /** Length of the warm-up; may be a fraction of an epoch. Either this or `warmupShare`. */
  warmupEpochs?: number;
  /** Length of the warm-up as a share of the run. System 002: 0.1. */
  warmupShare?: number;
  /** Share of `rate` at step 0. System 004: 0; system 002: 0.1. */
  startFraction?: number;
  /** Share of `rate` that the cosine ends at. System 004: 0; system 002: 0.01. */
  endFraction?: number;
}

/**
 * Linear from `startFraction * rate` over the warm-up, then half a cosine down to `endFraction * rate`, which is
 * reached at the step behind the last one. System 004's schedule with the defaults.
 */
export function warmupCosine(options: WarmupCosineOptions): Schedule {
  const { rate, warmupEpochs, warmupShare, startFraction = 0, endFraction = 0 } = options;
  requireNumber("a learning rate", rate, "above 0");
  if ((warmupEpochs === undefined) === (warmupShare === undefined))
    throw new SignalbookError("a warm-up told twice, or not at all", { expected: "warmupEpochs or warmupShare" });
  requireNumber("a warm-up", (warmupEpochs ?? warmupShare)!, "0");
  const length = warmupEpochs === undefined ? { warmupShare } : { warmupEpochs };
  return {
    name: "warmup-cosine",
    config: { rate, ...length, startFraction, endFraction },
    rate(step, plan) {
      const total = totalOf(plan);
      const warmup = Math.trunc(warmupEpochs === undefined ? warmupShare! * total : warmupEpochs * plan.stepsPerEpoch);
      if (warmup >= total)
        throw new SignalbookError("a warm-up as long as the run", {
          found: warmupEpochs === undefined ? `a share of ${warmupShare}` : `${warmupEpochs} epochs of warm-up`,
          expected: `less than the ${plan.epochs} epochs of the run`,
        });
      if (step < warmup) return rate * (startFraction + ((1 - startFraction) * step) / warmup);
      return rate * cosineBetween(1, endFraction, (step - warmup) / (total - warmup));
    },
  };
}

export interface OneCycleOptions {
  /** The highest. */
  rate: number;
  /** Share of the run in which the rate rises. Default 0.3. */
  riseShare?: number;
  /** The first rate is the highest divided by this. Default 25. */
  startDivisor?: number;
  /** The last rate is the first divided by this. Default 1e4. */
  endDivisor?: number;
  /** The shape of rise and fall. Default cosine. */
  shape?: "cosine" | "linear";
}

/** OneCycleLR (Smith and Topin 2018) by PyTorch's rule, two phases: up, then down to the last step of the run. */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { rate, riseShare = 0.3, startDivisor = 25, endDivisor = 1e4, shape = "cosine" } = options;
  requireNumber("a learning rate", rate, "above 0");
  if (!(riseShare > 0 && riseShare < 1))
    throw new SignalbookError("the rise of a cycle out of range", {
      found: String(riseShare),
      expected: "a share of the run between 0 and 1",
    });
  requireNumber("a divisor of the rate", startDivisor, "above 0");
  requireNumber("a divisor of the rate", endDivisor, "above 0");
  const between = (from: number, to: number, share: number): number =>
    shape === "cosine" ? cosineBetween(from, to, share) : from + (to - from) * share;
  return {
    name: "one-cycle",
    config: { rate, riseShare, startDivisor, endDivisor, shape },
    rate(step, plan) {
      const last = totalOf(plan) - 1;
      const peak = riseShare * (last + 1) - 1;
      if (!(peak > 0))
        throw new SignalbookError("a run too short for a cycle", {
          found: `${last + 1} steps`,
          expected: `more than ${1 / riseShare}`,
        });
      const first = rate / startDivisor;
      if (step <= peak) return between(first, rate, step / peak);
      return between(rate, first / endDivisor, (step - peak) / (last - peak));
    },
  };
}

/** The same rate at every step. */
export function constantRate(rate: number): Schedule {
  requireNumber("a learning rate", rate, "above 0");
  return { name: "constant", config: { rate }, rate: () => rate };
}

function totalOf({ stepsPerEpoch, epochs }: RunPlan): number {
  return stepsPerEpoch * epochs;
}
