/** Forest plot: figures of merit as dots with their intervals, beside lines of what others reached. */
import { SignalbookError } from "../../core/errors";
import { formatInterval, formatNumber } from "../format";
import { type ChartSpec, type ChartText, categoryColours, chartText, colours, unframed } from "./theme";

/** The numbers stand in a column to the right of the plot. */
const plotPixels = 460;

export interface Estimate {
  label: string;
  value: number;
  /** Lower and upper end of the interval. */
  interval?: readonly [number, number];
  /** What the dot's colour stands for, such as the model. */
  group?: string;
}

export interface ForestOptions extends ChartText {
  /** What is measured, with its unit if it has one: "AUC", "Cohen's kappa". */
  metric: string;
  /** What the intervals are: "95 % bootstrap interval over patients". */
  interval?: string;
  /** Upright lines to compare with; a caption that says their source. */
  references?: readonly { value: number; label: string }[];
  /** Ends of the axis. Default: what is drawn, with some room. */
  domain?: readonly [number, number];
  /** Decimal places of the numbers written. Default 2. */
  digits?: number;
}

/** One row an estimate, in the order given; what the reference lines are stands above them. @throws SignalbookError when there is nothing to draw. */
export function forestPlot(estimates: readonly Estimate[], options: ForestOptions): ChartSpec {
  const { metric, references = [], digits = 2 } = options;
  if (estimates.length === 0) throw new SignalbookError("a forest plot without estimates");
  const rows = estimates.map(({ interval, ...row }, index) => ({
    ...row,
    group: row.group ?? "",
    row: index,
    low: interval?.[0] ?? row.value,
    high: interval?.[1] ?? row.value,
    text: formatInterval(row.value, interval, digits),
  }));
  const groups = [...new Set(rows.map((row) => row.group))];
  const compared = references.map(({ value, label }) => ({ value, label: `${label} ${formatNumber(value, digits)}` }));
  const text = chartText(options, {
    title: metric,
    ...(options.interval === undefined ? {} : { subtitle: `Lines: ${options.interval}` }),
    description: `${metric} with intervals${compared.length === 0 ? "" : `; for comparison: ${compared.map((r) => r.label).join("; ")}`}.`,
    details: `${rows.map((row) => `${row.group === "" ? "" : `${row.group}, `}${row.label} ${row.text}`).join("; ")}.`,
  });
  const ends = [...rows.flatMap((row) => [row.low, row.high]), ...references.map((r) => r.value)];
  const room = 0.06 * (Math.max(...ends) - Math.min(...ends) || Math.abs(ends[0]!) || 1);
  const domain = options.domain ?? [Math.min(...ends) - room, Math.max(...ends) + room];
  const scale = { domain: [...domain], nice: options.domain === undefined, zero: false };
  const x = (field: string) => ({ field, type: "quantitative", title: metric, scale, axis: { tickCount: 6 } });
  const names = rows.map((row) => row.label);
  const y = {
    field: "row",
    type: "ordinal",
    title: null,
    axis: { labelExpr: `${JSON.stringify(names)}[datum.value]`, ticks: false, domain: false, labelPadding: 8 },
  };
  const color = {
    field: "group",
    type: "nominal",
    title: null,
    scale: { domain: groups, range: groups.map((_, i) => categoryColours[i % categoryColours.length]) },
    ...(groups.length === 1 ? { legend: null } : {}),
  };
  return unframed(text, {
    width: plotPixels,
    height: 32 * rows.length,
    data: { values: rows },
    layer: [
      ...referenceLayers(compared, x, (domain[0] + domain[1]) / 2),
      {
        mark: { type: "rule", strokeWidth: 2.5, clip: true },
        encoding: { x: x("low"), x2: { field: "high" }, y, color },
      },
      { mark: { type: "point", filled: true, size: 90, opacity: 1 }, encoding: { x: x("value"), y, color } },
      {
        mark: { type: "text", align: "left", dx: 14, fontSize: 13 },
        encoding: { x: { value: plotPixels }, y, text: { field: "text", type: "nominal" } },
      },
    ],
  });
}

function referenceLayers(
  references: readonly { value: number; label: string }[],
  x: (field: string) => object,
  middle: number,
): object[] {
  if (references.length === 0) return [];
  const data = { values: references.map((reference, index) => ({ ...reference, index })) };
  return [
    { data, mark: { type: "rule", strokeDash: [5, 4], color: colours.muted }, encoding: { x: x("value") } },
    ...references.map((reference, index) => ({
      data: { values: [reference] },
      mark: {
        type: "text",
        align: reference.value > middle ? "right" : "left",
        baseline: "bottom",
        dx: reference.value > middle ? 4 : -4,
        dy: -5 - 15 * index,
        fontSize: 12,
        color: colours.muted,
      },
      encoding: { x: x("value"), y: { value: 0 }, text: { field: "label", type: "nominal" } },
    })),
  ];
}
