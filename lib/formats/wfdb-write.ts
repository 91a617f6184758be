/** Writing WFDB records of one piece: a header and its signal files, as wfdb.ts reads them. */
import { basename, dirname, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { quoted } from "./text";
import type { Recording, Signal } from "./types";
import { WFDB_FORMATS, type WfdbFormat } from "./wfdb-formats";
import { wfdbChecksum } from "./wfdb-stored";

export interface WfdbSignalToWrite {
  label: string;
  /** Physical unit, one word; "NU" for none. */
  unit: string;
  /** Storage format, one of {@link WFDB_FORMATS}. */
  format: number;
  /** Stored integers; the format's lowest value for a sample that is missing. */
  stored: ArrayLike<number>;
  /** Stored units per physical unit. */
  gain: number;
  /** Stored value of physical zero; 0 when left out. */
  baseline?: number;
  /** The signal's rate over the record's; 1 when left out. */
  samplesPerFrame?: number;
}

export interface WfdbRecordToWrite {
  /** Frames per second. */
  sampleRate: number;
  start?: Date | null;
  comments?: readonly string[];
  signals: readonly WfdbSignalToWrite[];
}

/**
 * Writes stored integers as they are: `<path>.hea` and, for each run of signals of one format, a `.dat` file beside it.
 * @param path with or without ".hea"; its last part is the record's name.
 * @throws SignalbookError naming the signal for values outside the format's range (format 8: steps too large for it),
 * lengths that are not whole and equal numbers of frames, and texts that a header cannot hold.
 */
export function writeWfdbStored(path: string, record: WfdbRecordToWrite): void {
  const name = basename(path, ".hea");
  const header = join(dirname(path), `${name}.hea`);
  const { signals, sampleRate, start = null, comments = [] } = record;
  checkText(header, "the record's name", name, /^[\w-]+$/, "letters, digits, - and _");
  checkPositive(header, "the sampling rate", sampleRate);
  const frames = framesOf(header, signals);
  const runs: WfdbSignalToWrite[][] = [];
  for (const signal of signals) {
    const run = runs[runs.length - 1];
    if (run !== undefined && run[0]!.format === signal.format) run.push(signal);
    else runs.push([signal]);
  }
  const lines = [`${name} ${signals.length} ${sampleRate} ${frames}${start === null ? "" : ` ${clockText(start)}`}`];
  runs.forEach((run, i) => {
    const file = runs.length === 1 ? `${name}.dat` : `${name}_${i + 1}.dat`;
    const format = checkSignals(header, run);
    writeFileAtomic(join(dirname(path), file), format.encode(interleave(run, frames, format.differences)));
    lines.push(...run.map((signal) => signalLine(header, file, signal)));
  });
  for (const comment of comments) {
    checkText(header, "a comment", comment, /^[^\p{Cc}\u2028\u2029]*$/u, "one line");
    lines.push(`# ${comment}`);
  }
  // Last: a header never names data that is not there yet.
  writeFileAtomic(header, `${lines.join("\n")}\n`);
}

/**
 * Writes a recording in physical units, rounded to stored integers; NaN becomes the format's missing value.
 * @param options.format 16 unless said.
 * @param options.gain stored units per physical unit: for each signal the largest power of ten that holds it, unless said.
 * @throws SignalbookError as {@link writeWfdbStored}, for rates that are not whole multiples of the lowest, and for
 * samples that do not fit the gain.
 */
export function writeWfdbRecord(
  path: string,
  recording: Pick<Recording, "signals" | "start" | "comments">,
  options: { format?: number; gain?: number } = {},
): void {
  const { format = 16 } = options;
  const sampleRate = Math.min(...recording.signals.map((signal) => signal.sampleRate));
  writeWfdbStored(path, {
    sampleRate: Number.isFinite(sampleRate) ? sampleRate : 1,
    start: recording.start,
    comments: recording.comments,
    signals: recording.signals.map((signal) => {
      const { label, unit } = signal;
      const gain = options.gain ?? gainFor(path, signal, formatOf(path, label, format));
      const stored = toStored(path, signal, gain, formatOf(path, label, format));
      return { label, unit, format, gain, stored, samplesPerFrame: signal.sampleRate / sampleRate };
    }),
  });
}

function gainFor(path: string, { label, samples }: Signal, { maximum }: WfdbFormat): number {
  let peak = 0;
  for (const value of samples) if (Math.abs(value) > peak) peak = Math.abs(value);
  if (peak === Number.POSITIVE_INFINITY) throw signalError(path, label, "an infinite sample", "Infinity", "a number");
  const exponent = peak === 0 ? 0 : Math.min(300, Math.floor(Math.log10(maximum) - Math.log10(peak)));
  return Number(`1e${exponent}`);
}

function toStored(path: string, { label, samples }: Signal, gain: number, format: WfdbFormat): Int32Array {
  const stored = new Int32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = Number.isNaN(samples[i]) ? format.missing : Math.round(samples[i]! * gain);
    if (value === null || value > format.maximum || value < format.minimum)
      throw signalError(
        path,
        label,
        "a sample that the format cannot hold",
        `${samples[i]} at sample ${i}, stored ${value ?? "no value"}`,
        `${format.minimum} .. ${format.maximum}${format.missing === null ? ", and none missing" : ""}`,
      );
    stored[i] = value;
  }
  return stored;
}

