/** Equal stretches of a signal, made ready one after the other (trend off, taper on) and transformed two at a time. */
import { SignalbookError } from "../core/errors";
import { pairTransform } from "./fft-pair";
import type { PairTransform } from "./fft-plans";
import { type Taper, taper } from "./tapers";

/** What is taken off a stretch first: nothing, its mean, or the line that fits it best. */
export type Detrend = "constant" | "linear" | "none";

/** How long the stretches are and how they follow one another. */
export interface SegmentOptions {
  /** Default a Hann taper. */
  taper?: Taper;
  /** Samples a segment; the signal's length when that is less. Default 256. */
  segment?: number;
  /** Samples that two neighbours share; half a segment when left out. */
  overlap?: number;
  /** Points of the transform, the segment padded with zeros; the segment's length when left out. */
  points?: number;
}

/** {@link SegmentOptions} with every choice made. */
export interface Framing {
  segment: number;
  hop: number;
  points: number;
  /** floor(points / 2) + 1. */
  bins: number;
  /** The taper's values. */
  shape: Float64Array;
}

/** @throws SignalbookError for an empty signal and an overlap not below the segment. */
export function framing(length: number, options: SegmentOptions): Framing {
  if (length === 0) throw new SignalbookError("a spectrum of no samples", { expected: "1 sample or more" });
  const segment = Math.min(options.segment ?? 256, length);
  const overlap = options.overlap ?? Math.floor(segment / 2);
  const points = options.points ?? segment;
  if (!(overlap >= 0 && overlap < segment) || !(points >= segment))
    throw new SignalbookError("segments that do not fit", {
      found: `segment ${segment}, overlap ${overlap}, points ${points}`,
      expected: "0 <= overlap < segment <= points",
    });
  const shape = taper(options.taper ?? "hann", segment);
  return { segment, hop: segment - overlap, points, bins: Math.floor(points / 2) + 1, shape };
}

/** 1 / (the taper's sum)^2 for a spectrum, 1 / (sampling rate times the sum of its squares) for a density. */
export function powerScale(shape: Float64Array, sampleRate: number, scaling: "density" | "spectrum"): number {
  let sum = 0;
  let squares = 0;
  for (const value of shape) {
    sum += value;
    squares += value * value;
  }
  return scaling === "spectrum" ? 1 / (sum * sum) : 1 / (sampleRate * squares);
}

/** Samples that spectra are computed from as they are. */
export type Samples = Float64Array | Float32Array;

/**
 * The samples with `edge` zeros at either end: themselves where there are none and they are floating point numbers already,
 * else a copy in double precision.
 * @throws SignalbookError for a sample that is not finite.
 */
export function finiteSamples(samples: ArrayLike<number>, edge = 0): Samples {
  const bad = firstNotFinite(samples);
  if (bad >= 0)
    throw new SignalbookError("a sample that is no finite number", {
      place: `sample ${bad}`,
      found: String(samples[bad]),
      expected: "finite values",
      fix: "cut the signal at its gaps, or fill them, first",
    });
  if (edge === 0 && (samples instanceof Float64Array || samples instanceof Float32Array)) return samples;
  const out = new Float64Array(samples.length + 2 * edge);
  out.set(samples, edge);
  return out;
}

function firstNotFinite(samples: ArrayLike<number>): number {
  for (let i = 0; i < samples.length; i++) if (!Number.isFinite(samples[i]!)) return i;
  return -1;
}

/** Where a frame's coefficients or squares lie until the next ones are computed. */
export type TakeFrame = (frame: number, plan: PairTransform, lane: 0 | 1) => void;

/**
 * Frames `starts[i] .. starts[i] + segment`, each less its trend, times the taper, and with zeros up to the transform's
 * points. `take` is called for each in order.
 * @param what "transform": `plan.re[lane]` and `plan.im[lane]` are there for `take`; "power": `plan.squares[lane]`.
 */
export function eachFrame(
  samples: Samples,
  starts: ArrayLike<number>,
  { points, shape }: Pick<Framing, "points" | "shape">,
  detrend: Detrend,
  what: "transform" | "power",
  take: TakeFrame,
): void {
  const plan = pairTransform(points);
  const length = shape.length;
  plan.shape.set(shape);
  plan.shape.fill(0, length);
  for (const lane of LANES) plan.frames[lane].fill(0, length);
  for (let frame = 0; frame < starts.length; frame += 2) {
    const both = frame + 1 < starts.length;
    for (const lane of LANES) {
      // Without a second frame, the first one is there twice.
      const start = starts[both ? frame + lane : frame]!;
      plan.frames[lane].set(samples.subarray(start, start + length));
      plan.levels[lane] = detrend === "none" ? 0 : sumOf(plan.frames[lane], length) / length;
      if (detrend === "linear") takeSlopeOff(plan.frames[lane], length, plan.levels[lane]!);
    }
    plan.taper();
    plan[what]();
    take(frame, plan, 0);
    if (both) take(frame + 1, plan, 1);
  }
}

const LANES = [0, 1] as const;

/** Leaves the mean where it is. */
function takeSlopeOff(frame: Float64Array, length: number, mean: number): void {
  if (length === 1) return;
  const centre = (length - 1) / 2;
  let covariance = 0;
  for (let i = 0; i < length; i++) covariance += (i - centre) * (frame[i]! - mean);
  const slope = covariance / ((length * (length * length - 1)) / 12);
  for (let i = 0; i < length; i++) frame[i]! -= slope * (i - centre);
}

/** Four sums side by side: one alone would wait for its last addition each time. */
function sumOf(frame: Float64Array, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += frame[i]!;
    b += frame[i + 1]!;
    c += frame[i + 2]!;
    d += frame[i + 3]!;
  }
  for (; i < length; i++) a += frame[i]!;
  return a + b + (c + d);
}
