/** A score of several runs that differ by chance alone, as one. */
import type { Generator } from "../core/random";
import type { Score } from "./intervals";

/**
 * The mean score of several answers, for scoreInterval, whose first call is for the estimate: all runs, as they are. From
 * the second call on runs are drawn with replacement, as examples are: an interval that holds both chances. With few runs
 * it is narrower than what further runs would give. Use it once.
 */
export function meanOverRuns(score: Score, random: Generator): Score {
  let first = true;
  return (truth, ...runs) => {
    const scores = runs.map((run) => score(truth, run));
    if (scores.includes(null)) return null;
    const drawn = first ? scores : scores.map(() => scores[random.below(scores.length)]!);
    first = false;
    return drawn.reduce<number>((sum, value) => sum + value!, 0) / drawn.length;
  };
}
