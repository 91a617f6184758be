/** Power spectral densities over frequency, on a logarithmic scale, with the bands named. */
import { SignalbookError } from "../../core/errors";
import { type ChartSpec, type ChartText, categoryColours, chartText, colours, framed } from "./theme";

export interface Spectrum {
  name: string;
  /** Hz, ascending. */
  frequencies: ArrayLike<number>;
  /** Power spectral density, one value a frequency. */
  density: ArrayLike<number>;
}

export interface FrequencyBand {
  name: string;
  /** Hz. */
  from: number;
  to: number;
}

/** The bands of sleep EEG (AASM manual; sigma is the spindles' band). */
export const eegBands: readonly FrequencyBand[] = [
  { name: "δ", from: 0.5, to: 4 },
  { name: "θ", from: 4, to: 8 },
  { name: "α", from: 8, to: 12 },
  { name: "σ", from: 12, to: 16 },
  { name: "β", from: 16, to: 30 },
];

export interface SpectrumChartOptions extends ChartText {
  /** Unit of the density. Default "µV²/Hz". */
  unit?: string;
  /** Hz; the highest frequency drawn. Default: the highest given. */
  maxFrequency?: number;
  /** Bands named along the top. Default none. */
  bands?: readonly FrequencyBand[];
}

/** One line a spectrum. Frequencies with no power (0 Hz after detrending) have no place on a logarithmic scale. */
export function spectrumChart(spectra: readonly Spectrum[], options: SpectrumChartOptions = {}): ChartSpec {
  const { unit = "µV²/Hz", bands = [] } = options;
  const top = options.maxFrequency ?? Math.max(...spectra.map((s) => s.frequencies[s.frequencies.length - 1] ?? 0));
  const values = spectra.flatMap((spectrum) => pointsOf(spectrum, top));
  const text = chartText(options, {
    title: "Power spectrum",
    description: `Power spectral density in ${unit} up to ${top} Hz of ${spectra.map((s) => s.name).join(", ")}.`,
  });
  const x = {
    field: "f",
    type: "quantitative",
    title: "Frequency (Hz)",
    scale: { domain: [0, top], nice: false },
    axis: { grid: false },
  };
  const names = spectra.map((s) => s.name);
  const inside = bands.filter((band) => band.from < top).map((band) => ({ ...band, to: Math.min(band.to, top) }));
  return framed(
    text,
    {
      layer: [
        ...(inside.length === 0 ? [] : bandLayers(inside, x)),
        {
          data: { values },
          mark: { type: "line", strokeWidth: 1.6 },
          encoding: {
            x,
            y: {
              field: "p",
              type: "quantitative",
              title: `Power spectral density (${unit})`,
              scale: { type: "log" },
              axis: { tickCount: 5, format: "~g" },
            },
            color: {
              field: "name",
              type: "nominal",
              title: null,
              scale: { domain: names, range: names.map((_, i) => categoryColours[i % categoryColours.length]) },
              ...(names.length === 1 ? { legend: null } : {}),
            },
          },
        },
      ],
    },
    { height: 340 },
  );
}

function pointsOf({ name, frequencies, density }: Spectrum, top: number): { name: string; f: number; p: number }[] {
  if (frequencies.length !== density.length)
    throw new SignalbookError(`spectrum ${name}: frequencies and densities differ in number`, {
      found: `${frequencies.length} and ${density.length}`,
    });
  const points = [];
  for (let i = 0; i < frequencies.length; i++) {
    const f = frequencies[i]!;
    const p = density[i]!;
    if (f <= top && p > 0) points.push({ name, f: Number(f.toPrecision(5)), p: Number(p.toPrecision(4)) });
  }
  return points;
}

function bandLayers(bands: readonly FrequencyBand[], x: object): object[] {
  const data = { values: bands.map((band, i) => ({ ...band, middle: (band.from + band.to) / 2, shade: i % 2 })) };
  return [
    {
      data,
      mark: { type: "rect", color: colours.grid },
      encoding: {
        x: { ...x, field: "from" },
        x2: { field: "to" },
        opacity: { field: "shade", type: "quantitative", scale: { domain: [0, 1], range: [0.75, 0.3] }, legend: null },
      },
    },
    {
      data,
      mark: { type: "text", baseline: "top", dy: 5, color: colours.muted, fontSize: 14 },
      encoding: { x: { ...x, field: "middle" }, y: { value: 0 }, text: { field: "name", type: "nominal" } },
    },
  ];
}
