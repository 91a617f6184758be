/** Seeded data for the tests of figures and pages. */
import { Generator } from "../../lib/core/random";
import type { Hypnogram, Signal, SleepStage } from "../../lib/formats/types";

export const leadNames = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"];

/** Twelve leads of noise in millivolts. */
export function twelveLeads(sampleRate = 100, seconds = 10, seed = 1): Signal[] {
  const random = new Generator(seed);
  return leadNames.map((label) => ({
    label,
    unit: "mV",
    sampleRate,
    samples: Float64Array.from({ length: sampleRate * seconds }, () => 0.2 * random.normal()),
  }));
}

/** A night of 30 s epochs in which a stage stays with probability 0.9; the first epochs are not scored. */
export function night(epochs = 200, seed = 4): Hypnogram {
  const random = new Generator(seed);
  const names: SleepStage[] = ["W", "N1", "N2", "N3", "REM"];
  let stage: SleepStage = "W";
  const stages = Array.from({ length: epochs }, (_, epoch) => {
    if (random.random() > 0.9) stage = names[random.below(5)]!;
    return epoch < 3 ? ("?" as const) : stage;
  });
  return { source: `seed ${seed}`, start: null, epochSeconds: 30, stages };
}
