/** A recording's signals made ready for the rows of a polysomnography image: chosen, filtered, with the scale they get. */
import { SignalbookError } from "../core/errors";
import { EdfFile, type Recording, type Signal } from "../formats";
import { filterZeroPhase } from "./filter";
import { butterworth, type Sections } from "./filter-design";
import { inUnit } from "./leads";
import { applyMontage } from "./montage";
import { type PsgChoices, psgChannels } from "./psg-channels";
import { MAIC_LAYOUT, type PsgLayout, type PsgRow, type PsgScale } from "./psg-layout";
import { quantiles } from "./quantiles";

export interface PsgTrace {
  /** Of the signal, or of both: "C3 - M2". */
  label: string;
  unit: string;
  sampleRate: number;
  /** In memory that worker threads can share. NaN where nothing was recorded. */
  samples: Float32Array;
  /** What the row's lower and upper edge stand for, in `unit`. */
  low: number;
  high: number;
}

/** What a recording's images are drawn from. Plain data: worker threads get it as it is. */
export interface PsgTraces {
  id: string;
  /** The recording's file. */
  source: string;
  start: Date | null;
  layout: PsgLayout;
  /** One a row; null for a row without a signal. */
  traces: (PsgTrace | null)[];
  /** Names of the rows without a signal. */
  missing: string[];
  /** Labels of the recording's signals that no row shows. */
  unused: string[];
  /** Seconds that all traces cover. */
  duration: number;
}

export interface PsgTraceOptions {
  layout?: PsgLayout;
  /** Signals named by hand, by row. */
  choices?: PsgChoices;
  /** Scales that replace the layout's, by row. */
  scales?: Readonly<Record<string, PsgScale>>;
}

/** Slopes of 24 dB an octave, forwards and backwards together. */
const FILTER_ORDER = 2;

/**
 * Reads, filters and scales the signals of a layout. From an open EDF file one signal is held at a time besides the
 * result, which takes four bytes a sample. Gaps stay gaps: each stretch between two is filtered by itself, and one too
 * short for the filter (some dozen samples) becomes part of the gap.
 * @throws SignalbookError where no row finds a signal, where one is in a unit that its row's scale cannot be, and as
 * {@link psgChannels}.
 */
export function psgTraces(recording: Recording | EdfFile, options: PsgTraceOptions = {}): PsgTraces {
  const { layout = MAIC_LAYOUT, choices, scales = {} } = options;
  const source = recording instanceof EdfFile ? recording.header.file : recording.source;
  const channels = psgChannels(recording.signals, layout, choices);
  const strange = Object.keys(scales).find((name) => !layout.rows.some((row) => row.name === name));
  if (strange !== undefined)
    throw new SignalbookError("a scale for a row that is not there", {
      found: `"${strange}"`,
      expected: layout.rows.map(({ name }) => name).join(", "),
    });
  const read = (position: number): Signal =>
    recording instanceof EdfFile
      ? recording.read({ channels: [recording.signals[position]!.index] })[0]!
      : recording.signals[position]!;
  const traces = layout.rows.map((row, i): PsgTrace | null => {
    const positions = channels.rows[i];
    if (positions === null || positions === undefined) return null;
    const scale = scales[row.name] ?? row.scale;
    return traceOf(
      positions.length === 1 ? read(positions[0]) : signalDifference(read(positions[0]), read(positions[1])),
      row,
      scale,
      source,
    );
  });
  const present = traces.filter((trace): trace is PsgTrace => trace !== null);
  if (present.length === 0)
    throw new SignalbookError("no signal for any row of the image", {
      file: source,
      found: recording.signals.map(({ label }) => label).join(", ") || "no signals",
      expected: layout.rows.map(({ name }) => name).join(", "),
      fix: "name the rows' signals by hand",
    });
  const duration = Math.min(...present.map(({ samples, sampleRate }) => samples.length / sampleRate));
  const { missing, unused } = channels;
  const id = recording instanceof EdfFile ? source.replace(/^.*[\\/]|\.[^.]*$/g, "") : recording.id;
  return { id, source, start: recording.start, layout, traces, missing, unused, duration };
}

/**
 * One signal minus another, whatever their labels.
 * @throws SignalbookError where their rates, units or lengths differ.
 */
