/** The 10-minute spectrograms that the HMS competition delivers, made ready for system 002's image. */
import { SignalbookError } from "../core/errors";
import { HMS_SPECTROGRAM_COLUMNS } from "../formats/hms";
import { checkImage, type Image } from "./image";
import { toDecibels } from "./mel-decibels";
import { quantiles } from "./quantiles";

/** Added before the logarithm, so that missing values and zeros have one. */
const FLOOR = 1e-6;
/** Where the tails are cut off. */
const TAILS = [0.01, 0.99] as const;

/**
 * Missing values become 0; log10(value + 1e-6); clipped at the array's own 0.01 and 0.99 quantiles, which become 0 and 1.
 * Computed in double precision, returned in the precision given.
 * @param spectrogram power [time, frequency and region], 300 x 400 as delivered.
 * @throws SignalbookError for a negative value, and for values without a spread between those quantiles.
 */
export function normaliseHmsSpectrogram<P extends Float32Array | Float64Array>(spectrogram: Image<P>): Image<P> {
  checkImage(spectrogram);
  const { pixels } = spectrogram;
  const logs = new Float64Array(pixels.length);
  for (let i = 0; i < logs.length; i++) {
    const value = pixels[i]!;
    if (value < 0)
      throw new SignalbookError("a power below zero", {
        place: `row ${Math.floor(i / spectrogram.width)}, column ${i % spectrogram.width}`,
        found: String(value),
        expected: "0 or more, or NaN where it is missing",
      });
    logs[i] = (Number.isNaN(value) ? 0 : value) + FLOOR;
  }
  // Ten times the logarithm: the factor goes with the scaling between two quantiles.
  toDecibels(logs, { least: FLOOR / 2, range: null });
  const [low, high] = quantiles(logs, TAILS) as [number, number];
  if (!(high > low))
    throw new SignalbookError("a spectrogram without a spread", {
      found: `${low / 10} as the logarithm of both`,
      expected: "different values at the quantiles 0.01 and 0.99",
      fix: "leave this example out: it shows nothing",
    });
  const out = pixels.slice() as P;
  for (let i = 0; i < out.length; i++) {
    const log = logs[i]!;
    out[i] = ((log < low ? low : log > high ? high : log) - low) / (high - low);
  }
  return { ...spectrogram, pixels: out };
}

/** For each place in order of frequency, region by region, the column of {@link HMS_SPECTROGRAM_COLUMNS} that belongs there. */
const BY_FREQUENCY: readonly number[] = (() => {
  const parts = HMS_SPECTROGRAM_COLUMNS.map((name) => name.split("_") as [string, string]);
  const regions = [...new Set(parts.map(([region]) => region))];
  return regions.flatMap((region) =>
    parts
      .flatMap(([own, frequency], column) => (own === region ? [{ column, frequency: Number(frequency) }] : []))
      .sort((a, b) => a.frequency - b.frequency)
      .map(({ column }) => column),
  );
})();

/**
 * A spectrogram with its columns in the order of frequency, which the published order leaves at two places in each region.
 * For measuring what that costs: networks that were trained on the published order expect it.
 * @param spectrogram [time, {@link HMS_SPECTROGRAM_COLUMNS}]
 * @throws SignalbookError for another number of columns
 */
export function hmsColumnsByFrequency(spectrogram: Image<Float32Array>): Image<Float32Array> {
  checkImage(spectrogram);
  const { width, height, channels } = spectrogram;
  if (width !== BY_FREQUENCY.length || channels !== 1)
    throw new SignalbookError("a spectrogram of another kind", {
      found: `${width} columns, ${channels} channels`,
      expected: `${BY_FREQUENCY.length} columns, 1 channel`,
    });
  const pixels = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    BY_FREQUENCY.forEach((column, x) => {
      pixels[y * width + x] = spectrogram.pixels[y * width + column]!;
    });
  return { ...spectrogram, pixels };
}
