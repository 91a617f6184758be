/** A rate that falls where a metric no longer improves. */
import { SignalbookError } from "../core/errors";
import { type FinishedEpoch, requireNumber, requireRates, type Schedule } from "./schedule";

export interface PlateauOptions {
  /** The first. */
  rate: number;
  /** A metric of the validation data; "loss" is its loss. */
  metric: string;
  mode: "min" | "max";
  /** What the rate is multiplied by. Default 0.1. */
  factor?: number;
  /** Epochs without improvement that are let pass. Default 10. */
  patience?: number;
  /** Less than this is no improvement. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a share of the best value, or as it is. Default relative. */
  thresholdMode?: "relative" | "absolute";
  /** Epochs after a fall that are not counted. Default 0. */
  cooldown?: number;
  /** The rate falls no lower. Default 0. */
  minimum?: number;
}

/** Where a schedule on a plateau stands after an epoch. */
export interface PlateauState {
  rate: number;
  /** Epochs in a row that did not improve. */
  badEpochs: number;
}

/** ReduceLROnPlateau, by PyTorch's rule, as a function of the epochs done so far. */
export function reduceOnPlateau(options: PlateauOptions): Schedule {
  const settled = settle(options);
  return {
    name: "reduce-on-plateau",
    config: { ...settled },
    rate(_step, _plan, history) {
      const states = plateauStates(
        history.map((record) => metricOf(record, settled.metric)),
        settled,
      );
      return states.length === 0 ? settled.rate : states[states.length - 1]!.rate;
    },
  };
}

/** The states after each value of the metric. */
export function plateauStates(values: readonly number[], options: PlateauOptions): PlateauState[] {
  const { rate: first, mode, factor, patience, threshold, thresholdMode, cooldown, minimum } = settle(options);
  let best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let rate = first;
  let badEpochs = 0;
  let cooling = 0;
  const sign = mode === "min" ? -1 : 1;
  const bar = (): number => (thresholdMode === "relative" ? best * (1 + sign * threshold) : best + sign * threshold);
  return values.map((value) => {
    if (mode === "min" ? value < bar() : value > bar()) {
      best = value;
      badEpochs = 0;
    } else badEpochs++;
    if (cooling > 0) {
      cooling--;
      badEpochs = 0;
    }
    if (badEpochs > patience) {
      const lower = Math.max(rate * factor, minimum);
      // PyTorch leaves a rate that would hardly change
      if (rate - lower > 1e-8) rate = lower;
      cooling = cooldown;
      badEpochs = 0;
    }
    return { rate, badEpochs };
  });
}

function settle(options: PlateauOptions): Required<PlateauOptions> {
  const { rate, metric, mode, factor = 0.1, patience = 10, threshold = 1e-4 } = options;
  const { thresholdMode = "relative", cooldown = 0, minimum = 0 } = options;
  requireRates(rate, minimum);
  requireNumber("the threshold of a plateau", threshold, "0");
  requireNumber("the patience of a plateau", patience, "0");
  requireNumber("the cooldown of a plateau", cooldown, "0");
  if (!(factor > 0 && factor < 1))
    throw new SignalbookError("the factor of a plateau out of range", {
      found: String(factor),
      expected: "between 0 and 1",
    });
  return { rate, metric, mode, factor, patience, threshold, thresholdMode, cooldown, minimum };
}

function metricOf({ epoch, metrics }: FinishedEpoch, metric: string): number {
  const value = metrics[metric];
  // a checkpoint's JSON holds null for a number that is not finite
  if (typeof value !== "number" || Number.isNaN(value))
    throw new SignalbookError("the metric that a schedule watches is missing", {
      place: `epoch ${epoch}`,
      found:
        Object.entries(metrics)
          .map(([name, number]) => `${name} ${number}`)
          .join(", ") || "no metric",
      expected: metric,
      fix: "pass validation data, and `evaluate` where the metric is not the loss",
    });
  return value;
}
