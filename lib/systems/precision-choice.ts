/** In which precision a training runs: the one asked for, or else its preset's. */
import type { Precision } from "../engine";
import type { FitOptions } from "../training/fit-options";

/** float16 comes with a loss scaler: its gradients would underflow; no other precision does. */
export function precisionChoice(own: Precision, asked?: Precision): Pick<FitOptions, "precision" | "scaler"> {
  const precision = asked ?? own;
  return { precision, ...(precision === "float16" && { scaler: {} }) };
}
