/**
 * The EEG traces of system 002 (mkotyushev/hms, 16th place of the HMS competition): 18 neighbouring differences and two
 * single channels over the central 20 s of a window, filtered, clipped and scaled to 0 .. 1 for its plot.
 */
import { SignalbookError } from "../core/errors";
import type { Signal } from "../formats";
import { HMS_SAMPLE_RATE } from "../formats/hms";
import { butterworthTransfer, type TransferFunction } from "./filter-design";
import { filterTransferChannels } from "./filter-transfer";
import type { Image } from "./image";
import { applyMontage, type Derivation } from "./montage";
import { rasterTraces, type TraceRasterOptions } from "./raster";

/** A trace and the constant it is clipped at: twice it up and down. */
export interface HmsTrace extends Derivation {
  /** µV: the trace's 0.95 quantile over the competition's training data, as published. */
  constant: number;
}

/** Electrodes, "+" against "-", and constant; in the order of the plot, top to bottom. */
const PUBLISHED: readonly (readonly [plus: string, minus: string | undefined, constant: number])[] = [
  ["Fp1", "F3", 116.34481],
  ["F3", "C3", 102.60141],
  ["C3", "P3", 87.55995],
  ["P3", "O1", 110.57861],
  ["Fp2", "F4", 109.53565],
  ["F4", "C4", 101.4466],
  ["C4", "P4", 98.31189],
  ["P4", "O2", 122.75707],
  ["Fp1", "F7", 100.77059],
  ["F7", "T3", 100.71571],
  ["T3", "T5", 101.946915],
  ["T5", "O1", 98.06077],
  ["Fp2", "F8", 109.903534],
  ["F8", "T4", 88.95162],
  ["T4", "T6", 92.10137],
  ["T6", "O2", 113.432465],
  ["Fz", "Cz", 89.53329],
  ["Cz", "Pz", 98.25634],
  // The two that are single channels, against the recording's own reference.
  ["EKG", undefined, 575.77045],
  ["C3", undefined, 192.73958],
];

export const HMS_TRACES: readonly HmsTrace[] = PUBLISHED.map(([plus, minus, constant]) => ({
  label: minus === undefined ? plus : `${plus}-${minus}`,
  plus,
  ...(minus === undefined ? {} : { minus }),
  constant,
}));

/** Samples of a labelled window (50 s), and where in it the plotted ones begin: the central 20 s. */
export const HMS_WINDOW = { length: 10_000, tracesStart: 3000, tracesLength: 4000 } as const;

/** Applied in this order. Only the mains frequency of North America is removed. */
export const HMS_FILTERS: readonly TransferFunction[] = [
  butterworthTransfer({ kind: "bandstop", order: 5, frequencies: [59, 61], sampleRate: HMS_SAMPLE_RATE }),
  butterworthTransfer({ kind: "bandpass", order: 5, frequencies: [1, 70], sampleRate: HMS_SAMPLE_RATE }),
];

/** 640 x 1600, bands of 32 rows that reach 16 rows into each neighbour's; the last column stays empty, as published. */
export const HMS_RASTER: Readonly<TraceRasterOptions> = { width: 1600, height: 640, drawnWidth: 1599, overlap: 16 };

/**
 * The traces of a cut, unfiltered: missing samples are 0, in µV. Differences of single-precision signals are rounded to
 * single precision, as published.
 * @param signals equally long, at 200 Hz: the central 20 s, for {@link HMS_WINDOW} is not applied here.
 * @throws SignalbookError for a missing electrode and another sampling rate.
 */
export function hmsDifferences(signals: readonly Signal[]): Float64Array[] {
  const single = signals.every(({ samples }) => samples instanceof Float32Array);
  return applyMontage(signals, HMS_TRACES).map(({ label, sampleRate, samples }) => {
    if (sampleRate !== HMS_SAMPLE_RATE)
      throw new SignalbookError("a sampling rate these traces are not made for", {
        place: `trace ${label}`,
        found: `${sampleRate} Hz`,
        expected: `${HMS_SAMPLE_RATE} Hz`,
        fix: "resample the signals first",
      });
    const out = new Float64Array(single ? new Float32Array(samples) : samples);
    for (let i = 0; i < out.length; i++) if (Number.isNaN(out[i]!)) out[i] = 0;
    return out;
  });
}

/** Both filters, forwards from rest: the first second is their start transient, as published. In place. */
export function filterHmsTraces(traces: readonly Float64Array[]): void {
  for (const filter of HMS_FILTERS) filterTransferChannels(filter, traces, { into: traces });
}

/**
 * Clipped at twice the constants and scaled so that these are 0 and 1; then the first sample becomes 0 and the last 1,
 * as published. In place.
 * @param traces filtered, one of each {@link HMS_TRACES}.
 */
export function scaleHmsTraces(traces: readonly Float64Array[]): void {
  if (traces.length !== HMS_TRACES.length)
    throw new SignalbookError("traces without constants", {
      found: `${traces.length} traces`,
      expected: `${HMS_TRACES.length}, in the published order`,
    });
  for (const [i, trace] of traces.entries()) {
    const limit = 2 * HMS_TRACES[i]!.constant;
    for (let j = 0; j < trace.length; j++) {
      const value = trace[j]!;
      trace[j] = ((value < -limit ? -limit : value > limit ? limit : value) + limit) / (limit + limit);
    }
    trace[0] = 0;
    trace[trace.length - 1] = 1;
  }
}

/**
 * A cut's 20 traces from 0 to 1, ready to be drawn: differences, filtered, scaled.
 * @param signals as {@link hmsDifferences} takes them.
 */
export function hmsTraces(signals: readonly Signal[]): Float64Array[] {
  const traces = hmsDifferences(signals);
  filterHmsTraces(traces);
  scaleHmsTraces(traces);
  return traces;
}

/** The plot of {@link hmsTraces}: a binary image of 640 x 1600, 0 and 1, pixel for pixel as published. */
export function hmsRaster(signals: readonly Signal[]): Image<Uint8Array> {
  return rasterTraces(hmsTraces(signals), HMS_RASTER);
}
