/** The short-time Fourier transform and its inverse, as SciPy's `stft` and `istft`. */
import { SignalbookError } from "../core/errors";
import { inverseRfft } from "./fft";
import { frequenciesOf } from "./spectra";
import { type Detrend, eachFrame, finiteSamples, framing, powerScale, type SegmentOptions } from "./spectra-frames";
import type { Taper } from "./tapers";
import { windowStarts } from "./windows";

export interface StftOptions extends SegmentOptions {
  /** What is taken off each segment first. Default "none". */
  detrend?: Detrend;
  /** "spectrum": a sine's magnitude is half its amplitude; "density": squares are squared unit per Hz. Default "spectrum". */
  scaling?: "density" | "spectrum";
  /**
   * What half a segment beyond either end holds, so that every sample is in as many segments: zeros, or the signal
   * mirrored; "none": nothing is added. Default "zero".
   */
  edges?: "zero" | "even" | "none";
  /** Whether zeros at the end make the last segment whole; otherwise samples behind the last whole one are left out. */
  padded?: boolean;
}

/** Coefficients over time. */
export interface Stft {
  /** Hz. */
  frequencies: Float64Array;
  /** Seconds from the signal's start to each segment's middle. */
  times: Float64Array;
  /** [times, frequencies], row-major. */
  re: Float64Array;
  im: Float64Array;
}

export interface InverseStftOptions {
  /** As it was for {@link stft}. Default a Hann taper. */
  taper?: Taper;
  /** Samples a segment. Default 2 (bins - 1). */
  segment?: number;
  /** Samples that two neighbours share; half a segment when left out. */
  overlap?: number;
  /** Points of the transform; the segment's length when left out. */
  points?: number;
  scaling?: "density" | "spectrum";
  /** Whether half a segment was added to either end, and is to be cut off. Default true. */
  edges?: boolean;
}

/**
 * @param sampleRate Hz.
 * @throws SignalbookError for an empty signal, samples that are not finite, and an overlap not below the segment.
 */
export function stft(samples: ArrayLike<number>, sampleRate: number, options: StftOptions = {}): Stft {
  const { edges = "zero", padded = true, detrend = "none", scaling = "spectrum" } = options;
  const frames = framing(samples.length, options);
  const { segment, hop, points, bins } = frames;
  const edge = edges === "none" ? 0 : Math.floor(segment / 2);
  const extended = edges === "even" ? mirrored(samples, edge) : finiteSamples(samples, edge);
  const beyond = (extended.length - segment) % hop;
  const signal = new Float64Array(extended.length + (padded && beyond > 0 ? hop - beyond : 0));
  signal.set(extended);
  const starts = windowStarts(signal.length, segment, hop);
  const root = Math.sqrt(powerScale(frames.shape, sampleRate, scaling));
  const shape = frames.shape.map((value) => value * root);
  const re = new Float64Array(starts.length * bins);
  const im = new Float64Array(starts.length * bins);
  eachFrame(signal, starts, { points, shape }, detrend, "transform", (frame, plan, lane) => {
    re.set(plan.re[lane], frame * bins);
    im.set(plan.im[lane], frame * bins);
  });
  // With half a segment added, the first segment's middle is the signal's start.
  const middle = edges === "none" ? segment / 2 : 0;
  return {
    frequencies: frequenciesOf(points, sampleRate),
    times: Float64Array.from(starts, (start) => (start + middle) / sampleRate),
    re,
    im,
  };
}

/** The coefficients' magnitudes, [times, frequencies]. */
export function magnitudes({ re, im }: Pick<Stft, "re" | "im">): Float64Array {
  return re.map((value, i) => Math.hypot(value, im[i]!));
}

/**
 * The signal whose segments are closest to the coefficients' (Griffin and Lim 1984): segments transformed back, tapered again,
 * added up, and divided by the sum of squared tapers. Gives {@link stft}'s signal back, with its zeros at the end.
 * @throws SignalbookError for coefficients that do not fit, and where the tapers leave a sample without weight.
 */
export function inverseStft(
  { frequencies, times, re, im }: Stft,
  sampleRate: number,
  options: InverseStftOptions = {},
): Float64Array {
  const bins = frequencies.length;
  const count = times.length;
  const segment = options.segment ?? 2 * (bins - 1);
  const overlap = options.overlap ?? Math.floor(segment / 2);
  const points = options.points ?? segment;
  const { shape, hop } = framing(segment, { ...options, segment, overlap, points });
  if (bins !== Math.floor(points / 2) + 1 || re.length !== count * bins || im.length !== count * bins)
    throw new SignalbookError("coefficients that do not fit the segments", {
      found: `${bins} frequencies, ${re.length} values at ${count} times`,
      expected: `${Math.floor(points / 2) + 1} frequencies for ${points} points`,
    });
  const sum = new Float64Array(segment + (count - 1) * hop);
  const weight = new Float64Array(sum.length);
  const scale = 1 / Math.sqrt(powerScale(shape, sampleRate, options.scaling ?? "spectrum"));
  for (let frame = 0; frame < count; frame++) {
    const row = frame * bins;
    const values = inverseRfft({ re: re.subarray(row, row + bins), im: im.subarray(row, row + bins) }, points);
    for (let i = 0, at = frame * hop; i < segment; i++, at++) {
      sum[at]! += values[i]! * scale * shape[i]!;
      weight[at]! += shape[i]! * shape[i]!;
    }
  }
  const edge = options.edges === false ? 0 : Math.floor(segment / 2);
  const signal = sum.subarray(edge, sum.length - edge);
  const lost = weight.subarray(edge, sum.length - edge).findIndex((value) => value <= LEAST_WEIGHT);
  if (lost >= 0)
    throw new SignalbookError("a signal that its segments do not hold", {
      place: `sample ${lost}`,
      found: "a taper of zero there",
      expected: "tapers whose squares add up to more than zero at every sample",
      fix: "let the segments overlap more, or let the transform add edges",
    });
  return signal.map((value, i) => value / weight[edge + i]!);
}

const LEAST_WEIGHT = 1e-10;

/** `edge` samples, at most half the signal, beyond either end: mirrored at the first and the last sample. */
function mirrored(samples: ArrayLike<number>, edge: number): Float64Array {
  const out = new Float64Array(samples.length + 2 * edge);
  out.set(finiteSamples(samples), edge);
  const last = samples.length - 1;
  for (let i = 1; i <= edge; i++) {
    out[edge - i] = samples[i]!;
    out[edge + last + i] = samples[last - i]!;
  }
  return out;
}
