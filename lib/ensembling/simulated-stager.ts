/**
 * A simulated stage classifier: probabilities for a real hypnogram, with errors drawn by a confusion matrix. For
 * comparing what is done after a classifier where no recordings, only hypnograms, are at hand.
 */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { SLEEP_STAGES } from "../formats";
import { type Probabilities, probabilities } from "../training/probabilities";

/**
 * Share of each stage (rows: W, N1, N2, N3, REM) taken for each (columns). An assumption, in round numbers: a classifier
 * about as good as single-channel networks are on Sleep-EDF (accuracy 0.84, macro F1 0.78 by AttnSleep's authors), less
 * than half of N1 found, N3 taken for N2 and nothing else. No published table as such.
 */
export const TYPICAL_STAGE_CONFUSION: readonly (readonly number[])[] = [
  [0.89, 0.07, 0.01, 0.0, 0.03],
  [0.13, 0.45, 0.26, 0.0, 0.16],
  [0.01, 0.05, 0.86, 0.05, 0.03],
  [0.0, 0.0, 0.1, 0.9, 0.0],
  [0.03, 0.07, 0.06, 0.0, 0.84],
];

export interface SimulatedStagerOptions {
  /** [true][taken for], rows summing to 1. Default {@link TYPICAL_STAGE_CONFUSION}. */
  confusion?: readonly (readonly number[])[];
  /**
   * Chance that an epoch errs as the one before it did: 0 for errors independent of each other, more for errors that come
   * in runs, as a network's do.
   */
  persistence: number;
  /** Share of each stage in what the classifier learnt from. Default: all the same. */
  priors?: readonly number[];
  /** Standard deviation of the noise on logarithms of probabilities: what makes one epoch surer than another. */
  noise: number;
}

/**
 * A stage is taken for another by the confusion matrix; the probabilities are those of the true stage given what it was
 * taken for (Bayes' rule with the priors; nothing is less likely than a thousandth of them), with noise.
 * @param stages five classes: 0 W, 1 N1, 2 N2, 3 N3, 4 REM
 */
export function simulateStager(
  ids: readonly string[],
  stages: ArrayLike<number>,
  {
    confusion = TYPICAL_STAGE_CONFUSION,
    persistence,
    noise,
    priors = SLEEP_STAGES.map(() => 1),
  }: SimulatedStagerOptions,
  random: Generator,
): Probabilities {
  const width = SLEEP_STAGES.length;
  checkOptions({ confusion, persistence, noise, priors });
  const values = new Float64Array(ids.length * width);
  let level = random.random();
  ids.forEach((id, t) => {
    const row = confusion[stages[t]!];
    if (row === undefined)
      throw new SignalbookError("a class that is no stage", { place: `epoch ${id}`, found: String(stages[t]) });
    if (random.random() >= persistence) level = random.random();
    const taken = classAt(row, stages[t]!, level);
    const weights = confusion.map(
      (other, k) => priors[k]! * Math.max(other[taken]!, 1e-3) * Math.exp(noise * random.normal()),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, k) => {
      values[t * width + k] = weight / total;
    });
  });
  return probabilities(ids, SLEEP_STAGES, values);
}

/** The true class for levels below its share, then the others in order: so a low level is right whatever the stage is. */
function classAt(row: readonly number[], truth: number, level: number): number {
  let sum = row[truth]!;
  if (level < sum) return truth;
  for (let k = 0; k < row.length; k++) {
    if (k === truth || row[k] === 0) continue;
    sum += row[k]!;
    if (level < sum) return k;
  }
  return truth; // the row sums to a rounding less than 1
}

function checkOptions({ confusion, persistence, noise, priors }: Required<SimulatedStagerOptions>): void {
  const wrong = confusion.findIndex(
    (row) =>
      row.length !== SLEEP_STAGES.length ||
      row.some((share) => !(share >= 0)) ||
      !(Math.abs(row.reduce((sum, share) => sum + share, 0) - 1) < 1e-9),
  );
  if (confusion.length !== SLEEP_STAGES.length || wrong >= 0)
    throw new SignalbookError("a confusion matrix that is none of five stages", {
      place: `row ${wrong < 0 ? confusion.length : wrong}`,
      expected: "five rows of five shares that sum to 1",
    });
  if (priors.length !== SLEEP_STAGES.length || priors.some((prior) => !(prior > 0)))
    throw new SignalbookError("priors that are not of the five stages", {
      found: `[${priors.join(", ")}]`,
      expected: "five numbers above 0",
    });
  if (!(persistence >= 0 && persistence < 1) || !(noise >= 0))
    throw new SignalbookError("a simulation out of range", {
      found: `persistence ${persistence}, noise ${noise}`,
      expected: "persistence 0 or more and below 1, noise 0 or more",
    });
}
