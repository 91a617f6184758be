/** How a recording is cut into EDF data records: how long they last, and which samples go into each. */
import { SignalbookError } from "../core/errors";
import type { EdfSignalToWrite } from "./edf-write-scale";
import { quoted } from "./text";

/** A stretch of a recording without gaps; {@link EdfSegment} is one. */
export interface EdfStretch {
  /** Seconds from the recording's start. */
  onset: number;
  /** Seconds. */
  duration: number;
}

export interface EdfLayout {
  /** Seconds; 0 for annotations only. */
  recordDuration: number;
  /** Of every record, in seconds from the recording's start. */
  onsets: Float64Array;
  samplesPerRecord: readonly number[];
  /** Per signal, the sample that every record begins with. */
  firstSamples: readonly Float64Array[];
}

/** The standard's largest data record, less room for annotations. */
const MOST_RECORD_BYTES = 61440 - 4096;
/** Durations to choose from, in seconds: the longest that fits makes a file of few, large reads. */
const DURATIONS = [
  ...Array.from({ length: 30 }, (_, i) => 30 - i),
  ...[0.5, 0.4, 0.25, 0.2, 0.125, 0.1, 0.05, 0.04, 0.025, 0.02, 0.0125, 0.01, 0.005, 0.004, 0.002, 0.001],
];
/** A count may miss a whole number by this share: times are sums of decimals. */
const ROUNDING = 1e-9;

/**
 * @param segments between gaps; left out, the whole recording is one.
 * @param recordDuration left out, the longest of at most 30 s with which records stay below the standard's 61440 bytes.
 * @throws SignalbookError for signals of different lengths, segments that overlap, and where no whole number of records
 * and samples fits.
 */
export function layOut(
  signals: readonly EdfSignalToWrite[],
  { segments, recordDuration }: { segments?: readonly EdfStretch[] | undefined; recordDuration?: number | undefined },
  bytesPerSample: 2 | 3,
  file: string,
): EdfLayout {
  for (const { label, sampleRate } of signals)
    if (!(sampleRate > 0 && Number.isFinite(sampleRate)))
      throw new SignalbookError("a rate that is none", { file, place: quoted(label), found: `${sampleRate} Hz` });
  const [first] = signals;
  if (first === undefined)
    return { recordDuration: 0, onsets: new Float64Array(1), samplesPerRecord: [], firstSamples: [] };
  const stretches = segments ?? [{ onset: 0, duration: first.samples.length / first.sampleRate }];
  checkStretches(stretches, file);
  const end = stretches.reduce((latest, { onset, duration }) => Math.max(latest, onset + duration), 0);
  for (const { label, sampleRate, samples } of signals)
    if (samples.length !== Math.ceil(end * sampleRate - 1e-6))
      throw new SignalbookError("a signal of another length", {
        file,
        place: `signal ${quoted(label)}`,
        found: `${samples.length} samples at ${sampleRate} Hz`,
        expected: `${Math.ceil(end * sampleRate - 1e-6)}: ${end} s`,
      });
  const seconds = recordDuration ?? chooseDuration(signals, stretches, bytesPerSample);
  if (seconds === null || !fits(seconds, signals, stretches))
    throw new SignalbookError("no whole number of data records", {
      file,
      found: `${stretches.map(({ duration }) => duration).join(", ")} s at ${rates(signals)} Hz`,
      expected: `a whole number of records${seconds === null ? "" : ` of ${seconds} s`}, each with whole samples`,
      fix: "give recordDuration, or cut the signals to whole seconds",
    });
  const onsets = Float64Array.from(
    stretches.flatMap(({ onset, duration }) =>
      Array.from({ length: Math.round(duration / seconds) }, (_, record) => onset + record * seconds),
    ),
  );
  const samplesPerRecord = signals.map(({ sampleRate }) => Math.round(sampleRate * seconds));
  const firstSamples = signals.map(({ sampleRate }, s) => {
    const firsts: number[] = [];
    for (const { onset, duration } of stretches)
      for (let record = 0; record < Math.round(duration / seconds); record++)
        firsts.push(Math.round(onset * sampleRate) + record * samplesPerRecord[s]!);
    return Float64Array.from(firsts);
  });
  return { recordDuration: seconds, onsets, samplesPerRecord, firstSamples };
}

function rates(signals: readonly EdfSignalToWrite[]): string {
  return [...new Set(signals.map(({ sampleRate }) => sampleRate))].join(", ");
}

function checkStretches(stretches: readonly EdfStretch[], file: string): void {
  let end = 0;
  for (const [i, { onset, duration }] of stretches.entries()) {
    const inOrder = i === 0 ? onset === 0 : onset >= end;
    if (!inOrder || !(duration >= 0) || !Number.isFinite(onset + duration))
      throw new SignalbookError("segments that cannot be", {
        file,
        place: `segment ${i + 1}`,
        found: `${onset} s, for ${duration} s`,
        expected: i === 0 ? "0 s: the recording starts with its first segment" : `${end} s or later`,
      });
    end = onset + duration;
  }
}

function chooseDuration(
  signals: readonly EdfSignalToWrite[],
  stretches: readonly EdfStretch[],
  bytesPerSample: 2 | 3,
): number | null {
  const possible = DURATIONS.filter((seconds) => fits(seconds, signals, stretches));
  const bytesASecond = signals.reduce((sum, { sampleRate }) => sum + sampleRate * bytesPerSample, 0);
  // Where every record would be too large for the standard the shortest is the least so.
  return possible.find((seconds) => seconds * bytesASecond <= MOST_RECORD_BYTES) ?? possible.at(-1) ?? null;
}

function fits(seconds: number, signals: readonly EdfSignalToWrite[], stretches: readonly EdfStretch[]): boolean {
  if (!(seconds > 0)) return false;
  const whole = (count: number): boolean => Math.abs(count - Math.round(count)) <= ROUNDING * Math.max(1, count);
  return (
    signals.every(({ sampleRate }) => whole(sampleRate * seconds)) &&
    stretches.every(({ duration }) => whole(duration / seconds))
  );
}
