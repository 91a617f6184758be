/**
 * The recursion of a transfer function. A filter with feedback is run on the last inputs and outputs instead of on delays: the same sums in the same order, for
 * four samples at a time, without writing the delays at every sample. What each sample needs:
 *
 *     y[n] = ((x[n-N] bN - y[n-N] aN) + x[n-N+1] b(N-1)) - y[n-N+1] a(N-1) + ... - y[n-1] a1 + x[n] b0
 *
 * from the oldest to the newest, which is what the delays of the transposed direct form II add up to.
 */

import type { ChannelOutput, ChannelSamples } from "./filter-channels";

/** One coefficient a delay for both, divided by a0, so that a[0] is 1. */
export interface Coefficients {
  b: Float64Array;
  a: Float64Array;
  /** False where `a` was given as one number: then a NaN leaves again after `b.length` samples. */
  feedback: boolean;
}

/** Samples filtered at a time: inputs and outputs stay in the nearest cache. */
const BLOCK = 1024;
/** The last samples that four at a time need of one another; lower orders get coefficients of zero. */
const CLOSEST = 3;

/**
 * Filters samples into `out`, which may be the samples themselves, and moves the delays in `state` on.
 * @param backwards from the last sample to the first.
 */
export function runTransfer(
  coefficients: Coefficients,
  samples: ChannelSamples,
  out: ChannelOutput,
  state: Float64Array,
  backwards: boolean,
): void {
  const order = state.length;
  const { length } = samples;
  // Delays given from before can be told from inputs and outputs only once those have replaced them.
  const byDelays = coefficients.feedback ? Math.min(order, length) : length;
  const reach = Math.max(order, CLOSEST);
  const x = new Float64Array(reach + BLOCK + 4);
  const y = new Float64Array(reach + BLOCK + 4);
  for (let n = 0; n < byDelays; n++) {
    const at = backwards ? length - 1 - n : n;
    const input = samples[at]!;
    const output = nextByDelays(coefficients, state, input);
    out[at] = output;
    if (!coefficients.feedback) continue;
    x[reach - byDelays + n] = input;
    y[reach - byDelays + n] = output;
  }
  if (byDelays === length) return;
  const [b, a] = [padded(coefficients.b), padded(coefficients.a)];
  for (let done = byDelays; done < length; done += BLOCK) {
    const count = Math.min(BLOCK, length - done);
    if (backwards) for (let i = 0, at = length - 1 - done; i < count; i++, at--) x[reach + i] = samples[at]!;
    else x.set(samples.subarray(done, done + count), reach);
    runHistory(b, a, x, y, reach, reach + count);
    if (backwards) for (let i = 0, at = length - 1 - done; i < count; i++, at--) out[at] = y[reach + i]!;
    else out.set(y.subarray(reach, reach + count), done);
    x.copyWithin(0, count, count + reach);
    y.copyWithin(0, count, count + reach);
  }
  for (let d = 0; d < order; d++) {
    let sum = 0;
    for (let k = order; k > d; k--) sum = sum + x[reach + d - k]! * b[k]! - y[reach + d - k]! * a[k]!;
    state[d] = sum;
  }
}

function padded(values: Float64Array): Float64Array {
  const out = new Float64Array(Math.max(values.length, CLOSEST + 1));
  out.set(values);
  return out;
}

/** One sample in transposed direct form II. */
function nextByDelays({ b, a, feedback }: Coefficients, state: Float64Array, x: number): number {
  const order = state.length;
  if (order === 0) return b[0]! * x;
  const y = state[0]! + b[0]! * x;
  if (feedback) {
    for (let k = 1; k < order; k++) state[k - 1] = state[k]! + x * b[k]! - y * a[k]!;
    state[order - 1] = x * b[order]! - y * a[order]!;
  } else {
    for (let k = 1; k < order; k++) state[k - 1] = state[k]! + x * b[k]!;
    state[order - 1] = x * b[order]!;
  }
  return y;
}

/**
 * Computes y[from] to y[end - 1] from x, and from the `order` samples of both before `from`. Samples up to the next whole
 * four behind `end` are written as well.
 * @param b, a one coefficient a delay, order + 1 each, a[0] = 1, for an order of {@link CLOSEST} or more.
 */
function runHistory(
  b: Float64Array,
  a: Float64Array,
  x: Float64Array,
  y: Float64Array,
  from: number,
  end: number,
): void {
  const order = b.length - 1;
  const [b0, b1, b2, b3] = [b[0]!, b[1]!, b[2]!, b[3]!];
  const [a1, a2, a3] = [a[1]!, a[2]!, a[3]!];
  for (let n = from; n < end; n = (n + 4) | 0) {
    // "| 0" tells the compiler that an index is an integer of 32 bits, whose overflow need not be watched.
    let i = (n - order) | 0;
    let x0 = x[i]!;
    let x1 = x[i + 1]!;
    let x2 = x[i + 2]!;
    let y0 = y[i]!;
    let y1 = y[i + 1]!;
    let y2 = y[i + 2]!;
    i = (i + 3) | 0;
    let p = 0;
    let q = 0;
    let r = 0;
    let s = 0;
    // The coefficients of the samples four and more back: known for all four.
    for (let k = order; k > CLOSEST; k = (k - 1) | 0) {
      const bk = b[k]!;
      const ak = a[k]!;
      const x3 = x[i]!;
      const y3 = y[i]!;
      i = (i + 1) | 0;
      p = p + x0 * bk - y0 * ak;
      q = q + x1 * bk - y1 * ak;
      r = r + x2 * bk - y2 * ak;
      s = s + x3 * bk - y3 * ak;
      x0 = x1;
      x1 = x2;
      x2 = x3;
      y0 = y1;
      y1 = y2;
      y2 = y3;
    }
    // The rest one after the other: x0, x1, x2 are now the three samples before n.
    const xn = x[n]!;
    const yn = p + x0 * b3 - y0 * a3 + x1 * b2 - y1 * a2 + x2 * b1 - y2 * a1 + xn * b0;
    const xm = x[n + 1]!;
    const ym = q + x1 * b3 - y1 * a3 + x2 * b2 - y2 * a2 + xn * b1 - yn * a1 + xm * b0;
    const xl = x[n + 2]!;
    const yl = r + x2 * b3 - y2 * a3 + xn * b2 - yn * a2 + xm * b1 - ym * a1 + xl * b0;
    y[n] = yn;
    y[n + 1] = ym;
    y[n + 2] = yl;
    y[n + 3] = s + xn * b3 - yn * a3 + xm * b2 - ym * a2 + xl * b1 - yl * a1 + x[n + 3]! * b0;
  }
}
