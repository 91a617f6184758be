/** Filters as zeros, poles and gain: analogue prototypes, moved to their band and into the z plane, as SciPy does it. */

/** A root in the s or z plane. */
export interface Root {
  re: number;
  im: number;
}

/** All roots of a filter, conjugates included: gain (z - zeros) ... over (z - poles) ... */
export interface ZerosPolesGain {
  zeros: readonly Root[];
  poles: readonly Root[];
  gain: number;
}

export type BandKind = "lowpass" | "highpass" | "bandpass" | "bandstop";

/** The low-pass prototype of Butterworth: poles on the left half of the unit circle. No zeros. */
export function butterworthPrototype(order: number): ZerosPolesGain {
  const poles = prototypeAngles(order).map((angle) => ({ re: -Math.cos(angle), im: -Math.sin(angle) }));
  return { zeros: [], poles: withExactMiddle(poles), gain: 1 };
}

/** The low-pass prototype of Chebyshev's first type, poles on an ellipse. `ripple` in dB, in the pass band. */
export function chebyshevPrototype(order: number, ripple: number): ZerosPolesGain {
  const depth = Math.sqrt(10 ** (ripple / 10) - 1);
  const mu = Math.asinh(1 / depth) / order;
  const poles = withExactMiddle(
    prototypeAngles(order).map((angle) => ({
      re: -Math.sinh(mu) * Math.cos(angle),
      im: -Math.cosh(mu) * Math.sin(angle),
    })),
  );
  const product = poles.reduce((sum, p) => times(sum, scaled(p, -1)), { re: 1, im: 0 }).re;
  // An even order starts at the bottom of its ripple.
  return { zeros: [], poles, gain: order % 2 === 0 ? product / Math.sqrt(1 + depth * depth) : product };
}

function prototypeAngles(order: number): number[] {
  return Array.from({ length: order }, (_, i) => (Math.PI * (2 * i + 1 - order)) / (2 * order));
}

/** The pole of an odd order that is real becomes exactly real, so that everything pairs. */
function withExactMiddle(poles: Root[]): Root[] {
  return poles.map(({ re, im }, i) => ({ re, im: 2 * i + 1 === poles.length ? 0 : im }));
}

/** The prototype moved to its band, still analogue. @param corners one warped frequency, or two for a band. */
export function toBand(prototype: ZerosPolesGain, kind: BandKind, corners: readonly number[]): ZerosPolesGain {
  const { poles, gain } = prototype;
  const order = poles.length;
  const [low, high] = corners as [number, number];
  // What a prototype without zeros gains when its frequencies are turned over.
  const turned = (): number => gain / poles.reduce((product, p) => times(product, scaled(p, -1)), { re: 1, im: 0 }).re;
  if (kind === "lowpass") return { zeros: [], poles: poles.map((p) => scaled(p, low)), gain: gain * low ** order };
  if (kind === "highpass")
    return {
      zeros: repeated({ re: 0, im: 0 }, order),
      poles: poles.map((p) => quotient({ re: low, im: 0 }, p)),
      gain: turned(),
    };
  const width = high - low;
  const centre = Math.sqrt(low * high);
  if (kind === "bandpass")
    return {
      zeros: repeated({ re: 0, im: 0 }, order),
      poles: poles.flatMap((p) => split(scaled(p, width / 2), centre)),
      gain: gain * width ** order,
    };
  return {
    zeros: [...repeated({ re: 0, im: centre }, order), ...repeated({ re: 0, im: -centre }, order)],
    poles: poles.flatMap((p) => split(quotient({ re: width / 2, im: 0 }, p), centre)),
    gain: turned(),
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
export function bilinear({ zeros, poles, gain }: ZerosPolesGain): ZerosPolesGain {
  const move = (s: Root): Root => quotient({ re: 4 + s.re, im: s.im }, { re: 4 - s.re, im: -s.im });
  const distance = (roots: readonly Root[]): Root =>
    roots.reduce((product, s) => times(product, { re: 4 - s.re, im: -s.im }), { re: 1, im: 0 });
  return {
    zeros: [...zeros.map(move), ...repeated({ re: -1, im: 0 }, poles.length - zeros.length)],
    poles: poles.map(move),
    gain: gain * quotient(distance(zeros), distance(poles)).re,
  };
}

/** The coefficients of (z - roots[0]) (z - roots[1]) ..., highest power first; roots come with their conjugates. */
export function polynomial(roots: readonly Root[]): Float64Array {
  const coefficients = [{ re: 1, im: 0 }, ...repeated({ re: 0, im: 0 }, roots.length)];
  roots.forEach((root, done) => {
    for (let k = done + 1; k > 0; k--) {
      const product = times(coefficients[k - 1]!, root);
      coefficients[k] = { re: coefficients[k]!.re - product.re, im: coefficients[k]!.im - product.im };
    }
  });
  return Float64Array.from(coefficients, ({ re }) => re);
}

/** One root of each conjugate pair, and the real roots, ascending. */
export function upperHalf(roots: readonly Root[]): Root[] {
  const isReal = ({ re, im }: Root): boolean => Math.abs(im) <= 100 * Number.EPSILON * Math.hypot(re, im);
  const complex = roots.filter((root) => !isReal(root) && root.im > 0);
  const real = roots.filter(isReal).map(({ re }) => ({ re, im: 0 }));
  return [...complex, ...real.sort((a, b) => a.re - b.re)];
}

export function scaled({ re, im }: Root, factor: number): Root {
  return { re: re * factor, im: im * factor };
}

export function times(a: Root, b: Root): Root {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

export function quotient(a: Root, b: Root): Root {
  const size = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size };
}

function repeated(root: Root, count: number): Root[] {
  return Array.from({ length: count }, () => root);
}
