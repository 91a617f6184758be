/** The most likely sequence of hidden states (Viterbi, IEEE Transactions on Information Theory 13, 1967). */
import { SignalbookError } from "../core/errors";

/** Natural logarithms; -Infinity where something cannot be. */
export interface HiddenChain {
  /** Of beginning in each state. */
  initial: readonly number[];
  /** [from][to] */
  transitions: readonly (readonly number[])[];
}

/**
 * @param emissions log of how well each state explains each time, [times, states] row-major; up to a constant a time
 * @returns the state at each time. On a tie the first one.
 * @throws SignalbookError where no sequence is possible, or a number is NaN
 */
export function viterbi(emissions: ArrayLike<number>, { initial, transitions }: HiddenChain): Int32Array {
  const states = initial.length;
  const times = emissions.length / states;
  if (!Number.isInteger(times) || transitions.length !== states || transitions.some((row) => row.length !== states))
    throw new SignalbookError("a chain whose parts do not fit each other", {
      found: `${emissions.length} emissions, ${states} states, transitions of ${transitions.map((row) => row.length).join(", ")}`,
    });
  const path = new Int32Array(times);
  if (times === 0) return path;
  const from = new Int32Array(times * states);
  let score = Float64Array.from(initial, (value, s) => value + emissions[s]!);
  for (let t = 1; t < times; t++) {
    const next = new Float64Array(states);
    for (let to = 0; to < states; to++) {
      let best = 0;
      for (let s = 1; s < states; s++)
        if (score[s]! + transitions[s]![to]! > score[best]! + transitions[best]![to]!) best = s;
      from[t * states + to] = best;
      next[to] = score[best]! + transitions[best]![to]! + emissions[t * states + to]!;
    }
    score = next;
  }
  let last = 0;
  for (let s = 1; s < states; s++) if (score[s]! > score[last]!) last = s;
  if (score.some(Number.isNaN) || score[last] === Number.NEGATIVE_INFINITY)
    throw new SignalbookError("no possible sequence of states", {
      found: `scores ${[...score].join(", ")} at the end`,
      fix: "smooth the transitions, and keep probabilities off 0",
    });
  path[times - 1] = last;
  for (let t = times - 1; t > 0; t--) path[t - 1] = from[t * states + path[t]!]!;
  return path;
}
