/** Ten minutes of a simulated patient's EEG in the intensive care unit: background, pattern, artefacts, ECG. */
import type { Generator } from "../core/random";
import { HMS_ELECTRODES, type HmsClass } from "../formats";
import { beatWaves, drawHeart, LEAD_DIRECTIONS, renderBeats } from "./heart";
import { icuBackground } from "./hms-background";
import { type Density, powerLaw, shapedNoise } from "./noise";
import { PATTERNS, type Stretch } from "./patterns";
import { ELECTRODE_PLACES, gainAt } from "./scalp";
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

/**
 * Of a pattern that is plain, at its place, from the baseline: some µV, and so many times the background's deviation, for
 * what makes a background large (the skull, its openings, what the brain still does) makes patterns large too.
 */
const PATTERN = { microvolts: 30, perBackground: 4 } as const;
const DENSITY = {
  muscle: (frequency) => (frequency < 18 ? (frequency / 18) ** 2 : 1),
  heart: powerLaw(1, 0.5, 60),
} satisfies Record<string, Density>;
const MUSCLE_SECONDS_APART = 10;

export function simulateIcuEeg(options: IcuEegOptions, random: Generator): IcuEeg {
  const { length, sampleRate, pattern, strength } = options;
  const gain = Math.exp(0.25 * random.normal());
  const { sources, level } = icuBackground(options, random);
  const microvolts = strength * (PATTERN.microvolts + PATTERN.perBackground * level);
  sources.push(...PATTERNS[pattern](options, microvolts, random));
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
const SILENT = 0.03;

/** Samples that are summed at a time: those of all sources then fit into the processor's cache. */
const STRETCH = 2048;

/** The sources' sum over `length` samples, each times its share, and what comes again and again. */
function sumOf(sources: readonly Heard[], period: Float64Array, length: number): Float64Array {
  const signal = new Float64Array(length);
  const heard = sources.filter(({ share }) => Math.abs(share) > SILENT);
  for (let begin = 0; begin < length; begin += STRETCH) {
    const end = Math.min(length, begin + STRETCH);
    for (let i = begin; i < end; i++) signal[i] = period[i % period.length]!;
    // Four at a time: a quarter as often is the sum read and written.
    for (let n = 0; n < heard.length; n += 4) addFour(signal, begin, end, heard.slice(n, n + 4));
  }
  return signal;
}

interface Heard {
  samples: Float64Array;
  share: number;
}

function addFour(signal: Float64Array, begin: number, end: number, heard: readonly Heard[]): void {
  const silent = { samples: signal, share: 0 };
  const [a, b, c, d] = [heard[0] ?? silent, heard[1] ?? silent, heard[2] ?? silent, heard[3] ?? silent];
  const [first, second, third, fourth] = [a.samples, b.samples, c.samples, d.samples];
  for (let i = begin; i < end; i++)
    signal[i]! += a.share * first[i]! + b.share * second[i]! + c.share * third[i]! + d.share * fourth[i]!;
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
