/**
 * The masks of FMix (Harris et al. 2020, arXiv:2002.12047): low-frequency noise, of which the brightest share becomes
 * one and the rest zero, with a ramp between them.
 *
 * The reference code (ecs-vlc/FMix), which system 000 uses, draws a real and an imaginary part for every frequency, but
 * then takes the first two rows of frequencies for the two parts. What remains has only the two lowest frequencies along
 * x (each row is a constant and one wave across the whole width), and along y those of one sign, so that bands lean like
 * "/". That is `"published"` here; `"corrected"` is what was meant.
 */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { type Complex, inverseFft, inverseRfft } from "../preprocessing/fft";

export type FMixVariant = "published" | "corrected";

/** Draws for every frequency of a real image, weaker the higher the frequency. */
export interface FMixSpectrum {
  height: number;
  width: number;
  /** Frequencies along x that were drawn: floor(width / 2) + 1, and one more than that for an odd width. */
  columns: number;
  /** [height, columns, 2], row-major: real and imaginary part. */
  values: Float64Array;
}

/** Frequencies along x that the reference code draws for. */
export function fmixColumns(width: number): number {
  return (width >> 1) + (width % 2 === 0 ? 1 : 2);
}

/**
 * Scales draws by 1 / max(frequency, 1 / longer side)^decay. Frequencies are cycles a pixel.
 * @param draws [height, columns, 2]
 */
export function shapeSpectrum(height: number, width: number, decay: number, draws: ArrayLike<number>): FMixSpectrum {
  const columns = fmixColumns(width);
  if (draws.length !== height * columns * 2)
    throw new SignalbookError("draws that do not fill a spectrum", {
      found: `${draws.length} values`,
      expected: `${height} x ${columns} x 2`,
    });
  const values = Float64Array.from(draws);
  const lowest = 1 / Math.max(height, width);
  for (let y = 0; y < height; y++) {
    const fy = (y < (height + 1) >> 1 ? y : y - height) / height;
    for (let x = 0; x < columns; x++) {
      // An odd width's last column is the negative frequency that follows in the FFT's order; only its size counts.
      const fx = (x <= (width - 1) >> 1 ? x : width - x) / width;
      const scale = 1 / Math.max(Math.sqrt(fx * fx + fy * fy), lowest) ** decay;
      values[(y * columns + x) * 2]! *= scale;
      values[(y * columns + x) * 2 + 1]! *= scale;
    }
  }
  return { height, width, columns, values };
}

/** A spectrum of standard normal draws, in the order of NumPy's `randn(height, columns, 2)`. */
export function drawSpectrum(height: number, width: number, decay: number, random: Generator): FMixSpectrum {
  const draws = Float64Array.from({ length: height * fmixColumns(width) * 2 }, () => random.normal());
  return shapeSpectrum(height, width, decay, draws);
}

/**
 * The noise of a spectrum, from 0 to 1: [height, width], row-major.
 * @throws SignalbookError for less than two rows or columns: there is no noise in two dimensions then.
 */
export function fmixGrey(spectrum: FMixSpectrum, variant: FMixVariant): Float64Array {
  const { height, width } = spectrum;
  if (height < 2 || width < 2)
    throw new SignalbookError("an image too small for a mask", {
      found: `${height} x ${width} pixels`,
      expected: "two rows and two columns or more",
    });
  const columns = variant === "corrected" ? partsOfPairs(spectrum) : partsOfRows(spectrum);
  const grey = realImage(columns, height, width);
  const least = grey.reduce((least, value) => Math.min(least, value), Infinity);
  const range = grey.reduce((most, value) => Math.max(most, value), -Infinity) - least;
  return grey.map((value) => (value - least) / range);
}

/** As meant: one complex value of each pair. A column of frequencies along y for each frequency along x. */
function partsOfPairs({ height, width, columns, values }: FMixSpectrum): Complex[] {
  return Array.from({ length: (width >> 1) + 1 }, (_, x) => {
    const part = (which: number) =>
      Float64Array.from({ length: height }, (_, y) => values[(y * columns + x) * 2 + which]!);
    return { re: part(0), im: part(1) };
  });
}

/**
 * As published: rows 0 and 1 of the spectrum, each [columns, 2], are taken for the real and the imaginary part; the
 * inverse transform pads or cuts that [columns, 2] to the image's frequencies.
 */
function partsOfRows({ height, columns, values }: FMixSpectrum): Complex[] {
  const part = (row: number, x: number) =>
    Float64Array.from({ length: height }, (_, y) => (y < columns ? values[(row * columns + y) * 2 + x]! : 0));
  return [0, 1].map((x) => ({ re: part(0, x), im: part(1, x) }));
}

/** The inverse transform of a real image's spectrum, given as its columns of the lowest frequencies along x. */
function realImage(columns: readonly Complex[], height: number, width: number): Float64Array {
  const along = columns.map((column) => inverseFft(column));
  const image = new Float64Array(height * width);
  const row = { re: new Float64Array((width >> 1) + 1), im: new Float64Array((width >> 1) + 1) };
  for (let y = 0; y < height; y++) {
    along.forEach(({ re, im }, x) => {
      row.re[x] = re[y]!;
      row.im[x] = im[y]!;
    });
    image.set(inverseRfft(row, width), y * width);
  }
  return image;
}

export interface MaskOptions {
  /** Share of the image that the mask keeps, 0 to 1. */
  lambda: number;
  /** Half of the ramp's share of the image; at most the smaller of lambda and 1 - lambda. 0: no pixel between 0 and 1. */
  maxSoftness: number;
  /** Which way lambda's share of the pixels is rounded to a whole number. */
  rounding: "down" | "up";
}

/** Pixels ranked by the noise: the brightest become 1, those around the share of lambda fall from 1 to 0, the rest is 0. */
export function rankedMask(
  grey: ArrayLike<number>,
  { lambda, maxSoftness, rounding }: Readonly<MaskOptions>,
): Float32Array {
  if (!(lambda >= 0 && lambda <= 1 && maxSoftness >= 0))
    throw new SignalbookError("a mask that is not possible", {
      found: `lambda ${lambda}, softness ${maxSoftness}`,
      expected: "lambda in 0 .. 1, softness 0 or more",
    });
  const size = grey.length;
  const kept = rounding === "down" ? Math.floor(lambda * size) : Math.ceil(lambda * size);
  const softness = Math.min(maxSoftness, lambda, 1 - lambda);
  const half = Math.min(Math.trunc(size * softness), kept, size - kept);
  const sorted = Float64Array.from(grey).sort();
  const taken = new Uint32Array(size);
  const mask = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    // Equal values take the ranks that they share one after another.
    const place = firstAtLeast(sorted, grey[i]!);
    const rank = size - 1 - place - taken[place]!++;
    if (rank < kept - half) mask[i] = 1;
    else if (rank < kept + half) mask[i] = 1 - (rank - (kept - half)) / (2 * half - 1);
  }
  return mask;
}

/** The position of the first value that is not below `value`, by bisection. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
