/**
 * Simple features of an ECG, for a baseline that any model has to beat: what a reader would measure with a ruler.
 * Per lead: quantiles, spread, spectral bands, and heights in the median beat. Over all leads: rate, its variation, QRS
 * duration and axis.
 */
import { SignalbookError } from "../core/errors";
import type { Recording } from "../formats";
import { ECG_LEADS_12, inUnit, selectLeads } from "./leads";
import { moments } from "./normalise";
import { quantiles } from "./quantiles";
import { rPeaks } from "./r-peaks";
import { bandPower, welch } from "./spectra";

export interface Features {
  /** "V5.q95 (mV)": lead, feature, unit. */
  names: string[];
  values: Float64Array;
}

const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/** Hz. */
const BANDS: readonly (readonly [low: number, high: number])[] = [
  [0.5, 4],
  [4, 8],
  [8, 15],
  [15, 25],
  [25, 40],
];
/** Added to a band's power in mV^2 before the logarithm: a silent lead stays finite, at -90 dB of 1 mV^2. */
const POWER_FLOOR = 1e-9;
/** Stretches of the median beat, in seconds from the R peak. */
const BEAT = {
  start: -0.25,
  end: 0.45,
  baseline: [-0.11, -0.07],
  p: [-0.24, -0.11],
  qrs: [-0.06, 0.06],
  st: [0.09, 0.12],
  t: [0.14, 0.42],
} as const;

/**
 * Features of one recording.
 * @param options.leads which, and in which order; the twelve standard ones when left out. Sampled at one rate of 80 Hz or
 * more, in a unit of voltage, at least 2 s long.
 * @returns always the same names for the same leads. Where no two beats are found, features of beats are 0 and
 * `beats.found` says how many there were.
 * @throws SignalbookError for a missing lead, different rates, samples that are missing, and less than 2 s.
 */
export function ecgFeatures(recording: Recording, options: { leads?: readonly string[] } = {}): Features {
  const { signals } = selectLeads(recording, options.leads ?? ECG_LEADS_12);
  const sampleRate = signals[0]?.sampleRate ?? 0;
  if (sampleRate < 80)
    throw new SignalbookError("a sampling rate too low for these features", {
      file: recording.source,
      found: `${sampleRate} Hz`,
      expected: `80 Hz or more: bands reach ${BANDS[BANDS.length - 1]![1]} Hz`,
    });
  const leads = signals.map((signal) => inUnit(signal, "mV").samples);
  const peaks = rPeaks(leads, sampleRate);
  const beats = leads.map((samples) => medianBeat(samples, peaks, sampleRate));
  const features: [string, number][] = [];
  signals.forEach(({ label }, i) => {
    for (const [name, value] of [...shapeFeatures(leads[i]!, sampleRate), ...beatFeatures(beats[i]!, sampleRate)])
      features.push([`${label}.${name}`, value]);
  });
  features.push(
    ...rhythmFeatures(peaks, sampleRate),
    ...crossLeadFeatures(
      signals.map(({ label }) => label),
      beats,
      sampleRate,
    ),
  );
  return { names: features.map(([name]) => name), values: Float64Array.from(features, ([, value]) => value) };
}

/** Distribution and spectrum of one lead's samples (mV), about the lead's median. */
function shapeFeatures(samples: ArrayLike<number>, sampleRate: number): [string, number][] {
  const levels = quantiles(samples, QUANTILES);
  const median = levels[QUANTILES.indexOf(0.5)]!;
  const segment = Math.round(2 * sampleRate);
  // Padded to a power of two, whose transforms are the fast ones.
  const spectrum = welch(samples, sampleRate, { segment, points: 2 ** Math.ceil(Math.log2(segment)) });
  return [
    ...QUANTILES.map((q, i): [string, number] => [
      `q${String(Math.round(100 * q)).padStart(2, "0")} (mV)`,
      q === 0.5 ? median : levels[i]! - median,
    ]),
    ["deviation (mV)", moments(samples).deviation],
    ...BANDS.map(([low, high]): [string, number] => [
      `power ${low}-${high} Hz (dB of 1 mV^2)`,
      10 * Math.log10(bandPower(spectrum, low, high) + POWER_FLOOR),
    ]),
  ];
}

