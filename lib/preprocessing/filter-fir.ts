/** Low-pass filters without feedback: a tapered sinc, as SciPy's `firwin`. */
import { SignalbookError } from "../core/errors";
import { type Taper, taper } from "./tapers";

/**
 * A symmetric low-pass filter that leaves a constant as it is (sum 1).
 * @param length of the filter: its coefficients.
 * @param cutoff as a share of the Nyquist frequency; there the gain is one half.
 * @throws SignalbookError for a length below 1, and a cutoff outside 0 to 1.
 */
export function lowPassFir(length: number, cutoff: number, shape: Taper): Float64Array {
  if (!(cutoff > 0 && cutoff <= 1))
    throw new SignalbookError("a cutoff out of range", {
      found: String(cutoff),
      expected: "above 0, at most 1 (the Nyquist frequency)",
    });
  const weights = taper(shape, length, true);
  const half = (length - 1) / 2;
  const filter = weights.map((weight, i) => {
    const x = Math.PI * cutoff * (i - half);
    return weight * cutoff * (x === 0 ? 1 : Math.sin(x) / x);
  });
  const sum = filter.reduce((total, value) => total + value, 0);
  return filter.map((value) => value / sum);
}
