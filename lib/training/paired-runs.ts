/**
 * Two ways of training compared run by run: same seed, same data, same batches, so that what differs is the one thing in
 * question and not the luck of a start.
 */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import type { Model } from "../models";
import type { BootstrapInterval, BootstrapOptions } from "./bootstrap";
import type { Dataset } from "./dataset";
import { fit } from "./fit";
import type { FitOptions } from "./fit-options";
import { type Score, scoreInterval } from "./intervals";
import { predict } from "./predict";
import type { Probabilities } from "./probabilities";

/** A way to train: all that a run is told but its seed, which draws the first weights too. */
export type TrainingWay = Omit<FitOptions, "model" | "seed" | "checkpoint"> & { model(random: Generator): Model };

/** Of predictions: what is asked, not how it was learnt. */
const ASKED_BATCH = 64;

/** Trains a network one way and asks it; nothing of it is kept but its answers. */
export async function trainWay(
  { model: make, ...options }: TrainingWay,
  seed: number,
  asked: Dataset,
): Promise<Probabilities> {
  const model = make(new Generator(seed));
  try {
    await fit({ ...options, model, seed });
    return await predict(model, asked, { batchSize: ASKED_BATCH, activation: options.loss.activation });
  } finally {
    model.dispose();
  }
}

/** What two networks answered that were trained alike but for one thing. */
export interface PairedRun {
  seed: number;
  /** As it was meant. */
  intended: Probabilities;
  /** With the published slip. */
  published: Probabilities;
}

export interface PairedCost extends BootstrapInterval {
  /** The cost of each pair, in the order of the runs. */
  costs: number[];
}

/**
 * What a slip costs: the score of the intended way minus that of the published one, averaged over pairs of runs. Above 0
 * the slip costs. Its interval draws groups (people) and pairs of runs with replacement: with two or three pairs it is
 * narrower than what further seeds would give, see {@link seedSpread}.
 * @param score larger is better
 * @throws SignalbookError for no runs, and as {@link scoreInterval}
 */
export function pairedCost(
  dataset: Dataset,
  runs: readonly PairedRun[],
  score: Score,
  options: BootstrapOptions,
): PairedCost {
  if (runs.length === 0) throw new SignalbookError("a comparison without runs", { place: dataset.name });
  const random = new Generator(options.seed);
  let costs: number[] | null = null;
  const interval = scoreInterval(
    dataset,
    runs.flatMap(({ intended, published }) => [intended, published]),
    (truth, ...values) => {
      const own = runs.map((_, r) => {
        const [meant, slipped] = [score(truth, values[2 * r]!), score(truth, values[2 * r + 1]!)];
        return meant === null || slipped === null ? null : meant - slipped;
      });
      if (own.includes(null)) return null;
      const found = own as number[];
      // The first call is for the estimate: all examples and all runs, as they are.
      if (costs === null) {
        costs = found;
        return mean(found);
      }
      return mean(found.map(() => found[random.below(found.length)]!));
    },
    options,
  );
  return { ...interval, costs: costs! };
}

/** The score by itself, without an interval. @throws SignalbookError where it is not defined */
export function plainScore(dataset: Dataset, answer: Probabilities, score: Score): number {
  return scoreInterval(dataset, [answer], score, { samples: 1, seed: 0, level: 0.5 }).estimate;
}

/**
 * By how much runs that differ in their seed alone differ in score: the mean over all pairs. A cost that is no larger
 * may be nothing but another start.
 * @throws SignalbookError for fewer than two runs, or a score that is not defined
 */
export function seedSpread(dataset: Dataset, runs: readonly Probabilities[], score: Score): number {
  if (runs.length < 2)
    throw new SignalbookError("a spread over too few runs", { found: String(runs.length), expected: "2 or more" });
  const scores = runs.map((run) => plainScore(dataset, run, score));
  const differences = scores.flatMap((one, i) => scores.slice(i + 1).map((other) => Math.abs(one - other)));
  return mean(differences);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
