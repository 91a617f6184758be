/** Filtering by second-order sections, forwards or forwards and backwards, as SciPy's `sosfilt` and `sosfiltfilt`. */
import { SignalbookError } from "../core/errors";
import type { Sections } from "./filter-design";

/** Two delays a section: what a filter remembers between two parts of a signal. */
export type FilterState = readonly (readonly [number, number])[];

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
 */
export function filterSections(
  sections: Sections,
  samples: ArrayLike<number>,
  state?: FilterState,
): { samples: Float64Array; state: FilterState } {
  const out = Float64Array.from(samples);
  const after = sections.map(([b0, b1, b2, , a1, a2], s): [number, number] => {
    let [w1, w2] = state?.[s] ?? [0, 0];
    for (let i = 0; i < out.length; i++) {
      const x = out[i]!;
      const y = b0 * x + w1;
      w1 = b1 * x - a1 * y + w2;
      w2 = b2 * x - a2 * y;
      out[i] = y;
    }
    return [w1, w2];
  });
  return { samples: out, state: after };
}

/**
 * Filters forwards and backwards: no phase shift, twice the attenuation. The signal is continued at both ends by its
 * point reflection, so that the edges see no step.
 * @throws SignalbookError for a signal not longer than that continuation, and for values that are not finite.
 */
export function filterZeroPhase(sections: Sections, samples: ArrayLike<number>): Float64Array {
  const zeroB = sections.filter((section) => section[2] === 0).length;
  const zeroA = sections.filter((section) => section[5] === 0).length;
  const pad = 3 * (2 * sections.length + 1 - Math.min(zeroB, zeroA));
  const length = samples.length;
  if (length <= pad)
    throw new SignalbookError("a signal too short for this filter", {
      found: `${length} samples`,
      expected: `more than ${pad}`,
      fix: "use a longer window or a lower order",
    });
  const extended = new Float64Array(length + 2 * pad);
  for (let i = 0; i < length; i++) {
    const value = samples[i]!;
    // One NaN would spread over the whole filtered signal.
    if (!Number.isFinite(value))
      throw new SignalbookError("a sample that is no finite number", {
        place: `sample ${i}`,
        found: String(value),
        expected: "finite values",
        fix: "cut the signal at its gaps first",
      });
    extended[pad + i] = value;
  }
  for (let i = 1; i <= pad; i++) {
    extended[pad - i] = 2 * samples[0]! - samples[i]!;
    extended[pad + length - 1 + i] = 2 * samples[length - 1]! - samples[length - 1 - i]!;
  }
  const once = filterSections(sections, extended, steadyState(sections, extended[0])).samples.reverse();
  const twice = filterSections(sections, once, steadyState(sections, once[0])).samples.reverse();
  return twice.slice(pad, pad + length);
}
