/** How often each label occurs: horizontal bars, the most frequent first, each with its number. */
import { type ChartSpec, type ChartText, chartText, colours, framed } from "./theme";

export interface LabelCount {
  label: string;
  count: number;
  /** What the label stands for: longer words for the tooltip. */
  meaning?: string;
}

export interface CountOptions extends ChartText {
  /** What is counted. Default "Records". */
  unit?: string;
  /** At most this many bars, the most frequent ones; the description says how many are left out. Default all. */
  top?: number;
}

/** Bars sorted by count. Labels never counted are kept: a bar of length 0 says something too. */
export function labelCounts(counts: readonly LabelCount[], options: CountOptions = {}): ChartSpec {
  const { unit = "Records", top = counts.length } = options;
  const sorted = [...counts].sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
  const shown = sorted.slice(0, top);
  const left = sorted.length - shown.length;
  const text = chartText(options, {
    title: "Labels",
    description:
      `${unit} with each label, the most frequent first` + `${left > 0 ? `; ${left} rarer labels are not shown` : ""}.`,
    details: `${shown.map(({ label, count }) => `${label} ${count}`).join(", ")}.`,
  });
  const y = {
    field: "label",
    type: "nominal",
    sort: shown.map(({ label }) => label),
    title: null,
    axis: { ticks: false, domain: false, labelPadding: 6 },
  };
  // Room for the number behind the longest bar.
  const scale = { domain: [0, 1.08 * Math.max(1, ...shown.map(({ count }) => count))], nice: false };
  const x = { field: "count", type: "quantitative", title: unit, scale, axis: { tickMinStep: 1 } };
  return framed(
    text,
    {
      data: { values: shown },
      layer: [
        {
          mark: { type: "bar", color: colours.blue, height: { band: 0.72 } },
          encoding: {
            x,
            y,
            tooltip: shown.some(({ meaning }) => meaning !== undefined)
              ? [{ field: "label" }, { field: "count" }, { field: "meaning" }]
              : [{ field: "label" }, { field: "count" }],
          },
        },
        {
          mark: { type: "text", align: "left", dx: 5 },
          encoding: { x, y, text: { field: "count", type: "quantitative" } },
        },
      ],
    },
    { height: 96 + 24 * shown.length },
  );
}
