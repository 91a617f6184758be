/** Transients of the sleeping and the waking brain, as a reader of polysomnographies knows them. Times in seconds, µV. */
import type { Generator } from "../core/random";

/** A transient: its length in seconds, and its value at a time from its beginning. */
export interface Transient {
  duration: number;
  at(time: number): number;
}

const bell = (time: number, centre: number, width: number): number => Math.exp(-0.5 * ((time - centre) / width) ** 2);

/** A sleep spindle: 0.5 to 1.8 s, waxing and waning. */
export function spindle(frequency: number, random: Generator): Transient {
  const duration = random.uniform(0.5, 1.8);
  const amplitude = random.uniform(10, 28);
  const phase = random.uniform(0, 2 * Math.PI);
  // Spindles slow down a little while they last.
  const slowing = random.uniform(0, 0.8);
  return {
    duration,
    at: (t) =>
      amplitude *
      Math.sin((Math.PI * t) / duration) ** 2 *
      Math.sin(2 * Math.PI * t * (frequency - (slowing * t) / (2 * duration)) + phase),
  };
}

/** A K complex: a sharp negative wave, then a slower positive one; half a second at least. */
export function kComplex(random: Generator): Transient {
  const amplitude = random.uniform(55, 120);
  const stretch = random.uniform(0.8, 1.4);
  return {
    duration: 1.3 * stretch,
    at: (t) => amplitude * (0.65 * bell(t, 0.62 * stretch, 0.14 * stretch) - bell(t, 0.25 * stretch, 0.07 * stretch)),
  };
}

/** A slow wave of deep sleep: down and up again, 75 µV and more between its peaks as the rules ask for it. */
export function slowWave(random: Generator): Transient {
  const frequency = random.uniform(0.6, 1.6);
  const amplitude = random.uniform(40, 82);
  const duration = 1 / frequency;
  return { duration, at: (t) => -amplitude * Math.sin(2 * Math.PI * frequency * t) };
}

/** A vertex sharp wave, at the end of S1. */
export function vertexWave(random: Generator): Transient {
  const amplitude = random.uniform(40, 85);
  return { duration: 0.5, at: (t) => amplitude * (0.3 * bell(t, 0.3, 0.06) - bell(t, 0.15, 0.035)) };
}

/** A run of saw-tooth waves, before and in bursts of REM: 2 to 4 Hz, 1.5 to 5 s, rising slower than falling. */
export function sawTooth(random: Generator): Transient {
  const duration = random.uniform(1.5, 5);
  const frequency = random.uniform(2, 4);
  const amplitude = random.uniform(18, 38);
  return {
    duration,
    at: (t) => {
      const phase = (t * frequency) % 1;
      const tooth = phase < 0.7 ? phase / 0.35 - 1 : 1 - (phase - 0.7) / 0.15;
      return amplitude * Math.sin((Math.PI * t) / duration) * tooth;
    },
  };
}

/** A blink: up in a tenth of a second, down in two. */
export function blink(random: Generator): Transient {
  const amplitude = random.uniform(80, 180);
  return { duration: 0.5, at: (t) => amplitude * (t < 0.15 ? bell(t, 0.15, 0.04) : bell(t, 0.15, 0.09)) };
}

/** A rapid eye movement to one side, as an amplifier with a time constant of a second shows it. */
export function saccade(random: Generator, smallest: number, largest: number): Transient {
  const amplitude = (random.random() < 0.5 ? -1 : 1) * random.uniform(smallest, largest);
  const rise = random.uniform(0.03, 0.07);
  const decay = random.uniform(0.35, 0.9);
  return { duration: 2.5, at: (t) => amplitude * (t < rise ? t / rise : Math.exp((rise - t) / decay)) };
}

/** Eyes that roll slowly from side to side: one or two turns of 2 to 4 s. */
export function slowRoll(random: Generator): Transient {
  const duration = random.uniform(2.5, 7);
  const turns = random.uniform(0.8, 1.8);
  const amplitude = (random.random() < 0.5 ? -1 : 1) * random.uniform(40, 110);
  return {
    duration,
    at: (t) => amplitude * Math.sin((Math.PI * t) / duration) * Math.sin((2 * Math.PI * turns * t) / duration),
  };
}

/** Adds a transient to samples from `time` on, times `gain`. */
export function addTransient(
  samples: Float64Array,
  { duration, at }: Transient,
  { time, sampleRate, gain }: { time: number; sampleRate: number; gain: number },
): void {
  const first = Math.max(0, Math.ceil(time * sampleRate));
  const last = Math.min(samples.length, Math.floor((time + duration) * sampleRate));
  for (let i = first; i < last; i++) samples[i]! += gain * at(i / sampleRate - time);
}
