/** Models as points: how much they hold against how much they do, with lines of equal use of each weight. */
import { SignalbookError } from "../../core/errors";
import { type Box, placeLabels } from "./label-placement";
import { textWidth } from "./text-width";
import { type ChartSpec, type ChartText, categoryColours, chartText, colours, unframed } from "./theme";

export interface ZooModel {
  name: string;
  /** Models of a family share a colour. */
  family: string;
  /** Images are drawn as discs, signals as squares. */
  input: "image" | "signal";
  parameters: number;
  /** Of one example. */
  multiplyAdds: number;
}

const [width, height, fontSize, radius] = [640, 560, 12, 6];
/** Uses of each weight that a line is drawn for. */
const lines = [1, 10, 100, 1000];
/** Pixels from a line's upper end to its number, to the left and down. */
const usageOffset = { x: 4, y: 6 };

/** The logarithm to base 10 of a value, and what it stands at on an axis of `extent` pixels. */
function logAxis(
  values: readonly number[],
  extent: number,
): { domain: [number, number]; at: (value: number) => number; back: (pixel: number) => number } {
  // biome-ignore format: one line reads better
  const [low, high] = [Math.log10(Math.min(...values)) - 0.35, Math.log10(Math.max(...values)) + 0.45];
  return {
    domain: [10 ** low, 10 ** high],
    at: (value) => ((Math.log10(value) - low) / (high - low)) * extent,
    back: (pixel) => 10 ** (low + (pixel / extent) * (high - low)),
  };
}

/**
 * Parameters across, multiply-adds of one example upwards, both logarithmic; every model named beside its point.
 * @throws SignalbookError for no models, and counts that are not above 0
 */
export function modelZoo(models: readonly ZooModel[], options: ChartText = {}): ChartSpec {
  const wrong = models.find(({ parameters, multiplyAdds }) => !(parameters > 0 && multiplyAdds > 0));
  if (models.length === 0 || wrong !== undefined)
    throw new SignalbookError("models that cannot be drawn on logarithmic axes", {
      found: wrong === undefined ? "no models" : `${wrong.name}: ${wrong.parameters}, ${wrong.multiplyAdds}`,
      expected: "models with parameters and multiply-adds above 0",
    });
  const across = logAxis(models.map(({ parameters }) => parameters), width); // biome-ignore format: one line reads better
  const upwards = logAxis(models.map(({ multiplyAdds }) => multiplyAdds), height); // biome-ignore format: one line reads better
  const uses = usageLines(across.domain, upwards.domain);
  const taken = uses.map(({ label, to, high }): Box => {
    const [right, top] = [across.at(to) - usageOffset.x, height - upwards.at(high) + usageOffset.y];
    return { left: right - textWidth(label, fontSize), right, top, bottom: top + fontSize };
  });
  const labels = placeLabels(
    models.map(({ name, parameters, multiplyAdds }) => ({
      ...{ x: across.at(parameters), y: height - upwards.at(multiplyAdds), text: name },
    })),
    { width, height, fontSize, radius, taken },
  ).map(({ text, left, right, top, bottom, x, y, apart }) => ({
    text,
    parameters: across.back(left + 1),
    multiplyAdds: upwards.back(height - (top + bottom) / 2),
    // A line to a label that stands apart ends at the nearer edge of it.
    nearParameters: across.back(Math.min(right, Math.max(left, x))),
    nearMultiplyAdds: upwards.back(height - Math.min(bottom, Math.max(top, y))),
    toParameters: across.back(x),
    toMultiplyAdds: upwards.back(height - y),
    apart,
  }));
  const families = [...new Set(models.map(({ family }) => family))];
  const axis = { grid: false, labelExpr: siPrefix, tickCount: 6 };
  const log = (field: string, title: string, domain: readonly number[]) => ({
    ...{ field, type: "quantitative", title, axis },
    scale: { type: "log", domain: [...domain], nice: false },
  });
  const x = (field: string) => log(field, "Parameters", across.domain);
  const y = (field: string) => log(field, "Multiply-adds of one example", upwards.domain);
  const text = chartText(options, {
    title: "Parameters and work of every model",
    subtitle: "Discs look at images, squares at signals; grey lines: how often each weight is used for one example",
    description: `${models.length} models by parameters and multiply-adds, both on logarithmic axes.`,
    details: `${models.map(({ name, parameters, multiplyAdds }) => `${name} ${parameters} parameters, ${multiplyAdds} multiply-adds`).join("; ")}.`,
  });
  return unframed(text, {
    width,
    height,
    view: { stroke: colours.rule },
    layer: [
      ...usage(uses, x, y),
      {
        data: { values: labels.filter(({ apart }) => apart) },
        mark: { type: "rule", color: colours.missing, strokeWidth: 1, tooltip: false },
        encoding: {
          ...{ x: x("toParameters"), y: y("toMultiplyAdds") },
          ...{ x2: { field: "nearParameters" }, y2: { field: "nearMultiplyAdds" } },
        },
      },
      {
        data: { values: models },
        mark: { type: "point", filled: true, size: Math.PI * radius ** 2, opacity: 0.85, stroke: "#FFFFFF" },
        encoding: {
          ...{ x: x("parameters"), y: y("multiplyAdds") },
          color: {
            ...{ field: "family", type: "nominal", title: null, legend: { columns: 4, symbolType: "circle" } },
            scale: { domain: families, range: families.map((_, i) => categoryColours[i % categoryColours.length]) },
          },
          shape: {
            ...{ field: "input", type: "nominal", legend: null },
            scale: { domain: ["image", "signal"], range: ["circle", "square"] },
          },
        },
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "left", baseline: "middle", fontSize, tooltip: false },
        encoding: {
          ...{ x: x("parameters"), y: y("multiplyAdds"), text: { field: "text", type: "nominal" } },
        },
      },
    ],
  });
}

/** 1000 as 1 k, a million as 1 M, a thousand million as 1 G; ticks other than powers of ten go unnamed. */
const siPrefix =
  "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 0.001 ? replace(format(datum.value, '~s'), /([kMG])/, ' $1') : ''";

type Encode = (field: string) => object;

interface UsageLine {
  label: string;
  /** Parameters at both ends, and multiply-adds. */
  from: number;
  to: number;
  low: number;
  high: number;
}

/** Lines y = k x within the axes. */
function usageLines([left, right]: readonly [number, number], [bottom, top]: readonly [number, number]): UsageLine[] {
  return lines
    .map((uses) => {
      const [from, to] = [Math.max(left, bottom / uses), Math.min(right, top / uses)];
      return { label: `${uses} ×`, from, to, low: from * uses, high: to * uses };
    })
    .filter(({ from, to }) => from < to);
}

/** Each line with its k at its upper end. */
function usage(shown: readonly UsageLine[], x: Encode, y: Encode): object[] {
  return [
    {
      data: { values: shown },
      mark: { type: "rule", color: colours.rule, strokeWidth: 1, strokeDash: [4, 4], tooltip: false },
      encoding: { x: x("from"), y: y("low"), x2: { field: "to" }, y2: { field: "high" } },
    },
    {
      data: { values: shown },
      mark: {
        ...{
          type: "text",
          align: "right",
          baseline: "top",
          dx: -usageOffset.x,
          dy: usageOffset.y,
          fontSize,
          color: colours.muted,
        },
        tooltip: false,
      },
      encoding: { x: x("to"), y: y("high"), text: { field: "label", type: "nominal" } },
    },
  ];
}
