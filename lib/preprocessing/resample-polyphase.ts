/**
 * Upsampling, filtering and decimation in one pass. Of the samples that upsampling puts in, all but one in `up` are zero,
 * and of the filtered ones all but one in `down` are dropped: only what is left is computed.
 */
import type { ChannelOutput, ChannelSamples } from "./filter-channels";

/** The coefficients that one phase of the outputs meets, one for one with input samples. */
interface Phase {
  /** Input sample that the first of them meets. */
  first: number;
  taps: Float64Array;
  /** The same in rows, each of those that meet every `down`th input sample, filled up with zeros to whole fours. */
  rowTaps: Float64Array;
  /** Where each of the `down` rows begins in `rowTaps`; one more for the end. */
  rows: Int32Array;
}

/** A filter taken apart: outputs `up` apart meet the same of its coefficients, each `up` apart in the filter. */
export interface Polyphase {
  up: number;
  down: number;
  /** Of each output modulo `up`. */
  phases: readonly Phase[];
  /** Most coefficients of one phase. */
  reach: number;
  /** Whether rows are worth it: they are not where they hold a coefficient or two. */
  byRows: boolean;
}

/** Outputs of one phase computed at a time. */
const AT_ONCE = 4;

/**
 * @param filter coefficients.
 * @param centre the coefficient that meets output 0's own time: 0 for a causal filter, the middle for no delay.
 */
export function polyphase(filter: ArrayLike<number>, centre: number, up: number, down: number): Polyphase {
  const phases = Array.from({ length: up }, (_, m): Phase => {
    // Output m is the sum of filter[k] * input[n] over k = m down + centre - n up.
    const time = m * down + centre;
    const least = time % up;
    const count = Math.max(0, Math.ceil((filter.length - least) / up));
    const taps = Float64Array.from({ length: count }, (_, i) => filter[least + (count - 1 - i) * up]!);
    const rows = new Int32Array(down + 1);
    for (let row = 0; row < down; row++)
      rows[row + 1] = rows[row]! + AT_ONCE * Math.max(0, Math.ceil((count - row) / down / AT_ONCE));
    const rowTaps = new Float64Array(rows[down]!);
    taps.forEach((tap, i) => {
      rowTaps[rows[i % down]! + Math.floor(i / down)] = tap;
    });
    return { first: Math.floor(time / up) - count + 1, taps, rowTaps, rows };
  });
  const total = (of: "taps" | "rowTaps"): number => phases.reduce((sum, phase) => sum + phase[of].length, 0);
  const reach = Math.max(...phases.map(({ taps }) => taps.length));
  return { up, down, phases, reach, byRows: total("rowTaps") < 1.5 * total("taps") };
}

/** What a signal is taken to be: this much is taken off before and added behind; beyond its ends it goes on like this. */
export interface Continuation {
  level: number;
  /** The sample at n < 0 or n >= length, once the level is off. */
  beyond: (n: number) => number;
}

/** Input samples read at a time, about: they stay in the nearest cache. */
const STRETCH = 2048;

/** Fills `out`, however many samples it has. In place is not possible. */
export function runPolyphase(
  { up, down, phases, reach, byRows }: Polyphase,
  samples: ChannelSamples,
  out: ChannelOutput,
  { level, beyond }: Continuation,
): void {
  const before = Math.min(...phases.map(({ first }) => first));
  // Whole rounds of the phases, so that each stretch starts with phase 0, and enough of them to compute at once.
  const rounds = AT_ONCE * Math.max(4, Math.floor(STRETCH / Math.max(up, down) / AT_ONCE));
  // Phases begin up to `down` samples apart; rows read as far as their zeros reach.
  const stretch = new Float64Array((rounds + 2 + AT_ONCE) * down + reach);
  const results = new Float64Array(rounds);
  for (let round = 0; round * up < out.length; round += rounds) {
    fill(stretch, samples, round * down + before, level, beyond);
    phases.forEach((phase, m) => {
      const from = round * up + m;
      const count = Math.min(rounds, Math.ceil((out.length - from) / up));
      const at = phase.first - before;
      // A zero spreads NaN farther than the filter reaches: such stretches go without.
      if (!byRows || !outputsByRows(stretch, at, down, phase, results, count))
        outputs(stretch, at, down, phase, results, count);
      place(results, count, level, out, from, up);
    });
  }
}

