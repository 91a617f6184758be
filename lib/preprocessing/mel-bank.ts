/** Mel filter banks: Slaney's scale and area normalisation, as librosa's `filters.mel` makes them by default. */
import { SignalbookError } from "../core/errors";

export interface MelBankOptions {
  /** Hz. */
  sampleRate: number;
  /** Points of the transform whose bins are weighted. */
  points: number;
  /** Bands. */
  mels: number;
  /** Hz, lower edge of the first band. Default 0. */
  low?: number;
  /** Hz, upper edge of the last band. Default half the sampling rate. */
  high?: number;
}

/** Triangular bands over the bins of a one-sided spectrum. */
export interface MelBank {
  mels: number;
  /** floor(points / 2) + 1. */
  bins: number;
  /** [mels, bins], row-major, rounded to float32: the peer's own precision. */
  weights: Float32Array;
  /** First bin of each band with a weight above zero; 0 for a band without one. */
  first: Int32Array;
  /** Bin behind the last one with a weight; 0 for a band without one. */
  end: Int32Array;
  /** Hz: the bands' peaks. */
  centres: Float64Array;
}

const HERTZ_PER_MEL = 200 / 3;
const BREAK_HERTZ = 1000;
const LOG_STEP = Math.log(6.4) / 27;

/** Slaney's scale (Auditory Toolbox, 1998): linear to 1000 Hz, logarithmic above. */
export function hertzToMel(hertz: number): number {
  return hertz < BREAK_HERTZ
    ? hertz / HERTZ_PER_MEL
    : BREAK_HERTZ / HERTZ_PER_MEL + Math.log(hertz / BREAK_HERTZ) / LOG_STEP;
}

/** The inverse of {@link hertzToMel}. */
export function melToHertz(mel: number): number {
  const bend = BREAK_HERTZ / HERTZ_PER_MEL;
  return mel < bend ? mel * HERTZ_PER_MEL : BREAK_HERTZ * Math.exp(LOG_STEP * (mel - bend));
}

/**
 * Bands whose edges lie evenly on the mel scale, each a triangle of area 1 (per Hz). Bands narrower than the bins' distance
 * may hold no bin and are then zero.
 * @throws SignalbookError for edges outside 0 .. sampleRate / 2 and counts below 1.
 */
export function melBank({ sampleRate, points, mels, low = 0, high = sampleRate / 2 }: MelBankOptions): MelBank {
  if (!(low >= 0 && low < high && high <= sampleRate / 2))
    throw new SignalbookError("mel bands outside the spectrum", {
      found: `${low} Hz to ${high} Hz`,
      expected: `0 <= low < high <= ${sampleRate / 2} Hz`,
    });
  if (!Number.isInteger(points) || points < 2 || !Number.isInteger(mels) || mels < 1)
    throw new SignalbookError("a mel bank of no size", {
      found: `${mels} bands over a transform of ${points} points`,
      expected: "1 band or more, 2 points or more",
    });
  const bins = Math.floor(points / 2) + 1;
  const from = hertzToMel(low);
  const to = hertzToMel(high);
  const edges = Float64Array.from({ length: mels + 2 }, (_, i) =>
    melToHertz(i === mels + 1 ? to : from + i * ((to - from) / (mels + 1))),
  );
  const weights = new Float32Array(mels * bins);
  const first = new Int32Array(mels);
  const end = new Int32Array(mels);
  const binWidth = 1 / (points * (1 / sampleRate));
  for (let m = 0; m < mels; m++) {
    const [left, centre, right] = edges.subarray(m, m + 3) as unknown as [number, number, number];
    const area = 2 / (right - left);
    for (let k = 0; k < bins; k++) {
      const hertz = k * binWidth;
      const height = Math.min((hertz - left) / (centre - left), (right - hertz) / (right - centre));
      if (height <= 0) continue;
      weights[m * bins + k] = Math.fround(height) * area; // the peer rounds before it normalises, and again after
      if (end[m] === 0) first[m] = k;
      end[m] = k + 1;
    }
  }
  return { mels, bins, weights, first, end, centres: edges.slice(1, -1) };
}
