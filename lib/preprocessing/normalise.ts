/** Scales of a signal: mean and spread, z-scores. */
import { SignalbookError } from "../core/errors";
import type { Recording } from "../formats";

export interface Moments {
  mean: number;
  /** Population standard deviation: divided by n, as NumPy does. */
  deviation: number;
}

/** Mean and standard deviation, in two passes. @throws SignalbookError for no samples or one that is not finite. */
export function moments(samples: ArrayLike<number>): Moments {
  const n = samples.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += samples[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (samples[i]! - mean) ** 2;
  const deviation = Math.sqrt(squares / n);
  if (!Number.isFinite(deviation))
    throw new SignalbookError("samples without a mean and a spread", {
      found: n === 0 ? "no samples" : "values that are not finite",
      expected: "finite values",
      fix: "cut the signal at its gaps first",
    });
  return { mean, deviation };
}

/** (x - mean) / deviation. A signal that never changes becomes zeros: it has no spread to divide by. */
export function zScore(samples: ArrayLike<number>): Float64Array {
  const { mean, deviation } = moments(samples);
  const scale = deviation === 0 ? 0 : 1 / deviation;
  return Float64Array.from(samples, (value) => (value - mean) * scale);
}

/**
 * Every signal's z-score, unit "SD".
 * @param by "lead": each signal by its own mean and deviation; "record": each by its own mean but one deviation for all
 * (the root of their mean variance), which keeps the leads' relative sizes.
 */
export function zScoreRecording(recording: Recording, by: "lead" | "record" = "lead"): Recording {
  const variances = recording.signals.map(({ samples }) => moments(samples).deviation ** 2);
  const common = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / variances.length);
  const signals = recording.signals.map((signal, i) => {
    const own = Math.sqrt(variances[i]!);
    const ratio = by === "lead" ? 1 : common === 0 ? 0 : own / common;
    return { ...signal, unit: "SD", samples: zScore(signal.samples).map((value) => value * ratio) };
  });
  return { ...recording, signals };
}

/** Quantiles by linear interpolation between order statistics (NumPy's default). `at` in 0 .. 1. */
export function quantiles(samples: ArrayLike<number>, at: readonly number[]): number[] {
  const sorted = Float64Array.from(samples).sort();
  if (sorted.length === 0) throw new SignalbookError("quantiles of no samples", { expected: "1 sample or more" });
  return at.map((q) => {
    const position = q * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
  });
}