/** Heights in the median beat over the level before the QRS complex, in mV. */
function beatFeatures(beat: Float64Array, sampleRate: number): [string, number][] {
  const part = ([from, to]: readonly [number, number]): Float64Array =>
    beat.subarray(Math.round((from - BEAT.start) * sampleRate), Math.round((to - BEAT.start) * sampleRate) + 1);
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const level = mean(part(BEAT.baseline));
  const highest = (values: Float64Array): number => Math.max(...values) - level;
  const lowest = (values: Float64Array): number => Math.min(...values) - level;
  const [qrs, p, t, st] = [part(BEAT.qrs), part(BEAT.p), part(BEAT.t), part(BEAT.st)];
  return [
    ["R (mV)", highest(qrs)],
    ["S or Q (mV)", lowest(qrs)],
    ["QRS amplitude (mV)", highest(qrs) - lowest(qrs)],
    ["QRS area (mV)", mean(qrs) - level],
    ["P (mV)", highest(p)],
    ["ST (mV)", mean(st) - level],
    ["T highest (mV)", highest(t)],
    ["T lowest (mV)", lowest(t)],
  ];
}

/** Median over beats at each sample from BEAT.start to BEAT.end; zeros where fewer than two beats lie wholly within. */
function medianBeat(samples: ArrayLike<number>, peaks: Int32Array, sampleRate: number): Float64Array {
  const before = Math.round(-BEAT.start * sampleRate);
  const length = before + Math.round(BEAT.end * sampleRate) + 1;
  const whole = Array.from(peaks).filter((peak) => peak >= before && peak - before + length <= samples.length);
  const beat = new Float64Array(length);
  if (whole.length < 2) return beat;
  return beat.map((_, i) => {
    const across = whole.map((peak) => samples[peak - before + i]!);
    return quantiles(across, [0.5])[0]!;
  });
}

function rhythmFeatures(peaks: Int32Array, sampleRate: number): [string, number][] {
  const intervals = Array.from(peaks.subarray(1), (peak, i) => (peak - peaks[i]!) / sampleRate);
  const [median = 0, early = 0, late = 0] = intervals.length === 0 ? [] : quantiles(intervals, [0.5, 0.1, 0.9]);
  const steps = intervals.slice(1).map((interval, i) => interval - intervals[i]!);
  const rms = steps.length === 0 ? 0 : Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / steps.length);
  return [
    ["beats.found", peaks.length],
    ["beats.rate (1/min)", median === 0 ? 0 : 60 / median],
    ["beats.RR deviation (s)", intervals.length === 0 ? 0 : moments(intervals).deviation],
    ["beats.RR successive difference (s)", rms],
    ["beats.RR early (share)", median === 0 ? 0 : early / median],
    ["beats.RR late (share)", median === 0 ? 0 : late / median],
  ];
}

/** Duration of the QRS complex over all leads, and the frontal axis where I and aVF are among them. */
function crossLeadFeatures(
  labels: readonly string[],
  beats: readonly Float64Array[],
  sampleRate: number,
): [string, number][] {
  const length = beats[0]?.length ?? 0;
  const slope = Float64Array.from({ length }, (_, i) =>
    i === 0 || i === length - 1
      ? 0
      : Math.sqrt(beats.reduce((sum, beat) => sum + (beat[i + 1]! - beat[i - 1]!) ** 2, 0)),
  );
  const at = (second: number): number => Math.round((second - BEAT.start) * sampleRate);
  // Around the R peak, how long the slope stays above a share of its height: wide complexes are steep for longer.
  const near = slope.subarray(at(-0.12), at(0.16));
  const steepest = near.reduce((most, value) => Math.max(most, value), 0);
  const steep = (share: number): number => near.filter((value) => value > share * steepest).length / sampleRate;
  const features: [string, number][] = [
    ["QRS.steep 10 % (s)", steepest === 0 ? 0 : steep(0.1)],
    ["QRS.steep 25 % (s)", steepest === 0 ? 0 : steep(0.25)],
  ];
  const net = (label: string): number => {
    const i = labels.indexOf(label);
    const values = beatFeatures(beats[i]!, sampleRate);
    return values.find(([name]) => name === "QRS area (mV)")![1];
  };
  if (labels.includes("I") && labels.includes("aVF")) {
    const angle = Math.atan2(net("aVF"), net("I"));
    // An angle has no order: its cosine and sine have.
    features.push(["axis.cosine", Math.cos(angle)], ["axis.sine", Math.sin(angle)]);
  }
  return features;
}
