/** An image in a figure: its pixels as they are, with axes in units where its sides have some, and a colour bar. */
import { SignalbookError } from "../../core/errors";
import { type ColourMapName, colourStops } from "./colour-map";
import { type ChartSpec, type ChartText, chartText, colours, figureWidth, unframed } from "./theme";

/** What a side of the image measures. */
export interface ImageAxis {
  title: string;
  /** Values at the image's left and right edge, or at its top and bottom edge: either may be the larger. */
  domain: readonly [number, number];
  /** Where to write values. Default: chosen from the domain. */
  values?: readonly number[];
  /** Other words for those values, one each. */
  labels?: readonly string[];
}

/** Words on the image. */
export interface ImageLabel {
  text: string;
  /** 0 (left, top) .. 1 (right, bottom). */
  x: number;
  y: number;
  align?: "left" | "center" | "right";
  colour?: string;
}

export interface ImageChartOptions extends ChartText {
  /** Pixels of the image. */
  width: number;
  height: number;
  /** CSS pixels the image is wide in the figure. Default: the figure's width less room for an axis. */
  shownWidth?: number;
  /** CSS pixels it is high. Default: in the image's own proportion. */
  shownHeight?: number;
  x?: ImageAxis;
  y?: ImageAxis;
  /** Colours of values, drawn as a bar at the right. */
  legend?: { title: string; domain: readonly [number, number]; map?: ColourMapName };
  labels?: readonly ImageLabel[];
}

/**
 * A PNG as a figure.
 * @param png the file's bytes: `await encodePng(image)`. Enlarged without smoothing.
 * @throws SignalbookError for bytes that are no PNG.
 */
export function imageChart(png: Uint8Array, options: ImageChartOptions): ChartSpec {
  if (![0x89, 0x50, 0x4e, 0x47].every((byte, i) => png[i] === byte))
    throw new SignalbookError("an image that is no PNG", {
      found: `bytes ${[...png.subarray(0, 4)].join(" ") || "(none)"}`,
      expected: "a PNG file",
      fix: "encode it with encodePng first",
    });
  const { legend, labels = [], x, y } = options;
  const width = options.shownWidth ?? figureWidth - 60;
  const height = options.shownHeight ?? Math.round((width * options.height) / options.width);
  const text = chartText(options, {
    title: "Image",
    description: `An image of ${options.width} by ${options.height} pixels.`,
    ...(labels.length === 0 ? {} : { details: `Words on it: ${labels.map((label) => label.text).join(", ")}.` }),
  });
  const url = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const position = {
    x: axisOf("left", x),
    y: axisOf("top", y, height),
  };
  return unframed(text, {
    width,
    height,
    layer: [
      {
        data: { values: [{ url }] },
        mark: { type: "image", width, height, align: "left", baseline: "top", aspect: false, smooth: false },
        encoding: { url: { field: "url", type: "nominal" }, x: { value: 0 }, y: { value: 0 } },
      },
      // A point without size carries the axes: an image has no scale of its own.
      {
        data: { values: [{ left: (x?.domain ?? [0, 1])[0], top: (y?.domain ?? [0, 1])[0] }] },
        mark: { type: "point", opacity: 0, size: 0, tooltip: false },
        encoding: position,
      },
      ...labels.map((label) => labelLayer(label, width, height)),
      ...(legend === undefined ? [] : colourBar(legend, width, height)),
    ],
  });
}

/** @param height of the image where the axis is its vertical one. */
function axisOf(field: string, axis: ImageAxis | undefined, height?: number): object {
  const [from, to] = axis?.domain ?? [0, 1];
  const scale = {
    domain: [from, to],
    nice: false,
    zero: false,
    // An axis from larger to smaller values is turned by its range.
    ...(height === undefined ? {} : { range: [0, height] }),
  };
  if (axis === undefined) return { field, type: "quantitative", scale, axis: null };
  const { title, values, labels } = axis;
  const words =
    values === undefined || labels === undefined
      ? {}
      : { labelExpr: `${JSON.stringify(labels)}[indexof(${JSON.stringify(values)}, datum.value)]` };
  return {
    field,
    type: "quantitative",
    scale,
    axis: { title, grid: false, ...(values === undefined ? {} : { values }), ...words },
  };
}

function labelLayer(
  { text, x, y, align = "left", colour = colours.ink }: ImageLabel,
  width: number,
  height: number,
): object {
  return {
    data: { values: [{ text }] },
    mark: { type: "text", align, baseline: "middle", fontSize: 12, fontWeight: 600, color: colour, tooltip: false },
    encoding: { x: { value: x * width }, y: { value: y * height }, text: { field: "text", type: "nominal" } },
  };
}

/** A bar of the map's colours at the right, lowest value at the bottom. */
function colourBar(
  { title, domain: [low, high], map = "viridis" }: NonNullable<ImageChartOptions["legend"]>,
  width: number,
  height: number,
): object[] {
  const stops = colourStops(map);
  const gradient = stops.map((color, i) => ({ offset: i / (stops.length - 1), color }));
  const [left, barWidth] = [width + 16, 12];
  const word = (text: string, y: number, baseline: string, dx = 0): object => ({
    data: { values: [{ text }] },
    mark: { type: "text", align: "left", baseline, dx, fontSize: 12, tooltip: false },
    encoding: { x: { value: left + barWidth + 5 }, y: { value: y }, text: { field: "text", type: "nominal" } },
  });
  return [
    {
      data: { values: [{}] },
      mark: {
        type: "rect",
        tooltip: false,
        color: { gradient: "linear", x1: 0, x2: 0, y1: 1, y2: 0, stops: gradient },
      },
      encoding: { x: { value: left }, x2: { value: left + barWidth }, y: { value: 0 }, y2: { value: height } },
    },
    word(String(high), 0, "top"),
    word(title, height / 2, "middle"),
    word(String(low), height, "bottom"),
  ];
}
