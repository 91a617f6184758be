/** Power on a logarithmic scale, by librosa's rules. */
import { SignalbookError } from "../core/errors";

export interface DecibelOptions {
  /** The power that becomes 0 dB, or "max": the highest there is. Default 1. */
  reference?: number | "max";
  /** Powers (and the reference) below it count as it. Default 1e-10. */
  least?: number;
  /** Values further than this below the highest are raised to that, in dB; null: none are. Default 80. */
  range?: number | null;
}

/**
 * 10 log10(power / reference), never lower than `range` below the highest value.
 * @throws SignalbookError for a `least` that is not above 0 and a negative range.
 */
export function powerToDecibels(power: ArrayLike<number>, options: DecibelOptions = {}): Float64Array {
  const { reference = 1, least = 1e-10, range = 80 } = options;
  if (!(least > 0) || !(range === null || range >= 0))
    throw new SignalbookError("a scale of decibels that cannot be", {
      found: `least ${least}, range ${range}`,
      expected: "least > 0, range >= 0",
    });
  const decibels = new Float64Array(power.length);
  const zero = 10 * Math.log10(Math.max(least, Math.abs(reference === "max" ? highest(power) : reference)));
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < decibels.length; i++) {
    const value = 10 * Math.log10(Math.max(least, power[i]!)) - zero;
    decibels[i] = value;
    if (value > top) top = value;
  }
  if (range !== null) for (let i = 0; i < decibels.length; i++) decibels[i] = Math.max(decibels[i]!, top - range);
  return decibels;
}

/** The inverse of {@link powerToDecibels}, where nothing was raised: reference 10^(dB / 10). */
export function decibelsToPower(decibels: ArrayLike<number>, reference = 1): Float64Array {
  return Float64Array.from(decibels, (value) => reference * 10 ** (0.1 * value));
}

function highest(values: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}
