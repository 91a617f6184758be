/** Changing the sampling rate: by a polyphase filter (SciPy's `resample_poly`) or by Fourier's method (`resample`). */
import { SignalbookError } from "../core/errors";
import type { Signal } from "../formats";
import { inverseFft, rfft } from "./fft";
import { taper } from "./tapers";

/** What the signal is taken to be beyond its ends: zero, its mean, or the line through its first and last sample. */
export type Edges = "zero" | "mean" | "line";

/** The low-pass filter of {@link resamplePolyphase}: 20 max(up, down) + 1 values, Kaiser taper of beta 5, sum 1. */
export function antiAliasFilter(up: number, down: number): Float64Array {
  const factor = Math.max(up, down);
  const half = 10 * factor;
  const shape = taper(["kaiser", 5], 2 * half + 1, true);
  const filter = shape.map((value, i) => {
    const x = (Math.PI * (i - half)) / factor;
    return (value * (x === 0 ? 1 : Math.sin(x) / x)) / factor;
  });
  const sum = filter.reduce((total, value) => total + value, 0);
  return filter.map((value) => value / sum);
}

/**
 * Resamples by up / down: upsampled, low-pass filtered, and decimated in one pass.
 * @returns ceil(length * up / down) samples; sample m lies at the time of input sample m * down / up.
 */
export function resamplePolyphase(
  samples: ArrayLike<number>,
  up: number,
  down: number,
  edges: Edges = "zero",
): Float64Array {
  if (!Number.isInteger(up) || !Number.isInteger(down) || up < 1 || down < 1)
    throw new SignalbookError("a resampling ratio out of range", {
      found: `${up} / ${down}`,
      expected: "positive integers",
    });
  const divisor = greatestCommonDivisor(up, down);
  const [p, q] = [up / divisor, down / divisor];
  const length = samples.length;
  if (p === q) return Float64Array.from(samples);
  const filter = antiAliasFilter(p, q);
  const half = (filter.length - 1) / 2;
  const { level, beyond } = continuation(samples, edges);
  const out = new Float64Array(Math.ceil((length * p) / q));
  for (let m = 0; m < out.length; m++) {
    // Input n reaches output m through filter value m q - n p + half, of which there are few.
    let sum = 0;
    for (let n = Math.ceil((m * q - half) / p); n <= Math.floor((m * q + half) / p); n++) {
      const value = n >= 0 && n < length ? samples[n]! - level : beyond(n);
      sum += value * filter[m * q - n * p + half]!;
    }
    out[m] = sum * p + level;
  }
  return out;
}

/** What is taken off before filtering and added after, and the value of a sample beyond the ends once it is off. */
function continuation(samples: ArrayLike<number>, edges: Edges): { level: number; beyond: (n: number) => number } {
  const length = samples.length;
  if (edges === "zero" || length === 0) return { level: 0, beyond: () => 0 };
  if (edges === "mean") {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += samples[i]!;
    return { level: sum / length, beyond: () => 0 };
  }
  const first = samples[0]!;
  const slope = length > 1 ? (samples[length - 1]! - first) / (length - 1) : 0;
  return { level: 0, beyond: (n) => first + slope * n };
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
  return { ...signal, sampleRate, samples: resamplePolyphase(signal.samples, sampleRate, signal.sampleRate, "line") };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
