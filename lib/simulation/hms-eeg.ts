/** Ten minutes of a simulated patient's EEG in the intensive care unit: background, pattern, artefacts, ECG. */
import type { Generator } from "../core/random";
import { HMS_ELECTRODES, type HmsClass } from "../formats";
import { beatWaves, drawHeart, LEAD_DIRECTIONS, renderBeats } from "./heart";
import { peak, powerLaw, shapedNoise } from "./noise";
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

export function simulateIcuEeg(options: IcuEegOptions, random: Generator): IcuEeg {
  const { length, sampleRate, pattern, strength } = options;
  const gain = Math.exp(0.25 * random.normal());
  const slowing = random.uniform(0.3, 1.4);
  const alpha = random.uniform(0, 0.8);
  const sources: PatternSource[] = BACKGROUND.map((site) => {
    const broad = shapedNoise(length, sampleRate, powerLaw(1.6, 0.5, 60), random);
    const slow = shapedNoise(length, sampleRate, peak(2.2, 1.1), random);
    const rhythm = shapedNoise(length, sampleRate, peak(8.5, 0.9), random);
    const samples = broad.map(
      (value, i) => 12 * value + 14 * slowing * slow[i]! + 11 * alpha * site.alpha * rhythm[i]!,
    );
    return { samples, place: site.place, spread: BACKGROUND_SPREAD };
  });
  sources.push(...PATTERNS[pattern](options, PATTERN_MICROVOLTS * strength, random));
  const blinks = blinksOf(options, random);
  const muscle = random.random() < 0.5 ? random.uniform(2, 14) : 1.5;
  const mains = random.uniform(0, 3);
  const electrodes = HMS_ELECTRODES.map((name) => {
    const place = ELECTRODE_PLACES[name];
    if (place === undefined) return heartTrace(options, random);
    const signal = new Float64Array(length);
    for (const { samples, place: from, spread } of sources) {
      const share = gainAt(place, from, spread);
      if (share > 1e-3) for (let i = 0; i < length; i++) signal[i]! += share * samples[i]!;
    }
    // The temporal muscles are the nearest.
    const tense = muscle * (Math.abs(place[0]) > 0.7 ? 1.6 : 0.6);
    const noise = shapedNoise(length, sampleRate, (f) => (f < 18 ? (f / 18) ** 2 : 1), random);
    const eyes = gainAt(place, [0, 1.15], 0.4);
    const phase = random.uniform(0, 2 * Math.PI);
    for (let i = 0; i < length; i++)
      signal[i] =
        gain * signal[i]! +
        tense * noise[i]! +
        eyes * blinks[i]! +
        mains * Math.sin((2 * Math.PI * 60 * i) / sampleRate + phase);
    return signal;
  });
  return { electrodes };
}

function blinksOf({ length, sampleRate }: Stretch, random: Generator): Float64Array {
  const samples = new Float64Array(length);
  const seconds = length / sampleRate;
  const interval = random.random() < 0.4 ? random.uniform(3, 15) : Number.POSITIVE_INFINITY;
  for (let time = random.uniform(0, 5); time < seconds; time += interval * random.uniform(0.4, 1.6)) {
    if (interval === Number.POSITIVE_INFINITY) break;
    addTransient(samples, blink(random), { time, sampleRate, gain: 1 });
  }
  return samples;
}

function heartTrace({ length, sampleRate }: Stretch, random: Generator): Float64Array {
  const heart = drawHeart(random);
  const interval = 60 / (82 + 14 * random.normal());
  const beats = [];
  for (let time = 0; time < length / sampleRate + 1; time += interval * (1 + 0.03 * random.normal()))
    beats.push({ time, waves: beatWaves(heart, interval) });
  const [lead] = renderBeats(beats, [LEAD_DIRECTIONS["I"]!], { length, sampleRate });
  const noise = shapedNoise(length, sampleRate, powerLaw(1, 0.5, 60), random);
  return lead!.map((millivolts, i) => 1000 * millivolts + 12 * noise[i]!);
}
