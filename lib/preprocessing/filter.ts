/**
 * Filtering by second-order sections, forwards or forwards and backwards, as SciPy's `sosfilt` and `sosfiltfilt`.
 * NaN and infinities spread as they do there: from the first one on, forwards, every sample is NaN; both ways, all are.
 */
import { SignalbookError } from "../core/errors";
import { type ChannelOutput, type ChannelSamples, outputsFor } from "./filter-channels";
import type { Sections } from "./filter-design";
import { filterLanes, LANES, type Lanes, laneState } from "./filter-lanes";

/** Two delays a section: what a filter remembers between two parts of a signal. */
export type FilterState = readonly (readonly [number, number])[];

/** Samples filtered at a time: four channels' worth stays in the nearest cache from section to section. */
const BLOCK = 1024;

/** The state of a filter that has seen `level` forever: starting from it, a signal at that level makes no transient. */
export function steadyState(sections: Sections, level = 1): FilterState {
  let scale = level;
  return sections.map(([b0, b1, b2, , a1, a2]) => {
    const first = (b1 - a1 * b0 + (b2 - a2 * b0)) / (1 + a1 + a2);
    const state = [scale * first, scale * (b2 - a2 * b0 - a2 * first)] as const;
    scale *= (b0 + b1 + b2) / (1 + a1 + a2);
    return state;
  });
}

/**
 * Filters forwards. The state returned continues with the next part of the signal.
 * @param state of the filter before the first sample; at rest when left out.
 * @throws SignalbookError for sections that are none, and a state of another filter.
 */
export function filterSections(
  sections: Sections,
  samples: ArrayLike<number>,
  state?: FilterState,
): { samples: Float64Array; state: FilterState } {
  const out = new Float64Array(samples);
  const after = filterSectionsChannels(sections, [out], { into: [out], states: state === undefined ? [] : [state] });
  return { samples: out, state: after.states[0]! };
}

/**
 * Filters several channels forwards.
 * @param channels equally long.
 * @param options.into where to write: may be the channels themselves; new Float64Arrays when left out.
 * @param options.states one a channel, from the part before; all at rest when left out or empty.
 * @throws SignalbookError as {@link filterSections}, and for channels that do not fit one another or `into`.
 */
export function filterSectionsChannels(
  sections: Sections,
  channels: readonly ChannelSamples[],
  { into, states = [] }: { into?: readonly ChannelOutput[]; states?: readonly FilterState[] } = {},
): { channels: readonly ChannelOutput[]; states: readonly FilterState[] } {
  checkSections(sections);
  if (states.length > 0 && states.length !== channels.length)
    throw new SignalbookError("states that do not fit the channels", {
      found: String(states.length),
      expected: `${channels.length}, one a channel`,
    });
  const length = channels[0]?.length ?? 0;
  const outputs = outputsFor(channels, length, into);
  const scratch = spareLanes(Math.min(BLOCK, length));
  const after: FilterState[] = [];
  for (let first = 0; first < channels.length; first += LANES) {
    const group = outputs.slice(first, first + LANES);
    const state = laneState(sections);
    group.forEach((_, lane) => {
      const given = states[first + lane];
      if (given !== undefined) setState(state, sections, lane, given);
    });
    for (let from = 0; from < length; from += BLOCK) {
      const to = Math.min(length, from + BLOCK);
      const lanes = lanesOf(group, scratch, from, to);
      group.forEach((out, lane) => {
        const channel = channels[first + lane]!;
        if (channel !== out || out instanceof Float32Array) lanes[lane]!.set(channel.subarray(from, to));
      });
      filterLanes(sections, lanes, group.length, state, false);
      group.forEach((out, lane) => {
        if (out instanceof Float32Array) out.set(lanes[lane]!, from);
      });
    }
    group.forEach((_, lane) => {
      after.push(getState(state, sections, lane));
    });
  }
  return { channels: outputs, states: after };
}

/**
 * Filters forwards and backwards: no phase shift, twice the attenuation. The signal is continued at both ends by its
 * point reflection, so that the edges see no step.
 * @throws SignalbookError for sections that are none, and a signal not longer than that continuation.
 */
export function filterZeroPhase(sections: Sections, samples: ArrayLike<number>): Float64Array {
  const out = new Float64Array(samples);
  filterZeroPhaseChannels(sections, [out], { into: [out] });
  return out;
}

/**
 * Filters several channels forwards and backwards, as {@link filterZeroPhase}.
 * @param channels equally long.
 * @param options.into where to write: may be the channels themselves; new Float64Arrays when left out. For Float32Arrays
 * the doubles of four channels are held meanwhile.
 * @throws SignalbookError as {@link filterZeroPhase}, and for channels that do not fit one another or `into`.
 */
