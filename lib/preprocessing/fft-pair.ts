/** Real transforms two at a time, of any length: what spectra are computed with. Plans are kept. */
import { chirpTransform } from "./fft-chirp";
import { type PairTransform, PlanCache } from "./fft-plans";
import { smallRadices, vectorTransform } from "./fft-vector";

/** A recording asks for the same few lengths again and again. */
const plans = new PlanCache<PairTransform>();

/** The plan of a length, kept. @throws SignalbookError unless it is 1 or more. */
export function pairTransform(length: number): PairTransform {
  return plans.get(length, makePlan);
}

/** Beyond it, a plan would not fit into the memory WebAssembly can address. */
const LONGEST_VECTOR = 1 << 24;

function makePlan(length: number): PairTransform {
  if (length > 1 && length <= LONGEST_VECTOR && smallRadices(length) !== undefined) return vectorTransform(length);
  return separated(length, length === 1 ? (out, input) => out.set(input) : chirpTransform(length));
}

/** Two real transforms from one complex one, of the first as real part and the second as imaginary part. */
function separated(length: number, complex: (out: Float64Array, input: Float64Array) => void): PairTransform {
  const bins = Math.floor(length / 2) + 1;
  const input = new Float64Array(2 * length);
  const out = new Float64Array(2 * length);
  const make = (): Float64Array => new Float64Array(bins);
  const re = [make(), make()] as const;
  const im = [make(), make()] as const;
  const squares = [make(), make()] as const;
  const transform = (): void => {
    complex(out, input);
    for (let k = 0; k < bins; k++) {
      const twin = k === 0 ? 0 : length - k;
      const [a, b, c, d] = [out[2 * k]!, out[2 * k + 1]!, out[2 * twin]!, out[2 * twin + 1]!];
      re[0][k] = (a + c) / 2;
      im[0][k] = (b - d) / 2;
      re[1][k] = (b + d) / 2;
      im[1][k] = (c - a) / 2;
    }
  };
  const power = (): void => {
    transform();
    for (const lane of [0, 1] as const)
      for (let k = 0; k < bins; k++) squares[lane][k] = re[lane][k]! ** 2 + im[lane][k]! ** 2;
  };
  const frames = [new Float64Array(length), new Float64Array(length)] as const;
  const levels = new Float64Array(2);
  const shape = new Float64Array(length);
  const taper = (): void => {
    for (const lane of [0, 1] as const)
      for (let i = 0; i < length; i++) input[2 * i + lane] = (frames[lane][i]! - levels[lane]!) * shape[i]!;
  };
  return { length, bins, input, step: 2, frames, levels, shape, taper, re, im, squares, transform, power };
}
