/**
 * Second-order sections over four channels at once. A recursion waits for its own last value at every sample; four that
 * do not know of one another fill those waits. Two sections in one loop save writing and reading what lies between them.
 */
import type { Section, Sections } from "./filter-design";

/** How many channels run side by side. */
export const LANES = 4;

/** Parts of four channels, equally long, filtered in place. */
export type Lanes = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** The delays of a cascade over four lanes, [section, lane, 2]. */
export function laneState(sections: Sections): Float64Array {
  return new Float64Array(sections.length * LANES * 2);
}

/**
 * Filters the lanes in place and moves the state on.
 * @param used how many lanes, from the first, hold channels; the others may hold anything finite.
 * @param backwards from the last sample to the first.
 */
export function filterLanes(
  sections: Sections,
  lanes: Lanes,
  used: number,
  state: Float64Array,
  backwards: boolean,
): void {
  const [a, b, c, d] = lanes;
  const from = backwards ? a.length - 1 : 0;
  const end = backwards ? -1 : a.length;
  const step = backwards ? -1 : 1;
  let s = 0;
  while (s < sections.length) {
    const section = sections[s]!;
    const next = sections[s + 1];
    const at = s * LANES * 2;
    // Designs have their gain in the first section: in the others b0 is 1, and the loop need not multiply by it.
    if (next !== undefined && next[0] === 1) {
      twoSections(a, b, from, end, step, section, next, state, at);
      if (used > 2) twoSections(c, d, from, end, step, section, next, state, at + LANES);
      s += 2;
    } else {
      oneSection(a, b, c, d, from, end, step, section, state, at);
      s += 1;
    }
  }
}

/**
 * Two sections, the second with b0 = 1, over two lanes. "| 0" tells the compiler that the index is an integer of 32 bits,
 * whose overflow need not be watched.
 */
function twoSections(
  a: Float64Array,
  b: Float64Array,
  from: number,
  end: number,
  step: number,
  [b0, b1, b2, , a1, a2]: Section,
  [, c1, c2, , d1, d2]: Section,
  state: Float64Array,
  at: number,
): void {
  const after = at + LANES * 2;
  let p = state[at]!;
  let q = state[at + 1]!;
  let r = state[at + 2]!;
  let s = state[at + 3]!;
  let t = state[after]!;
  let u = state[after + 1]!;
  let v = state[after + 2]!;
  let w = state[after + 3]!;
  for (let i = from; i !== end; i = (i + step) | 0) {
    const x = a[i]!;
    const y = b0 * x + p;
    p = b1 * x + q - a1 * y;
    q = b2 * x - a2 * y;
    const z = y + t;
    t = c1 * y + u - d1 * z;
    u = c2 * y - d2 * z;
    a[i] = z;
    const X = b[i]!;
    const Y = b0 * X + r;
    r = b1 * X + s - a1 * Y;
    s = b2 * X - a2 * Y;
    const Z = Y + v;
    v = c1 * Y + w - d1 * Z;
    w = c2 * Y - d2 * Z;
    b[i] = Z;
  }
  state[at] = p;
  state[at + 1] = q;
  state[at + 2] = r;
  state[at + 3] = s;
  state[after] = t;
  state[after + 1] = u;
  state[after + 2] = v;
  state[after + 3] = w;
}

/** One section over four lanes. */
function oneSection(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
  from: number,
  end: number,
  step: number,
  [b0, b1, b2, , a1, a2]: Section,
  state: Float64Array,
  at: number,
): void {
  let p = state[at]!;
  let q = state[at + 1]!;
  let r = state[at + 2]!;
  let s = state[at + 3]!;
  let t = state[at + 4]!;
  let u = state[at + 5]!;
  let v = state[at + 6]!;
  let w = state[at + 7]!;
  for (let i = from; i !== end; i = (i + step) | 0) {
    const xa = a[i]!;
    const ya = b0 * xa + p;
    p = b1 * xa + q - a1 * ya;
    q = b2 * xa - a2 * ya;
    a[i] = ya;
    const xb = b[i]!;
    const yb = b0 * xb + r;
    r = b1 * xb + s - a1 * yb;
    s = b2 * xb - a2 * yb;
    b[i] = yb;
    const xc = c[i]!;
    const yc = b0 * xc + t;
    t = b1 * xc + u - a1 * yc;
    u = b2 * xc - a2 * yc;
    c[i] = yc;
    const xd = d[i]!;
    const yd = b0 * xd + v;
    v = b1 * xd + w - a1 * yd;
    w = b2 * xd - a2 * yd;
    d[i] = yd;
  }
  state[at] = p;
  state[at + 1] = q;
  state[at + 2] = r;
  state[at + 3] = s;
  state[at + 4] = t;
  state[at + 5] = u;
  state[at + 6] = v;
  state[at + 7] = w;
}
