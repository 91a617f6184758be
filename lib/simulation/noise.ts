/** Noise with a given spectrum: what every simulated background is made of. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { pairTransform } from "../preprocessing/fft-pair";

/** Power a hertz at a frequency, in any unit: only its shape counts. */
export type Density = (frequency: number) => number;

/** One of several independent noises that are added up. */
export interface NoisePart {
  /** Its standard deviation. */
  deviation: number;
  density: Density;
}

/** Samples of one block at most: a spectrum is drawn for each, and blocks fade into each other. */
const BLOCK = 1 << 13;
/** Of the largest power: what is below is nothing. Most rhythms then need few of a block's coefficients. */
const NEGLIGIBLE = 1e-7;
/** Phases that coefficients are drawn from, a power of two, and the cosine of each. */
const PHASES = 1 << 12;
const COSINES = Float64Array.from({ length: PHASES }, (_, i) => Math.cos((2 * Math.PI * i) / PHASES));

/**
 * Stationary noise of standard deviation 1, as good as normally distributed, drawn block by block, so that its length costs
 * no memory but its own.
 * @param sampleRate Hz
 * @throws SignalbookError for a density that is nowhere above 0 between 0 Hz and half the sampling rate.
 */
export function shapedNoise(length: number, sampleRate: number, density: Density, random: Generator): Float64Array {
  return mixedNoise(length, sampleRate, [{ deviation: 1, density }], random);
}

/**
 * The sum of independent noises, drawn as one whose power is the sum of theirs.
 * @throws SignalbookError as {@link shapedNoise}
 */
export function mixedNoise(
  length: number,
  sampleRate: number,
  parts: readonly NoisePart[],
  random: Generator,
): Float64Array {
  const block = Math.min(BLOCK, 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(1, length)))));
  const half = block / 2;
  const powers = new Float64Array(half + 1);
  for (const { deviation, density } of parts) {
    const shares = sharesOf(density, block, sampleRate);
    for (let k = 0; k <= half; k++) powers[k]! += deviation ** 2 * shares[k]!;
  }
  const least = NEGLIGIBLE * powers.reduce((most, power) => Math.max(most, power), 0);
  const heard = Int32Array.from([...powers.keys()].filter((k) => powers[k]! > least));
  const amplitudes = Float64Array.from(heard, (k) => Math.sqrt(powers[k]!));
  const fade = fadeOf(block);
  const noise = new Float64Array(length);
  // By Hartley's transform, whose coefficients are real; two blocks at a time.
  const { input, step, re, im, transform } = pairTransform(block);
  const drawn = new Float64Array(block);
  for (let begin = -half; begin < length; begin += block) {
    input.fill(0);
    for (const lane of LANES)
      for (let i = 0; i < heard.length; i++) {
        // A random phase a coefficient: with many of them the sum is normal (central limit theorem).
        const phase = random.uint32() & (PHASES - 1);
        const k = heard[i]!;
        input[k * step + lane] = amplitudes[i]! * COSINES[phase]!;
        input[(block - k) * step + lane] = amplitudes[i]! * COSINES[(phase + PHASES / 4) & (PHASES - 1)]!;
      }
    transform();
    for (const lane of LANES) {
      const from = begin + lane * half;
      for (let n = 0; n <= half; n++) drawn[n] = re[lane][n]! - im[lane][n]!;
      for (let n = 1; n < half; n++) drawn[block - n] = re[lane][n]! + im[lane][n]!;
      const last = Math.min(block, length - from);
      for (let i = Math.max(0, -from); i < last; i++) noise[from + i]! += fade[i]! * drawn[i]!;
    }
  }
  return noise;
}

const LANES = [0, 1] as const;

const fades = new Map<number, Float64Array>();

/** Squares of a half sine and of its neighbour's add up to 1: so does the power of independent blocks. */
function fadeOf(block: number): Float64Array {
  const known = fades.get(block);
  if (known !== undefined) return known;
  const fade = Float64Array.from({ length: block }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / block));
  fades.set(block, fade);
  return fade;
}

/** Shares already computed; a density that is asked for again and again stays one function. */
const kept = new WeakMap<Density, Map<string, Float64Array>>();

/** Share of the power that each coefficient of a block has, up to half the sampling rate. */
function sharesOf(density: Density, block: number, sampleRate: number): Float64Array {
  const ofDensity = kept.get(density) ?? new Map<string, Float64Array>();
  kept.set(density, ofDensity);
  const key = `${block} ${sampleRate}`;
  const known = ofDensity.get(key);
  if (known !== undefined) return known;
  const bins = block / 2 + 1;
  const shares = new Float64Array(bins);
  // Neither the mean nor half the sampling rate: neither has a phase, and neither is wanted.
  for (let k = 1; k < bins - 1; k++) shares[k] = density((k * sampleRate) / block);
  const total = shares.reduce((sum, power) => sum + power, 0);
  if (!(total > 0) || shares.some((power) => !(power >= 0)))
    throw new SignalbookError("a density that is no spectrum", {
      found: `a sum of ${total} over ${bins} frequencies to ${sampleRate / 2} Hz`,
      expected: "0 or more everywhere, and above 0 somewhere",
    });
  for (let k = 0; k < bins; k++) shares[k]! /= total;
  ofDensity.set(key, shares);
  return shares;
}

/** A spectral peak: Gaussian around `centre`, `width` its standard deviation, both in Hz. */
export function peak(centre: number, width: number): Density {
  return (frequency) => Math.exp(-0.5 * ((frequency - centre) / width) ** 2);
}

/** 1 / f^exponent from `low` to `high` Hz, nothing elsewhere. */
export function powerLaw(exponent: number, low: number, high: number): Density {
  return (frequency) => (frequency < low || frequency > high ? 0 : frequency ** -exponent);
}
