/** Exponential moving averages of a model's weights. */

export interface EmaOptions {
  /** Share of the old average that an update keeps. */
  decay: number;
  /** capped: at most (1 + n) / (10 + n) at the n-th update, so that the first ones count more (torch_ema). */
  rule: "constant" | "capped";
  /** After each step of the optimizer, or once after each epoch (system 002). */
  every: "step" | "epoch";
}
