/** The electroencephalogram and the eyes of a simulated night. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { type ByStage, eventTimes, levels, type SleepCourse, shape } from "./course";
import { type Density, peak, powerLaw, shapedNoise } from "./noise";
import type { Sleeper } from "./sleeper";
import {
  addTransient,
  blink,
  kComplex,
  saccade,
  sawTooth,
  slowRoll,
  spindle,
  type Transient,
  vertexWave,
} from "./waveforms";

/** How much of each source a derivation sees. Eyes: movements to the side have opposite signs at the two eyes. */
interface View {
  slow: number;
  theta: number;
  alpha: number;
  sigma: number;
  central: number;
  blinks: number;
  sideways: number;
}

const view = (
  slow: number,
  theta: number,
  alpha: number,
  sigma: number,
  central: number,
  blinks: number,
  sideways: number,
): View => ({ slow, theta, alpha, sigma, central, blinks, sideways });

const VIEWS = {
  //               slow  theta alpha sigma centr blinks sideways
  "Fpz-Cz": view(1.0, 0.8, 0.35, 0.8, 0.7, 0.55, 0.12),
  "Pz-Oz": view(0.5, 0.7, 1.0, 0.6, 0.35, 0.02, 0.02),
  "C3-M2": view(0.95, 1.0, 0.5, 1.0, 1.0, 0.08, 0.05),
  "C4-M1": view(0.95, 1.0, 0.5, 1.0, 1.0, 0.08, -0.05),
  "O1-M2": view(0.6, 0.7, 1.1, 0.4, 0.4, 0.02, 0.02),
  "O2-M1": view(0.6, 0.7, 1.1, 0.4, 0.4, 0.02, -0.02),
  "E1-M2": view(0.5, 0.4, 0.25, 0.3, 0.3, 0.35, 1.0),
  "E2-M1": view(0.5, 0.4, 0.25, 0.3, 0.3, 0.35, -1.0),
} as const;

export type SleepDerivation = keyof typeof VIEWS;
export const SLEEP_DERIVATIONS = Object.keys(VIEWS) as SleepDerivation[];

const byStage = (W: number, S1: number, S2: number, S3: number, S4: number, REM: number): ByStage => ({
  W,
  S1,
  S2,
  S3,
  S4,
  REM,
});

/** A rhythm of the background: standard deviation in µV by stage, and how much of it all electrodes share. */
interface Rhythm {
  source: keyof View | "all";
  density: Density;
  microvolts: ByStage;
  /** Share of the power that is the same at all electrodes. */
  shared: number;
  factor: number;
}

function rhythms(sleeper: Sleeper): Rhythm[] {
  const { slowWaves, theta, alpha, alphaFrequency, sigma, spindleFrequency, beta, noise } = sleeper;
  return [
    { source: "all", density: powerLaw(1.4, 0.4, 40), microvolts: byStage(9, 8, 9, 10, 11, 8), shared: 0.3, factor: 1 },
    {
      source: "slow",
      density: peak(0.85, 0.45),
      microvolts: byStage(1, 2, 9, 24, 38, 2),
      shared: 0.75,
      factor: slowWaves,
    },
    {
      source: "slow",
      density: peak(2.2, 0.9),
      microvolts: byStage(3, 4, 8, 13, 16, 5),
      shared: 0.6,
      factor: slowWaves,
    },
    { source: "theta", density: peak(5.4, 1.2), microvolts: byStage(4, 8, 7, 6, 5, 7.5), shared: 0.4, factor: theta },
    {
      source: "alpha",
      density: peak(alphaFrequency, 0.55),
      microvolts: byStage(13, 5, 2, 1.5, 1, 3.5),
      shared: 0.6,
      factor: alpha,
    },
    {
      source: "sigma",
      density: peak(spindleFrequency, 1.2),
      microvolts: byStage(1.5, 1.5, 2.8, 2.2, 1.6, 1.5),
      shared: 0.5,
      factor: sigma,
    },
    {
      source: "all",
      density: peak(21, 5),
      microvolts: byStage(4.5, 3.2, 2.2, 1.6, 1.4, 3),
      shared: 0.15,
      factor: beta,
    },
    { source: "all", density: () => 1, microvolts: byStage(1.4, 1.4, 1.4, 1.4, 1.4, 1.4), shared: 0, factor: noise },
  ];
}

