/** Discrete Fourier transforms of any length: fft.js for powers of two, Bluestein's algorithm on top of it for others. */
import FFT from "fft.js";
import { SignalbookError } from "../core/errors";

/** Complex values, real and imaginary parts apart. */
export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** Plans are kept: a recording asks for the same few lengths again and again. */
const plans = new Map<number, (input: Complex, inverse: boolean) => Complex>();
const MAX_PLANS = 64;

/** Forward transform, unscaled: X[k] = sum of x[n] exp(-2 pi i k n / N). */
export function fft(input: Complex): Complex {
  return planFor(input.re.length)(input, false);
}

/** Inverse transform, scaled by 1/N. */
export function inverseFft(input: Complex): Complex {
  return planFor(input.re.length)(input, true);
}

/**
 * Forward transform of real values: the floor(N/2) + 1 coefficients of frequencies 0 to half the sampling rate.
 * @param length N: the input is cut or padded with zeros to it; its own length when left out.
 */
export function rfft(input: ArrayLike<number>, length: number = input.length): Complex {
  const re = new Float64Array(length);
  for (let i = 0; i < Math.min(length, input.length); i++) re[i] = input[i]!;
  const { re: outRe, im: outIm } = fft({ re, im: new Float64Array(length) });
  const half = Math.floor(length / 2) + 1;
  return { re: outRe.slice(0, half), im: outIm.slice(0, half) };
}

function planFor(length: number): (input: Complex, inverse: boolean) => Complex {
  let plan = plans.get(length);
  if (plan === undefined) {
    if (length < 1)
      throw new SignalbookError("a transform of nothing", { found: `${length} samples`, expected: "1 or more" });
    plan = length === 1 ? (input) => ({ re: input.re.slice(), im: input.im.slice() }) : makePlan(length);
    if (plans.size >= MAX_PLANS) plans.delete(plans.keys().next().value!);
    plans.set(length, plan);
  }
  return plan;
}

function makePlan(length: number): (input: Complex, inverse: boolean) => Complex {
  const isPowerOfTwo = (length & (length - 1)) === 0;
  const forward = isPowerOfTwo ? powerOfTwo(length) : bluestein(length);
  return (input, inverse) => {
    if (!inverse) return forward(input);
    // The inverse is the forward transform with real and imaginary parts exchanged, before and after.
    const swapped = forward({ re: input.im, im: input.re });
    const scale = (values: Float64Array): Float64Array => values.map((value) => value / length);
    return { re: scale(swapped.im), im: scale(swapped.re) };
  };
}

function powerOfTwo(length: number): (input: Complex) => Complex {
  const transform = new FFT(length);
  const data = new Float64Array(2 * length);
  const out = new Float64Array(2 * length);
  return ({ re, im }) => {
    for (let i = 0; i < length; i++) {
      data[2 * i] = re[i]!;
      data[2 * i + 1] = im[i]!;
    }
    transform.transform(out, data);
    const result = { re: new Float64Array(length), im: new Float64Array(length) };
    for (let i = 0; i < length; i++) {
      result.re[i] = out[2 * i]!;
      result.im[i] = out[2 * i + 1]!;
    }
    return result;
  };
}

/** Bluestein 1970: a transform of any length as a convolution with a chirp, which powers of two can do. */
function bluestein(length: number): (input: Complex) => Complex {
  let size = 1;
  while (size < 2 * length - 1) size *= 2;
  const inner = powerOfTwo(size);
  const cos = new Float64Array(length);
  const sin = new Float64Array(length);
  for (let n = 0; n < length; n++) {
    // n^2 modulo 2N keeps the angle small, so that it stays exact for long signals.
    const angle = (Math.PI * ((n * n) % (2 * length))) / length;
    cos[n] = Math.cos(angle);
    sin[n] = Math.sin(angle);
  }
  const chirp = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let n = 0; n < length; n++) {
    chirp.re[n] = cos[n]!;
    chirp.im[n] = sin[n]!;
    if (n > 0) {
      chirp.re[size - n] = cos[n]!;
      chirp.im[size - n] = sin[n]!;
    }
  }
  const kernel = inner(chirp);
  return ({ re, im }) => {
    const a = { re: new Float64Array(size), im: new Float64Array(size) };
    for (let n = 0; n < length; n++) {
      a.re[n] = re[n]! * cos[n]! + im[n]! * sin[n]!;
      a.im[n] = im[n]! * cos[n]! - re[n]! * sin[n]!;
    }
    const spectrum = inner(a);
    // Multiplied, with parts exchanged: the forward transform then gives the inverse one.
    const product = { re: new Float64Array(size), im: new Float64Array(size) };
    for (let k = 0; k < size; k++) {
      product.im[k] = spectrum.re[k]! * kernel.re[k]! - spectrum.im[k]! * kernel.im[k]!;
      product.re[k] = spectrum.re[k]! * kernel.im[k]! + spectrum.im[k]! * kernel.re[k]!;
    }
    const convolved = inner(product);
    const out = { re: new Float64Array(length), im: new Float64Array(length) };
    for (let k = 0; k < length; k++) {
      const x = convolved.im[k]! / size;
      const y = convolved.re[k]! / size;
      out.re[k] = x * cos[k]! + y * sin[k]!;
      out.im[k] = y * cos[k]! - x * sin[k]!;
    }
    return out;
  };
}
