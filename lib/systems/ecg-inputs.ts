/** Inputs that ECG systems share: age and sex as system 004 codes them, and signals as [time, leads]. */
import { SignalbookError } from "../core/errors";
import type { Recording, Signal } from "../formats";
import { butterworth, filterZeroPhase, inUnit, selectLeads, toTimeChannels } from "../preprocessing";

/** Slots of the age: 0 is missing, then decades 0-9, 10-19 ... 80 and older. */
export const AGE_SLOTS = 10;

/** One-hot age, [10]: slot 0 where missing, else 1 + min(floor(age / 10), 8). Throws for a negative age. */
export function encodeAge(years: number | null): Float32Array {
  if (years !== null && !(years >= 0 && Number.isFinite(years)))
    throw new SignalbookError("an age out of range", { found: String(years), expected: "0 years or more, or null" });
  const slots = new Float32Array(AGE_SLOTS);
  slots[years === null ? 0 : 1 + Math.min(Math.floor(years / 10), 8)] = 1;
  return slots;
}

/** [1]: 1 female, 2 male, 0 missing. */
export function encodeSex(sex: "female" | "male" | null): Float32Array {
  return Float32Array.of(sex === "female" ? 1 : sex === "male" ? 2 : 0);
}

/** Hz: below it lies baseline wander, which says nothing about the heart. */
const BASELINE_WANDER = 0.5;

/** Samples in a second, and how many seconds. */
export interface EcgLength {
  sampleRate: number;
  seconds: number;
}

/**
 * Leads in this order, in mV, baseline wander below 0.5 Hz removed (Butterworth of order 2, forwards and backwards, so that
 * no wave is shifted).
 * Throws where a lead is missing, sampled at another rate, or the recording is shorter or longer than `seconds`.
 */
export function steadyLeads(
  recording: Recording,
  leads: readonly string[],
  { sampleRate, seconds }: EcgLength,
): Signal[] {
  const { signals } = selectLeads(recording, leads, { sampleRate });
  const highPass = butterworth({ kind: "highpass", order: 2, sampleRate, frequency: BASELINE_WANDER });
  return signals.map((signal) => {
    if (signal.samples.length !== sampleRate * seconds)
      throw new SignalbookError("a recording of another length", {
        file: recording.source,
        place: `lead ${signal.label}`,
        found: `${signal.samples.length} samples`,
        expected: `${sampleRate * seconds} (${seconds} s at ${sampleRate} Hz)`,
      });
    const millivolts = inUnit(signal, "mV");
    return { ...millivolts, samples: filterZeroPhase(highPass, millivolts.samples) };
  });
}

/** A recording as a small network takes it: {@link steadyLeads}, [time, leads]. */
export function ecgInput(recording: Recording, leads: readonly string[], length: EcgLength): Float32Array {
  return toTimeChannels(steadyLeads(recording, leads, length));
}
