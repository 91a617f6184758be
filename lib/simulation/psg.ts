/** A whole simulated polysomnography, as a recording that any of the project's readers could have read. */
import type { Generator } from "../core/random";
import { type Hypnogram, type Recording, RK_TO_AASM } from "../formats";
import { sleepCourse } from "./course";
import { sleepBody } from "./sleep-body";
import { sleepEeg } from "./sleep-eeg";
import type { SleepDerivation } from "./sleep-views";
import type { Sleeper } from "./sleeper";
import { drawExcerpt, type StageStatistics } from "./stages";

const EPOCH_SECONDS = 30;
/** Derivations of the MAIC challenge's images. */
const DERIVATIONS: readonly SleepDerivation[] = ["C3-M2", "C4-M1", "O1-M2", "O2-M1", "E1-M2", "E2-M1"];
const SAMPLE_RATE = 100;
/** Place and contact of each pair of electrodes: standard deviation of its gain on the logarithmic scale. */
const ELECTRODE_SPREAD = 0.25;
const START = new Date(Date.UTC(2021, 1, 1, 22, 30));

export interface SimulatedPsg {
  recording: Recording;
  hypnogram: Hypnogram;
}

/** `epochs` epochs of 30 s, in a row, from anywhere in a night. */
export function simulatePsg(
  id: string,
  sleeper: Sleeper,
  { epochs, statistics }: { epochs: number; statistics: StageStatistics },
  random: Generator,
): SimulatedPsg {
  const rkStages = drawExcerpt(statistics, { epochs, age: sleeper.age }, random);
  const course = sleepCourse(rkStages, EPOCH_SECONDS, random);
  const eeg = sleepEeg(sleeper, course, { derivations: DERIVATIONS, sampleRate: SAMPLE_RATE }, random);
  const source = `simulated ${id}`;
  return {
    recording: {
      id,
      source,
      start: START,
      signals: [
        ...eeg.map((samples, i) => {
          const gain = Math.exp(ELECTRODE_SPREAD * random.normal());
          const signal = { label: DERIVATIONS[i]!, unit: "uV", sampleRate: SAMPLE_RATE };
          return { ...signal, samples: samples.map((value) => gain * value) };
        }),
        ...sleepBody(sleeper, course, random),
      ],
      annotations: [],
      comments: ["simulated"],
    },
    hypnogram: {
      source,
      start: START,
      epochSeconds: EPOCH_SECONDS,
      stages: rkStages.map((stage) => RK_TO_AASM[stage]),
      rkStages,
    },
  };
}