export function signalDifference(plus: Signal, minus: Signal, label = `${plus.label} - ${minus.label}`): Signal {
  // Labels chosen by hand need not name electrodes: the two are renamed for the subtraction.
  const pair = [
    { ...plus, label: "plus" },
    { ...minus, label: "minus" },
  ];
  return applyMontage(pair, [{ label, plus: "plus", minus: "minus" }], { synonyms: [] })[0]!;
}

function traceOf(signal: Signal, row: PsgRow, scale: PsgScale, source: string): PsgTrace {
  const { label, unit, sampleRate } = signal;
  const samples = new Float32Array(new SharedArrayBuffer(4 * signal.samples.length));
  samples.set(displaySignal(signal, row.band ?? {}).samples);
  return { label, unit, sampleRate, samples, ...edges(signal, samples, row, scale, source) };
}

/**
 * A signal in the band that it is looked at in, forwards and backwards (float32). Gaps stay gaps, as in {@link psgTraces}.
 * @param band Hz; a corner that is left out, or not below half the sampling rate, is not applied.
 */
export function displaySignal(signal: Signal, band: NonNullable<PsgRow["band"]>): Signal {
  const sections = displayFilter(band, signal.sampleRate);
  const samples = new Float32Array(signal.samples.length);
  if (sections === null) samples.set(signal.samples);
  else filterStretches(sections, signal.samples, samples);
  return { ...signal, samples };
}

function displayFilter({ low, high }: NonNullable<PsgRow["band"]>, sampleRate: number): Sections | null {
  const [from, to] = [low, high].map((corner) => (corner !== undefined && corner < sampleRate / 2 ? corner : null));
  const design = { order: FILTER_ORDER, sampleRate };
  if (from != null && to != null) return butterworth({ ...design, kind: "bandpass", frequencies: [from, to] });
  if (from != null) return butterworth({ ...design, kind: "highpass", frequency: from });
  if (to != null) return butterworth({ ...design, kind: "lowpass", frequency: to });
  return null;
}

/** Filters every stretch of finite samples by itself; what is left is NaN. */
function filterStretches(sections: Sections, from: Signal["samples"], to: Float32Array): void {
  // What filterZeroPhase continues a signal by at its ends, and so the least it needs.
  const least = 6 * sections.length + 4;
  to.fill(Number.NaN);
  for (let begin = 0; begin < from.length; ) {
    if (!Number.isFinite(from[begin])) {
      begin++;
      continue;
    }
    let end = begin;
    while (end < from.length && Number.isFinite(from[end])) end++;
    if (end - begin >= least) to.set(filterZeroPhase(sections, from.subarray(begin, end)), begin);
    begin = end;
  }
}

function edges(
  { label, unit, sampleRate }: Signal,
  samples: Float32Array,
  { name }: PsgRow,
  scale: PsgScale,
  source: string,
): { low: number; high: number } {
  const place = `row ${name}, signal ${label}`;
  if (scale.kind === "physical") {
    const [low, high] = scale.unit === unit ? [scale.low, scale.high] : converted();
    if (low! < high!) return { low: low!, high: high! };
    throw new SignalbookError("a scale without a height", { place, found: `${scale.low} to ${scale.high}` });
  }
  const finite = samples.filter((value) => Number.isFinite(value));
  const [from, to] = finite.length === 0 ? [0, 0] : (quantiles(finite, scale.quantiles) as [number, number]);
  const half = to > from ? (to - from) / scale.share / 2 : 1; // a signal that never changes is a line in the middle
  return { low: (from + to) / 2 - half, high: (from + to) / 2 + half };

  function converted(): Float64Array {
    if (scale.kind !== "physical") throw new TypeError("unreachable");
    try {
      const bounds = { label, unit: scale.unit, sampleRate, samples: Float64Array.of(scale.low, scale.high) };
      return inUnit(bounds, unit).samples as Float64Array;
    } catch (cause) {
      throw new SignalbookError("a signal in another unit than its row's scale", {
        file: source,
        place,
        found: unit === "" ? "no unit" : unit,
        expected: scale.unit,
        fix: "give a scale for this row in the signal's unit, or leave the row empty",
        cause,
      });
    }
  }
}
