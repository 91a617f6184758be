/** Noise with a given spectrum: what every simulated background is made of. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { inverseRfft } from "../preprocessing/fft";

/** Power a hertz at a frequency, in any unit: only its shape counts. */
export type Density = (frequency: number) => number;

/** Samples of one block at most: a spectrum is drawn for each, and blocks fade into each other. */
const BLOCK = 1 << 13;
/** Of the largest power: what is below is nothing. Most rhythms then need few of a block's coefficients. */
const NEGLIGIBLE = 1e-7;

/**
 * Stationary Gaussian noise of standard deviation 1, drawn block by block, so that its length costs no memory but its own.
 * @param sampleRate Hz
 * @throws SignalbookError for a density that is nowhere above 0 between 0 Hz and half the sampling rate.
 */
export function shapedNoise(length: number, sampleRate: number, density: Density, random: Generator): Float64Array {
  const block = Math.min(BLOCK, 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(1, length)))));
  const bins = block / 2 + 1;
  // Neither the mean nor half the sampling rate: both would need a real coefficient, and neither is wanted.
  const powers = Float64Array.from({ length: bins }, (_, k) =>
    k === 0 || k === bins - 1 ? 0 : density((k * sampleRate) / block),
  );
  const total = powers.reduce((sum, power) => sum + power, 0);
  if (!(total > 0) || powers.some((power) => !(power >= 0)))
    throw new SignalbookError("a density that is no spectrum", {
      found: `a sum of ${total} over ${bins} frequencies to ${sampleRate / 2} Hz`,
      expected: "0 or more everywhere, and above 0 somewhere",
    });
  const least = NEGLIGIBLE * powers.reduce((most, power) => Math.max(most, power), 0);
  const heard = [...powers.keys()].filter((k) => powers[k]! > least);
  const amplitudes = heard.map((k) => (block / 2) * Math.sqrt(powers[k]! / total));
  const re = new Float64Array(bins);
  const im = new Float64Array(bins);
  const noise = new Float64Array(length);
  const half = block / 2;
  // Squares of a half sine and of its neighbour's add up to 1: so does the power of independent blocks.
  const fade = Float64Array.from({ length: block }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / block));
  for (let begin = -half; begin < length; begin += half) {
    for (let i = 0; i < heard.length; i++) {
      re[heard[i]!] = amplitudes[i]! * random.normal();
      im[heard[i]!] = amplitudes[i]! * random.normal();
    }
    const drawn = inverseRfft({ re, im }, block);
    const last = Math.min(block, length - begin);
    for (let i = Math.max(0, -begin); i < last; i++) noise[begin + i]! += fade[i]! * drawn[i]!;
  }
  return noise;
}

/** A spectral peak: Gaussian around `centre`, `width` its standard deviation, both in Hz. */
export function peak(centre: number, width: number): Density {
  return (frequency) => Math.exp(-0.5 * ((frequency - centre) / width) ** 2);
}

/** 1 / f^exponent from `low` to `high` Hz, nothing elsewhere. */
export function powerLaw(exponent: number, low: number, high: number): Density {
  return (frequency) => (frequency < low || frequency > high ? 0 : frequency ** -exponent);
}
