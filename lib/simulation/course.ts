/** How a property of sleep goes through the night: a value a second that follows the stages without steps. */
import type { Generator } from "../core/random";
import type { SimulatedStage } from "./stages";

export type ByStage = Readonly<Record<SimulatedStage, number>>;

/** Stages on a grid of seconds. The sleeper's changes come before or after the scorer's epochs' edges, not on them. */
export interface SleepCourse {
  /** Seconds. */
  readonly length: number;
  /** The stage of each second. */
  readonly stages: readonly SimulatedStage[];
}

/** A change of stage is scored at most this far from where it was, in seconds: half an epoch, as the rule is. */
const MOST_SHIFT = 12;

export function sleepCourse(epochs: readonly SimulatedStage[], epochSeconds: number, random: Generator): SleepCourse {
  const length = epochs.length * epochSeconds;
  const stages = new Array<SimulatedStage>(length);
  let begin = 0;
  epochs.forEach((stage, i) => {
    const changes = i + 1 < epochs.length && epochs[i + 1] !== stage;
    const shift = changes ? Math.round(random.uniform(-MOST_SHIFT, MOST_SHIFT)) : 0;
    const end = (i + 1) * epochSeconds + shift;
    stages.fill(stage, begin, end);
    begin = end;
  });
  return { length, stages };
}

/** Seconds over which one stage's level passes into the next one's. */
const PASSAGE = 4;

/** A value a second: each second's stage's, smoothed over the passage between two stages. */
export function levels({ stages, length }: SleepCourse, values: ByStage): Float64Array {
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) sums[i + 1] = sums[i]! + values[stages[i]!];
  return Float64Array.from({ length }, (_, i) => {
    const from = Math.max(0, i - PASSAGE / 2);
    const to = Math.min(length, i + PASSAGE / 2 + 1);
    return (sums[to]! - sums[from]!) / (to - from);
  });
}

/** Multiplies samples by a value a second, on straight lines between the seconds. */
export function shape(samples: Float64Array, bySecond: Float64Array, sampleRate: number): Float64Array {
  const last = bySecond.length - 1;
  for (let i = 0; i < samples.length; i++) {
    const time = Math.min(last, i / sampleRate);
    const second = Math.floor(time);
    const next = Math.min(last, second + 1);
    samples[i]! *= bySecond[second]! + (time - second) * (bySecond[next]! - bySecond[second]!);
  }
  return samples;
}

/** Times in seconds of events that come by chance, `rates` a minute in each second (a Poisson process). */
export function eventTimes(rates: Float64Array, random: Generator): number[] {
  const times: number[] = [];
  rates.forEach((rate, second) => {
    if (random.random() < rate / 60) times.push(second + random.random());
  });
  return times;
}
