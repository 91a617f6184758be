/**
 * Patterns of the critically ill brain after the standardized terminology of the American Clinical Neurophysiology Society
 * (Hirsch et al. 2021): periodic discharges and rhythmic delta, lateralized or generalized, and seizures.
 */
import type { Generator } from "../core/random";
import type { HmsClass } from "../formats";
import { mixedNoise, peak, shapedNoise } from "./noise";
import type { Place } from "./scalp";

/** One course in µV, and where on the scalp it comes from. */
export interface PatternSource {
  samples: Float64Array;
  place: Place;
  spread: number;
}

export interface Stretch {
  /** Samples of the whole recording. */
  length: number;
  /** Hz. */
  sampleRate: number;
  /** Where the pattern is, in seconds. */
  from: number;
  to: number;
}

type Draw = (stretch: Stretch, microvolts: number, random: Generator) => PatternSource[];

const lateral = (random: Generator): Place => {
  const side = random.random() < 0.5 ? -1 : 1;
  return [side * random.uniform(0.5, 0.8), random.uniform(-0.4, 0.45)];
};
/** Generalized patterns are mostly largest in front or in the middle. */
const midline = (random: Generator): Place => [random.uniform(-0.12, 0.12), random.uniform(-0.4, 0.6)];
const focal = (random: Generator): number => random.uniform(0.35, 0.6);
const general = (random: Generator): number => random.uniform(0.7, 1);
/** A chain's neighbouring electrodes differ less in what is everywhere: it must be larger to be seen as well. */
const GENERAL_GAIN = 1.3;

const bell = (time: number, centre: number, width: number): number => Math.exp(-0.5 * ((time - centre) / width) ** 2);

/**
 * Discharges that come back every half to two seconds, each a little different, the background in between: sharp waves
 * with a slow wave after them, or triphasic waves. The slow part carries most of the power, at the frequencies of delta.
 */
function periodic({ length, sampleRate, from, to }: Stretch, microvolts: number, random: Generator): Float64Array {
  const samples = new Float64Array(length);
  const period = 1 / random.uniform(0.6, 1.6);
  const jitter = random.uniform(0.03, 0.1);
  const triphasic = random.random() < 0.4;
  const width = random.uniform(0.02, 0.045);
  const after = random.uniform(0.3, 0.7);
  for (let time = from + random.uniform(0, period); time < to; time += period * (1 + jitter * random.normal())) {
    const size = microvolts * Math.exp(0.15 * random.normal());
    const first = Math.max(0, Math.ceil(time * sampleRate));
    const last = Math.min(length, Math.floor((time + 0.75) * sampleRate));
    for (let i = first; i < last; i++) {
      const t = i / sampleRate - time;
      const wave = triphasic
        ? -0.4 * bell(t, 0.08, 0.025) + bell(t, 0.18, 0.04) - after * bell(t, 0.36, 0.09)
        : -bell(t, 0.1, width) + after * bell(t, 0.32, 0.11);
      samples[i]! += size * wave;
    }
  }
  return samples;
}

/** Courses of a second's steps, between which is drawn a straight line. */
function slowly(length: number, sampleRate: number, centre: number, random: Generator): (i: number) => number {
  const values = shapedNoise(Math.ceil(length / sampleRate) + 2, 1, peak(centre, centre / 2), random);
  return (i) => {
    const second = Math.floor(i / sampleRate);
    return values[second]! + (i / sampleRate - second) * (values[second + 1]! - values[second]!);
  };
}

/** Delta waves one like the other, 1 to 2.5 Hz, waxing and waning slowly; some with a sharp part on every wave ("+S"). */
function rhythmic({ length, sampleRate, from, to }: Stretch, microvolts: number, random: Generator): Float64Array {
  const frequency = random.uniform(1.1, 2.5);
  const sharpness = random.uniform(0, 0.3);
  const spikes = random.random() < 0.5 ? random.uniform(0.4, 1.2) : 0;
  const waning = slowly(length, sampleRate, 0.08, random);
  const unsteady = slowly(length, sampleRate, 0.2, random);
  const samples = new Float64Array(length);
  let phase = random.uniform(0, 2 * Math.PI);
  for (let i = Math.max(0, Math.round(from * sampleRate)); i < Math.min(length, to * sampleRate); i++) {
    phase += (2 * Math.PI * frequency * (1 + 0.05 * unsteady(i))) / sampleRate;
    const spike = spikes * Math.exp(12 * (Math.cos(phase + 1) - 1));
    const wave = Math.sin(phase) + sharpness * Math.sin(2 * phase + 0.6) + spike;
    samples[i] = microvolts * Math.exp(0.2 * waning(i)) * wave;
  }
  return samples;
}

