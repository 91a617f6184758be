/**
 * Patterns of the critically ill brain after the standardized terminology of the American Clinical Neurophysiology Society
 * (Hirsch et al. 2021): periodic discharges and rhythmic delta, lateralized or generalized, and seizures.
 */
import type { Generator } from "../core/random";
import type { HmsClass } from "../formats";
import { peak, shapedNoise } from "./noise";
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
  return [side * random.uniform(0.4, 0.85), random.uniform(-0.6, 0.6)];
};
/** Generalized patterns are mostly largest in front. */
const frontal = (random: Generator): Place => [random.uniform(-0.08, 0.08), random.uniform(0.25, 0.6)];
const FOCAL_SPREAD = 0.45;
const GENERAL_SPREAD = 1.1;

const bell = (time: number, centre: number, width: number): number => Math.exp(-0.5 * ((time - centre) / width) ** 2);

/** Sharp or triphasic waves that come back every half to two seconds, each a little different. */
function periodic({ length, sampleRate, from, to }: Stretch, microvolts: number, random: Generator): Float64Array {
  const samples = new Float64Array(length);
  const period = 1 / random.uniform(0.6, 2);
  const jitter = random.uniform(0.04, 0.15);
  const triphasic = random.random() < 0.4;
  const width = random.uniform(0.025, 0.06);
  for (let time = from + random.uniform(0, period); time < to; time += period * (1 + jitter * random.normal())) {
    const size = microvolts * Math.exp(0.2 * random.normal());
    const first = Math.max(0, Math.ceil(time * sampleRate));
    const last = Math.min(length, Math.floor((time + 0.7) * sampleRate));
    for (let i = first; i < last; i++) {
      const t = i / sampleRate - time;
      const wave = triphasic
        ? -0.4 * bell(t, 0.08, 0.03) + bell(t, 0.2, 0.05) - 0.5 * bell(t, 0.38, 0.09)
        : -bell(t, 0.1, width) + 0.45 * bell(t, 0.3, 0.11);
      samples[i]! += size * wave;
    }
  }
  return samples;
}

/** Delta waves one like the other, 1 to 3 Hz, waxing and waning slowly; sharper at one end than at the other. */
function rhythmic({ length, sampleRate, from, to }: Stretch, microvolts: number, random: Generator): Float64Array {
  const frequency = random.uniform(0.9, 3);
  const sharpness = random.uniform(0, 0.35);
  const waning = shapedNoise(Math.ceil(length / sampleRate) + 2, 1, peak(0.08, 0.05), random);
  const unsteady = shapedNoise(Math.ceil(length / sampleRate) + 2, 1, peak(0.2, 0.1), random);
  const samples = new Float64Array(length);
  let phase = random.uniform(0, 2 * Math.PI);
  for (let i = Math.round(from * sampleRate); i < Math.min(length, to * sampleRate); i++) {
    const second = Math.floor(i / sampleRate);
    const part = i / sampleRate - second;
    const between = (values: Float64Array): number => values[second]! + part * (values[second + 1]! - values[second]!);
    phase += (2 * Math.PI * frequency * (1 + 0.06 * between(unsteady))) / sampleRate;
    const wave = Math.sin(phase) + sharpness * Math.sin(2 * phase + 0.6);
    samples[i] = microvolts * Math.exp(0.3 * between(waning)) * wave;
  }
  return samples;
}

/** A rhythm that begins fast and small, grows, slows down, and ends. */
function evolving({ length, sampleRate, from, to }: Stretch, microvolts: number, random: Generator): Float64Array {
  const samples = new Float64Array(length);
  const [fast, slow] = [random.uniform(6, 11), random.uniform(2, 3.5)];
  const spikes = random.uniform(0.2, 0.7);
  let phase = 0;
  for (let i = Math.max(0, Math.round(from * sampleRate)); i < Math.min(length, to * sampleRate); i++) {
    const part = (i / sampleRate - from) / (to - from);
    phase += (2 * Math.PI * fast * (slow / fast) ** part) / sampleRate;
    const growth = Math.min(1, 0.15 + 1.3 * part) * Math.min(1, 12 * (1 - part));
    // Spike and wave as it slows down: a sharp part on every turn.
    const wave = Math.sin(phase) + spikes * part * Math.exp(6 * (Math.sin(phase + 1) - 1)) * 2;
    samples[i] = microvolts * growth * wave;
  }
  return samples;
}

/** A seizure lies around the middle of the stretch and takes 15 to 80 s. */
function seizure(stretch: Stretch, microvolts: number, random: Generator): PatternSource[] {
  const middle = (stretch.from + stretch.to) / 2;
  const from = middle - random.uniform(6, 25);
  const to = middle + random.uniform(8, 45);
  const focus = lateral(random);
  const samples = evolving({ ...stretch, from, to }, 1.3 * microvolts, random);
  // It spreads: the other side follows, later and smaller.
  const late = Math.round(random.uniform(3, 10) * stretch.sampleRate);
  const share = random.uniform(0, 0.8);
  const spread = samples.map((_, i) => (i < late ? 0 : share * samples[i - 1]!));
  return [
    { samples, place: focus, spread: 0.5 },
    { samples: spread, place: [-focus[0], focus[1]], spread: 0.7 },
  ];
}

const one = (samples: Float64Array, place: Place, spread: number): PatternSource[] => [{ samples, place, spread }];

/** What each class looks like; "other" is a background without a pattern. */
export const PATTERNS: Readonly<Record<HmsClass, Draw>> = {
  seizure,
  lpd: (stretch, microvolts, random) => one(periodic(stretch, 1.2 * microvolts, random), lateral(random), FOCAL_SPREAD),
  gpd: (stretch, microvolts, random) => one(periodic(stretch, microvolts, random), frontal(random), GENERAL_SPREAD),
  lrda: (stretch, microvolts, random) =>
    one(rhythmic(stretch, 0.9 * microvolts, random), lateral(random), FOCAL_SPREAD),
  grda: (stretch, microvolts, random) =>
    one(rhythmic(stretch, 0.8 * microvolts, random), frontal(random), GENERAL_SPREAD),
  other: () => [],
};
