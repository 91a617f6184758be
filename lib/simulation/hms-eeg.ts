/** Ten minutes of a simulated patient's EEG in the intensive care unit: background, pattern, artefacts, ECG. */
import type { Generator } from "../core/random";
import { HMS_ELECTRODES, type HmsClass } from "../formats";
import { beatWaves, drawHeart, LEAD_DIRECTIONS, renderBeats } from "./heart";
import { type Density, mixedNoise, peak, powerLaw, shapedNoise } from "./noise";
import { PATTERNS, type PatternSource, type Stretch } from "./patterns";
import { ELECTRODE_PLACES, gainAt, type Place } from "./scalp";
import { addTransient, blink } from "./waveforms";

export interface IcuEeg {
  /** µV, in the order of HMS_ELECTRODES. */
  electrodes: Float64Array[];
}

export interface IcuEegOptions extends Stretch {
  pattern: HmsClass;
  /** How far the pattern stands out: 1 is plain, 0 is not there. */
  strength: number;
}

/** Places the background comes from, and what its rhythms are largest in. */
const BACKGROUND: readonly { place: Place; alpha: number }[] = [
  { place: [-0.45, 0.6], alpha: 0.3 },
  { place: [0.45, 0.6], alpha: 0.3 },
  { place: [-0.7, 0], alpha: 0.5 },
  { place: [0.7, 0], alpha: 0.5 },
  { place: [0, 0.1], alpha: 0.6 },
  { place: [-0.4, -0.65], alpha: 1 },
  { place: [0.4, -0.65], alpha: 1 },
];
const BACKGROUND_SPREAD = 0.5;
const PATTERN_MICROVOLTS = 85;
const DENSITY = {
  broad: powerLaw(1.6, 0.5, 60),
  slow: peak(2.2, 1.1),
  rhythm: peak(8.5, 0.9),
  muscle: (frequency) => (frequency < 18 ? (frequency / 18) ** 2 : 1),
  heart: powerLaw(1, 0.5, 60),
} satisfies Record<string, Density>;
const MUSCLE_SECONDS_APART = 10;

export function simulateIcuEeg(options: IcuEegOptions, random: Generator): IcuEeg {
  const { length, sampleRate, pattern, strength } = options;
  const gain = Math.exp(0.25 * random.normal());
  const slowing = random.uniform(0.3, 1.4);
  const alpha = random.uniform(0, 0.8);
  const sources: PatternSource[] = BACKGROUND.map((site) => {
    const rhythms = [
      { deviation: 12, density: DENSITY.broad },
      { deviation: 14 * slowing, density: DENSITY.slow },
      { deviation: 11 * alpha * site.alpha, density: DENSITY.rhythm },
    ];
    return { samples: mixedNoise(length, sampleRate, rhythms, random), place: site.place, spread: BACKGROUND_SPREAD };
  });
  sources.push(...PATTERNS[pattern](options, PATTERN_MICROVOLTS * strength, random));
  const blinks = blinksOf(options, random);
  const muscle = random.random() < 0.5 ? random.uniform(2, 14) : 1.5;
  const mains = random.uniform(0, 3);
  // Each electrode hears another stretch of one noise: far enough apart they are as good as independent.
  const apart = Math.round(MUSCLE_SECONDS_APART * sampleRate);
  const muscles = shapedNoise(length + apart * HMS_ELECTRODES.length, sampleRate, DENSITY.muscle, random);
  const electrodes = HMS_ELECTRODES.map((name, k) => {
    const place = ELECTRODE_PLACES[name];
    if (place === undefined) return heartTrace(options, random);
    const heard = sources.map(({ samples, place: from, spread }) => ({
      samples,
      share: gain * gainAt(place, from, spread),
    }));
    // The temporal muscles are the nearest.
    heard.push({ samples: muscles.subarray(k * apart), share: muscle * (Math.abs(place[0]) > 0.7 ? 1.6 : 0.6) });
    if (blinks !== null) heard.push({ samples: blinks, share: gainAt(place, [0, 1.15], 0.4) });
    return sumOf(heard, mainsPeriod(mains, sampleRate, random.uniform(0, 2 * Math.PI)), length);
  });
  return { electrodes };
}

/** Shares of a source below it are not heard. */
const SILENT = 0.02;

/** Samples that are summed at a time: those of all sources then fit into the processor's cache. */
const STRETCH = 2048;

/** The sources' sum over `length` samples, each times its share, and what comes again and again. */
function sumOf(
  sources: readonly { samples: Float64Array; share: number }[],
  period: Float64Array,
  length: number,
): Float64Array {
  const signal = new Float64Array(length);
  const heard = sources.filter(({ share }) => Math.abs(share) > SILENT);
  for (let begin = 0; begin < length; begin += STRETCH) {
    const end = Math.min(length, begin + STRETCH);
    for (let i = begin; i < end; i++) signal[i] = period[i % period.length]!;
    // Two at a time: half as often is the sum read and written.
    for (let n = 0; n < heard.length; n += 2) {
      const [first, second] = [heard[n]!, heard[n + 1] ?? { samples: heard[n]!.samples, share: 0 }];
      addBoth(signal, begin, end, first.samples, first.share, second.samples, second.share);
    }
  }
  return signal;
}

function addBoth(
  signal: Float64Array,
  begin: number,
  end: number,
  first: Float64Array,
  firstShare: number,
  second: Float64Array,
  secondShare: number,
): void {
  for (let i = begin; i < end; i++) signal[i]! += firstShare * first[i]! + secondShare * second[i]!;
}

/** A second of 60 Hz: at whole sampling rates it comes again. */
function mainsPeriod(microvolts: number, sampleRate: number, phase: number): Float64Array {
  return Float64Array.from(
    { length: sampleRate },
    (_, i) => microvolts * Math.sin((2 * Math.PI * 60 * i) / sampleRate + phase),
  );
}

/** Of four patients in ten; the others' eyes stay shut. */
function blinksOf({ length, sampleRate }: Stretch, random: Generator): Float64Array | null {
  if (random.random() >= 0.4) return null;
  const samples = new Float64Array(length);
  const interval = random.uniform(3, 15);
  for (let time = random.uniform(0, 5); time < length / sampleRate; time += interval * random.uniform(0.4, 1.6))
    addTransient(samples, blink(random), { time, sampleRate, gain: 1 });
  return samples;
}

function heartTrace({ length, sampleRate }: Stretch, random: Generator): Float64Array {
  const heart = drawHeart(random);
  const interval = 60 / (82 + 14 * random.normal());
  const beats = [];
  for (let time = 0; time < length / sampleRate + 1; time += interval * (1 + 0.03 * random.normal()))
    beats.push({ time, waves: beatWaves(heart, interval) });
  const [lead] = renderBeats(beats, [LEAD_DIRECTIONS["I"]!], { length, sampleRate });
  const noise = shapedNoise(length, sampleRate, DENSITY.heart, random);
  for (let i = 0; i < length; i++) noise[i] = 1000 * lead![i]! + 12 * noise[i]!;
  return noise;
}
