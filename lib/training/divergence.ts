/** Notices that a run gets worse for good, though its numbers are still finite. */
import { SignalbookError } from "../core/errors";

export interface DivergenceOptions {
  /** How many times as high as its best running mean the loss has to be. */
  factor: number;
  /** In so many steps one after the other. */
  steps: number;
}

/** Plain JSON, part of a checkpoint. */
export interface DivergenceState {
  /** Running mean of the loss, in which a step counts a tenth. */
  mean: number | null;
  /** The lowest mean so far. */
  best: number | null;
  /** Steps one after the other whose loss was too high. */
  above: number;
}

export class Divergence {
  constructor(
    private readonly options: DivergenceOptions,
    /** Kept up to date. */
    readonly state: DivergenceState,
  ) {
    const { factor, steps } = options;
    if (!(factor > 1) || !(Number.isInteger(steps) && steps >= 1))
      throw new SignalbookError("a rule for divergence out of range", {
        found: `${factor} times the best loss, ${steps} steps`,
        expected: "more than once, 1 step or more",
      });
  }

  /** Takes a step's loss. True where the run has diverged. */
  update(loss: number): boolean {
    const { state } = this;
    const { factor, steps } = this.options;
    state.above = state.best !== null && loss > factor * state.best ? state.above + 1 : 0;
    state.mean = state.mean === null ? loss : 0.9 * state.mean + 0.1 * loss;
    state.best = Math.min(state.best ?? Number.POSITIVE_INFINITY, state.mean);
    return state.above >= steps;
  }
}
