/**
 * Learning rates by step. A schedule is a pure function of the step, the plan of the run and the epochs done so far, so
 * that a resumed run goes on with the same rates and nothing of a schedule needs to be saved.
 */
import { SignalbookError } from "../core/errors";
import type { EpochRecord } from "./checkpoint";

/** What a schedule needs to know of the run. A step is one of the optimizer: of several batches, with accumulation. */
export interface RunPlan {
  stepsPerEpoch: number;
  epochs: number;
}

export interface Schedule {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * @param step of the optimizer: 0, 1, 2 ... over the whole run
   * @param history the epochs finished before that step
   */
  rate(step: number, plan: RunPlan, history: readonly EpochRecord[]): number;
}

export interface WarmupCosineOptions {
  /** The highest rate, reached at the end of the warm-up. */
  rate: number;
  /** Length of the warm-up; may be a fraction of an epoch. */
  warmupEpochs: number;
  /** Share of `rate` at step 0. System 004: 0. */
  startFraction?: number;
  /** Share of `rate` that the cosine ends at. System 004: 0. */
  endFraction?: number;
}

/**
 * Linear from `startFraction * rate` over the warm-up, then half a cosine down to `endFraction * rate`, which is
 * reached at the step behind the last one. System 004's schedule with the defaults.
 */
export function warmupCosine(options: WarmupCosineOptions): Schedule {
  const { rate, warmupEpochs, startFraction = 0, endFraction = 0 } = options;
  requireAtLeast("a learning rate", rate, Number.MIN_VALUE);
  requireAtLeast("a warm-up", warmupEpochs, 0);
  return {
    name: "warmup-cosine",
    config: { rate, warmupEpochs, startFraction, endFraction },
    rate(step, { stepsPerEpoch, epochs }) {
      const total = stepsPerEpoch * epochs;
      const warmup = Math.trunc(warmupEpochs * stepsPerEpoch);
      if (warmup >= total)
        throw new SignalbookError("a warm-up as long as the run", {
          found: `${warmupEpochs} epochs of warm-up`,
          expected: `less than the ${epochs} epochs of the run`,
        });
      if (step < warmup) return rate * (startFraction + ((1 - startFraction) * step) / warmup);
      const cosine = (1 + Math.cos((Math.PI * (step - warmup)) / (total - warmup))) / 2;
      return rate * (endFraction + (1 - endFraction) * cosine);
    },
  };
}

/** The same rate at every step. */
export function constantRate(rate: number): Schedule {
  requireAtLeast("a learning rate", rate, Number.MIN_VALUE);
  return { name: "constant", config: { rate }, rate: () => rate };
}

function requireAtLeast(what: string, value: number, least: number): void {
  if (!(Number.isFinite(value) && value >= least))
    throw new SignalbookError(`${what} out of range`, {
      found: String(value),
      expected: least === 0 ? "0 or more" : "above 0",
    });
}