/** The results of one phase, `up` apart from `from` on. */
function place(
  results: Float64Array,
  count: number,
  level: number,
  out: ChannelOutput,
  from: number,
  up: number,
): void {
  for (let i = 0, to = from; i < count; i++, to = (to + up) | 0) out[to] = results[i]! + level;
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

/**
 * The outputs of one phase, four at a time, by rows: along a row, what one output meets next is what its neighbour meets
 * now, so that four products need one sample and one coefficient from memory. `results` is written in whole fours.
 * @returns false when a result is not finite.
 */
function outputsByRows(
  x: Float64Array,
  first: number,
  down: number,
  { rowTaps, rows }: Phase,
  results: Float64Array,
  count: number,
): boolean {
  let at = first;
  // "| 0" tells the compiler that an index is an integer of 32 bits, whose overflow need not be watched.
  for (let m = 0; m < count; m += AT_ONCE) {
    let p = 0;
    let q = 0;
    let r = 0;
    let s = 0;
    for (let row = 0; row < down; row++) {
      const end = rows[row + 1]!;
      let i = (at + row) | 0;
      let a = x[i]!;
      i = (i + down) | 0;
      let b = x[i]!;
      i = (i + down) | 0;
      let c = x[i]!;
      i = (i + down) | 0;
      for (let k = rows[row]!; k < end; k = (k + AT_ONCE) | 0) {
        const d = x[i]!;
        i = (i + down) | 0;
        const tap0 = rowTaps[k]!;
        p += tap0 * a;
        q += tap0 * b;
        r += tap0 * c;
        s += tap0 * d;
        a = x[i]!;
        i = (i + down) | 0;
        const tap1 = rowTaps[k + 1]!;
        p += tap1 * b;
        q += tap1 * c;
        r += tap1 * d;
        s += tap1 * a;
        b = x[i]!;
        i = (i + down) | 0;
        const tap2 = rowTaps[k + 2]!;
        p += tap2 * c;
        q += tap2 * d;
        r += tap2 * a;
        s += tap2 * b;
        c = x[i]!;
        i = (i + down) | 0;
        const tap3 = rowTaps[k + 3]!;
        p += tap3 * d;
        q += tap3 * a;
        r += tap3 * b;
        s += tap3 * c;
      }
    }
    if (!Number.isFinite(p + q + r + s)) return false;
    results[m] = p;
    results[m + 1] = q;
    results[m + 2] = r;
    results[m + 3] = s;
    at = (at + AT_ONCE * down) | 0;
  }
  return true;
}

/** The same one coefficient after the other, for four outputs each. */
function outputs(
  x: Float64Array,
  first: number,
  down: number,
  { taps }: Phase,
  results: Float64Array,
  count: number,
): void {
  const [twice, thrice] = [2 * down, 3 * down];
  let at = first;
  for (let m = 0; m < count; m += AT_ONCE) {
    let p = 0;
    let q = 0;
    let r = 0;
    let s = 0;
    for (let k = 0; k < taps.length; k++) {
      const tap = taps[k]!;
      const i = (at + k) | 0;
      p += tap * x[i]!;
      q += tap * x[(i + down) | 0]!;
      r += tap * x[(i + twice) | 0]!;
      s += tap * x[(i + thrice) | 0]!;
    }
    results[m] = p;
    results[m + 1] = q;
    results[m + 2] = r;
    results[m + 3] = s;
    at = (at + AT_ONCE * down) | 0;
  }
}