/** Frames of the record; throws unless every signal has as many. */
function framesOf(header: string, signals: readonly WfdbSignalToWrite[]): number {
  let frames: number | null = null;
  for (const { label, stored, samplesPerFrame = 1 } of signals) {
    if (!Number.isInteger(samplesPerFrame) || samplesPerFrame < 1)
      throw signalError(
        header,
        label,
        "a rate that is no multiple",
        `${samplesPerFrame} samples a frame`,
        "an integer",
      );
    frames ??= stored.length / samplesPerFrame;
    if (stored.length !== frames * samplesPerFrame || !Number.isInteger(frames))
      throw signalError(header, label, "another length", `${stored.length} samples`, `${frames} frames`);
  }
  return frames ?? 0;
}

function formatOf(header: string, label: string, number: number): WfdbFormat {
  const format = WFDB_FORMATS.get(number);
  if (format === undefined)
    throw signalError(
      header,
      label,
      "a storage format that is not written",
      String(number),
      [...WFDB_FORMATS.keys()].join(", "),
    );
  return format;
}

function checkSignals(header: string, run: readonly WfdbSignalToWrite[]): WfdbFormat {
  const format = formatOf(header, run[0]!.label, run[0]!.format);
  for (const { label, unit, gain, baseline = 0, stored } of run) {
    const place = `signal ${label}`;
    checkText(
      header,
      "a label",
      label,
      /^(?!\s)[^\p{Cc}\u2028\u2029]*(?<!\s)$/u,
      "one line, no blank around it",
      place,
    );
    checkText(header, "a unit", unit, /^\S+$/, 'one word, "NU" for none', place);
    checkPositive(header, "the gain", gain, place);
    if (!Number.isSafeInteger(baseline))
      throw signalError(header, label, "a baseline that is not an integer", String(baseline), "an integer");
    for (let i = 0; i < stored.length; i++) {
      const value = stored[i]!;
      const step = value - (i === 0 ? value : stored[i - 1]!);
      const fits = Number.isInteger(value) && value >= format.minimum && value <= format.maximum;
      if (!fits || (format.differences && (step < -128 || step > 127)))
        throw signalError(
          header,
          label,
          fits ? "a step that the format cannot hold" : "a sample that the format cannot hold",
          `${fits ? step : value} at sample ${i}`,
          fits ? "-128 .. 127" : `an integer in ${format.minimum} .. ${format.maximum}`,
        );
    }
  }
  return format;
}

/** The signals of one file as one row, frame by frame; of differences from the sample before where the format has them. */
function interleave(run: readonly WfdbSignalToWrite[], frames: number, differences: boolean): Int32Array {
  const frame = run.reduce((sum, { samplesPerFrame = 1 }) => sum + samplesPerFrame, 0);
  const row = new Int32Array(frames * frame);
  let first = 0;
  for (const { stored, samplesPerFrame = 1 } of run) {
    let before = differences ? (stored[0] ?? 0) : 0;
    for (let f = 0, from = 0; f < frames; f++) {
      for (let s = 0; s < samplesPerFrame; s++, from++) {
        row[f * frame + first + s] = stored[from]! - before;
        if (differences) before = stored[from]!;
      }
    }
    first += samplesPerFrame;
  }
  return row;
}

function signalLine(header: string, file: string, signal: WfdbSignalToWrite): string {
  const { label, unit, format, gain, baseline = 0, samplesPerFrame = 1, stored } = signal;
  const { minimum, maximum } = formatOf(header, label, format);
  const bits = Math.round(Math.log2(maximum - minimum + 1));
  const frame = samplesPerFrame === 1 ? "" : `x${samplesPerFrame}`;
  const checksum = (wfdbChecksum(stored) << 16) >> 16;
  return `${file} ${format}${frame} ${gain}(${baseline})/${unit} ${bits} 0 ${stored[0] ?? 0} ${checksum} 0 ${label}`.trim();
}

/** `10:30:15.500 25/12/2001` */
function clockText(start: Date): string {
  const [date = "", time = ""] = start.toISOString().replace("Z", "").split("T");
  return `${time.replace(/\.000$/, "")} ${date.split("-").reverse().join("/")}`;
}

function checkText(file: string, what: string, text: string, wanted: RegExp, expected: string, place?: string): void {
  if (wanted.test(text)) return;
  throw new SignalbookError(`${what} that a header cannot hold`, {
    file,
    ...(place === undefined ? {} : { place }),
    found: quoted(text),
    expected,
  });
}

function checkPositive(file: string, what: string, value: number, place?: string): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new SignalbookError(`${what} is out of range`, {
    file,
    ...(place === undefined ? {} : { place }),
    found: String(value),
    expected: "more than 0",
  });
}

function signalError(file: string, label: string, what: string, found: string, expected: string): SignalbookError {
  return new SignalbookError(what, { file, place: `signal ${label}`, found, expected });
}
