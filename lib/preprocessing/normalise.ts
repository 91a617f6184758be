/** Scales of a signal: mean and spread, z-scores, limits, ranges; and of an image: a network's mean and spread. */
import { SignalbookError } from "../core/errors";
import type { Recording } from "../formats";

export interface Moments {
  mean: number;
  /** Population standard deviation: divided by n, as NumPy does. */
  deviation: number;
}

/** Mean and standard deviation, in two passes. @throws SignalbookError for no samples or one that is not finite. */
export function moments(samples: ArrayLike<number>): Moments {
  const n = samples.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += samples[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (samples[i]! - mean) ** 2;
  const deviation = Math.sqrt(squares / n);
  if (!Number.isFinite(deviation))
    throw new SignalbookError("samples without a mean and a spread", {
      found: n === 0 ? "no samples" : "values that are not finite",
      expected: "finite values",
      fix: "cut the signal at its gaps first",
    });
  return { mean, deviation };
}

/**
 * times * (x - mean) / deviation. A signal that never changes becomes zeros: it has no spread to divide by.
 * @param times system 003 feeds its networks z-scores times 1000.
 */
export function zScore(samples: ArrayLike<number>, times = 1): Float64Array {
  const { mean, deviation } = moments(samples);
  const scale = deviation === 0 ? 0 : times / deviation;
  return Float64Array.from(samples, (value) => (value - mean) * scale);
}

/**
 * Every signal's z-score, unit "SD".
 * @param by "lead": each signal by its own mean and deviation; "record": each by its own mean but one deviation for all
 * (the root of their mean variance), which keeps the leads' relative sizes.
 */
export function zScoreRecording(recording: Recording, by: "lead" | "record" = "lead"): Recording {
  const variances = recording.signals.map(({ samples }) => moments(samples).deviation ** 2);
  const common = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / variances.length);
  const signals = recording.signals.map((signal, i) => {
    const own = Math.sqrt(variances[i]!);
    const ratio = by === "lead" ? 1 : common === 0 ? 0 : own / common;
    return { ...signal, unit: "SD", samples: zScore(signal.samples).map((value) => value * ratio) };
  });
  return { ...recording, signals };
}

/** Values below `low` become `low`, values above `high` become `high`; a NaN stays one. In the precision given. */
export function clip<T extends Float32Array | Float64Array>(samples: T, low: number, high: number): T {
  if (!(low <= high))
    throw new SignalbookError("limits out of order", { found: `${low} to ${high}`, expected: "low <= high" });
  const out = samples.slice() as T;
  for (let i = 0; i < out.length; i++) {
    const value = out[i]!;
    if (value < low) out[i] = low;
    else if (value > high) out[i] = high;
  }
  return out;
}

/**
 * (x - smallest) / (largest - smallest): 0 .. 1, in the precision given.
 * @throws SignalbookError for no samples, one that is not finite, and samples that are all equal: they have no range.
 */
export function minMax<T extends Float32Array | Float64Array>(samples: T): T {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (!Number.isFinite(value))
      throw new SignalbookError("a sample that is no finite number", {
        place: `sample ${i}`,
        found: String(value),
        expected: "finite values",
        fix: "replace or cut out missing values first",
      });
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low))
    throw new SignalbookError("samples without a range", {
      found: samples.length === 0 ? "no samples" : `only the value ${low}`,
      expected: "at least two different values",
    });
  const out = samples.slice() as T;
  for (let i = 0; i < out.length; i++) out[i] = (out[i]! - low) / (high - low);
  return out;
}

/** What a network's training images were normalised with: one mean and one deviation a channel, for values in 0 .. 1. */
export interface ChannelScale {
  mean: readonly number[];
  deviation: readonly number[];
}

/** Red, green, blue over ImageNet: what networks trained there expect. */
export const IMAGENET_SCALE: ChannelScale = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/**
 * (value / 255 - mean) / deviation, channel by channel.
 * @param pixels bytes [height, width, channels], with as many channels as the scale has.
 * @returns the same shape.
 */
export function normalisePixels(pixels: Uint8Array, scale: ChannelScale): Float32Array {
  const out = new Float32Array(pixels.length);
  pixelScaler(scale)(pixels, out);
  return out;
}

/**
 * {@link normalisePixels} of many images, in memory that is there: of bytes [height, width, channels] in the same shape,
 * or of grey bytes [height, width], each given to all channels.
 */
export function pixelScaler({ mean, deviation }: ChannelScale): (pixels: Uint8Array, out: Float32Array) => void {
  const channels = mean.length;
  // A byte has 256 values: each is computed once a channel.
  const levels = Float32Array.from(
    { length: 256 * channels },
    (_, i) => ((i % 256) / 255 - mean[Math.floor(i / 256)]!) / deviation[Math.floor(i / 256)]!,
  );
  return (pixels, out) => {
    const grey = out.length === pixels.length * channels;
    if (
      channels === 0 ||
      deviation.length !== channels ||
      !(grey || out.length === pixels.length) ||
      out.length % channels !== 0
    )
      throw new SignalbookError("pixels and a scale of different channels", {
        found: `${pixels.length} values, ${channels} means, ${deviation.length} deviations`,
        expected: "as many deviations as means, and a multiple of that many values",
      });
    if (grey && channels === 3) spread(pixels, levels, out);
    else
      for (let c = 0; c < channels; c++) {
        const ofChannel = levels.subarray(256 * c, 256 * (c + 1));
        const step = grey ? 1 : channels;
        for (let from = grey ? 0 : c, to = c; to < out.length; from += step, to += channels)
          out[to] = ofChannel[pixels[from]!]!;
      }
  };
}

/** Grey bytes given to three channels: one pass through memory is some four times as fast as three. */
function spread(pixels: Uint8Array, levels: Float32Array, out: Float32Array): void {
  for (let i = 0, to = 0; i < pixels.length; i++, to += 3) {
    const value = pixels[i]!;
    out[to] = levels[value]!;
    out[to + 1] = levels[256 + value]!;
    out[to + 2] = levels[512 + value]!;
  }
}
