/** Slepian's tapers (discrete prolate spheroidal sequences): of all sequences of a length, those most concentrated in a band. */
import { SignalbookError } from "../core/errors";
import { inverseRfft, rfft } from "./fft";

export interface DpssOptions {
  /** Samples. */
  length: number;
  /** Half the band's width, in units of sampling rate / length: 2.5, 4 ... Less than half the length. */
  halfBandwidth: number;
  /** How many tapers, the most concentrated first. */
  count: number;
  /** False (for spectra): the first `length` of tapers of length + 1. Default true. */
  symmetric?: boolean;
}

export interface Dpss {
  /** Each of norm 1; even ones of positive sum, odd ones beginning with a positive lobe. */
  tapers: Float64Array[];
  /** The share of each one's power that lies in the band. */
  ratios: Float64Array;
}

/**
 * As SciPy's `windows.dpss`: eigenvectors of a symmetric tridiagonal matrix (Percival and Walden 1993, section 8.3), by
 * bisection and inverse iteration.
 * @throws SignalbookError for a band as wide as the spectrum and more tapers than samples.
 */
export function dpss({ length, halfBandwidth, count, symmetric = true }: DpssOptions): Dpss {
  if (!(count >= 1 && count <= length && Number.isInteger(count) && halfBandwidth > 0 && halfBandwidth < length / 2))
    throw new SignalbookError("tapers that cannot be", {
      found: `${count} of ${length} samples, half bandwidth ${halfBandwidth}`,
      expected: "at most as many as samples, and a half bandwidth below half the length",
    });
  const size = symmetric ? length : length + 1;
  const width = halfBandwidth / size;
  const diagonal = Float64Array.from(
    { length: size },
    (_, i) => ((size - 1 - 2 * i) / 2) ** 2 * Math.cos(2 * Math.PI * width),
  );
  const beside = Float64Array.from({ length: size - 1 }, (_, i) => ((i + 1) * (size - i - 1)) / 2);
  const tapers = Array.from({ length: count }, (_, k) =>
    withSign(eigenvector(diagonal, beside, eigenvalue(diagonal, beside, k)), k),
  );
  return {
    ratios: Float64Array.from(tapers, (values) => concentration(values, width)),
    tapers: tapers.map((values) => values.subarray(0, length)),
  };
}

/** The k-th largest eigenvalue: the number of those above a value is counted by Sturm's sequence, and the value bisected. */
function eigenvalue(diagonal: Float64Array, beside: Float64Array, k: number): number {
  const size = diagonal.length;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < size; i++) {
    const radius = (beside[i - 1] ?? 0) + (beside[i] ?? 0); // Gershgorin
    low = Math.min(low, diagonal[i]! - radius);
    high = Math.max(high, diagonal[i]! + radius);
  }
  for (;;) {
    const middle = (low + high) / 2;
    if (!(middle > low && middle < high)) return middle;
    let above = 0;
    let pivot = 1;
    for (let i = 0; i < size; i++) {
      const off = i === 0 ? 0 : beside[i - 1]!;
      pivot = diagonal[i]! - middle - (off * off) / (pivot === 0 ? Number.MIN_VALUE : pivot);
      if (pivot > 0) above++;
    }
    if (above > k) low = middle;
    else high = middle;
  }
}

/** Inverse iteration: a few solutions of (A - value) x = y from a start that leans on no eigenvector's symmetry. */
function eigenvector(diagonal: Float64Array, beside: Float64Array, value: number): Float64Array {
  const size = diagonal.length;
  const solve = factored(diagonal, beside, value);
  let vector = Float64Array.from({ length: size }, (_, i) => 1 + i / size);
  for (let round = 0; round < 4; round++) {
    solve(vector);
    const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    vector = vector.map((x) => x / norm);
  }
  return vector;
}

/**
 * Gauss' elimination of the tridiagonal matrix less `value`, rows exchanged where that is safer (as LAPACK's gttrf). The
 * function returned replaces a right-hand side by its solution.
 */
function factored(diagonal: Float64Array, beside: Float64Array, value: number): (right: Float64Array) => void {
  const size = diagonal.length;
  const main = diagonal.map((entry) => entry - value);
  const upper = beside.slice();
  const second = new Float64Array(size);
  const factors = beside.slice();
  const exchanged = new Uint8Array(size);
  for (let i = 0; i + 1 < size; i++) {
    const below = factors[i]!;
    if (Math.abs(main[i]!) >= Math.abs(below)) {
      factors[i] = below / main[i]!;
      main[i + 1]! -= factors[i]! * upper[i]!;
      continue;
    }
    exchanged[i] = 1;
    const factor = main[i]! / below;
    const next = main[i + 1]!;
    main[i] = below;
    main[i + 1] = upper[i]! - factor * next;
    upper[i] = next;
    factors[i] = factor;
    if (i + 2 < size) {
      second[i] = upper[i + 1]!;
      upper[i + 1]! *= -factor;
    }
  }
  // The matrix is singular but for rounding: that is what makes the solution the eigenvector.
  if (main[size - 1] === 0) main[size - 1] = Number.EPSILON * Math.max(1, Math.abs(value));
  return (right) => {
    for (let i = 0; i + 1 < size; i++) {
      const [kept, moved] = exchanged[i] === 1 ? [right[i + 1]!, right[i]!] : [right[i]!, right[i + 1]!];
      right[i] = kept;
      right[i + 1] = moved - factors[i]! * kept;
    }
    for (let i = size - 1; i >= 0; i--) {
      const known = i + 1 < size ? upper[i]! * right[i + 1]! : 0;
      const further = i + 2 < size ? second[i]! * right[i + 2]! : 0;
      right[i] = (right[i]! - known - further) / main[i]!;
    }
  };
}

function withSign(values: Float64Array, k: number): Float64Array {
  const threshold = Math.max(1e-7, 1 / values.length);
  const telling =
    k % 2 === 0
      ? values.reduce((sum, value) => sum + value, 0)
      : (values.find((value) => value * value > threshold) ?? 0);
  return telling < 0 ? values.map((value) => -value) : values;
}

/** The share of the power within `width` (in units of the sampling rate) of frequency 0, from the autocorrelation. */
function concentration(values: Float64Array, width: number): number {
  const size = values.length;
  const { re, im } = rfft(values, 2 * size);
  const squares = re.map((value, k) => value * value + im[k]! * im[k]!);
  const autocorrelation = inverseRfft({ re: squares, im: new Float64Array(squares.length) }, 2 * size);
  let share = 2 * width * autocorrelation[0]!;
  for (let lag = 1; lag < size; lag++)
    share += (2 * Math.sin(2 * Math.PI * width * lag) * autocorrelation[lag]!) / (Math.PI * lag);
  return share;
}
