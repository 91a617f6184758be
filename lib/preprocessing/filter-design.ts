/**
 * Digital filters: Butterworth, Chebyshev of the first type, notch and peak, as SciPy's `butter`, `cheby1`, `iirnotch` and
 * `iirpeak` design them: as second-order sections, as zeros, poles and gain, or as one transfer function. Sections stay
 * exact where the polynomials of a transfer function of order 10 lose seven digits: prefer them, except where published
 * results were made with polynomials.
 */
import { SignalbookError } from "../core/errors";
import {
  type BandKind,
  bilinear,
  butterworthPrototype,
  chebyshevPrototype,
  polynomial,
  type Root,
  toBand,
  upperHalf,
  type ZerosPolesGain,
} from "./filter-roots";

/** One section: b0 + b1/z + b2/z^2 over 1 + a1/z + a2/z^2. */
export type Section = readonly [b0: number, b1: number, b2: number, a0: 1, a1: number, a2: number];
/** A cascade, applied first to last. */
export type Sections = readonly Section[];

/** One fraction of polynomials in 1/z, lowest power first: b over a. */
export interface TransferFunction {
  b: ArrayLike<number>;
  a: ArrayLike<number>;
}

type Band =
  | { kind: "lowpass" | "highpass"; frequency: number }
  | { kind: "bandpass" | "bandstop"; frequencies: readonly [low: number, high: number] };

/** Frequencies in Hz; band filters have twice the order. */
export type ButterworthDesign = { order: number; sampleRate: number } & Band;

/** As {@link ButterworthDesign}; `ripple` in dB is how deep the pass band's gain may dip below 1. */
export type ChebyshevDesign = ButterworthDesign & { ripple: number };

/**
 * A Butterworth filter as sections.
 * @throws SignalbookError for an unknown kind, an order below 1, and corner frequencies that are not rising between 0 and
 * the Nyquist frequency.
 */
export function butterworth(design: ButterworthDesign): Sections {
  return toSections(butterworthRoots(design));
}

/** As {@link butterworth}: the filter's zeros, poles and gain in the z plane. */
export function butterworthRoots(design: ButterworthDesign): ZerosPolesGain {
  return digital(design, butterworthPrototype);
}

/**
 * As {@link butterworth}: the filter as one transfer function. From order 10 on, moving its coefficients by their last
 * bit moves the filtered signal by 1e-8 to 1e-9 of itself.
 */
export function butterworthTransfer(design: ButterworthDesign): TransferFunction {
  const { zeros, poles, gain } = butterworthRoots(design);
  return { b: polynomial(zeros).map((value) => value * gain), a: polynomial(poles) };
}

/** A Chebyshev filter of the first type as sections. Throws as {@link butterworth}, and for a ripple that is not positive. */
export function chebyshev(design: ChebyshevDesign): Sections {
  const { ripple } = design;
  if (!(ripple > 0 && ripple < Infinity))
    throw new SignalbookError("a ripple out of range", { found: `${ripple} dB`, expected: "a number above 0 dB" });
  return toSections(digital(design, (order) => chebyshevPrototype(order, ripple)));
}

/**
 * A notch: removes `frequency`, with a width of frequency / quality at -3 dB.
 * @throws SignalbookError for a frequency outside 0 to the Nyquist frequency, and a quality that is not positive.
 */
export function notch(frequency: number, quality: number, sampleRate: number): Sections {
  const { cosine, gain } = resonance("a notch", frequency, quality, sampleRate);
  return [[gain, -2 * gain * cosine, gain, 1, -2 * gain * cosine, 2 * gain - 1]];
}

/** The counterpart of {@link notch}: keeps `frequency` only. */
export function peak(frequency: number, quality: number, sampleRate: number): Sections {
  const { cosine, gain } = resonance("a peak", frequency, quality, sampleRate);
  return [[1 - gain, 0, gain - 1, 1, -2 * gain * cosine, 2 * gain - 1]];
}

/** A cascade multiplied out into one transfer function; exact for one section, see {@link butterworthTransfer} for many. */
export function toTransferFunction(sections: Sections): TransferFunction {
  let b: Float64Array = Float64Array.of(1);
  let a: Float64Array = Float64Array.of(1);
  for (const section of sections) {
    b = product(b, section.slice(0, 3));
    a = product(a, section.slice(3));
  }
  return { b, a };
}

function product(p: Float64Array, q: readonly number[]): Float64Array {
  const out = new Float64Array(p.length + q.length - 1);
  p.forEach((value, i) => {
    q.forEach((factor, k) => {
      out[i + k]! += value * factor;
    });
  });
  return out;
}

/** What must lie strictly between 0 and half the sampling rate, in words. */
export function nyquistRange(sampleRate: number): string {
  return `above 0 and below the Nyquist frequency, half the sampling rate (${sampleRate / 2} Hz)`;
}

