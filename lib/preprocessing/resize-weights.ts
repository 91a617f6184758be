/**
 * Where each output sample of a resized axis takes its values from, and with which weights: the coordinate rules of
 * OpenCV, PyTorch and Pillow. Worked out once per method and size, and kept.
 */

/** Output i is the sum over t of weights[i * taps + t] * input[indices[i * taps + t]]. */
export interface AxisWeights {
  taps: number;
  indices: Int32Array;
  weights: Float64Array;
}

export type AxisMethod =
  | "opencv-linear-bytes"
  | "opencv-area-shrinking"
  | "opencv-area-growing"
  | "opencv-cubic"
  | "torch-bilinear"
  /** Triangle and cubic (a = -0.5), widened when shrinking: PyTorch's antialias and Pillow. */
  | "antialias-bilinear"
  | "antialias-bicubic";

interface Tap {
  index: number;
  weight: number;
}

/** More pairs of sizes than any program here meets; the oldest goes first. */
const KEPT = 256;
const kept = new Map<string, AxisWeights>();

export function axisWeights(method: AxisMethod, from: number, to: number): AxisWeights {
  const key = `${method} ${from} ${to}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const rows = Array.from({ length: to }, (_, i) => RULES[method](i, from, to));
  const taps = Math.max(...rows.map(({ length }) => length));
  const made: AxisWeights = { taps, indices: new Int32Array(to * taps), weights: new Float64Array(to * taps) };
  rows.forEach((row, i) => {
    for (let t = 0; t < taps; t++) {
      // Rows of fewer taps are filled up with their last one, weighing nothing.
      made.indices[i * taps + t] = (row[t] ?? row.at(-1)!).index;
      made.weights[i * taps + t] = row[t]?.weight ?? 0;
    }
  });
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, made);
  return made;
}

const RULES: Readonly<Record<AxisMethod, (i: number, from: number, to: number) => Tap[]>> = {
  "opencv-linear-bytes": (i, from, to) => {
    const at = Math.fround((i + 0.5) * openCvScale(from, to) - 0.5);
    return pair(Math.floor(at), Math.fround(at - Math.floor(at)), from);
  },
  "opencv-area-growing": (i, from, to) => {
    const index = Math.floor(i * openCvScale(from, to));
    const over = Math.fround(i + 1 - (index + 1) * (to / from));
    return pair(index, over <= 0 ? 0 : Math.fround(over - Math.floor(over)), from);
  },
  "opencv-area-shrinking": areaTaps,
  "opencv-cubic": (i, from, to) => {
    const at = (i + 0.5) * openCvScale(from, to) - 0.5;
    const part = at - Math.floor(at);
    return [-1, 0, 1, 2].map((t) => ({
      index: Math.min(Math.max(Math.floor(at) + t, 0), from - 1),
      weight: cubic(t - part, -0.75),
    }));
  },
  "torch-bilinear": (i, from, to) => {
    const at = Math.max(0, (i + 0.5) * (from / to) - 0.5);
    const index = Math.floor(at);
    return [
      { index, weight: 1 - (at - index) },
      { index: Math.min(index + 1, from - 1), weight: at - index },
    ];
  },
  "antialias-bilinear": (i, from, to) => windowTaps(i, from, to, 1, (x) => Math.max(0, 1 - Math.abs(x))),
  "antialias-bicubic": (i, from, to) => windowTaps(i, from, to, 2, (x) => cubic(x, -0.5)),
};

/** OpenCV divides twice: the second rounding decides on which side of a pixel's edge a coordinate falls. */
function openCvScale(from: number, to: number): number {
  return 1 / (to / from);
}

/** Two neighbours; beyond an end, that end twice: with their weights kept, the fixed-point rounding is OpenCV's. */
function pair(index: number, part: number, from: number): Tap[] {
  const within = (at: number): number => Math.min(Math.max(at, 0), from - 1);
  return [
    { index: within(index), weight: Math.fround(1 - part) },
    { index: within(index + 1), weight: part },
  ];
}

/** The share of each input sample in the output sample's area. */
function areaTaps(i: number, from: number, to: number): Tap[] {
  const scale = openCvScale(from, to);
  const [start, end] = [i * scale, (i + 1) * scale];
  const width = Math.min(scale, from - start);
  const last = Math.min(Math.floor(end), from - 1);
  const first = Math.min(Math.ceil(start), last);
  const taps: Tap[] = [];
  // Shares below a thousandth are rounding, not area.
  if (first - start > 1e-3) taps.push({ index: first - 1, weight: Math.fround((first - start) / width) });
  for (let index = first; index < last; index++) taps.push({ index, weight: Math.fround(1 / width) });
  if (end - last > 1e-3)
    taps.push({ index: last, weight: Math.fround(Math.min(Math.min(end - last, 1), width) / width) });
  return taps;
}

/** Keys' cubic of one parameter: -0.5 is the smoothest, -0.75 the sharper one of OpenCV. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** A window of `support` samples to each side, as much wider as the axis shrinks; weights that sum to 1. */
function windowTaps(i: number, from: number, to: number, support: number, shape: (x: number) => number): Tap[] {
  const scale = from / to;
  const widening = Math.max(scale, 1);
  const centre = (i + 0.5) * scale;
  const first = Math.max(0, Math.trunc(centre - support * widening + 0.5));
  const end = Math.min(from, Math.trunc(centre + support * widening + 0.5));
  const weights = Array.from({ length: end - first }, (_, t) => shape((t + first - centre + 0.5) * (1 / widening)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, t) => ({ index: first + t, weight: weight / sum }));
}
