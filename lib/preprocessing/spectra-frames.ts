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

/** A copy in double precision with `edge` zeros at either end. @throws SignalbookError for a sample that is not finite. */
export function finiteCopy(samples: ArrayLike<number>, edge = 0): Float64Array {
  const out = new Float64Array(samples.length + 2 * edge);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (!Number.isFinite(value))
      throw new SignalbookError("a sample that is no finite number", {
        place: `sample ${i}`,
        found: String(value),
        expected: "finite values",
        fix: "cut the signal at its gaps, or fill them, first",
      });
    out[edge + i] = value;
  }
  return out;
}

/** Where a frame's coefficients or squares lie until the next ones are computed. */
export type TakeFrame = (frame: number, plan: PairTransform, lane: 0 | 1) => void;

/**
 * Frames `starts[i] .. starts[i] + segment`, each less its trend, times the taper, and with zeros up to the transform's
 * points. `take` is called for each in order.
 * @param what "transform": `plan.re[lane]` and `plan.im[lane]` are there for `take`; "power": `plan.squares[lane]`.
 */
export function eachFrame(
  samples: Float64Array,
  starts: ArrayLike<number>,
  { points, shape }: Pick<Framing, "points" | "shape">,
  detrend: Detrend,
  what: "transform" | "power",
  take: TakeFrame,
): void {
  const plan = pairTransform(points);
  for (let frame = 0; frame < starts.length; frame += 2) {
    const both = frame + 1 < starts.length;
    // Without a second frame, the first one is there twice.
    stage(plan, samples, starts[frame]!, starts[both ? frame + 1 : frame]!, shape, detrend);
    plan[what]();
    take(frame, plan, 0);
    if (both) take(frame + 1, plan, 1);
  }
}

function stage(
  { input, step, length: points }: PairTransform,
  samples: Float64Array,
  first: number,
  second: number,
  shape: Float64Array,
  detrend: Detrend,
): void {
  const length = shape.length;
  // The lines level + slope i that are taken off either frame.
  const levelA = detrend === "none" ? 0 : sumOf(samples, first, length) / length;
  const levelB = detrend === "none" ? 0 : sumOf(samples, second, length) / length;
  if (detrend === "linear") {
    const [slopeA, slopeB] = [slopeOf(samples, first, length, levelA), slopeOf(samples, second, length, levelB)];
    const centre = (length - 1) / 2;
    for (let i = 0, to = 0; i < length; i++, to += step) {
      input[to] = (samples[first + i]! - levelA - slopeA * (i - centre)) * shape[i]!;
      input[to + 1] = (samples[second + i]! - levelB - slopeB * (i - centre)) * shape[i]!;
    }
  } else {
    for (let i = 0, to = 0; i < length; i++, to += step) {
      input[to] = (samples[first + i]! - levelA) * shape[i]!;
      input[to + 1] = (samples[second + i]! - levelB) * shape[i]!;
    }
  }
  for (let i = length, to = length * step; i < points; i++, to += step) input[to] = input[to + 1] = 0;
}

/** Of the line that fits best, per sample. */
function slopeOf(samples: Float64Array, start: number, length: number, mean: number): number {
  if (length === 1) return 0;
  const centre = (length - 1) / 2;
  let covariance = 0;
  for (let i = 0; i < length; i++) covariance += (i - centre) * (samples[start + i]! - mean);
  return covariance / ((length * (length * length - 1)) / 12);
}

/** Four sums side by side: one alone would wait for its last addition each time. */
function sumOf(samples: Float64Array, start: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const end = start + length;
  let i = start;
  for (; i + 3 < end; i += 4) {
    a += samples[i]!;
    b += samples[i + 1]!;
    c += samples[i + 2]!;
    d += samples[i + 3]!;
  }
  for (; i < end; i++) a += samples[i]!;
  return a + b + (c + d);
}
