/** A recording's spectrogram over time, under its hypnogram and the probabilities of its stages where there are some. */
import { SignalbookError } from "../../core/errors";
import type { Hypnogram } from "../../formats/types";
import { encodePng, type Image } from "../../preprocessing/image";
import { quantiles } from "../../preprocessing/quantiles";
import type { Spectrogram } from "../../preprocessing/spectra";
import { inColour } from "./colour-map";
import { type Hypnodensity, hypnodensityView } from "./hypnodensity";
import { hypnogramLayers } from "./hypnogram";
import { imageChart } from "./image-chart";
import { nightUnit } from "./night-time";
import { type ChartSpec, type ChartText, chartText, rounded, unframed } from "./theme";

export interface NightOptions extends ChartText {
  /** Of the power: "µV²/Hz". Written in decibels relative to 1 of it. */
  unit: string;
  /** Seconds of the recording that the figure covers, when there is no hypnogram to say. */
  duration: number;
  hypnogram?: Hypnogram;
  /** Of the hypnogram's epochs, drawn above it. */
  probabilities?: Hypnodensity;
  /** Seconds from the recording's start to the hypnogram's first epoch. Default 0. */
  offset?: number;
  /** Hz; the highest frequency drawn. Default: the highest there is. */
  maxFrequency?: number;
}

const width = 600;
const height = 220;
/** Columns of the picture; each shows the spectrum nearest in time. */
const columns = 600;

/**
 * Power in decibels as colour, time from left to right, frequency upwards. With a hypnogram the figure covers the time
 * that it scores. Colours run from the 5 % to the 99 % quantile of what is shown; white is time without samples.
 * @throws SignalbookError for a spectrogram without a number in it, and for probabilities of other epochs.
 */
export async function nightChart(spectrogram: Spectrogram, options: NightOptions): Promise<ChartSpec> {
  const { unit, hypnogram, probabilities, offset = 0, maxFrequency = Number.POSITIVE_INFINITY } = options;
  if (probabilities !== undefined && probabilities.shares.length !== hypnogram?.stages.length)
    throw new SignalbookError("probabilities of other epochs than the hypnogram's", {
      found: `${probabilities.shares.length} epochs`,
      expected: `${hypnogram?.stages.length ?? "a hypnogram of as many"}`,
    });
  const from = hypnogram === undefined ? 0 : offset;
  const seconds = hypnogram === undefined ? options.duration : hypnogram.stages.length * hypnogram.epochSeconds;
  const image = decibels(spectrogram, { from, seconds, maxFrequency });
  const finite = image.pixels.filter((value) => Number.isFinite(value));
  if (finite.length === 0)
    throw new SignalbookError("a spectrogram with nothing to draw", {
      found: `${spectrogram.times.length} spectra, no finite power between ${from} s and ${from + seconds} s`,
      expected: "power above 0",
    });
  const [low, high] = quantiles(finite, [0.05, 0.99]).map(Math.round) as [number, number];
  const limits = { low, high: Math.max(high, low + 1) };
  const top = spectrogram.frequencies[image.height - 1]!;
  const { divisor, name } = nightUnit(seconds);
  const spectrum = imageChart(await encodePng(inColour(image, limits)), {
    ...image,
    shownWidth: width,
    shownHeight: height,
    x: {
      title: `Time from the ${hypnogram === undefined ? "recording's start" : "first epoch"} (${name})`,
      domain: [0, seconds / divisor],
      values: ticksTo(seconds / divisor),
    },
    y: { title: "Frequency (Hz)", domain: [top, 0] },
    legend: { title: "dB", domain: [limits.low, limits.high] },
  });
  const text = chartText(options, {
    title: "Spectrogram",
    subtitle: `Decibels relative to 1 ${unit}; white: no samples`,
    description:
      `Power up to ${top} Hz over ${(seconds / divisor).toFixed(1)} ${name}` +
      (hypnogram === undefined ? "." : `, under the hypnogram${probabilities ? " and each stage's probability" : ""}.`),
  });
  const view = { width, height, layer: spectrum["layer"] };
  if (hypnogram === undefined) return unframed(text, view);
  const above = { width, height: 120, layer: hypnogramLayers(hypnogram, seconds, { timeAxis: false }) };
  const density = probabilities && {
    ...{ width, height: 130 },
    ...hypnodensityView(probabilities, { name: "Probability", timeAxis: false }),
  };
  return unframed(text, { spacing: 8, vconcat: [...(density ? [density] : []), above, view] });
}

/** At most a dozen round times from 0. */
function ticksTo(end: number): number[] {
  const step = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60].find((each) => end / each <= 11) ?? end / 10;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => rounded(i * step, 4));
}

function decibels(
  { times, frequencies, power }: Spectrogram,
  { from, seconds, maxFrequency }: { from: number; seconds: number; maxFrequency: number },
): Image<Float64Array> {
  const rows = frequencies.filter((frequency) => frequency <= maxFrequency).length;
  const pixels = new Float64Array(rows * columns).fill(Number.NaN);
  const step = times.length > 1 ? times[1]! - times[0]! : seconds;
  let nearest = 0;
  for (let x = 0; x < columns; x++) {
    const at = from + ((x + 0.5) / columns) * seconds;
    while (nearest + 1 < times.length && Math.abs(times[nearest + 1]! - at) <= Math.abs(times[nearest]! - at))
      nearest++;
    if (times.length === 0 || Math.abs(times[nearest]! - at) > step) continue;
    const spectrum = power[nearest]!;
    for (let row = 0; row < rows; row++) {
      const value = spectrum[rows - 1 - row]!;
      // 0 Hz of a signal without its mean has no power, and no logarithm.
      pixels[row * columns + x] = value > 0 ? 10 * Math.log10(value) : Number.NaN;
    }
  }
  return { width: columns, height: rows, channels: 1, pixels };
}
