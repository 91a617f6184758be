/**
 * Filtering by a transfer function, forwards or forwards and backwards, as SciPy's `lfilter` and `filtfilt`, in the same
 * order of operations: where the coefficients are equal, so is every sample. NaN and infinities spread as they do there:
 * from the first one on, forwards, every sample is NaN (without feedback: as far as the filter reaches); both ways, all.
 */
import { SignalbookError } from "../core/errors";
import { checkPadding, reflect } from "./filter";
import { type ChannelOutput, type ChannelSamples, outputsFor } from "./filter-channels";
import type { TransferFunction } from "./filter-design";
import { type Coefficients, runTransfer } from "./filter-history";

/**
 * The delays of a filter that has seen `level` forever: SciPy's `lfilter_zi`. The coefficients a of a filter with a pole
 * near 1 nearly cancel in their sum, by which this divides: a band-pass from 0.5 Hz at 500 Hz keeps seven digits.
 * @throws SignalbookError for a filter that has no such state, because it amplifies a constant without end.
 */
export function steadyTransferState(filter: TransferFunction, level = 1): Float64Array {
  const { b, a } = normalised(filter);
  const feedback = a.reduce((sum, value) => sum + value, 0);
  if (feedback === 0)
    throw new SignalbookError("a filter without a steady state", {
      found: "coefficients a that sum to 0 (a pole at z = 1)",
      expected: "a stable filter",
    });
  const state = new Float64Array(b.length - 1);
  let first = 0;
  for (let k = 1; k < b.length; k++) first += b[k]! - a[k]! * b[0]!;
  first /= feedback;
  let poles = 1;
  let zeros = 0;
  for (let k = 0; k < state.length; k++) {
    if (k > 0) {
      poles += a[k]!;
      zeros += b[k]! - a[k]! * b[0]!;
    }
    state[k] = level * (poles * first - zeros);
  }
  return state;
}

/**
 * Filters forwards. The state returned continues with the next part of the signal.
 * @param state one delay an order, before the first sample; at rest when left out.
 * @throws SignalbookError for coefficients that make no filter, and a state of another order.
 */
export function filterTransfer(
  filter: TransferFunction,
  samples: ArrayLike<number>,
  state?: ArrayLike<number>,
): { samples: Float64Array; state: Float64Array } {
  const out = new Float64Array(samples);
  const after = filterTransferChannels(filter, [out], { into: [out], states: state === undefined ? [] : [state] });
  return { samples: out, state: after.states[0]! };
}

/**
 * Filters several channels forwards.
 * @param channels equally long.
 * @param options.into where to write: may be the channels themselves; new Float64Arrays when left out.
 * @param options.states one a channel, from the part before; all at rest when left out or empty.
 * @throws SignalbookError as {@link filterTransfer}, and for channels that do not fit one another or `into`.
 */
export function filterTransferChannels(
  filter: TransferFunction,
  channels: readonly ChannelSamples[],
  { into, states = [] }: { into?: readonly ChannelOutput[]; states?: readonly ArrayLike<number>[] } = {},
): { channels: readonly ChannelOutput[]; states: readonly Float64Array[] } {
  const coefficients = normalised(filter);
  const order = coefficients.b.length - 1;
  if (states.length > 0 && (states.length !== channels.length || states.some((state) => state.length !== order)))
    throw new SignalbookError("states that do not fit the filter or the channels", {
      found: `${states.length} of ${[...new Set(states.map((state) => state.length))].join(", ")} delays`,
      expected: `${channels.length} of ${order} delays`,
    });
  const outputs = outputsFor(channels, channels[0]?.length ?? 0, into);
  const after = outputs.map((out, i) => {
    const state = new Float64Array(order);
    if (states[i] !== undefined) state.set(states[i]!);
    runTransfer(coefficients, channels[i]!, out, state, false);
    return state;
  });
  return { channels: outputs, states: after };
}

/**
 * Filters forwards and backwards, as {@link filterTransfer}: no phase shift, twice the attenuation. The signal is
 * continued at both ends by its point reflection over three times as many samples as the filter has coefficients.
 * @throws SignalbookError for coefficients that make no filter, and a signal not longer than that continuation.
 */
export function filterTransferZeroPhase(filter: TransferFunction, samples: ArrayLike<number>): Float64Array {
  const coefficients = normalised(filter);
  // SciPy counts the coefficients as given, zeros included.
  const pad = 3 * Math.max(filter.b.length, filter.a.length);
  checkPadding(samples.length, pad);
  const steady = steadyTransferState(filter);
  const [head, tail] = [new Float64Array(pad), new Float64Array(pad)];
  const out = new Float64Array(samples);
  reflect(out, head, tail);
  const state = steady.map((value) => value * head[0]!);
  runTransfer(coefficients, head, head, state, false);
  runTransfer(coefficients, out, out, state, false);
  runTransfer(coefficients, tail, tail, state, false);
  const back = steady.map((value) => value * tail[pad - 1]!);
  runTransfer(coefficients, tail, tail, back, true);
  runTransfer(coefficients, out, out, back, true);
  return out;
}

function normalised({ b, a }: TransferFunction): Coefficients {
  const finite = (values: ArrayLike<number>): boolean => Array.from(values).every(Number.isFinite);
  if (b.length === 0 || a.length === 0 || a[0] === 0 || !finite(b) || !finite(a))
    throw new SignalbookError("coefficients that make no filter", {
      found: `b of ${b.length}, a of ${a.length} values, a[0] = ${a[0]}`,
      expected: "at least one finite value each, a[0] not 0",
    });
  const length = Math.max(b.length, a.length);
  const scaled = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length }, (_, k) => (values[k] ?? 0) / a[0]!);
  return { b: scaled(b), a: scaled(a), feedback: a.length > 1 };
}