/** Slow waves none like the other (polymorphic delta): what lies over a lesion, or everywhere; no rhythm in it. */
function irregular({ length, sampleRate, from, to }: Stretch, microvolts: number, random: Generator): Float64Array {
  const share = random.uniform(0, 0.5);
  const parts = [
    { deviation: Math.sqrt(1 - share), density: DELTA },
    { deviation: Math.sqrt(share), density: THETA },
  ];
  const first = Math.max(0, Math.round(from * sampleRate));
  const last = Math.min(length, Math.round(to * sampleRate));
  const samples = new Float64Array(length);
  const waning = slowly(length, sampleRate, 0.1, random);
  const noise = mixedNoise(last - first, sampleRate, parts, random);
  for (let i = first; i < last; i++) samples[i] = microvolts * Math.exp(0.3 * waning(i)) * noise[i - first]!;
  return samples;
}
const DELTA = peak(1.6, 0.9);
const THETA = peak(4.5, 1.5);

/** A rhythm that begins fast and small, grows, slows down, and ends. */
function evolving({ length, sampleRate, from, to }: Stretch, microvolts: number, random: Generator): Float64Array {
  const samples = new Float64Array(length);
  const [fast, slow] = [random.uniform(3.5, 7), random.uniform(1.5, 2.5)];
  const spikes = random.uniform(0.2, 0.7);
  let phase = 0;
  for (let i = Math.max(0, Math.round(from * sampleRate)); i < Math.min(length, to * sampleRate); i++) {
    const part = (i / sampleRate - from) / (to - from);
    phase += (2 * Math.PI * fast * (slow / fast) ** part) / sampleRate;
    const growth = Math.min(1, 0.25 + 1.5 * part) * Math.min(1, 12 * (1 - part));
    // Spike and wave as it slows down: a sharp part on every turn.
    const wave = Math.sin(phase) + spikes * part * Math.exp(6 * (Math.sin(phase + 1) - 1)) * 2;
    samples[i] = microvolts * growth * wave;
  }
  return samples;
}

/** A seizure lies around the middle of the stretch and takes 30 to 70 s. */
function seizure(stretch: Stretch, microvolts: number, random: Generator): PatternSource[] {
  const middle = (stretch.from + stretch.to) / 2;
  const from = middle - random.uniform(15, 30);
  const to = middle + random.uniform(15, 40);
  const focus = lateral(random);
  const samples = evolving({ ...stretch, from, to }, microvolts, random);
  // It spreads: the other side follows, later and smaller.
  const late = Math.round(random.uniform(3, 10) * stretch.sampleRate);
  const share = random.uniform(0, 0.8);
  const spread = samples.map((_, i) => (i < late ? 0 : share * samples[i - 1]!));
  return [
    { samples, place: focus, spread: 0.5 },
    { samples: spread, place: [-focus[0], focus[1]], spread: 0.7 },
  ];
}

/** Irregular slowing over one place. */
export const focalSlowing: Draw = (stretch, microvolts, random) =>
  one(irregular(stretch, microvolts, random), lateral(random), focal(random));

/** Irregular slowing everywhere. */
export const diffuseSlowing: Draw = (stretch, microvolts, random) =>
  one(irregular(stretch, GENERAL_GAIN * microvolts, random), midline(random), general(random));

const slowing: Draw = (stretch, microvolts, random) =>
  (random.random() < 0.5 ? focalSlowing : diffuseSlowing)(stretch, microvolts, random);

const one = (samples: Float64Array, place: Place, spread: number): PatternSource[] => [{ samples, place, spread }];

/** Amplitudes are such that the patterns' mean powers are alike: a discharge is larger than a wave, for it is rarer. */
export const PATTERNS: Readonly<Record<HmsClass, Draw>> = {
  seizure: (stretch, microvolts, random) => seizure(stretch, 1.05 * microvolts, random),
  lpd: (stretch, microvolts, random) => one(periodic(stretch, 2 * microvolts, random), lateral(random), focal(random)),
  gpd: (stretch, microvolts, random) =>
    one(periodic(stretch, 1.8 * GENERAL_GAIN * microvolts, random), midline(random), general(random)),
  lrda: (stretch, microvolts, random) =>
    one(rhythmic(stretch, 0.8 * microvolts, random), lateral(random), focal(random)),
  grda: (stretch, microvolts, random) =>
    one(rhythmic(stretch, 0.8 * GENERAL_GAIN * microvolts, random), midline(random), general(random)),
  other: (stretch, microvolts, random) => (random.random() < 0.8 ? slowing(stretch, 0.5 * microvolts, random) : []),
};
