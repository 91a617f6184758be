/** The scalp as flat: where the electrodes of the 10-20 system are, and how much each sees of a place on the cortex. */

/** A place on the head seen from above: x to the right, y to the nose; the circle through Fpz, T3, Oz and T4 has radius 1. */
export type Place = readonly [x: number, y: number];

export const ELECTRODE_PLACES: Readonly<Record<string, Place>> = {
  Fp1: [-0.31, 0.95],
  Fp2: [0.31, 0.95],
  F7: [-0.81, 0.59],
  F3: [-0.42, 0.52],
  Fz: [0, 0.5],
  F4: [0.42, 0.52],
  F8: [0.81, 0.59],
  T3: [-1, 0],
  C3: [-0.5, 0],
  Cz: [0, 0],
  C4: [0.5, 0],
  T4: [1, 0],
  T5: [-0.81, -0.59],
  P3: [-0.42, -0.52],
  Pz: [0, -0.5],
  P4: [0.42, -0.52],
  T6: [0.81, -0.59],
  O1: [-0.31, -0.95],
  O2: [0.31, -0.95],
};

/** Share of a source's amplitude that an electrode sees; `spread` is where it has fallen to 61 %. */
export function gainAt(electrode: Place, source: Place, spread: number): number {
  const squared = (electrode[0] - source[0]) ** 2 + (electrode[1] - source[1]) ** 2;
  return Math.exp(-0.5 * (squared / spread ** 2));
}
