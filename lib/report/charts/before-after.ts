/** Signals before and after they were changed, drawn over each other: what an augmentation or a filter does to a trace. */
import { SignalbookError } from "../../core/errors";
import type { Signal } from "../../formats/types";
import { tracePoints } from "./decimate";
import { type ChartSpec, type ChartText, chartText, colours, plotWidth, rounded, unframed } from "./theme";

export interface BeforeAfterPanel {
  /** What was done. */
  caption: string;
  before: Signal;
  /** Of the same unit and rate. */
  after: Signal;
}

/** The earlier trace shows from below the later one. */
const LOOK = [
  { color: colours.missing, strokeWidth: 2.6 },
  { color: colours.blue, strokeWidth: 1.1 },
];
const panelHeight = 96;
const pointsPerPanel = 1500;

/**
 * A panel a change, one below the other on one axis of time and one of values; the earlier trace is grey.
 * @throws SignalbookError for no panels, and for traces of unlike unit, rate or length.
 */
export function beforeAfterChart(panels: readonly BeforeAfterPanel[], options: ChartText = {}): ChartSpec {
  const [first] = panels;
  if (first === undefined) throw new SignalbookError("no signal to draw", { fix: "give at least one panel" });
  const { unit, sampleRate } = first.before;
  const seconds = first.before.samples.length / sampleRate;
  for (const { caption, before, after } of panels)
    for (const signal of [before, after])
      if (
        signal.unit !== unit ||
        signal.sampleRate !== sampleRate ||
        signal.samples.length !== first.before.samples.length
      )
        throw new SignalbookError("signals that share no axes", {
          place: caption,
          found: `${signal.samples.length} samples at ${signal.sampleRate} Hz in ${signal.unit}`,
          expected: `${first.before.samples.length} at ${sampleRate} Hz in ${unit}`,
        });
  const lines = (["before", "after"] as const).map((when) =>
    panels.map((panel) => tracePoints(panel[when].samples, sampleRate, pointsPerPanel / seconds)),
  );
  const all = lines.flat(2).map(({ value }) => value);
  const scale = {
    domain: [all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), -Infinity)],
    zero: false,
    nice: true,
  };
  const text = chartText(options, {
    title: "Before and after",
    subtitle: "Grey: before; blue: after",
    description: `${panels.map(({ caption, before }) => `${caption} (${before.label})`).join("; ")}: each signal before (grey) and after the change (blue).`,
  });
  return unframed(text, {
    spacing: 12,
    vconcat: panels.map(({ caption, before }, row) => ({
      width: plotWidth,
      height: panelHeight,
      title: { text: caption, fontSize: 13, offset: 4 },
      layer: lines.map((of, when) => ({
        data: {
          values: [
            {
              t: of[row]!.map(({ seconds: t }) => rounded(t, 4)),
              value: of[row]!.map(({ value }) => Number(value.toPrecision(4))),
            },
          ],
        },
        transform: [{ flatten: ["t", "value"] }],
        mark: { type: "line", strokeJoin: "round", tooltip: false, ...LOOK[when] },
        encoding: {
          x: {
            field: "t",
            type: "quantitative",
            title: row === panels.length - 1 ? "Time (s)" : null,
            scale: { domain: [0, seconds], nice: false },
            axis: { grid: false, labels: row === panels.length - 1 },
          },
          y: {
            field: "value",
            type: "quantitative",
            title: `${before.label} (${unit})`,
            scale,
            axis: { tickCount: 3 },
          },
        },
      })),
    })),
  });
}
