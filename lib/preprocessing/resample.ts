/**
 * Changing the sampling rate: by a polyphase filter (SciPy's `resample_poly`) or by Fourier's method (`resample`). A NaN
 * spreads as far as the polyphase filter has coefficients, ten samples of the lower rate to each side (in SciPy up to
 * `up` outputs farther, because it fills its filter up with zeros), and over all that Fourier's method returns.
 * Everything is computed in double precision.
 */
import { SignalbookError } from "../core/errors";
import type { Signal } from "../formats";
import { inverseFft, rfft } from "./fft";
import { type ChannelOutput, type ChannelSamples, outputsFor } from "./filter-channels";
import { lowPassFir } from "./filter-fir";
import { type Continuation, polyphase, runPolyphase } from "./resample-polyphase";

/** What the signal is taken to be beyond its ends: zero, its mean, or the line through its first and last sample. */
export type Edges = "zero" | "mean" | "line";

export interface PolyphaseOptions {
  /** "zero" when left out. */
  edges?: Edges;
  /** A low-pass filter at `up` times the input's rate, its middle at no delay; {@link antiAliasFilter} when left out. */
  filter?: ArrayLike<number>;
}

/** The low-pass filter of {@link resamplePolyphase}: 20 max(up, down) + 1 values, Kaiser taper of beta 5, sum 1. */
export function antiAliasFilter(up: number, down: number): Float64Array {
  const factor = Math.max(up, down);
  return lowPassFir(20 * factor + 1, 1 / factor, ["kaiser", 5]);
}

/**
 * Resamples by up / down: upsampled, low-pass filtered, and decimated in one pass.
 * @returns ceil(length * up / down) samples; sample m lies at the time of input sample m * down / up.
 * @throws SignalbookError for a ratio of anything but positive integers, unknown edges, and an empty filter.
 */
export function resamplePolyphase(
  samples: ArrayLike<number>,
  up: number,
  down: number,
  options: PolyphaseOptions = {},
): Float64Array {
  const values = samples instanceof Float64Array ? samples : new Float64Array(samples);
  return resampleChannels([values], up, down, options)[0] as Float64Array;
}

/**
 * Resamples several channels, as {@link resamplePolyphase}.
 * @param channels equally long.
 * @param options.into where to write, ceil(length * up / down) samples each; new Float64Arrays when left out.
 * @throws SignalbookError as {@link resamplePolyphase}, and for channels that do not fit one another or `into`.
 */
export function resampleChannels(
  channels: readonly ChannelSamples[],
  up: number,
  down: number,
  { edges = "zero", filter, into }: PolyphaseOptions & { into?: readonly ChannelOutput[] } = {},
): readonly ChannelOutput[] {
  if (!Number.isInteger(up) || !Number.isInteger(down) || up < 1 || down < 1)
    throw new SignalbookError("a resampling ratio out of range", {
      found: `${up} / ${down}`,
      expected: "positive integers",
    });
  if (filter?.length === 0)
    throw new SignalbookError("a filter without coefficients", { found: "0", expected: "1 or more" });
  const divisor = greatestCommonDivisor(up, down);
  const [p, q] = [up / divisor, down / divisor];
  const outputs = outputsFor(channels, Math.ceil(((channels[0]?.length ?? 0) * p) / q), into);
  if (into?.some((out) => channels.some((channel) => channel.buffer === out.buffer)))
    throw new SignalbookError("resampling in place", {
      found: "an output in the memory of a channel",
      expected: "outputs of their own",
    });
  if (p === q) {
    channels.forEach((channel, i) => {
      outputs[i]!.set(channel);
    });
    return outputs;
  }
  // Of p samples that upsampling puts in for one, p - 1 are zero: the filter makes up for them.
  const taps = Float64Array.from(filter ?? antiAliasFilter(p, q), (value) => value * p);
  const plan = polyphase(taps, (taps.length - 1) >> 1, p, q);
  channels.forEach((channel, i) => {
    runPolyphase(plan, channel, outputs[i]!, continuation(channel, edges));
  });
  return outputs;
}

function continuation(samples: ChannelSamples, edges: Edges): Continuation {
  const length = samples.length;
  const zero = (): number => 0;
  switch (edges) {
    case "zero":
      return { level: 0, beyond: zero };
    case "mean":
      return { level: length === 0 ? 0 : meanOf(samples), beyond: zero };
    case "line": {
      const first = samples[0] ?? 0;
      const slope = length > 1 ? (samples[length - 1]! - first) / (length - 1) : 0;
      return { level: 0, beyond: (n) => first + slope * n };
    }
    default:
      throw new SignalbookError("unknown edges", { found: String(edges), expected: "zero, mean or line" });
  }
}

function meanOf(samples: ChannelSamples): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]!;
  return sum / samples.length;
}

/** Resamples to `count` samples over the same time by cutting or padding the spectrum: the signal is taken as periodic. */
export function resampleFourier(samples: ArrayLike<number>, count: number): Float64Array {
  const length = samples.length;
  if (!Number.isInteger(count) || count < 1 || length < 1)
    throw new SignalbookError("a resampling that is not possible", {
      found: `${length} to ${count} samples`,
      expected: "at least one each",
    });
  const spectrum = rfft(samples);
  const least = Math.min(count, length);
  const full = { re: new Float64Array(count), im: new Float64Array(count) };
  for (let k = 0; k <= least >> 1; k++) {
    // The last frequency of an even length stands for itself and its negative twin: joined when samples are dropped,
    // shared between both when they are added.
    const isLast = least % 2 === 0 && 2 * k === least;
    const weight = isLast ? (count < length ? 2 : count > length ? 0.5 : 1) : 1;
    const re = (spectrum.re[k]! * weight * count) / length;
    const im = (spectrum.im[k]! * weight * count) / length;
    const twin = (count - k) % count;
    full.re[k] = re;
    // Where a frequency is its own twin, the result is real only if its value is.
    full.im[k] = twin === k ? 0 : im;
    if (twin !== k) {
      full.re[twin] = re;
      full.im[twin] = -im;
    }
  }
  return inverseFft(full).re;
}

/** A signal at another whole sampling rate (Hz), by the polyphase filter; edges are continued by the line of the ends. */
export function resampleSignal(signal: Signal, sampleRate: number): Signal {
  if (!Number.isInteger(signal.sampleRate) || !Number.isInteger(sampleRate))
    throw new SignalbookError("sampling rates that are no whole numbers", {
      place: `signal ${signal.label}`,
      found: `${signal.sampleRate} Hz to ${sampleRate} Hz`,
      expected: "integers",
      fix: "use resamplePolyphase with the ratio of the two rates",
    });
  return {
    ...signal,
    sampleRate,
    samples: resamplePolyphase(signal.samples, sampleRate, signal.sampleRate, { edges: "line" }),
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
