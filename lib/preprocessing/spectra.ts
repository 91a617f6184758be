/** Power spectra, averaged (Welch) or over time, with the meaning of SciPy's `welch`, `periodogram` and `spectrogram`. */
import { SignalbookError } from "../core/errors";
import { type Complex, rfft } from "./fft";
import { type Taper, taper } from "./tapers";
import { windowStarts } from "./windows";

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

/** Power over time: one spectrum a segment. */
export interface Spectrogram {
  /** Hz. */
  frequencies: Float64Array;
  /** Seconds from the signal's start to each segment's middle. */
  times: Float64Array;
  /** One spectrum a time, frequencies ascending. */
  power: Float64Array[];
}

/**
 * Welch's estimate: the average of periodograms of overlapping, tapered segments; samples behind the last whole segment
 * are not used.
 * @param sampleRate Hz.
 * @throws SignalbookError for an empty signal, samples that are no numbers, and an overlap not below the segment.
 */
export function welch(samples: ArrayLike<number>, sampleRate: number, options: SpectrumOptions = {}): PowerSpectrum {
  const { frequencies, power } = spectrogram(samples, sampleRate, options);
  const bins = frequencies.length;
  return { frequencies, power: options.average === "median" ? medianOf(power, bins) : meanOf(power, bins) };
}

/**
 * The periodograms that {@link welch} averages, each by itself; the meaning of SciPy's `spectrogram` of power.
 * @throws SignalbookError as {@link welch}.
 */
export function spectrogram(
  samples: ArrayLike<number>,
  sampleRate: number,
  options: Omit<SpectrumOptions, "average"> = {},
): Spectrogram {
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
  const starts = windowStarts(length, segment, segment - overlap);
  const bins = Math.floor(points / 2) + 1;
  return {
    frequencies: Float64Array.from({ length: bins }, (_, k) => (k * sampleRate) / points),
    times: Float64Array.from(starts, (start) => (start + segment / 2) / sampleRate),
    power: starts.map((start) => {
      const tapered = detrended(samples, start, segment, options.detrend ?? "constant");
      for (let i = 0; i < segment; i++) tapered[i]! *= shape[i]!;
      return powerOf(rfft(tapered, points), points, scale);
    }),
  };
}

/** Each bin also holds its negative frequency's power, but for 0 and (of an even length) half the sampling rate. */
function powerOf({ re, im }: Complex, points: number, scale: number): Float64Array {
  const last = re.length - 1;
  return re.map((value, k) => {
    const sides = k === 0 || (points % 2 === 0 && k === last) ? 1 : 2;
    return sides * scale * (value * value + im[k]! * im[k]!);
  });
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
  for (let i = 0; i < length; i++) {
    const value = samples[start + i]!;
    if (!Number.isFinite(value))
      throw new SignalbookError("a sample that is no finite number", {
        place: `sample ${start + i}`,
        found: String(value),
        expected: "finite values",
        fix: "cut the signal at its gaps first",
      });
    out[i] = value;
  }
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
