/** Windows: equal stretches of a signal. */
import { SignalbookError } from "../core/errors";
import type { Annotation, Recording, Signal } from "../formats";

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

export interface AnnotatedWindow {
  annotation: Annotation;
  /** Seconds that the window was moved to begin at a sample of every signal. */
  shift: number;
  recording: Recording;
}

/**
 * A window for every annotation that `chooses` accepts, from `from` seconds after its onset (before, when negative). It
 * begins at the nearest time at which every signal has a sample.
 * @param options.step seconds between such times; found from the rates when they are whole numbers of hertz.
 * @returns the windows, and how many annotations had none: beyond the recording's ends, or with missing samples.
 * @throws SignalbookError for rates without a known step, and a duration that is not whole samples of a signal.
 */
export function annotatedWindows(
  recording: Recording,
  chooses: (annotation: Annotation) => boolean,
  { from = 0, duration, step = commonStep(recording) }: { from?: number; duration: number; step?: number },
): { windows: AnnotatedWindow[]; dropped: { outside: number; gap: number } } {
  const end = Math.min(...recording.signals.map(({ samples, sampleRate }) => samples.length / sampleRate));
  const windows: AnnotatedWindow[] = [];
  const dropped = { outside: 0, gap: 0 };
  for (const annotation of recording.annotations.filter(chooses)) {
    const wanted = annotation.onset + from;
    const begin = Math.round(wanted / step) * step;
    if (begin < 0 || begin + duration > end + 1e-9) {
      dropped.outside++;
      continue;
    }
    const window = cutWindow(recording, begin, duration);
    if (hasGap(window)) dropped.gap++;
    else windows.push({ annotation, shift: begin - wanted, recording: window });
  }
  return { windows, dropped };
}

/** Whether a sample of any signal is missing. */
export function hasGap({ signals }: Pick<Recording, "signals">): boolean {
  return signals.some(({ samples }) => samples.some((value) => Number.isNaN(value)));
}

function commonStep({ signals, source }: Recording): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const odd = signals.find(({ sampleRate }) => !Number.isInteger(sampleRate));
  if (signals.length === 0 || odd !== undefined)
    throw new SignalbookError("no common step of the signals", {
      file: source,
      found: odd === undefined ? "no signals" : `${odd.sampleRate} Hz of ${odd.label}`,
      expected: "whole numbers of hertz",
      fix: "give the step in seconds",
    });
  return 1 / signals.map(({ sampleRate }) => sampleRate).reduce(divisor);
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
