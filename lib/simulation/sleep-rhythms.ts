/**
 * The background of a sleeping brain: rhythms that never stop, at levels by stage.
 * Levels lie close together, since a stage's mean spectrum is not what it is scored by: relative band powers of stages
 * overlap widely between people and within a night (Buckelmueller et al. 2006, Neuroscience 138: a person's spectrum is
 * trait-like; between people it differs severalfold). What tells stages apart by the rules (Rechtschaffen and Kales 1968)
 * are transients: sleep-events.ts. Only slow waves, by whose amount deep sleep is defined, change the spectrum by itself.
 */
import type { Generator } from "../core/random";
import { type ByStage, eventTimes, levels, type SleepCourse } from "./course";
import { type Density, peak, powerLaw, shapedNoise } from "./noise";
import type { Source } from "./sleep-views";
import type { Sleeper } from "./sleeper";

export const byStage = (W: number, S1: number, S2: number, S3: number, S4: number, REM: number): ByStage => ({
  W,
  S1,
  S2,
  S3,
  S4,
  REM,
});

export interface Rhythm {
  source: Source;
  density: Density;
  /** Standard deviation in µV, a value a second. */
  envelope: Float64Array;
  /** Share of the power that is the same at all electrodes; the rest is a region's own. */
  shared: number;
}

/** Waxing and waning of every rhythm by itself, on the logarithmic scale: over seconds, and over parts of the night. */
const UNREST = [
  { deviation: 0.4, seconds: 40 },
  { deviation: 0.25, seconds: 600 },
] as const;

/** Slow wandering, its parts' standard deviations on the logarithmic scale. @returns a factor a second */
export function unrest(
  length: number,
  parts: readonly { deviation: number; seconds: number }[],
  random: Generator,
): Float64Array {
  const sum = new Float64Array(length);
  for (const { deviation, seconds } of parts) {
    const slow = shapedNoise(length, 1, peak(1 / seconds, 1 / seconds), random);
    for (let i = 0; i < length; i++) sum[i]! += deviation * slow[i]!;
  }
  return sum.map(Math.exp);
}

/** Bursts of alpha: how many a minute, and their seconds. */
const ALPHA_BURSTS = {
  // Awake with eyes closed or open, in turns; falling asleep it breaks up into less than half of the time (the rule that
  // S1 begins by); in REM short, with the arousals (Cantero et al. 2002, Journal of Neurophysiology 88).
  rates: byStage(7, 3, 0.5, 0.15, 0.1, 2),
  seconds: byStage(6, 2.5, 2, 2, 2, 2),
  microvolts: 16,
} as const;
/** Alpha comes and goes over so many seconds, where a spindle is there at once. */
const ALPHA_RISE = 1.5;

/** Alpha's level: little between bursts, as much in a burst in every stage. */
function alphaEnvelope(course: SleepCourse, factor: number, random: Generator): Float64Array {
  const { rates, seconds, microvolts } = ALPHA_BURSTS;
  const envelope = new Float64Array(course.length).fill(1.5 * factor);
  for (const time of eventTimes(levels(course, rates), random)) {
    const stage = course.stages[Math.floor(time)]!;
    const duration = seconds[stage] * random.uniform(0.5, 1.5);
    const height = microvolts * factor * random.uniform(0.6, 1.3);
    const last = Math.min(course.length - 1, Math.ceil(time + duration + ALPHA_RISE));
    for (let i = Math.max(0, Math.floor(time - ALPHA_RISE)); i <= last; i++) {
      const inside = Math.min(i - (time - ALPHA_RISE), time + duration + ALPHA_RISE - i) / ALPHA_RISE;
      envelope[i] = Math.max(envelope[i]!, height * Math.min(1, Math.max(0, inside)));
    }
  }
  return envelope;
}

/** The rhythms of one night. */
export function sleepRhythms(sleeper: Sleeper, course: SleepCourse, random: Generator): Rhythm[] {
  const { slope, slowWaves, theta, alpha, alphaFrequency, sigma, spindleFrequency, beta } = sleeper;
  const steady = (
    source: Source,
    density: Density,
    microvolts: ByStage,
    { shared, factor = 1 }: { shared: number; factor?: number },
  ): Rhythm => {
    const waning = unrest(course.length, UNREST, random);
    const envelope = levels(course, microvolts).map((level, i) => level * factor * waning[i]!);
    return { source, density, envelope, shared };
  };
  return [
    steady("all", powerLaw(slope, 0.4, 40), byStage(9.5, 9, 9, 9.5, 10, 9), { shared: 0.3 }),
    steady("slow", peak(0.85, 0.45), byStage(5, 5, 7, 11, 15, 5), { shared: 0.75, factor: slowWaves }),
    steady("slow", peak(2.2, 0.9), byStage(5.5, 6, 7.5, 10, 12, 6), { shared: 0.6, factor: slowWaves }),
    steady("theta", peak(5.4, 1.2), byStage(6.5, 7.5, 7, 6.5, 6, 7.5), { shared: 0.4, factor: theta }),
    steady("sigma", peak(spindleFrequency, 1.2), byStage(2, 2, 2.2, 2, 1.8, 2), { shared: 0.5, factor: sigma }),
    steady("all", peak(21, 5), byStage(3.8, 3.2, 2.8, 2.4, 2.2, 3.2), { shared: 0.15, factor: beta }),
    {
      source: "alpha",
      density: peak(alphaFrequency, 0.55),
      envelope: alphaEnvelope(course, alpha, random),
      shared: 0.6,
    },
  ];
}
