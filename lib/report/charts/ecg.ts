/**
 * The 12-lead ECG as it is read in a clinic: on millimetre paper at 25 mm/s and 10 mm/mV, three rows of four leads
 * (each 2.5 s, the columns following each other in time) above a rhythm strip of the whole ten seconds, with a
 * calibration pulse of 1 mV before each row.
 */
import { SignalbookError } from "../../core/errors";
import type { Signal } from "../../formats/types";
import { tracePoints } from "./decimate";
import { type ChartSpec, type ChartText, chartText, colours, rounded, unframed } from "./theme";
import { toMillivolts } from "./units";

const paperSpeed = 25; // mm/s
const gain = 10; // mm/mV
const columnSeconds = 2.5;
const calibrationMillimetres = 12;
const layout: readonly (readonly string[])[] = [
  ["I", "aVR", "V1", "V4"],
  ["II", "aVL", "V2", "V5"],
  ["III", "aVF", "V3", "V6"],
];

export interface EcgPaperOptions extends ChartText {
  /** Lead of the strip below. Default "II". */
  rhythmLead?: string;
  /** Where to begin, in seconds from the recording's start. Default 0. */
  from?: number;
  /** CSS pixels a millimetre. Default 3.8: a page of 262 mm is about 1000 pixels wide. */
  pixelsPerMillimetre?: number;
}

/** One line drawn without lifting the pen. */
interface Stroke {
  stroke: number;
  /** Millimetres from the paper's left edge. */
  x: number[];
  /** Millimetres from its lower edge. */
  y: number[];
}

interface Row {
  /** The leads' usual names ("aVR" where a file says "AVR"), from left to right. */
  names: readonly string[];
  leads: Signal[];
  seconds: number;
  /** Millimetres from the row's lower edge to 0 mV. */
  zero: number;
  height: number;
}

/**
 * Twelve leads on ECG paper. Signals in any voltage unit, found by their label (case does not matter), ten seconds
 * from `from` on.
 * @throws SignalbookError when a lead is missing, not in volts, or shorter than ten seconds.
 */
export function ecgPaper(signals: readonly Signal[], options: EcgPaperOptions = {}): ChartSpec {
  const { rhythmLead = "II", from = 0, pixelsPerMillimetre = 3.8 } = options;
  const rows = [...layout, [rhythmLead]].map((names) => rowOf(signals, names, from));
  const width = calibrationMillimetres + 4 * columnSeconds * paperSpeed;
  const height = rows.reduce((sum, row) => sum + row.height, 0) + 5;
  const strokes: Stroke[] = [];
  const labels: { x: number; y: number; text: string }[] = [];
  let bottom = height;
  for (const row of rows) {
    bottom -= row.height;
    const zero = bottom + row.zero;
    strokes.push(calibrationPulse(zero, strokes.length));
    row.leads.forEach((lead, column) => {
      const left = calibrationMillimetres + column * columnSeconds * paperSpeed;
      const start = from + column * columnSeconds;
      labels.push({ x: left + 1.5, y: zero + Math.min(row.height - row.zero - 4, 12), text: row.names[column]! });
      strokes.push(strokeOf(lead, start, row.seconds, left, zero, strokes.length));
    });
  }
  const scale = (extent: number) => ({ domain: [0, extent], nice: false, zero: false });
  const x = { field: "x", type: "quantitative", scale: scale(width), axis: null };
  const y = { field: "y", type: "quantitative", scale: scale(height), axis: null };
  const rates = [...new Set(rows.flatMap((row) => row.leads.map((lead) => `${lead.sampleRate} Hz`)))].join(", ");
  const footer = `25 mm/s · 10 mm/mV · ${rates} · small square 0.04 s × 0.1 mV, large square 0.2 s × 0.5 mV`;
  const text = chartText(options, {
    title: "12-lead ECG",
    description:
      "Twelve-lead electrocardiogram on millimetre paper, 25 mm/s and 10 mm/mV: three rows of four leads of 2.5 s each " +
      `(I aVR V1 V4; II aVL V2 V5; III aVF V3 V6) and a 10 s rhythm strip of lead ${rhythmLead}.`,
  });
  return unframed(text, {
    width: Math.round(width * pixelsPerMillimetre),
    height: Math.round(height * pixelsPerMillimetre),
    view: { fill: "#FFF8F7", stroke: "#E8A0A0" },
    layer: [
      ...[1, 5].flatMap((step) => grid(width, height, step, x, y)),
      {
        data: { values: strokes },
        mark: { type: "line", color: colours.black, strokeWidth: 1.15, strokeJoin: "round", clip: true },
        encoding: {
          x,
          y,
          detail: { field: "stroke", type: "nominal" },
          order: { field: "order", type: "quantitative" },
        },
        transform: [{ flatten: ["x", "y"] }, { window: [{ op: "row_number", as: "order" }] }],
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "left", baseline: "bottom", fontSize: 14, fontWeight: 600 },
        encoding: { x, y, text: { field: "text", type: "nominal" } },
      },
      {
        data: { values: [{ x: 1.5, y: 1.2, text: footer }] },
        mark: { type: "text", align: "left", baseline: "bottom", fontSize: 12, color: colours.muted },
        encoding: { x, y, text: { field: "text", type: "nominal" } },
      },
    ],
  });
}

