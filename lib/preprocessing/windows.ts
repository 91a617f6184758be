/** Windows: equal stretches of a signal. */
import { SignalbookError } from "../core/errors";
import type { Recording, Signal } from "../formats";

/** Starts of the whole windows of `size` samples, `hop` apart, in `length` samples; what is left over is not covered. */
export function windowStarts(length: number, size: number, hop: number = size): number[] {
  if (!Number.isInteger(size) || !Number.isInteger(hop) || size < 1 || hop < 1)
    throw new SignalbookError("windows that cannot be cut", {
      found: `size ${size}, hop ${hop}`,
      expected: "integers, 1 or more",
    });
  return Array.from({ length: Math.max(0, Math.floor((length - size) / hop) + 1) }, (_, i) => i * hop);
}

/**
 * A stretch of a recording, each signal's samples as a view of the original. Annotations that begin in it are kept, with
 * their onset from the window's start.
 * @param from seconds from the recording's start.
 * @param duration seconds; must be whole samples of every signal.
 * @throws SignalbookError for a window beyond a signal's end or between its samples.
 */
export function cutWindow(recording: Recording, from: number, duration: number): Recording {
  const signals = recording.signals.map((signal) => {
    const first = wholeSamples(recording, signal, from);
    const count = wholeSamples(recording, signal, duration);
    if (from < 0 || first + count > signal.samples.length)
      throw new SignalbookError("a window outside the recording", {
        file: recording.source,
        place: `signal ${signal.label}`,
        found: `${from} s to ${from + duration} s`,
        expected: `within 0 s to ${signal.samples.length / signal.sampleRate} s`,
      });
    return { ...signal, samples: signal.samples.subarray(first, first + count) };
  });
  const annotations = recording.annotations
    .filter(({ onset }) => onset >= from && onset < from + duration)
    .map((annotation) => ({ ...annotation, onset: annotation.onset - from }));
  const start = recording.start === null ? null : new Date(recording.start.getTime() + 1000 * from);
  return { ...recording, start, signals, annotations };
}

/** A time in samples. A microsecond of rounding is allowed for: 0.1 s has no exact double. */
function wholeSamples(recording: Recording, { label, sampleRate }: Signal, seconds: number): number {
  const samples = seconds * sampleRate;
  const rounded = Math.round(samples);
  if (!(Math.abs(samples - rounded) <= 1e-6 * sampleRate))
    throw new SignalbookError("a time between two samples", {
      file: recording.source,
      place: `signal ${label}`,
      found: `${seconds} s at ${sampleRate} Hz`,
      expected: `a multiple of ${1 / sampleRate} s`,
    });
  return rounded;
}