export function filterZeroPhaseChannels(
  sections: Sections,
  channels: readonly ChannelSamples[],
  { into }: { into?: readonly ChannelOutput[] } = {},
): readonly ChannelOutput[] {
  checkSections(sections);
  const length = channels[0]?.length ?? 0;
  const outputs = outputsFor(channels, length, into);
  if (channels.length === 0) return outputs;
  const zeroB = sections.filter((section) => section[2] === 0).length;
  const zeroA = sections.filter((section) => section[5] === 0).length;
  const pad = 3 * (2 * sections.length + 1 - Math.min(zeroB, zeroA));
  checkPadding(length, pad);
  const steady = steadyState(sections);
  const spare = spareLanes(Math.min(BLOCK, length));
  const doubles: Float64Array[] = [];
  for (let first = 0; first < channels.length; first += LANES) {
    const group = outputs.slice(first, first + LANES);
    const work = group.map((out, lane) => {
      if (out instanceof Float64Array) return out;
      doubles[lane] ??= new Float64Array(length);
      return doubles[lane]!;
    });
    const heads = spareLanes(pad);
    const tails = spareLanes(pad);
    group.forEach((_, lane) => {
      reflect(channels[first + lane]!, heads[lane]!, tails[lane]!);
    });
    const state = laneState(sections);
    const start = (levels: Lanes, at: number): void =>
      levels.forEach((values, lane) => {
        setState(state, sections, lane, scaledState(steady, values[at]!));
      });
    start(heads, 0);
    filterLanes(sections, heads, group.length, state, false);
    for (let from = 0; from < length; from += BLOCK) {
      const to = Math.min(length, from + BLOCK);
      const lanes = lanesOf(work, spare, from, to);
      work.forEach((values, lane) => {
        const channel = channels[first + lane]!;
        if (channel !== values) lanes[lane]!.set(channel.subarray(from, to));
      });
      filterLanes(sections, lanes, group.length, state, false);
    }
    filterLanes(sections, tails, group.length, state, false);
    start(tails, pad - 1);
    filterLanes(sections, tails, group.length, state, true);
    for (let to = length; to > 0; to -= BLOCK)
      filterLanes(sections, lanesOf(work, spare, Math.max(0, to - BLOCK), to), group.length, state, true);
    group.forEach((out, lane) => {
      if (out !== work[lane]) out.set(work[lane]!);
    });
  }
  return outputs;
}

/** Fills the stretches before and behind a signal with its point reflections. */
export function reflect(samples: ArrayLike<number>, head: Float64Array, tail: Float64Array): void {
  const pad = head.length;
  const last = samples.length - 1;
  for (let i = 1; i <= pad; i++) {
    head[pad - i] = 2 * samples[0]! - samples[i]!;
    tail[i - 1] = 2 * samples[last]! - samples[last - i]!;
  }
}

/** @throws SignalbookError for a signal that cannot be reflected over `pad` samples. */
export function checkPadding(length: number, pad: number): void {
  if (length <= pad)
    throw new SignalbookError("a signal too short for this filter", {
      found: `${length} samples`,
      expected: `more than ${pad}`,
      fix: "use a longer window or a lower order",
    });
}

function checkSections(sections: Sections): void {
  if (sections.length === 0)
    throw new SignalbookError("a filter without sections", { found: "0", expected: "1 or more" });
  sections.forEach((section, i) => {
    if (section.length !== 6 || !section.every(Number.isFinite) || section[3] !== 1)
      throw new SignalbookError("a section that is no filter", {
        place: `section ${i}`,
        found: section.join(", "),
        expected: "six finite numbers b0, b1, b2, 1, a1, a2",
      });
  });
}

function spareLanes(length: number): Lanes {
  return [new Float64Array(length), new Float64Array(length), new Float64Array(length), new Float64Array(length)];
}

/** The stretch [from, to) of each channel, in place where it can be; the spare lanes for those that are missing. */
function lanesOf(group: readonly ChannelOutput[], spare: Lanes, from: number, to: number): Lanes {
  const lane = (i: 0 | 1 | 2 | 3): Float64Array => {
    const channel = group[i];
    return channel instanceof Float64Array ? channel.subarray(from, to) : spare[i].subarray(0, to - from);
  };
  return [lane(0), lane(1), lane(2), lane(3)];
}

function scaledState(state: FilterState, factor: number): FilterState {
  return state.map(([first, second]) => [first * factor, second * factor] as const);
}

function setState(all: Float64Array, sections: Sections, lane: number, state: FilterState): void {
  if (state.length !== sections.length)
    throw new SignalbookError("a state of another filter", {
      found: `${state.length} sections`,
      expected: `${sections.length}, as the filter`,
    });
  state.forEach((delays, s) => {
    all.set(delays, (s * LANES + lane) * 2);
  });
}

function getState(all: Float64Array, sections: Sections, lane: number): FilterState {
  return sections.map((_, s) => {
    const at = (s * LANES + lane) * 2;
    return [all[at]!, all[at + 1]!] as const;
  });
}
