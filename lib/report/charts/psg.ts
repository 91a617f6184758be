/**
 * A page of a polysomnography: derivations stacked above each other over one stretch of time, each with its unit and a
 * bar that gives its scale.
 */
import { SignalbookError } from "../../core/errors";
import type { Annotation, Signal } from "../../formats/types";
import { tracePoints } from "./decimate";
import { type ChartSpec, type ChartText, chartText, colours, rounded, unframed } from "./theme";
import { displayUnit, niceCeiling } from "./units";

const traceWidth = 780;
const rowPixels = 52;
const pointsPerPage = 1600;

export interface PsgPageOptions extends ChartText {
  /** First second shown, from the recording's start. Default: the first there is. */
  from?: number;
  /** Second of the recording at which the signals given begin: they may be a part of it. Default 0. */
  begins?: number;
  /** Seconds shown. Default 30: one epoch. */
  seconds?: number;
  /** Height of a row in the signal's own unit, by label; elsewhere chosen from the signal. */
  scales?: Readonly<Record<string, number>>;
  /** Events to mark over all rows. */
  annotations?: readonly Annotation[];
}

interface Trace {
  label: string;
  unit: string;
  /** What the scale bar (half a row) stands for, in `unit`. */
  bar: number;
  /** Seconds from the recording's start. */
  t: number[];
  /** Rows from the middle of the trace's own. */
  y: number[];
}

/**
 * A montage page. Each derivation is centred on its median in the window, so the bar shows a change, not a level.
 * @throws SignalbookError when there is no signal, or one does not reach over the window.
 */
export function psgPage(signals: readonly Signal[], options: PsgPageOptions = {}): ChartSpec {
  const { begins = 0, from = begins, seconds = 30, scales = {}, annotations = [] } = options;
  if (signals.length === 0) throw new SignalbookError("no signal to draw", { fix: "choose at least one derivation" });
  const traces = signals.map((signal) => traceOf(signal, { begins, from, seconds }, scales[signal.label]));
  const rows = traces.map((trace, index) => {
    const middle = traces.length - index - 0.5;
    return {
      ...trace,
      middle,
      name: trace.label,
      barLabel: `${trace.bar} ${trace.unit}`,
      low: middle - 0.25,
      high: middle + 0.25,
    };
  });
  const values = rows.map(({ t, y, middle }, d) => ({ d, t, y: y.map((value) => rounded(middle + value, 3)) }));
  const x = {
    field: "t",
    type: "quantitative",
    title: "Time from the recording's start (s)",
    scale: { domain: [from, from + seconds], nice: false, zero: false },
    axis: {
      grid: true,
      values: ticks(from, seconds),
      gridColor: colours.grid,
      labelExpr: labelEveryFifth(seconds),
      labelOverlap: false,
    },
  };
  const y = { type: "quantitative", axis: null, scale: { domain: [0, rows.length], nice: false } };
  const right = { value: traceWidth + 10 };
  const shown = annotations.filter((a) => a.onset < from + seconds && a.onset + (a.duration ?? 0) >= from);
  const text = chartText(options, {
    title: "Polysomnography",
    description: `${seconds} s of ${rows.length} derivations from second ${from} of the recording. Each derivation is centred on its median; the bar at its end is its scale.`,
    details: `Bars: ${rows.map((row) => `${row.label} ${row.barLabel}`).join(", ")}.`,
  });
  return unframed(text, {
    width: traceWidth,
    height: rows.length * rowPixels,
    padding: 10,
    layer: [
      ...(shown.length === 0 ? [] : eventLayers(shown, from, seconds, x)),
      {
        data: { values },
        transform: [{ flatten: ["t", "y"] }],
        mark: { type: "line", color: colours.blue, strokeWidth: 0.9, strokeJoin: "round", clip: true },
        encoding: { x, y: { field: "y", ...y }, detail: { field: "d", type: "nominal" } },
      },
      {
        data: { values: rows.map(({ name, middle }) => ({ name, middle })) },
        mark: { type: "text", align: "right", baseline: "middle", fontWeight: 600, dx: -10 },
        encoding: { x: { value: 0 }, y: { field: "middle", ...y }, text: { field: "name", type: "nominal" } },
      },
      {
        data: { values: rows.map(({ low, high }) => ({ low, high })) },
        mark: { type: "rule", strokeWidth: 2, color: colours.ink },
        encoding: { x: right, y: { field: "low", ...y }, y2: { field: "high" } },
      },
      {
        data: { values: rows.map(({ barLabel, middle }) => ({ barLabel, middle })) },
        mark: { type: "text", align: "left", baseline: "middle", dx: 6, fontSize: 12 },
        encoding: { x: right, y: { field: "middle", ...y }, text: { field: "barLabel", type: "nominal" } },
      },
    ],
  });
}

function traceOf(
  signal: Signal,
  { begins, from, seconds }: { begins: number; from: number; seconds: number },
  scale: number | undefined,
): Trace {
  const { sampleRate } = signal;
  const first = Math.round((from - begins) * sampleRate);
  const last = Math.round((from - begins + seconds) * sampleRate);
  if (first < 0 || last > signal.samples.length)
    throw new SignalbookError(`${signal.label} does not reach over the page`, {
      found: `${begins} to ${begins + signal.samples.length / sampleRate} s`,
      expected: `${from} to ${from + seconds} s`,
      fix: "choose another window",
    });
  const samples = signal.samples.subarray(first, last);
  const sorted = Float64Array.from(samples)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
  const median = quantile(0.5);
  const span = 1.4 * Math.max(quantile(0.99) - median, median - quantile(0.01)) * 2;
  const shown = displayUnit(signal.unit, scale ?? span);
  // A flat signal gets a row of two units, so that its bar says 1.
  const height = scale !== undefined ? scale * shown.factor : span > 0 ? 2 * niceCeiling((span * shown.factor) / 2) : 2;
  const points = tracePoints(samples, sampleRate, pointsPerPage / seconds);
  return {
    label: signal.label,
    unit: shown.unit,
    bar: Number((height / 2).toPrecision(6)),
    t: points.map((point) => rounded(from + point.seconds, 3)),
    y: points.map((point) => ((point.value - median) * shown.factor) / height),
  };
}

/** A line every second of a page of up to a minute, else every tenth of the page. */
function ticks(from: number, seconds: number): number[] {
  const step = seconds <= 60 ? 1 : niceCeiling(seconds / 10);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor((from + seconds) / step) - first + 1 }, (_, i) =>
    rounded((first + i) * step, 3),
  );
}

function labelEveryFifth(seconds: number): string {
  return seconds > 12 && seconds <= 60 ? "datum.value % 5 === 0 ? datum.label : ''" : "datum.label";
}

/** Events as bands behind the traces, named at the top. */
function eventLayers(annotations: readonly Annotation[], from: number, seconds: number, x: object): object[] {
  const values = annotations.map((a) => ({
    start: Math.max(from, a.onset),
    stop: Math.min(from + seconds, a.onset + Math.max(a.duration ?? 0, seconds / 300)),
    text: a.text,
  }));
  const start = { ...x, field: "start" };
  return [
    {
      data: { values },
      mark: { type: "rect", color: colours.orange, opacity: 0.2 },
      encoding: { x: start, x2: { field: "stop" } },
    },
    {
      data: { values },
      mark: { type: "text", align: "left", baseline: "bottom", dy: -2, fontSize: 12 },
      encoding: { x: start, y: { value: 0 }, text: { field: "text", type: "nominal" } },
    },
  ];
}
