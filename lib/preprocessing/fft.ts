/** Discrete Fourier transforms of any length, forward and back. */
import { SignalbookError } from "../core/errors";
import { type InterleavedTransform, powerOfTwoTransform } from "./fft-chirp";
import { pairTransform } from "./fft-pair";
import { PlanCache } from "./fft-plans";

/** Complex values, real and imaginary parts apart. */
export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** Forward transform, unscaled: X[k] = sum of x[n] exp(-2 pi i k n / N). */
export function fft({ re, im }: Complex): Complex {
  const length = re.length;
  return isPowerOfTwo(length) ? byPowerOfTwo(re, im) : byParts(re, im);
}

/** Inverse transform, scaled by 1/N. */
export function inverseFft({ re, im }: Complex): Complex {
  // The inverse is the forward transform with real and imaginary parts exchanged, before and after.
  const swapped = fft({ re: im, im: re });
  const scale = (values: Float64Array): Float64Array => values.map((value) => value / re.length);
  return { re: scale(swapped.im), im: scale(swapped.re) };
}

/**
 * Forward transform of real values: the floor(N/2) + 1 coefficients of frequencies 0 to half the sampling rate.
 * @param length N: the input is cut or padded with zeros to it; its own length when left out.
 */
export function rfft(input: ArrayLike<number>, length: number = input.length): Complex {
  const plan = pairTransform(length);
  const given = Math.min(length, input.length);
  for (let i = 0; i < length; i++) {
    plan.input[i * plan.step] = i < given ? input[i]! : 0;
    plan.input[i * plan.step + 1] = 0;
  }
  plan.transform();
  return { re: plan.re[0].slice(), im: plan.im[0].slice() };
}

/**
 * The inverse of {@link rfft}: `length` real values. The imaginary parts of frequency 0 and (of an even length) of half the
 * sampling rate belong to no real signal and are not looked at.
 * @throws SignalbookError unless there are floor(length / 2) + 1 coefficients.
 */
export function inverseRfft({ re, im }: Complex, length: number): Float64Array {
  const bins = Math.floor(length / 2) + 1;
  if (re.length !== bins || im.length !== bins)
    throw new SignalbookError("coefficients that do not fit a real signal", {
      found: `${re.length} and ${im.length}`,
      expected: `${bins} for ${length} samples`,
    });
  // By Hartley's transform, its own inverse: real values in, real values out.
  const hartley = new Float64Array(length);
  for (let k = 0; k < bins; k++) {
    const twin = (length - k) % length;
    const part = twin === k ? 0 : im[k]!;
    hartley[k] = re[k]! - part;
    hartley[twin] = re[k]! + part;
  }
  const back = rfft(hartley);
  for (let n = 0; n < bins; n++) {
    const twin = (length - n) % length;
    hartley[n] = (back.re[n]! - back.im[n]!) / length;
    hartley[twin] = (back.re[n]! + back.im[n]!) / length;
  }
  return hartley;
}

const isPowerOfTwo = (length: number): boolean => length > 1 && (length & (length - 1)) === 0;

const powers = new PlanCache<InterleavedTransform>();

function byPowerOfTwo(re: Float64Array, im: Float64Array): Complex {
  const length = re.length;
  const transform = powers.get(length, powerOfTwoTransform);
  const input = new Float64Array(2 * length);
  for (let i = 0; i < length; i++) {
    input[2 * i] = re[i]!;
    input[2 * i + 1] = im[i]!;
  }
  const out = new Float64Array(2 * length);
  transform(out, input);
  return { re: Float64Array.from(re, (_, i) => out[2 * i]!), im: Float64Array.from(im, (_, i) => out[2 * i + 1]!) };
}

/** The transforms of the real and of the imaginary part, added up. */
function byParts(re: Float64Array, im: Float64Array): Complex {
  const length = re.length;
  const plan = pairTransform(length);
  for (let i = 0; i < length; i++) {
    plan.input[i * plan.step] = re[i]!;
    plan.input[i * plan.step + 1] = im[i]!;
  }
  plan.transform();
  const out = { re: new Float64Array(length), im: new Float64Array(length) };
  for (let k = 0; k < plan.bins; k++) {
    const [a, b, c, d] = [plan.re[0][k]!, plan.im[0][k]!, plan.re[1][k]!, plan.im[1][k]!];
    const twin = (length - k) % length;
    out.re[twin] = a + d;
    out.im[twin] = c - b;
    out.re[k] = a - d;
    out.im[k] = c + b;
  }
  return out;
}
