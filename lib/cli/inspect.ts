/** `signalbook inspect`: what is in a file, in words or JSON. Every sample is read, so a damaged file shows. */
import { existsSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { SignalbookError } from "../core/errors";
import { EdfFile } from "../formats/edf";
import { HEFEI_LEADS, readHefeiRecord } from "../formats/hefei";
import { hypnogramFromAnnotations, readDreemHypnogram, readTextHypnogram } from "../formats/hypnogram";
import { readLines } from "../formats/text";
import type { Annotation, Hypnogram, Recording, Signal } from "../formats/types";
import { readWfdbRecord } from "../formats/wfdb";
import { columns } from "./command";

export interface SignalSummary {
  label: string;
  unit: string;
  /** Hz. */
  sampleRate: number;
  samples: number;
  /** Samples that the file marks as missing. */
  missing: number;
  /** Of the samples that are there, in `unit`; null when there is none. */
  minimum: number | null;
  maximum: number | null;
  mean: number | null;
}

export interface HypnogramSummary {
  epochs: number;
  epochSeconds: number;
  /** Epochs of each stage that occurs. */
  stages: Record<string, number>;
}

export interface FileSummary {
  file: string;
  format: string;
  /** ISO 8601 without a zone, as the formats have none; null where the file gives no start. */
  start: string | null;
  /** Seconds. */
  duration: number;
  signals: SignalSummary[];
  /** How often each text occurs. */
  annotations: Record<string, number>;
  comments: string[];
  hypnogram: HypnogramSummary | null;
}

/** Tells every file; one that cannot be read does not keep the next from being told. */
export async function inspectCommand(files: readonly string[], options: { json: boolean }): Promise<number> {
  const told: (FileSummary | { file: string; error: string })[] = [];
  for (const file of files) {
    try {
      told.push(summarize(file));
      if (!options.json) process.stdout.write(summaryText(told[told.length - 1] as FileSummary));
    } catch (error) {
      if (!(error instanceof SignalbookError)) throw error;
      told.push({ file, error: error.message });
      process.stderr.write(`signalbook: ${error.message}\n`);
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  return told.some((summary) => "error" in summary) ? 1 : 0;
}

/** @throws SignalbookError for a file that is missing, damaged, or of a format that is not read. */
export function summarize(file: string): FileSummary {
  switch (extname(file).toLowerCase()) {
    case ".edf":
    case ".bdf":
      return summarizeEdf(file);
    case ".hea":
    case ".dat":
    case ".mat":
      return summarizeWfdb(file);
    case ".json":
      return ofHypnogram(readDreemHypnogram(file), "hypnogram (Dreem JSON)");
    case ".txt":
      return summarizeText(file);
    default:
      throw new SignalbookError("a file of no known format", {
        file,
        found: extname(file) === "" ? "no extension" : extname(file),
        expected: ".edf, .bdf, .hea, .dat, .mat, .txt or .json",
      });
  }
}

/** One signal at a time: a whole night's recording need not fit in memory. */
function summarizeEdf(path: string): FileSummary {
  const file = new EdfFile(path);
  try {
    const { header, annotations, start } = file;
    const signals = file.signals.map(({ index }) => ofSignal(file.read({ channels: [index] })[0]!));
    const staged = annotations.some(({ text }) => /^sleep stage /i.test(text));
    const hypnogram = staged ? hypnogramFromAnnotations(annotations, { source: path, start, epochSeconds: 30 }) : null;
    return {
      file: path,
      format: header.kind,
      start: clock(start),
      // A file of annotations only has no samples: it lasts as long as what is annotated.
      duration: Math.max(file.duration, ...annotations.map(({ onset, duration }) => onset + (duration ?? 0))),
      signals,
      annotations: countTexts(annotations),
      comments: [header.patient, header.recording].filter((text) => text !== ""),
      hypnogram: hypnogram === null ? null : countStages(hypnogram),
    };
  } finally {
    file.close();
  }
}

function summarizeWfdb(path: string): FileSummary {
  const header = path.replace(/\.(hea|dat|mat)$/i, ".hea");
  if (!existsSync(header))
    throw new SignalbookError("a WFDB signal file without its header", {
      file: path,
      expected: `${basename(header)} beside it`,
    });
  return ofRecording(path, readWfdbRecord(header), "WFDB");
}

function summarizeText(path: string): FileSummary {
  const first = readLines(path, "an ECG record in text columns, or one sleep stage a line")[0] ?? "";
  const isEcg =
    first
      .trim()
      .split(/\s+/)
      .filter((word) => HEFEI_LEADS.includes(word)).length > 1;
  if (isEcg) return ofRecording(path, readHefeiRecord(path), "Hefei text");
  return ofHypnogram(readTextHypnogram(path), "hypnogram (text)");
}

function ofRecording(file: string, recording: Recording, format: string): FileSummary {
  return {
    file,
    format,
    start: clock(recording.start),
    duration: Math.max(0, ...recording.signals.map(({ samples, sampleRate }) => samples.length / sampleRate)),
    signals: recording.signals.map(ofSignal),
    annotations: countTexts(recording.annotations),
    comments: recording.comments,
    hypnogram: null,
  };
}

function ofHypnogram(hypnogram: Hypnogram, format: string): FileSummary {
  return {
    file: hypnogram.source,
    format,
    start: clock(hypnogram.start),
    duration: hypnogram.stages.length * hypnogram.epochSeconds,
    signals: [],
    annotations: {},
    comments: [],
    hypnogram: countStages(hypnogram),
  };
}

function ofSignal({ label, unit, sampleRate, samples }: Signal): SignalSummary {
  let missing = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const value of samples) {
    if (Number.isNaN(value)) {
      missing++;
      continue;
    }
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
  }
  const present = samples.length - missing;
  const none = present === 0;
  return {
    label,
    unit,
    sampleRate,
    samples: samples.length,
    missing,
    minimum: none ? null : minimum,
    maximum: none ? null : maximum,
    mean: none ? null : sum / present,
  };
}

function countTexts(annotations: readonly Annotation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { text } of annotations) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

function countStages({ stages, epochSeconds }: Hypnogram): HypnogramSummary {
  const counts: Record<string, number> = {};
  for (const stage of stages) counts[stage] = (counts[stage] ?? 0) + 1;
  return { epochs: stages.length, epochSeconds, stages: counts };
}

function clock(date: Date | null): string | null {
  return date === null ? null : date.toISOString().replace(/(\.000)?Z$/, "");
}

/** A summary as a person reads it. */
export function summaryText(summary: FileSummary): string {
  const { signals, annotations, hypnogram } = summary;
  const lines = [
    `${resolve(summary.file)}`,
    `  ${summary.format}, ${summary.start === null ? "no start given" : `start ${summary.start.replace("T", " ")}`}, ` +
      `${length(summary.duration)}`,
  ];
  for (const comment of summary.comments) lines.push(`  # ${comment}`);
  if (signals.length > 0) {
    const rows = signals.map(
      (signal) =>
        [
          signal.label,
          `${rounded(signal.sampleRate)} Hz, ${signal.samples} samples, ${range(signal)}` +
            `${signal.missing > 0 ? `, ${signal.missing} missing` : ""}`,
        ] as const,
    );
    lines.push(
      `  ${signals.length} signal${signals.length === 1 ? "" : "s"}:`,
      ...columns(rows).map((row) => `  ${row}`),
    );
  }
  const texts = Object.entries(annotations).sort(([, a], [, b]) => b - a);
  if (texts.length > 0) {
    const shown = texts.slice(0, 8).map(([text, count]) => `${count} x "${text}"`);
    const more = texts.length > 8 ? ` and ${texts.length - 8} other texts` : "";
    lines.push(`  annotations: ${shown.join(", ")}${more}`);
  }
  if (hypnogram !== null) {
    const stages = Object.entries(hypnogram.stages).map(([stage, count]) => `${stage} ${count}`);
    lines.push(`  hypnogram: ${hypnogram.epochs} epochs of ${hypnogram.epochSeconds} s: ${stages.join(", ")}`);
  }
  return `${lines.join("\n")}\n`;
}

function range({ minimum, maximum, mean, unit }: SignalSummary): string {
  if (minimum === null || maximum === null || mean === null) return "no sample";
  return `${rounded(minimum)} to ${rounded(maximum)} ${unit}, mean ${rounded(mean)}`;
}

/** Four significant digits; whole numbers from 1000 on, and powers of ten below a thousandth. */
function rounded(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value));
  return size > 0 && size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

function length(seconds: number): string {
  if (seconds < 60) return `${rounded(seconds)} s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h} h ${m} min ${s} s` : `${m} min ${s} s`;
}
