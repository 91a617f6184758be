/** Window functions ("tapers", to keep the word window for a stretch of signal), as SciPy's `get_window` makes them. */
import { SignalbookError } from "../core/errors";

export type TaperName = "boxcar" | "hann" | "hamming" | "blackman" | "bartlett";
/** A name, or a name with its parameter: Tukey's tapered share, Kaiser's beta, the Gaussian's standard deviation. */
export type Taper = TaperName | ["tukey", number] | ["kaiser", number] | ["gaussian", number];

/**
 * A taper of `length` values.
 * @param symmetric false (for spectra): the first `length` of `length` + 1 values, so that it repeats without a double
 * zero. True for filters.
 */
export function taper(kind: Taper, length: number, symmetric = false): Float64Array {
  if (!Number.isInteger(length) || length < 1)
    throw new SignalbookError("a taper's length out of range", {
      found: String(length),
      expected: "an integer, 1 or more",
    });
  if (length === 1) return Float64Array.of(1);
  const last = symmetric ? length - 1 : length;
  return Float64Array.from({ length }, (_, n) => value(kind, n, last));
}

/** The value at n of a symmetric taper that ends at `last`. */
function value(kind: Taper, n: number, last: number): number {
  const [name, parameter] = typeof kind === "string" ? [kind, 0] : kind;
  const cosine = (k: number): number => Math.cos((2 * Math.PI * k * n) / last);
  switch (name) {
    case "boxcar":
      return 1;
    case "hann":
      return 0.5 - 0.5 * cosine(1);
    case "hamming":
      return 0.54 - 0.46 * cosine(1);
    case "blackman":
      return 0.42 - 0.5 * cosine(1) + 0.08 * cosine(2);
    case "bartlett":
      return 1 - Math.abs((2 * n) / last - 1);
    case "tukey": {
      if (parameter <= 0) return 1;
      const edge = (Math.min(1, parameter) * last) / 2;
      const distance = Math.min(n, last - n);
      return distance >= edge ? 1 : 0.5 * (1 + Math.cos(Math.PI * (distance / edge - 1)));
    }
    case "kaiser":
      return besselI0(parameter * Math.sqrt(Math.max(0, 1 - ((2 * n) / last - 1) ** 2))) / besselI0(parameter);
    case "gaussian":
      return Math.exp(-0.5 * ((n - last / 2) / parameter) ** 2);
  }
}

/** The modified Bessel function of order 0, by its power series (all terms positive: no cancellation). */
export function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
