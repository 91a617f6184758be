/** Complex transforms whose length is a power of two, by fft.js, and of any other, by Bluestein's algorithm on top of it. */
import FFT from "fft.js";

/** Forward and unscaled: values lie as real part, imaginary part, real part ... */
export type InterleavedTransform = (out: Float64Array, input: Float64Array) => void;

/** A transform of a power of two, 2 or more. */
export function powerOfTwoTransform(length: number): InterleavedTransform {
  const plan = new FFT(length);
  return (out, input) => plan.transform(out, input);
}

/** Bluestein 1970: a transform of any length as a convolution with a chirp, which powers of two can do. */
export function chirpTransform(length: number): InterleavedTransform {
  let size = 1;
  while (size < 2 * length - 1) size *= 2;
  const inner = powerOfTwoTransform(size);
  const chirp = new Float64Array(2 * length);
  for (let n = 0; n < length; n++) {
    // n^2 modulo 2N keeps the angle small, so that it stays exact for long signals.
    const angle = (Math.PI * ((n * n) % (2 * length))) / length;
    chirp[2 * n] = Math.cos(angle);
    chirp[2 * n + 1] = Math.sin(angle);
  }
  const around = new Float64Array(2 * size);
  for (let n = 0; n < length; n++) {
    const twin = n === 0 ? 0 : size - n;
    around[2 * n] = around[2 * twin] = chirp[2 * n]!;
    around[2 * n + 1] = around[2 * twin + 1] = chirp[2 * n + 1]!;
  }
  const kernel = new Float64Array(2 * size);
  inner(kernel, around);
  const first = new Float64Array(2 * size);
  const second = new Float64Array(2 * size);
  return (out, input) => {
    for (let i = 0; i < 2 * length; i += 2) {
      first[i] = input[i]! * chirp[i]! + input[i + 1]! * chirp[i + 1]!;
      first[i + 1] = input[i + 1]! * chirp[i]! - input[i]! * chirp[i + 1]!;
    }
    first.fill(0, 2 * length);
    inner(second, first);
    // Multiplied, with parts exchanged: the forward transform then gives the inverse one.
    for (let i = 0; i < 2 * size; i += 2) {
      const re = second[i]! * kernel[i]! - second[i + 1]! * kernel[i + 1]!;
      first[i] = second[i]! * kernel[i + 1]! + second[i + 1]! * kernel[i]!;
      first[i + 1] = re;
    }
    inner(second, first);
    for (let i = 0; i < 2 * length; i += 2) {
      const re = second[i + 1]! / size;
      const im = second[i]! / size;
      out[i] = re * chirp[i]! + im * chirp[i + 1]!;
      out[i + 1] = im * chirp[i]! - re * chirp[i + 1]!;
    }
  };
}
