/** Power spectra, averaged (Welch) or over time, with the meaning of SciPy's `welch`, `periodogram` and `spectrogram`. */
import { type Detrend, eachFrame, finiteSamples, framing, powerScale, type SegmentOptions } from "./spectra-frames";
import { windowStarts } from "./windows";

export interface SpectrumOptions extends SegmentOptions {
  /** What is taken off each segment first. Default "constant". */
  detrend?: Detrend;
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
  const frames = framing(samples.length, options);
  const { segment, hop, points, bins } = frames;
  const starts = windowStarts(samples.length, segment, hop);
  // Each bin also holds its negative frequency's power, but for 0 and (of an even length) half the sampling rate.
  const root = Math.sqrt(2 * powerScale(frames.shape, sampleRate, options.scaling ?? "density"));
  const shape = frames.shape.map((value) => value * root);
  const all = new Float64Array(starts.length * bins);
  const power = starts.map((_, i) => all.subarray(i * bins, (i + 1) * bins));
  const detrend = options.detrend ?? "constant";
  eachFrame(finiteSamples(samples), starts, { points, shape }, detrend, "power", (frame, { squares }, lane) => {
    const row = power[frame]!;
    row.set(squares[lane]);
    row[0]! /= 2;
    if (points % 2 === 0) row[bins - 1]! /= 2;
  });
  return {
    frequencies: frequenciesOf(points, sampleRate),
    times: Float64Array.from(starts, (start) => (start + segment / 2) / sampleRate),
    power,
  };
}

/** The frequencies (Hz) of a transform of real values. */
export function frequenciesOf(points: number, sampleRate: number): Float64Array {
  return Float64Array.from({ length: Math.floor(points / 2) + 1 }, (_, k) => (k * sampleRate) / points);
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
