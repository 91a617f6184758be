/** Power spectra: Welch's averaged periodogram, with the meaning of SciPy's `welch` and `periodogram`. */
import { SignalbookError } from "../core/errors";
import { rfft } from "./fft";
import { type Taper, taper } from "./tapers";

export interface SpectrumOptions {
  taper?: Taper;
  /** Samples a segment; the signal's length when that is less. */
  segment?: number;
  /** Samples that two neighbours share; half a segment when left out. */
  overlap?: number;
  /** Points of the transform, the segment padded with zeros; the segment's length when left out. */
  points?: number;
  /** What is taken off each segment first. */
  detrend?: "constant" | "linear" | "none";
  /** "density": squared unit per Hz; "spectrum": squared unit. */
  scaling?: "density" | "spectrum";
  /** Over segments. The median is corrected for its bias (Allen et al. 2012, as SciPy does). */
  average?: "mean" | "median";
}

/** One-sided spectrum: power from frequency 0 to half the sampling rate. */
export interface PowerSpectrum {
  /** Hz. */
  frequencies: Float64Array;
  power: Float64Array;
}

/**
 * Welch's estimate: the average of periodograms of overlapping, tapered segments; samples behind the last whole segment
 * are not used.
 * @param sampleRate Hz.
 * @throws SignalbookError for an empty signal, samples that are no numbers, and an overlap not below the segment.
 */
export function welch(samples: ArrayLike<number>, sampleRate: number, options: SpectrumOptions = {}): PowerSpectrum {
  const length = samples.length;
  if (length === 0) throw new SignalbookError("a spectrum of no samples", { expected: "1 sample or more" });
  const segment = Math.min(options.segment ?? 256, length);
  const overlap = options.overlap ?? Math.floor(segment / 2);
  const points = options.points ?? segment;
  if (!(overlap >= 0 && overlap < segment) || points < segment)
    throw new SignalbookError("segments that do not fit", {
      found: `segment ${segment}, overlap ${overlap}, points ${points}`,
      expected: "0 <= overlap < segment <= points",
    });
  const shape = taper(options.taper ?? "hann", segment);
  const sum = shape.reduce((total, value) => total + value, 0);
  const squares = shape.reduce((total, value) => total + value * value, 0);
  const scale = options.scaling === "spectrum" ? 1 / (sum * sum) : 1 / (sampleRate * squares);
  const bins = Math.floor(points / 2) + 1;
  const periodograms: Float64Array[] = [];
  for (let start = 0; start + segment <= length; start += segment - overlap) {
    const tapered = detrended(samples, start, segment, options.detrend ?? "constant");
    for (let i = 0; i < segment; i++) tapered[i]! *= shape[i]!;
    const { re, im } = rfft(tapered, points);
    const power = new Float64Array(bins);
    for (let k = 0; k < bins; k++) {
      // Each bin also holds its negative frequency's power, but for 0 and (of an even length) half the sampling rate.
      const sides = k === 0 || (points % 2 === 0 && k === bins - 1) ? 1 : 2;
      power[k] = sides * scale * (re[k]! * re[k]! + im[k]! * im[k]!);
    }
    periodograms.push(power);
  }
  const power = options.average === "median" ? medianOf(periodograms, bins) : meanOf(periodograms, bins);
  const bad = power.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new SignalbookError("samples that are no finite numbers", {
      found: `sample ${firstNotFinite(samples)}`,
      expected: "finite values",
      fix: "cut the signal at its gaps first",
    });
  return { frequencies: Float64Array.from({ length: bins }, (_, k) => (k * sampleRate) / points), power };
}

/** One periodogram of the whole signal without a taper. */
export function periodogram(
  samples: ArrayLike<number>,
  sampleRate: number,
  options: SpectrumOptions = {},
): PowerSpectrum {
  return welch(samples, sampleRate, { taper: "boxcar", ...options, segment: samples.length, overlap: 0 });
}

/**
 * Power between two frequencies (low <= f < high), by summing bins: of a density, times the bins' width.
 * @returns squared unit.
 */
export function bandPower({ frequencies, power }: PowerSpectrum, low: number, high: number): number {
  const width = frequencies.length > 1 ? frequencies[1]! - frequencies[0]! : 0;
  let total = 0;
  for (let k = 0; k < power.length; k++) if (frequencies[k]! >= low && frequencies[k]! < high) total += power[k]!;
  return total * width;
}

function detrended(
  samples: ArrayLike<number>,
  start: number,
  length: number,
  how: "constant" | "linear" | "none",
): Float64Array {
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) out[i] = samples[start + i]!;
  if (how === "none") return out;
  const mean = out.reduce((sum, value) => sum + value, 0) / length;
  const centre = (length - 1) / 2;
  let slope = 0;
  if (how === "linear" && length > 1) {
    let covariance = 0;
    for (let i = 0; i < length; i++) covariance += (i - centre) * (out[i]! - mean);
    slope = covariance / ((length * (length * length - 1)) / 12);
  }
  for (let i = 0; i < length; i++) out[i]! -= mean + slope * (i - centre);
  return out;
}

function meanOf(rows: readonly Float64Array[], length: number): Float64Array {
  const mean = new Float64Array(length);
  for (const row of rows) for (let k = 0; k < length; k++) mean[k]! += row[k]! / rows.length;
  return mean;
}

function medianOf(rows: readonly Float64Array[], length: number): Float64Array {
  let bias = 1;
  for (let n = 2; n <= rows.length - 1; n += 2) bias += 1 / (n + 1) - 1 / n;
  return Float64Array.from({ length }, (_, k) => {
    const values = Float64Array.from(rows, (row) => row[k]!).sort();
    const middle = values.length >> 1;
    const median = values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
    return median / bias;
  });
}

function firstNotFinite(samples: ArrayLike<number>): number {
  let i = 0;
  while (Number.isFinite(samples[i])) i++;
  return i;
}
