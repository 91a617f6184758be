/** What a filter does to each frequency, as SciPy's `freqz` and `sosfreqz`. */
import { SignalbookError } from "../core/errors";
import type { Complex } from "./fft";
import type { Sections, TransferFunction } from "./filter-design";
import { quotient, type Root, times } from "./filter-roots";

/** `count` frequencies in Hz, evenly from 0 up to, but without, the Nyquist frequency. */
export function responseFrequencies(count: number, sampleRate: number): Float64Array {
  if (!Number.isInteger(count) || count < 1)
    throw new SignalbookError("a number of frequencies out of range", {
      found: String(count),
      expected: "an integer, 1 or more",
    });
  return Float64Array.from({ length: count }, (_, i) => (i * (sampleRate / 2)) / count);
}

/**
 * The complex gain of a filter at each frequency (Hz): its size is the amplification, its angle the phase shift.
 * @throws SignalbookError for a sampling rate that is not positive.
 */
export function frequencyResponse(
  filter: Sections | TransferFunction,
  frequencies: ArrayLike<number>,
  sampleRate: number,
): Complex {
  if (!(sampleRate > 0))
    throw new SignalbookError("a sampling rate out of range", {
      found: `${sampleRate} Hz`,
      expected: "a number above 0",
    });
  const fractions = isSections(filter)
    ? filter.map((section) => ({ b: section.slice(0, 3), a: section.slice(3) }))
    : [filter];
  const response = { re: new Float64Array(frequencies.length), im: new Float64Array(frequencies.length) };
  for (let i = 0; i < frequencies.length; i++) {
    const omega = (2 * Math.PI * frequencies[i]!) / sampleRate;
    const delay = { re: Math.cos(omega), im: -Math.sin(omega) };
    const gain = fractions.reduce((all, { b, a }) => times(all, quotient(valueAt(b, delay), valueAt(a, delay))), {
      re: 1,
      im: 0,
    });
    response.re[i] = gain.re;
    response.im[i] = gain.im;
  }
  return response;
}

function isSections(filter: Sections | TransferFunction): filter is Sections {
  return Array.isArray(filter);
}

/** The polynomial's value, lowest power first, by Horner's rule. */
function valueAt(coefficients: ArrayLike<number>, z: Root): Root {
  let value = { re: 0, im: 0 };
  for (let k = coefficients.length - 1; k >= 0; k--) {
    value = times(value, z);
    value.re += coefficients[k]!;
  }
  return value;
}
