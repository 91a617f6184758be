/**
 * Digital filters as second-order sections: Butterworth, notch and peak, as SciPy's `butter(output="sos")`, `iirnotch` and
 * `iirpeak` design them. Sections stay exact where polynomials of order 10 lose seven digits.
 */
import { SignalbookError } from "../core/errors";

/** One section: b0 + b1/z + b2/z^2 over 1 + a1/z + a2/z^2. */
export type Section = readonly [b0: number, b1: number, b2: number, a0: 1, a1: number, a2: number];
/** A cascade, applied first to last. */
export type Sections = readonly Section[];

export type ButterworthDesign = { order: number; sampleRate: number } & (
  | { kind: "lowpass" | "highpass"; frequency: number }
  | { kind: "bandpass" | "bandstop"; frequencies: readonly [low: number, high: number] }
);

/** A root in the z or s plane. A conjugate pair is kept as its upper half. */
interface Root {
  re: number;
  im: number;
}

/** Zeros, poles and gain of an analogue filter: all roots, conjugates included. */
interface Prototype {
  zeros: Root[];
  poles: Root[];
  gain: number;
}

/**
 * A Butterworth filter; band filters have twice the order.
 * @throws SignalbookError for an order below 1 and corner frequencies outside 0 to half the sampling rate.
 */
export function butterworth(design: ButterworthDesign): Sections {
  const { order, sampleRate } = design;
  if (!Number.isInteger(order) || order < 1)
    throw new SignalbookError("a filter order out of range", {
      found: String(order),
      expected: "an integer, 1 or more",
    });
  const corners = "frequency" in design ? [design.frequency] : design.frequencies;
  corners.forEach((frequency, i) => {
    if (!(frequency > (corners[i - 1] ?? 0) && frequency < sampleRate / 2))
      throw new SignalbookError("a corner frequency out of range", {
        found: `${corners.join(" to ")} Hz at ${sampleRate} Hz`,
        expected: `rising, above 0 and below half the sampling rate (${sampleRate / 2} Hz)`,
      });
  });
  // Frequencies are warped so that the bilinear transform (of a rate of 2) puts them back where they were asked for.
  const warped = corners.map((frequency) => 4 * Math.tan((Math.PI * frequency) / sampleRate));
  return toSections(bilinear(placed(design.kind, order, warped)));
}

/** A notch: removes `frequency`, with a width of frequency / quality at -3 dB. */
export function notch(frequency: number, quality: number, sampleRate: number): Sections {
  const { cosine, gain } = resonance(frequency, quality, sampleRate);
  return [[gain, -2 * gain * cosine, gain, 1, -2 * gain * cosine, 2 * gain - 1]];
}

/** The counterpart of {@link notch}: keeps `frequency` only. */
export function peak(frequency: number, quality: number, sampleRate: number): Sections {
  const { cosine, gain } = resonance(frequency, quality, sampleRate);
  return [[1 - gain, 0, gain - 1, 1, -2 * gain * cosine, 2 * gain - 1]];
}

function resonance(frequency: number, quality: number, sampleRate: number): { cosine: number; gain: number } {
  if (!(frequency > 0 && frequency < sampleRate / 2 && quality > 0))
    throw new SignalbookError("a notch out of range", {
      found: `${frequency} Hz with quality ${quality} at ${sampleRate} Hz`,
      expected: `a frequency above 0 and below ${sampleRate / 2} Hz, a quality above 0`,
    });
  const omega = (2 * Math.PI * frequency) / sampleRate;
  return { cosine: Math.cos(omega), gain: 1 / (1 + Math.tan(omega / quality / 2)) };
}

