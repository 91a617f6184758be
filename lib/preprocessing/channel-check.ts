/** What a channel's samples say about its recording: amplitudes, missing parts, stretches without change, clipping. */
import type { Signal } from "../formats";
import { quantiles } from "./quantiles";

/** The ends of what the recorder could store, in the signal's unit: of an EDF header's physical range. */
export interface RecordedRange {
  minimum: number;
  maximum: number;
  /** Between two values next to each other. */
  step: number;
}

export interface ChannelCheck {
  label: string;
  unit: string;
  sampleRate: number;
  /** Share of the samples that are missing (NaN), 0 to 1. */
  missing: number;
  /** Minimum, 1 %, median, 99 % and maximum of the others; null where there are none. */
  amplitudes: readonly [minimum: number, low: number, median: number, high: number, maximum: number] | null;
  /** Seconds of the longest stretch over which the value does not change at all. */
  longestFlat: number;
  /** Share of the samples at an end of the recorded range, 0 to 1; null where the range is not known. */
  clipped: number | null;
}

/** Looks at every sample. A slow sensor (saturation, position) may well be flat for long; an electrode may not. */
export function checkChannel({ label, unit, sampleRate, samples }: Signal, range?: RecordedRange): ChannelCheck {
  const known = withoutMissing(samples);
  return {
    label,
    unit,
    sampleRate,
    missing: samples.length === 0 ? 0 : 1 - known.length / samples.length,
    amplitudes:
      known.length === 0 ? null : (quantiles(known, [0, 0.01, 0.5, 0.99, 1]) as unknown as ChannelCheck["amplitudes"]),
    longestFlat: longestFlat(samples) / sampleRate,
    clipped: range === undefined || known.length === 0 ? null : atAnEnd(known, range) / known.length,
  };
}

function withoutMissing(samples: Signal["samples"]): Float64Array {
  const known = new Float64Array(samples.length);
  let count = 0;
  for (let i = 0; i < samples.length; i++) if (!Number.isNaN(samples[i]!)) known[count++] = samples[i]!;
  return known.subarray(0, count);
}

/** Samples of the longest stretch of one value; 0 where no two neighbours are equal. */
function longestFlat(samples: Signal["samples"]): number {
  let longest = 0;
  for (let begin = 0, i = 1; i <= samples.length; i++) {
    if (i < samples.length && samples[i] === samples[begin]) continue;
    if (i - begin > 1) longest = Math.max(longest, i - begin);
    begin = i;
  }
  return longest;
}

function atAnEnd(samples: Float64Array, { minimum, maximum, step }: RecordedRange): number {
  // Stored numbers become physical ones with a rounding: an end is known to less than half a step.
  const [low, high] = [Math.min(minimum, maximum) + step / 2, Math.max(minimum, maximum) - step / 2];
  let count = 0;
  for (let i = 0; i < samples.length; i++) if (samples[i]! < low || samples[i]! > high) count++;
  return count;
}
