/**
 * Transients of a night: what stages are scored by (Rechtschaffen and Kales 1968; Iber et al. 2007, the AASM's manual).
 * Rates are of healthy adults; they differ between people, and no epoch need have any of them.
 */
import type { Generator } from "../core/random";
import type { ByStage } from "./course";
import { byStage } from "./sleep-rhythms";
import type { Source } from "./sleep-views";
import type { Sleeper } from "./sleeper";
import {
  blink,
  kComplex,
  saccade,
  sawTooth,
  slowRoll,
  slowWave,
  spindle,
  type Transient,
  vertexWave,
} from "./waveforms";

/** Transients that come together: an eye movement is seen from two directions. */
export type Seen = readonly (readonly [source: Source, transient: Transient])[];

export interface SleepEvent {
  /** How many a minute. */
  rates: ByStage;
  make(random: Generator): Seen;
}

const times = (rates: ByStage, factor: number): ByStage =>
  byStage(
    rates.W * factor,
    rates.S1 * factor,
    rates.S2 * factor,
    rates.S3 * factor,
    rates.S4 * factor,
    rates.REM * factor,
  );

const scaled = ({ duration, at }: Transient, factor: number): Transient => ({
  duration,
  at: (time) => factor * at(time),
});

/** An eye movement in any direction: mostly to the side. */
function glance(movement: Transient, random: Generator): Seen {
  const angle = random.uniform(-0.3, 0.3) * Math.PI;
  return [
    ["sideways", scaled(movement, Math.cos(angle))],
    ["upwards", scaled(movement, Math.sin(angle))],
  ];
}

/** Rapid eye movements come in bursts, with quiet in between (phasic and tonic REM). */
const MOST_IN_BURST = 4;
function burst(random: Generator): Seen {
  const movements = 1 + random.below(MOST_IN_BURST);
  let from = 0;
  return Array.from({ length: movements }, () => {
    const { duration, at } = saccade(random, 50, 170);
    const begin = from;
    from += random.uniform(0.25, 1.2);
    return glance({ duration: begin + duration, at: (time) => (time < begin ? 0 : at(time - begin)) }, random);
  }).flat();
}

export function sleepEvents({ spindles, spindleFrequency, slowWaves }: Sleeper): SleepEvent[] {
  return [
    {
      // Dang-Vu et al. 2010 (Current Biology 20): some 2 to 6 spindles a minute of S2.
      rates: times(byStage(0, 0.2, 4.5, 2.5, 1, 0.1), spindles),
      make: (random) => [["sigma", spindle(spindleFrequency + 0.4 * random.normal(), random)]],
    },
    // Halasz 2005 (Sleep Medicine Reviews 9): 1 to 3 K complexes a minute of S2.
    { rates: byStage(0, 0.1, 2, 1, 0.5, 0), make: (random) => [["central", kComplex(random)]] },
    {
      // By rule slow waves fill a fifth to a half of an epoch of S3, and more of S4.
      rates: byStage(0, 0, 0.7, 19, 44, 0),
      make: (random) => [["slow", scaled(slowWave(random), slowWaves)]],
    },
    { rates: byStage(0, 4, 0.5, 0, 0, 0.05), make: (random) => [["central", vertexWave(random)]] },
    { rates: byStage(0, 0, 0, 0, 0, 2.5), make: (random) => [["central", sawTooth(random)]] },
    // Awake: 10 to 20 blinks a minute with eyes open, few when they are closed.
    { rates: byStage(9, 0.3, 0, 0, 0, 0.2), make: (random) => [["upwards", blink(random)]] },
    { rates: byStage(5, 0.5, 0.1, 0, 0, 0), make: (random) => glance(saccade(random, 15, 60), random) },
    { rates: byStage(1, 5, 0.4, 0, 0, 0.2), make: (random) => glance(slowRoll(random), random) },
    { rates: byStage(0, 0, 0, 0, 0, 3.5), make: burst },
  ];
}