/** Transients: how many a minute by stage, what one looks like, and where it shows. */
interface Event {
  source: keyof View;
  rates: ByStage;
  make: (random: Generator) => Transient;
}

function events({ spindles, spindleFrequency }: Sleeper): Event[] {
  const around = (rates: ByStage, factor: number): ByStage =>
    byStage(
      rates.W * factor,
      rates.S1 * factor,
      rates.S2 * factor,
      rates.S3 * factor,
      rates.S4 * factor,
      rates.REM * factor,
    );
  return [
    {
      source: "sigma",
      rates: around(byStage(0, 0.2, 4.5, 2.5, 1, 0.1), spindles),
      make: (random) => spindle(spindleFrequency + 0.4 * random.normal(), random),
    },
    { source: "central", rates: byStage(0, 0.05, 1.6, 0.8, 0.4, 0), make: kComplex },
    { source: "central", rates: byStage(0, 1.2, 0.3, 0, 0, 0.05), make: vertexWave },
    { source: "central", rates: byStage(0, 0, 0, 0, 0, 1.2), make: sawTooth },
    { source: "blinks", rates: byStage(7, 0.3, 0, 0, 0, 0.2), make: blink },
    { source: "sideways", rates: byStage(5, 0.5, 0.1, 0, 0, 0), make: (random) => saccade(random, 15, 60) },
    { source: "sideways", rates: byStage(1, 5, 0.4, 0, 0, 0.2), make: slowRoll },
    { source: "sideways", rates: byStage(0, 0, 0, 0, 0, 7), make: (random) => saccade(random, 35, 150) },
  ];
}

/** Waxing and waning of every rhythm, by itself: a night's power is never as even as a stage's mean. */
const UNREST = 0.4;
/** Seconds over which a rhythm waxes and wanes. */
const UNREST_SECONDS = 40;

function unrest(length: number, random: Generator): Float64Array {
  const slow = shapedNoise(length, 1, peak(1 / UNREST_SECONDS, 1 / UNREST_SECONDS), random);
  return slow.map((value) => Math.exp(UNREST * value));
}

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
  const signals = derivations.map(() => new Float64Array(length));
  const gains = (source: keyof View | "all"): number[] =>
    derivations.map((name) => (source === "all" ? 1 : VIEWS[name][source]));
  for (const { source, density, microvolts, shared, factor } of rhythms(sleeper)) {
    const waning = unrest(course.length, random);
    const envelope = levels(course, microvolts).map((level, i) => level * factor * waning[i]!);
    const common = shapedNoise(length, sampleRate, density, random);
    gains(source).forEach((gain, k) => {
      const own = shapedNoise(length, sampleRate, density, random);
      const [a, b] = [gain * Math.sqrt(shared), gain * Math.sqrt(1 - shared)];
      for (let i = 0; i < length; i++) own[i] = a * common[i]! + b * own[i]!;
      addTo(signals[k]!, shape(own, envelope, sampleRate));
    });
  }
  for (const { source, rates, make } of events(sleeper)) {
    const seen = gains(source);
    for (const time of eventTimes(levels(course, rates), random)) {
      const transient = make(random);
      for (const [k, gain] of seen.entries()) addTransient(signals[k]!, transient, { time, sampleRate, gain });
    }
  }
  for (const signal of signals) for (let i = 0; i < length; i++) signal[i]! *= sleeper.gain;
  return signals;
}

export function addTo(sum: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += more[i]!;
}
