/**
 * Post-processing of stage sequences compared on real hypnograms whose classifier is simulated: as predicted, the seven
 * rules of system 000, and the Viterbi smoother with transitions from other people's nights.
 */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { fiveClasses, type Hypnogram, SLEEP_STAGES } from "../formats";
import { confusionMatrix } from "../training/metrics";
import { applyContextRules } from "./context-rules";
import { mostLikely } from "./decisions";
import { type SimulatedStagerOptions, simulateStager } from "./simulated-stager";
import { fitStageChain, smoothStages } from "./stage-smoothing";

export interface ScoredNight {
  name: string;
  /** Whose night it is: transitions come from others only. */
  subject: string;
  /** Every epoch scored: without "?" and movement. */
  hypnogram: Hypnogram;
}

export const SMOOTHERS = [
  "as predicted",
  "rules, over all exams",
  "rules, per exam",
  "Viterbi",
  "Viterbi, divided by priors",
] as const;
export type Smoother = (typeof SMOOTHERS)[number];

export interface SmoothedNight {
  name: string;
  subject: string;
  truth: Int32Array;
  stages: Readonly<Record<Smoother, Int32Array>>;
  /** Rows: the true class; columns: the one given. */
  confusion: Readonly<Record<Smoother, number[][]>>;
}

/**
 * Simulates a classifier on every night and smooths what it says. For each subject the chain, and the priors of the
 * classifier, are counted on the others' nights.
 * @throws SignalbookError for one subject only, and for nights with epochs that were not scored
 */
export function compareSmoothers(
  nights: readonly ScoredNight[],
  { seed, ...stager }: SimulatedStagerOptions & { seed: number },
): SmoothedNight[] {
  if (new Set(nights.map(({ subject }) => subject)).size < 2)
    throw new SignalbookError("nights of one subject only", {
      expected: "two or more, to take transitions from another",
    });
  const random = new Generator(seed);
  const predicted = nights.map(({ name, subject, hypnogram }) => {
    const chain = fitStageChain(nights.filter((other) => other.subject !== subject).map((other) => other.hypnogram));
    const truth = fiveClasses(hypnogram);
    if (truth.includes(-1))
      throw new SignalbookError("epochs that were not scored", {
        file: hypnogram.source,
        place: `epoch ${truth.indexOf(-1) + 1}`,
        fix: "leave out epochs of movement and those without a stage",
      });
    const ids = hypnogram.stages.map((_, t) => `${name}_${t}`);
    const probabilities = simulateStager(ids, truth, { priors: chain.priors, ...stager }, random);
    return { chain, truth, probabilities, given: mostLikely(probabilities) };
  });
  const whole = applyContextRules(predicted.flatMap(({ given }) => [...given]));
  let begin = 0;
  return nights.map(({ name, subject }, n) => {
    const { chain, truth, probabilities, given } = predicted[n]!;
    const stages: Record<Smoother, Int32Array> = {
      "as predicted": given,
      "rules, over all exams": whole.slice(begin, begin + given.length),
      "rules, per exam": applyContextRules(given),
      Viterbi: smoothStages(probabilities, chain),
      "Viterbi, divided by priors": smoothStages(probabilities, chain, { divideBy: "chain" }),
    };
    begin += given.length;
    const confusion = Object.fromEntries(
      SMOOTHERS.map((smoother) => [smoother, confusionMatrix(truth, stages[smoother], SLEEP_STAGES.length)]),
    ) as Record<Smoother, number[][]>;
    return { name, subject, truth, stages, confusion };
  });
}
