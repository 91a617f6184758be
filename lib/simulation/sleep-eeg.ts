/** The electroencephalogram and the eyes of a simulated night. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { eventTimes, levels, type SleepCourse, shape } from "./course";
import { shapedNoise } from "./noise";
import { sleepEvents } from "./sleep-events";
import { type Rhythm, sleepRhythms } from "./sleep-rhythms";
import { gainOf, SLEEP_DERIVATIONS, type SleepDerivation, VIEWS } from "./sleep-views";
import type { Sleeper } from "./sleeper";
import { addTransient } from "./waveforms";

/** Electrodes and amplifier, in µV. */
const NOISE = 1.4;

export interface SleepEegOptions {
  derivations: readonly SleepDerivation[];
  /** Hz. */
  sampleRate: number;
}

/** A night's derivations in µV, one array each, `sampleRate` times the course's seconds long. */
export function sleepEeg(
  sleeper: Sleeper,
  course: SleepCourse,
  { derivations, sampleRate }: SleepEegOptions,
  random: Generator,
): Float64Array[] {
  const unknown = derivations.find((name) => !(name in VIEWS));
  if (unknown !== undefined)
    throw new SignalbookError("a derivation that is not simulated", {
      found: unknown,
      expected: SLEEP_DERIVATIONS.join(", "),
    });
  const length = Math.round(course.length * sampleRate);
  const signals = derivations.map(() => {
    const noise = shapedNoise(length, sampleRate, white, random);
    for (let i = 0; i < length; i++) noise[i]! *= NOISE * sleeper.noise;
    return noise;
  });
  for (const rhythm of sleepRhythms(sleeper, course, random))
    addRhythm(signals, rhythm, { derivations, sampleRate }, random);
  for (const { rates, make } of sleepEvents(sleeper))
    for (const time of eventTimes(levels(course, rates), random))
      for (const [source, transient] of make(random))
        derivations.forEach((name, k) => {
          addTransient(signals[k]!, transient, { time, sampleRate, gain: gainOf(name, source) });
        });
  for (const signal of signals) for (let i = 0; i < length; i++) signal[i]! *= sleeper.gain;
  return signals;
}

const white = (): number => 1;

/** What all electrodes share is drawn once, what regions have of their own once for each of them. */
function addRhythm(
  signals: readonly Float64Array[],
  { source, density, envelope, shared }: Rhythm,
  { derivations, sampleRate }: SleepEegOptions,
  random: Generator,
): void {
  const draw = (): Float64Array =>
    shape(shapedNoise(signals[0]!.length, sampleRate, density, random), envelope, sampleRate);
  const common = draw();
  const own = new Map<string, Float64Array>();
  derivations.forEach((name, k) => {
    const { region } = VIEWS[name];
    const regional = own.get(region) ?? draw();
    own.set(region, regional);
    const gain = gainOf(name, source);
    const [a, b] = [gain * Math.sqrt(shared), gain * Math.sqrt(1 - shared)];
    const signal = signals[k]!;
    for (let i = 0; i < signal.length; i++) signal[i]! += a * common[i]! + b * regional[i]!;
  });
}

export function addTo(sum: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += more[i]!;
}
