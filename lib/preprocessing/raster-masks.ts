/** Which rows the points of a short line meet, as bits: worked out when a line is first drawn, and kept. */

/** Rows a mask can hold: two words of 32. */
export const MASK_ROWS = 64;

/**
 * Six words a line: rows 0 .. 31 and 32 .. 63 of
 * - all of its points and the same moved back by one row against its direction (a line within a column);
 * - all points but the last; those moved back (a line into the next column: there its end alone lies).
 */
export interface LineMasks {
  /** The line between rows a and b (0 .. height) begins at {@link MASK_WORDS} (a (height + 1) + b); all 0 until filled. */
  readonly words: Int32Array;
  /** Works a line out. */
  fill(from: number, to: number): void;
}

/** Words a line. */
export const MASK_WORDS = 6;

/** Tables kept: one a pair of height and steps, of 100 kB at most. */
const KEPT = 64;
const kept = new Map<number, LineMasks>();

/** The masks of all lines in a window of `height` rows, drawn in `steps` points. */
export function lineMasks(height: number, steps: number): LineMasks {
  const key = height * (MASK_ROWS + 2) + steps;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = newMasks(height, steps);
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, made);
  return made;
}

function newMasks(height: number, steps: number): LineMasks {
  const words = new Int32Array((height + 1) ** 2 * MASK_WORDS);
  const fill = (from: number, to: number): void => {
    const back = Math.sign(to - from);
    const set = (group: number, row: number): void => {
      const y = Math.min(Math.max(row, 0), height - 1);
      const at = MASK_WORDS * (from * (height + 1) + to) + 2 * group + (y >> 5);
      words[at] = words[at]! | (1 << (y & 31));
    };
    for (let k = 0; k < steps; k++) {
      const row = Math.trunc(from + stepAt(k, steps) * (to - from));
      set(0, row);
      set(0, row - back);
      if (k === steps - 1) break;
      set(1, row);
      set(2, row - back);
    }
  };
  return { words, fill };
}

/** NumPy's linspace(0, 1, steps), its rounding included; a single step is the start. */
export function stepAt(k: number, steps: number): number {
  if (steps === 1) return 0;
  return k === steps - 1 ? 1 : k * (1 / (steps - 1));
}
