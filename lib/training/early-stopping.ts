/** Keeps the best epoch of a metric, and says when to stop waiting for a better one. */
import { SignalbookError } from "../core/errors";

export interface EarlyStoppingOptions {
  /** Name of a validation metric: "loss", or what `evaluate` returns. */
  metric: string;
  mode: "min" | "max";
  /** Epochs without improvement after which training stops; Infinity to only keep the best. */
  patience: number;
  /** An improvement must exceed this. Default 0. */
  minDelta?: number;
  /** Epochs before this one (0 first) are not considered: system 004 looks at the last nine only. Default 0. */
  fromEpoch?: number;
}

/** Plain JSON, part of a checkpoint. */
export interface EarlyStoppingState {
  best: number | null;
  bestEpoch: number | null;
  epochsSinceBest: number;
}

export class EarlyStopping {
  state: EarlyStoppingState;

  constructor(
    readonly options: EarlyStoppingOptions,
    state: EarlyStoppingState = { best: null, bestEpoch: null, epochsSinceBest: 0 },
  ) {
    if (!(options.patience >= 1))
      throw new SignalbookError("a patience out of range", {
        found: String(options.patience),
        expected: "1 epoch or more",
      });
    this.state = { ...state };
  }

  /** Takes an epoch's metrics. `improved`: this is the best epoch so far. `stop`: patience is used up. */
  update(epoch: number, metrics: Readonly<Record<string, number>>): { improved: boolean; stop: boolean } {
    const { metric, mode, patience, minDelta = 0, fromEpoch = 0 } = this.options;
    const value = metrics[metric];
    if (value === undefined)
      throw new SignalbookError("the metric to stop by is not measured", {
        found: Object.keys(metrics).join(", "),
        expected: metric,
      });
    if (Number.isNaN(value))
      throw new SignalbookError("the metric to stop by is NaN", { place: `${metric}, epoch ${epoch + 1}` });
    if (epoch < fromEpoch) return { improved: false, stop: false };
    const { best } = this.state;
    const gain = best === null ? Number.POSITIVE_INFINITY : mode === "max" ? value - best : best - value;
    if (gain > minDelta) {
      this.state = { best: value, bestEpoch: epoch, epochsSinceBest: 0 };
      return { improved: true, stop: false };
    }
    this.state = { ...this.state, epochsSinceBest: this.state.epochsSinceBest + 1 };
    return { improved: false, stop: this.state.epochsSinceBest >= patience };
  }
}
