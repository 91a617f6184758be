/**
 * An EEG page as it is read in a clinic: derivations above each other on one common scale, negative up, a line every
 * second, and one bar of microvolts for all; traces may reach into their neighbours' rows.
 */
import { SignalbookError } from "../../core/errors";
import type { Signal } from "../../formats/types";
import { tracePoints } from "./decimate";
import { type ChartSpec, type ChartText, chartText, colours, rounded, unframed } from "./theme";
import { toMillivolts } from "./units";

export interface EegPageOptions extends ChartText {
  /** First second shown, from the recording's start. Default 0. */
  from?: number;
  /** Seconds shown. Default 10. */
  seconds?: number;
  /** Microvolts from one row to the next. Default 100. */
  microvoltsPerRow?: number;
  /** Rows of other heights, by label: an ECG is ten times as large as an EEG. Positive up; named beside their trace. */
  scales?: Readonly<Record<string, number>>;
  /** What the time axis is called. Default: from the recording's start. */
  timeTitle?: string;
  /** CSS pixels from one row to the next. Default 30. */
  rowPixels?: number;
  /** Labels after which a gap is left: the last of each chain. */
  breaks?: readonly string[];
}

const traceWidth = 820;
const pointsPerPage = 2400;

/**
 * The page. Each derivation is centred on its median in the window.
 * @throws SignalbookError for no signals, a unit that is no voltage, and a signal that does not reach over the window.
 */
export function eegPage(signals: readonly Signal[], options: EegPageOptions = {}): ChartSpec {
  const { from = 0, seconds = 10, microvoltsPerRow = 100, rowPixels = 30, scales = {}, breaks = [] } = options;
  if (signals.length === 0) throw new SignalbookError("no signal to draw", { fix: "choose at least one derivation" });
  let row = 0;
  const traces = signals.map((signal) => {
    const scale = scales[signal.label];
    const trace = {
      label: signal.label,
      row,
      scale,
      // Rows count downwards: a positive EEG voltage moves its trace down.
      points: pointsOf(signal, { from, seconds }, scale === undefined ? microvoltsPerRow : -scale),
    };
    row += breaks.includes(signal.label) ? 1.6 : 1;
    return trace;
  });
  const rows = traces[traces.length - 1]!.row + 1;
  const height = Math.round(rows * rowPixels);
  const x = {
    field: "t",
    type: "quantitative",
    title: options.timeTitle ?? "Time from the recording's start (s)",
    scale: { domain: [from, from + seconds], nice: false, zero: false },
    axis: { grid: true, tickCount: Math.min(seconds, 20), gridColor: colours.rule, gridDash: [2, 3] },
  };
  const y = { type: "quantitative", axis: null, scale: { domain: [rows - 0.5, -0.5], nice: false } };
  const text = chartText(options, {
    title: "EEG",
    description:
      `${seconds} s of ${signals.length} derivations from second ${from} of the recording, one above the other on a ` +
      `common scale of ${microvoltsPerRow} µV from row to row, negative up, with a line every second.`,
    details: `Derivations from top to bottom: ${signals.map(({ label }) => label).join(", ")}.`,
  });
  const own = traces.flatMap(({ row: at, scale }) =>
    scale === undefined ? [] : [{ at, word: `${scale} µV a row, positive up` }],
  );
  const right = { value: traceWidth + 10 };
  return unframed(text, {
    width: traceWidth,
    height,
    padding: 10,
    layer: [
      {
        data: {
          values: traces.map((trace) => ({
            d: trace.row,
            t: trace.points.t,
            y: trace.points.v.map((v) => rounded(trace.row + v, 3)),
          })),
        },
        transform: [{ flatten: ["t", "y"] }],
        mark: { type: "line", color: colours.ink, strokeWidth: 0.8, strokeJoin: "round", clip: true },
        encoding: { x, y: { field: "y", ...y }, detail: { field: "d", type: "nominal" } },
      },
      {
        data: { values: traces.map(({ label, row: at }) => ({ label, at })) },
        mark: { type: "text", align: "right", baseline: "middle", fontWeight: 600, fontSize: 12, dx: -8 },
        encoding: { x: { value: 0 }, y: { field: "at", ...y }, text: { field: "label", type: "nominal" } },
      },
      {
        data: { values: [{ low: 0.5, high: -0.5 }] },
        mark: { type: "rule", strokeWidth: 2, color: colours.ink },
        encoding: { x: right, y: { field: "low", ...y }, y2: { field: "high" } },
      },
      {
        data: { values: [{ at: 0, word: `${microvoltsPerRow} µV` }, ...own] },
        mark: { type: "text", align: "left", baseline: "middle", dx: 6, fontSize: 12 },
        encoding: { x: right, y: { field: "at", ...y }, text: { field: "word", type: "nominal" } },
      },
    ],
  });
}

/** Seconds from the recording's start, and rows from the trace's middle. */
function pointsOf(
  signal: Signal,
  { from, seconds }: { from: number; seconds: number },
  perRow: number,
): { t: number[]; v: number[] } {
  const factor = (toMillivolts(signal) * 1000) / perRow;
  const { label, sampleRate, samples } = signal;
  const [first, last] = [Math.round(from * sampleRate), Math.round((from + seconds) * sampleRate)];
  if (first < 0 || last > samples.length)
    throw new SignalbookError(`${label} does not reach over the page`, {
      found: `${samples.length / sampleRate} s`,
      expected: `${from} to ${from + seconds} s`,
      fix: "choose another window",
    });
  const shown = samples.subarray(first, last);
  const present = Float64Array.from(shown.filter((value) => !Number.isNaN(value))).sort();
  const median = present[present.length >> 1] ?? 0;
  const points = tracePoints(shown, sampleRate, pointsPerPage / seconds);
  return {
    t: points.map((point) => rounded(from + point.seconds, 3)),
    v: points.map((point) => (point.value - median) * factor),
  };
}
