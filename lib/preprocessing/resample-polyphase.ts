/**
 * Upsampling, filtering and decimation in one pass. Of the samples that upsampling puts in, all but one in `up` are zero,
 * and of the filtered ones all but one in `down` are dropped: only what is left is computed.
 */
import type { ChannelOutput, ChannelSamples } from "./filter-channels";

/** A filter taken apart: outputs `up` apart meet the same of its coefficients, each `up` apart in the filter. */
export interface Polyphase {
  up: number;
  down: number;
  /** Of each output modulo `up`: the coefficients in the order of the input samples they meet. */
  phases: readonly { taps: Float64Array /** Input sample that the first tap meets. */; first: number }[];
}

/**
 * @param filter coefficients.
 * @param centre the coefficient that meets output 0's own time: 0 for a causal filter, the middle for no delay.
 */
export function polyphase(filter: ArrayLike<number>, centre: number, up: number, down: number): Polyphase {
  const phases = Array.from({ length: up }, (_, m) => {
    // Output m is the sum of filter[k] * input[n] over k = m down + centre - n up.
    const time = m * down + centre;
    const least = time % up;
    const taps = new Float64Array(Math.max(0, Math.ceil((filter.length - least) / up)));
    for (let j = 0; j < taps.length; j++) taps[taps.length - 1 - j] = filter[least + j * up]!;
    return { taps, first: Math.floor(time / up) - taps.length + 1 };
  });
  return { up, down, phases };
}

/** What a signal is taken to be: this much is taken off before and added behind; beyond its ends it goes on like this. */
export interface Continuation {
  level: number;
  /** The sample at n < 0 or n >= length, once the level is off. */
  beyond: (n: number) => number;
}

/** Output samples computed from one stretch of input: it stays in the nearest cache. */
const STRETCH = 2048;

/** Fills `out`, however many samples it has. In place is not possible. */
export function runPolyphase(
  { up, down, phases }: Polyphase,
  samples: ChannelSamples,
  out: ChannelOutput,
  { level, beyond }: Continuation,
): void {
  const reach = Math.max(...phases.map(({ taps }) => taps.length));
  const before = Math.min(...phases.map(({ first }) => first));
  // Whole rounds of the phases, so that each stretch starts with phase 0.
  const rounds = Math.max(1, Math.floor(STRETCH / Math.max(up, down)));
  const stretch = new Float64Array((rounds + 1) * down + reach + down);
  for (let round = 0; round * up < out.length; round += rounds) {
    const start = round * down + before;
    fill(stretch, samples, start, level, beyond);
    const from = round * up;
    const to = Math.min(out.length, from + rounds * up);
    phases.forEach(({ taps, first }, phase) => {
      phaseOutputs(stretch, first - before, down, taps, out, from + phase, to, up, level);
    });
  }
}

/** The input from `start` on, as far as `into` reaches. */
function fill(
  into: Float64Array,
  samples: ChannelSamples,
  start: number,
  level: number,
  beyond: (n: number) => number,
): void {
  const inside = Math.min(into.length, Math.max(0, -start));
  const end = Math.max(inside, Math.min(into.length, samples.length - start));
  for (let i = 0; i < inside; i++) into[i] = beyond(start + i);
  into.set(samples.subarray(start + inside, start + end), inside);
  if (level !== 0) for (let i = inside; i < end; i++) into[i]! -= level;
  for (let i = end; i < into.length; i++) into[i] = beyond(start + i);
}

/** The outputs of one phase, four at a time: each coefficient is read once for the four. */
function phaseOutputs(
  x: Float64Array,
  first: number,
  down: number,
  taps: Float64Array,
  out: ChannelOutput,
  from: number,
  to: number,
  up: number,
  level: number,
): void {
  const count = taps.length;
  let at = first;
  let m = from;
  for (; m + 3 * up < to; m += 4 * up) {
    let [p, q, r, s] = [0, 0, 0, 0];
    for (let k = 0, i = at; k < count; k++, i++) {
      const tap = taps[k]!;
      p += tap * x[i]!;
      q += tap * x[i + down]!;
      r += tap * x[i + 2 * down]!;
      s += tap * x[i + 3 * down]!;
    }
    out[m] = p + level;
    out[m + up] = q + level;
    out[m + 2 * up] = r + level;
    out[m + 3 * up] = s + level;
    at += 4 * down;
  }
  for (; m < to; m += up) {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += taps[k]! * x[at + k]!;
    out[m] = sum + level;
    at += down;
  }
}