function digital(design: ButterworthDesign, prototype: (order: number) => ZerosPolesGain): ZerosPolesGain {
  const { order, sampleRate } = design;
  if (!Number.isInteger(order) || order < 1)
    throw new SignalbookError("a filter order out of range", {
      found: String(order),
      expected: "an integer, 1 or more",
    });
  const corners = cornersOf(design);
  corners.forEach((frequency, i) => {
    if (!(frequency > (corners[i - 1] ?? 0) && frequency < sampleRate / 2))
      throw new SignalbookError("a corner frequency out of range", {
        found: `${corners.join(" to ")} Hz at ${sampleRate} Hz`,
        expected: `rising, ${nyquistRange(sampleRate)}`,
      });
  });
  // Frequencies are warped so that the bilinear transform (of a rate of 2) puts them back where they were asked for.
  const warped = corners.map((frequency) => 4 * Math.tan((Math.PI * frequency) / sampleRate));
  return bilinear(toBand(prototype(order), design.kind, warped));
}

/** How many corner frequencies each kind has. */
const cornerCounts: Readonly<Record<BandKind, number>> = { lowpass: 1, highpass: 1, bandpass: 2, bandstop: 2 };

function cornersOf(design: Band): readonly number[] {
  const { kind } = design;
  const expected = cornerCounts[kind];
  if (expected === undefined)
    throw new SignalbookError("an unknown kind of filter", {
      found: String(kind),
      expected: Object.keys(cornerCounts).join(", "),
    });
  const corners = "frequency" in design ? [design.frequency] : design.frequencies;
  if (corners?.length !== expected)
    throw new SignalbookError(`a ${kind} filter with the wrong corner frequencies`, {
      found: `${corners?.length ?? 0}`,
      expected: expected === 1 ? "one: frequency" : "two: frequencies",
    });
  return corners;
}

function resonance(
  what: string,
  frequency: number,
  quality: number,
  sampleRate: number,
): { cosine: number; gain: number } {
  if (!(frequency > 0 && frequency < sampleRate / 2 && quality > 0))
    throw new SignalbookError(`${what} out of range`, {
      found: `${frequency} Hz with quality ${quality} at ${sampleRate} Hz`,
      expected: `a frequency ${nyquistRange(sampleRate)}, a quality above 0`,
    });
  const omega = (2 * Math.PI * frequency) / sampleRate;
  return { cosine: Math.cos(omega), gain: 1 / (1 + Math.tan(omega / quality / 2)) };
}

/**
 * Pairs poles and zeros: the poles nearest to the unit circle with the zeros nearest to them, in the last section, so
 * that no section amplifies more than it must.
 */
function toSections({ zeros, poles, gain }: ZerosPolesGain): Sections {
  // An odd order gets a pole and a zero at 0, which cancel: then everything pairs.
  const pad = poles.length % 2 === 1 ? [{ re: 0, im: 0 }] : [];
  const freePoles = upperHalf([...poles, ...pad]);
  const freeZeros = upperHalf([...zeros, ...pad]);
  const sections: Section[] = [];
  while (freePoles.length > 0) {
    const pole = takeLeast(freePoles, (p) => Math.abs(1 - Math.hypot(p.re, p.im)));
    const partner =
      pole.im === 0 ? takeLeast(freePoles, (p) => (p.im === 0 ? Math.abs(1 - Math.abs(p.re)) : Infinity)) : null;
    const distance = (z: Root): number => Math.hypot(z.re - pole.re, z.im - pole.im);
    const zero = takeLeast(freeZeros, distance);
    const second = zero.im === 0 ? takeLeast(freeZeros, (z) => (z.im === 0 ? distance(z) : Infinity)) : null;
    const [b1, b2] = quadratic(zero, second);
    const [a1, a2] = quadratic(pole, partner);
    sections.unshift([1, b1, b2, 1, a1, a2]);
  }
  const [b0, b1, b2, ...a] = sections[0]!;
  sections[0] = [b0 * gain, b1 * gain, b2 * gain, ...a];
  return sections;
}

/** Coefficients of (z - p)(z - q) behind z^2; q is p's conjugate where it is null. */
function quadratic(p: Root, q: Root | null): [number, number] {
  return q === null ? [-2 * p.re, p.re * p.re + p.im * p.im] : [-(p.re + q.re), p.re * q.re];
}

/** Removes and returns the root of least cost. */
function takeLeast(roots: Root[], cost: (root: Root) => number): Root {
  let best = 0;
  for (let i = 1; i < roots.length; i++) if (cost(roots[i]!) < cost(roots[best]!)) best = i;
  return roots.splice(best, 1)[0]!;
}
