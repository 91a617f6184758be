/**
 * Stage sequences smoothed by what hypnograms are like: a hidden Markov chain whose transitions are counted on training
 * hypnograms and whose emissions are a classifier's probabilities. The better founded relative of context-rules.ts.
 */
import { SignalbookError } from "../core/errors";
import { type Hypnogram, SLEEP_STAGES, type SleepStage } from "../formats";
import { stageTransitions } from "../preprocessing";
import type { Probabilities } from "../training/probabilities";
import { examRuns } from "./context-rules";
import { viterbi } from "./viterbi";

/** How stages begin and follow each other, in the order of SLEEP_STAGES. */
export interface StageChain {
  /** Probability of each stage in the first scored epoch of a night. */
  initial: number[];
  /** Probability of the next epoch's stage, [from][to]. */
  transitions: number[][];
  /** Share of each stage. */
  priors: number[];
  /** Scored epochs counted. */
  epochs: number;
}

/**
 * Counts a chain on hypnograms. Epochs not scored, and movement, break a night: nothing is counted across them.
 * @param smoothing added to every count (Laplace), so that what was not seen is not impossible
 */
export function fitStageChain(hypnograms: readonly Pick<Hypnogram, "stages">[], smoothing = 1): StageChain {
  if (!(smoothing >= 0))
    throw new SignalbookError("a smoothing out of range", { found: String(smoothing), expected: "0 or more" });
  const zeros = (): number[] => SLEEP_STAGES.map(() => smoothing);
  const [initial, priors] = [zeros(), zeros()];
  const transitions = SLEEP_STAGES.map(zeros);
  let epochs = 0;
  for (const { stages } of hypnograms) {
    const { counts } = stageTransitions<SleepStage>(stages, SLEEP_STAGES);
    counts.forEach((row, from) => {
      row.forEach((count, to) => {
        transitions[from]![to]! += count;
      });
    });
    const scored = stages.map((stage) => (SLEEP_STAGES as readonly string[]).indexOf(stage)).filter((k) => k >= 0);
    if (scored.length > 0) initial[scored[0]!]!++;
    for (const k of scored) priors[k]!++;
    epochs += scored.length;
  }
  if (epochs === 0)
    throw new SignalbookError("hypnograms without a scored epoch", { found: `${hypnograms.length} hypnograms` });
  return {
    initial: shares(initial, "the first epochs"),
    transitions: transitions.map((row, k) => shares(row, `what follows ${SLEEP_STAGES[k]}`)),
    priors: shares(priors, "all epochs"),
    epochs,
  };
}

function shares(counts: readonly number[], place: string): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0)
    throw new SignalbookError("a stage that nothing follows", { place, fix: "give a smoothing above 0" });
  return counts.map((count) => count / total);
}

export interface StageSmoothingOptions {
  /** The exam of each epoch; each is a sequence of its own. Without it all epochs are one. */
  exams?: readonly string[];
  /**
   * Divide each probability by its stage's prior: how well a stage explains what was seen, where a probability says how
   * likely the stage is. "chain": by the chain's own; or by those of the classifier's training data. Default: not at all.
   */
  divideBy?: "chain" | readonly number[];
}

/** Probabilities below this count as this: a class that was never predicted is not impossible. */
const LEAST_PROBABILITY = 1e-9;

/**
 * The most likely sequence of stages (classes 0 to 4, in the order of SLEEP_STAGES).
 * @param probabilities of the five stages, epochs in the order of time
 */
export function smoothStages(
  probabilities: Probabilities,
  chain: StageChain,
  { exams, divideBy }: StageSmoothingOptions = {},
): Int32Array {
  const width = SLEEP_STAGES.length;
  const { values, ids, classes } = probabilities;
  const priors = divideBy === undefined ? SLEEP_STAGES.map(() => 1) : divideBy === "chain" ? chain.priors : divideBy;
  if (classes.length !== width || priors.length !== width || priors.some((prior) => !(prior > 0)))
    throw new SignalbookError("probabilities or priors that are not of the five stages", {
      found: `classes ${classes.join(", ")}; priors ${priors.join(", ")}`,
      expected: `${SLEEP_STAGES.join(", ")}; priors above 0`,
    });
  const logs = (list: readonly number[]): number[] => list.map(Math.log);
  const hidden = { initial: logs(chain.initial), transitions: chain.transitions.map(logs) };
  const smoothed = new Int32Array(ids.length);
  for (const { first, count } of examRuns(ids.length, exams)) {
    const part = values.subarray(first * width, (first + count) * width);
    const emissions = Float64Array.from(part, (p, i) => Math.log(Math.max(p, LEAST_PROBABILITY) / priors[i % width]!));
    smoothed.set(viterbi(emissions, hidden), first);
  }
  return smoothed;
}