/** The analogue low-pass prototype moved to where it is wanted. */
function placed(kind: ButterworthDesign["kind"], order: number, warped: readonly number[]): Prototype {
  const poles = Array.from({ length: order }, (_, i) => {
    const angle = (Math.PI * (2 * i - order + 1)) / (2 * order);
    // Exactly real in the middle of an odd order.
    return { re: -Math.cos(angle), im: 2 * i === order - 1 ? 0 : -Math.sin(angle) };
  });
  const [low, high] = warped as [number, number];
  if (kind === "lowpass") return { zeros: [], poles: poles.map((p) => scaled(p, low)), gain: low ** order };
  if (kind === "highpass")
    return {
      zeros: repeated({ re: 0, im: 0 }, order),
      poles: poles.map((p) => quotient({ re: low, im: 0 }, p)),
      gain: 1,
    };
  const width = high - low;
  const centre = Math.sqrt(low * high);
  if (kind === "bandpass")
    return {
      zeros: repeated({ re: 0, im: 0 }, order),
      poles: poles.flatMap((p) => split(scaled(p, width / 2), centre)),
      gain: width ** order,
    };
  return {
    zeros: [...repeated({ re: 0, im: centre }, order), ...repeated({ re: 0, im: -centre }, order)],
    poles: poles.flatMap((p) => split(quotient({ re: width / 2, im: 0 }, p), centre)),
    gain: 1,
  };
}

/** The two roots that a low-pass root becomes in a band filter: p +- sqrt(p^2 - centre^2). */
function split(p: Root, centre: number): Root[] {
  const square = { re: p.re * p.re - p.im * p.im - centre * centre, im: 2 * p.re * p.im };
  const size = Math.hypot(square.re, square.im);
  const re = Math.sqrt(Math.max(0, (size + square.re) / 2));
  const im = Math.sqrt(Math.max(0, (size - square.re) / 2)) * (square.im < 0 ? -1 : 1);
  return [
    { re: p.re + re, im: p.im + im },
    { re: p.re - re, im: p.im - im },
  ];
}

/** s plane to z plane: z = (4 + s) / (4 - s); roots at infinity go to z = -1. */
function bilinear({ zeros, poles, gain }: Prototype): Prototype {
  const move = (s: Root): Root => quotient({ re: 4 + s.re, im: s.im }, { re: 4 - s.re, im: -s.im });
  const distance = (roots: readonly Root[]): Root =>
    roots.reduce((product, s) => times(product, { re: 4 - s.re, im: -s.im }), { re: 1, im: 0 });
  return {
    zeros: [...zeros.map(move), ...repeated({ re: -1, im: 0 }, poles.length - zeros.length)],
    poles: poles.map(move),
    gain: gain * quotient(distance(zeros), distance(poles)).re,
  };
}

/**
 * Pairs poles and zeros: the poles nearest to the unit circle with the zeros nearest to them, in the last section, so
 * that no section amplifies more than it must.
 */
function toSections({ zeros, poles, gain }: Prototype): Section[] {
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

/** One root of each conjugate pair, and the real roots. */
function upperHalf(roots: readonly Root[]): Root[] {
  const isReal = ({ re, im }: Root): boolean => Math.abs(im) <= 100 * Number.EPSILON * Math.hypot(re, im);
  const complex = roots.filter((root) => !isReal(root) && root.im > 0);
  const real = roots.filter(isReal).map(({ re }) => ({ re, im: 0 }));
  return [...complex, ...real.sort((a, b) => a.re - b.re)];
}

/** Removes and returns the root of least cost. */
function takeLeast(roots: Root[], cost: (root: Root) => number): Root {
  let best = 0;
  for (let i = 1; i < roots.length; i++) if (cost(roots[i]!) < cost(roots[best]!)) best = i;
  return roots.splice(best, 1)[0]!;
}

function scaled({ re, im }: Root, factor: number): Root {
  return { re: re * factor, im: im * factor };
}

function times(a: Root, b: Root): Root {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function quotient(a: Root, b: Root): Root {
  const size = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size };
}

function repeated(root: Root, count: number): Root[] {
  return Array.from({ length: count }, () => root);
}
