/** A map over a page of traces whose signals are named at its side: what a network attends to, or cannot do without. */
import { encodePng, type Image } from "../../preprocessing/image";
import { type ImageChartOptions, imageChart } from "./image-chart";
import { type OverlayOptions, overlaid } from "./overlay";
import type { ChartSpec, ChartText } from "./theme";

/** A signal's place on the picture, in its rows of pixels; the last one excluded. */
export interface NamedBand {
  name: string;
  top: number;
  bottom: number;
}

export interface PictureMapOptions extends ChartText, Omit<OverlayOptions, "range"> {
  /** Values shown in the lowest and the highest colour, and what they are, for the bar of colours. */
  range: readonly [low: number, high: number];
  legend: string;
  /** What the picture's width stands for. Default seconds. */
  time?: { title: string; end: number };
}

/** @throws SignalbookError as {@link overlaid}. */
export async function pictureMap(
  picture: Image<Uint8Array>,
  values: Image,
  bands: readonly NamedBand[],
  options: PictureMapOptions,
): Promise<ChartSpec> {
  const { range, legend, map, white = 0.75, time = { title: "Time (s)", end: 30 }, ...text } = options;
  const { width, height } = picture;
  const image = overlaid(picture, values, { range, white, ...(map !== undefined && { map }) });
  const chart: ImageChartOptions = {
    ...text,
    width,
    height,
    shownWidth: 500,
    shownHeight: Math.max(300, 28 * bands.length),
    x: { title: time.title, domain: [0, time.end] },
    y: {
      title: "",
      domain: [0, height],
      values: bands.map(({ top, bottom }) => (top + bottom) / 2),
      labels: bands.map(({ name }) => name),
    },
    legend: { title: legend, domain: range, ...(map !== undefined && { map }) },
  };
  return imageChart(await encodePng(image), chart);
}
