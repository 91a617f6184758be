/** What a network makes of a signal, layer by layer on one axis of time: the trace, its feature maps, and a curve below. */
import { SignalbookError } from "../../core/errors";
import { encodePng } from "../../preprocessing/image";
import { inColour } from "./colour-map";
import { tracePoints } from "./decimate";
import { type ChartSpec, type ChartText, chartText, colours, rounded, unframed } from "./theme";

export interface FeatureMap {
  /** Such as "layer1". */
  name: string;
  steps: number;
  channels: number;
  /** [steps, channels], row-major. */
  values: ArrayLike<number>;
}

export interface FeatureMapsInput {
  /** What the network was given, or one channel of it. */
  trace: { label: string; unit: string; sampleRate: number; samples: ArrayLike<number> };
  /** From the first layer to the last; each covers the whole trace. */
  maps: readonly FeatureMap[];
  /** One value a step of equal length, such as what each adds to a logit. */
  curve?: { title: string; values: ArrayLike<number> };
}

const [width, traceHeight, mapHeight, curveHeight] = [600, 110, 64, 80];

/**
 * Each channel is a row of its map and coloured from its own least value to its greatest: what is shown is when it
 * answers, not how strongly beside others. Channels that never change are left dark.
 * @throws SignalbookError for maps whose values do not fill them
 */
export async function featureMaps(
  { trace, maps, curve }: FeatureMapsInput,
  options: ChartText = {},
): Promise<ChartSpec> {
  // biome-ignore format: one line reads better
  const seconds = trace.samples.length / trace.sampleRate;
  const named = maps.map(({ name, steps, channels }) => `${name} (${channels} channels, ${steps} steps)`).join(", ");
  const text = chartText(options, {
    title: "Feature maps",
    description: `${trace.label} over ${seconds} s, and the feature maps of ${named}.`,
    details: `Maps: ${named}.`,
  });
  const x = (field: string, last: boolean) => ({
    ...{ field, type: "quantitative", scale: { domain: [0, seconds], nice: false } },
    axis: last ? { title: "Time (s)", grid: false } : { labels: false, title: null, ticks: false, grid: false },
  });
  const points = tracePoints(Float64Array.from(trace.samples), trace.sampleRate, 200).map((point) => ({
    seconds: rounded(point.seconds, 4),
    value: rounded(point.value, 4),
  }));
  const traceView = {
    ...{ width, height: traceHeight, data: { values: points } },
    mark: { type: "line", color: colours.ink, strokeWidth: 1.1, tooltip: false },
    encoding: {
      x: x("seconds", false),
      y: axisTitled("value", [trace.label, `(${trace.unit})`], { tickCount: 3 }),
      order: { field: "seconds", type: "quantitative" },
    },
  };
  const mapViews = await Promise.all(
    maps.map(async (map, i) => ({
      ...{ width, height: mapHeight },
      layer: [
        {
          data: { values: [{}] },
          mark: {
            ...{ type: "image", url: await dataUrl(map), width, height: mapHeight, align: "left", baseline: "top" },
            ...{ aspect: false, smooth: false, tooltip: false },
          },
          encoding: { x: { value: 0 }, y: { value: 0 } },
        },
        // A point without size carries the axes: an image has no scale of its own.
        {
          data: { values: [{ seconds: 0, channel: 0 }] },
          mark: { type: "point", opacity: 0, size: 0, tooltip: false },
          encoding: {
            x: x("seconds", curve === undefined && i === maps.length - 1),
            y: {
              ...axisTitled("channel", [map.name, `${map.channels} × ${map.steps}`], { labels: false, ticks: false }),
              scale: { domain: [0, map.channels], nice: false },
            },
          },
        },
      ],
    })),
  );
  const views: object[] = [traceView, ...mapViews];
  if (curve !== undefined) views.push(curveView(curve, seconds, x));
  return unframed(text, { vconcat: views, spacing: 10 });
}

function curveView(
  { title, values }: NonNullable<FeatureMapsInput["curve"]>,
  seconds: number,
  x: (field: string, last: boolean) => object,
): object {
  const step = seconds / values.length;
  const bars = Array.from(values, (value, i) => ({
    ...{ from: rounded(i * step, 4), to: rounded((i + 1) * step, 4), value: rounded(value, 4), none: 0 },
    sign: value < 0 ? "against" : "for",
  }));
  return {
    ...{ width, height: curveHeight, data: { values: bars } },
    mark: { type: "rect", tooltip: false },
    encoding: {
      ...{ x: x("from", true), x2: { field: "to" } },
      ...{ y: axisTitled("value", title.split("\n"), { tickCount: 3 }), y2: { field: "none" } },
      color: {
        ...{ field: "sign", type: "nominal", legend: null },
        scale: { domain: ["for", "against"], range: [colours.vermillion, colours.sky] },
      },
    },
  };
}

/** A vertical axis with its title beside it, level, in lines. */
function axisTitled(field: string, title: string[], axis: object): object {
  return {
    ...{ field, type: "quantitative" },
    axis: { title, titleAngle: 0, titleAlign: "right", titlePadding: 10, titleFontSize: 12, grid: false, minExtent: 40, ...axis }, // biome-ignore format: one line reads better
  };
}

async function dataUrl({ name, steps, channels, values }: FeatureMap): Promise<string> {
  if (values.length !== steps * channels)
    throw new SignalbookError("a feature map whose values do not fill it", {
      ...{ place: name, found: `${values.length} values`, expected: `${steps} steps x ${channels} channels` },
    });
  const pixels = new Float64Array(steps * channels);
  for (let c = 0; c < channels; c++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let t = 0; t < steps; t++) {
      low = Math.min(low, values[t * channels + c]!);
      high = Math.max(high, values[t * channels + c]!);
    }
    for (let t = 0; t < steps; t++)
      pixels[c * steps + t] = high > low ? (values[t * channels + c]! - low) / (high - low) : 0;
  }
  const png = await encodePng(inColour({ width: steps, height: channels, channels: 1, pixels }));
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