function rowOf(signals: readonly Signal[], names: readonly string[], from: number): Row {
  const seconds = (4 * columnSeconds) / names.length;
  const leads = names.map((name) => leadNamed(signals, name));
  let low = 0;
  let high = 1; // room for the calibration pulse
  leads.forEach((lead, column) => {
    const factor = toMillivolts(lead);
    for (const value of section(lead, from + column * seconds, seconds)) {
      if (value * factor < low) low = value * factor;
      if (value * factor > high) high = value * factor;
    }
  });
  // Paper gives each row 2.5 to 4.5 cm; taller deflections cross into the next row, as they do on paper.
  const wanted = Math.ceil(((high - low) * gain + 6) / 5) * 5;
  const height = Math.min(45, Math.max(25, wanted));
  const middle = ((Math.max(low, -1.8) + Math.min(high, 2.5)) / 2) * gain;
  return { names, leads, seconds, zero: height / 2 - middle, height };
}

function leadNamed(signals: readonly Signal[], name: string): Signal {
  const lead = signals.find((signal) => signal.label.toLowerCase() === name.toLowerCase());
  if (lead === undefined)
    throw new SignalbookError(`no lead ${name} to draw`, {
      found: signals.map((signal) => signal.label).join(", ") || "no signals",
      expected: layout.flat().join(", "),
    });
  return lead;
}

/** The samples of `seconds` from `from` on, without copying. */
function section(lead: Signal, from: number, seconds: number): Signal["samples"] {
  const first = Math.round(from * lead.sampleRate);
  const last = first + Math.round(seconds * lead.sampleRate);
  if (first < 0 || last > lead.samples.length)
    throw new SignalbookError(`lead ${lead.label} is too short for the page`, {
      found: `${lead.samples.length / lead.sampleRate} s`,
      expected: `at least ${last / lead.sampleRate} s`,
      fix: "choose an earlier start",
    });
  return lead.samples.subarray(first, last);
}

function strokeOf(lead: Signal, start: number, seconds: number, left: number, zero: number, stroke: number): Stroke {
  const factor = toMillivolts(lead) * gain;
  const points = tracePoints(section(lead, start, seconds), lead.sampleRate, 200);
  return {
    stroke,
    x: points.map((point) => rounded(left + point.seconds * paperSpeed, 2)),
    y: points.map((point) => rounded(zero + point.value * factor, 2)),
  };
}

/** 1 mV for 0.2 s, between two short pieces of baseline. */
function calibrationPulse(zero: number, stroke: number): Stroke {
  return { stroke, x: [2, 3.5, 3.5, 8.5, 8.5, 10], y: [0, 0, gain, gain, 0, 0].map((y) => rounded(zero + y, 2)) };
}

/** The paper's lines every `step` millimetres, upright and level. */
function grid(width: number, height: number, step: number, x: object, y: object): object[] {
  const mark = {
    type: "rule",
    color: step === 1 ? "#F9DCDA" : "#EFA9A6",
    strokeWidth: step === 1 ? 0.5 : 0.9,
    tooltip: false,
  };
  const lines = (stop: number, as: string) => ({ sequence: { start: 0, stop: stop + 0.001, step, as } });
  return [
    { data: lines(width, "x"), mark, encoding: { x } },
    { data: lines(height, "y"), mark, encoding: { y } },
  ];
}
