/**
 * Heart beats: R peaks by the method of Pan and Tompkins (IEEE TBME 32(3), 230-236, 1985): band-pass, slope, square,
 * average, adaptive thresholds, search back. Here with zero-phase filters, and over several leads at once.
 */
import { SignalbookError } from "../core/errors";
import { filterZeroPhase } from "./filter";
import { butterworth } from "./filter-design";
import { quantiles } from "./quantiles";

const seconds = {
  /** Averaging of the squared slope: about a QRS complex. */
  average: 0.12,
  /** No second beat within this time. */
  refractory: 0.2,
  /** Within this time after a beat, a flatter peak is a T wave. */
  tWave: 0.36,
  /** The peak lies within this time of the averaged slope's. */
  refine: 0.08,
  /** The typical beat's height is the median of the maxima over stretches of this length: longer than any pause. */
  level: 2,
};

/** A candidate: a local maximum of the averaged squared slope. */
interface Candidate {
  index: number;
  height: number;
}

/**
 * Indices of the R peaks, ascending; none for a flat signal.
 * @param leads one or more leads of the same beats, equally long, any unit.
 * @param sampleRate Hz, above 40.
 * @throws SignalbookError for a rate too low, leads of different length, and less than two seconds.
 */
export function rPeaks(leads: readonly ArrayLike<number>[], sampleRate: number): Int32Array {
  const length = leads[0]?.length ?? 0;
  if (sampleRate <= 40 || length < seconds.level * sampleRate || leads.some((lead) => lead.length !== length))
    throw new SignalbookError("leads in which beats cannot be found", {
      found: `${leads.length} leads of ${[...new Set(leads.map((lead) => lead.length))].slice(0, 4).join(", ")} samples at ${sampleRate} Hz`,
      expected: `one length, at least ${seconds.level} s, above 40 Hz`,
    });
  const sections = butterworth({ kind: "bandpass", order: 2, frequencies: [5, 15], sampleRate });
  const slope = new Float64Array(length);
  const energy = new Float64Array(length);
  for (const lead of leads) {
    const filtered = filterZeroPhase(sections, lead);
    const squares = filtered.map((value) => value * value);
    const level = typicalMaximum(squares, sampleRate);
    if (level === 0) continue; // a lead that fell off says nothing
    for (let i = 0; i < length; i++) {
      energy[i]! += squares[i]! / level;
      if (i > 0 && i < length - 1) slope[i]! += (filtered[i + 1]! - filtered[i - 1]!) ** 2 / level;
    }
  }
  const averaged = movingAverage(slope, Math.round(seconds.average * sampleRate));
  const level = typicalMaximum(averaged, sampleRate);
  if (level === 0) return new Int32Array(0);
  const beats = chooseBeats(
    candidates(averaged, Math.round(seconds.refractory * sampleRate)),
    level,
    slope,
    sampleRate,
  );
  const reach = Math.round(seconds.refine * sampleRate);
  return Int32Array.from(beats, ({ index }) => argmax(energy, index - reach, index + reach + 1));
}

/** Median over stretches of the maximum in each: one artefact does not move it. */
function typicalMaximum(values: Float64Array, sampleRate: number): number {
  const size = Math.round(seconds.level * sampleRate);
  const maxima: number[] = [];
  for (let start = 0; start + size <= values.length; start += size)
    maxima.push(values.subarray(start, start + size).reduce((most, value) => Math.max(most, value), 0));
  return quantiles(maxima, [0.5])[0]!;
}

/** Centred mean over `size` samples; zeros beyond the ends. */
function movingAverage(values: Float64Array, size: number): Float64Array {
  const before = size >> 1;
  let sum = 0;
  for (let i = 0; i < size - before - 1; i++) sum += values[i] ?? 0;
  return values.map((_, i) => {
    sum += (values[i + size - before - 1] ?? 0) - (values[i - before - 1] ?? 0);
    return Math.max(0, sum / size);
  });
}

/** Local maxima at least `distance` apart: of two nearer ones, the higher. */
function candidates(values: Float64Array, distance: number): Candidate[] {
  const found: Candidate[] = [];
  for (let index = 0; index < values.length; index++) {
    const height = values[index]!;
    if (height <= (values[index - 1] ?? -1) || height < (values[index + 1] ?? -1)) continue;
    const last = found[found.length - 1];
    if (last === undefined || index - last.index >= distance) found.push({ index, height });
    else if (height > last.height) found[found.length - 1] = { index, height };
  }
  return found;
}

/** The candidates that are beats: above a threshold between the running heights of beats and of noise. */
function chooseBeats(all: readonly Candidate[], level: number, slope: Float64Array, sampleRate: number): Candidate[] {
  let signal = level;
  let noise = 0;
  const beats: Candidate[] = [];
  let skipped: Candidate[] = [];
  const threshold = (): number => noise + 0.25 * (signal - noise);
  const steepness = ({ index }: Candidate): number => {
    const reach = Math.round((seconds.average / 2) * sampleRate);
    return slope[argmax(slope, index - reach, index + reach + 1)]!;
  };
  const accept = (beat: Candidate, weight: number): void => {
    // An artefact far above all beats must not lift the threshold over them.
    signal = weight * Math.min(beat.height, 4 * signal) + (1 - weight) * signal;
    beats.push(beat);
    skipped = [];
  };
  for (const candidate of all) {
    const last = beats[beats.length - 1];
    const recent = beats.slice(-9);
    const interval =
      recent.length > 1 ? (recent[recent.length - 1]!.index - recent[0]!.index) / (recent.length - 1) : 0;
    if (last !== undefined && interval > 0 && candidate.index - last.index > 1.66 * interval) {
      const missed = skipped
        .filter(({ index, height }) => index - last.index >= seconds.tWave * sampleRate && height > threshold() / 2)
        .sort((a, b) => b.height - a.height)[0];
      if (missed !== undefined) accept(missed, 0.25);
    }
    const previous = beats[beats.length - 1];
    const isTWave =
      previous !== undefined &&
      candidate.index - previous.index < seconds.tWave * sampleRate &&
      steepness(candidate) < steepness(previous) / 2;
    if (candidate.height > threshold() && !isTWave) accept(candidate, 0.125);
    else {
      noise = 0.125 * candidate.height + 0.875 * noise;
      skipped.push(candidate);
    }
  }
  return beats;
}

function argmax(values: Float64Array, from: number, to: number): number {
  let best = Math.max(0, from);
  for (let i = best + 1; i < Math.min(values.length, to); i++) if (values[i]! > values[best]!) best = i;
  return best;
}
