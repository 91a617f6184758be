/** A summary as a person reads it. */
import { resolve } from "node:path";
import { columns as aligned } from "../command";
import type { StatisticsSummary } from "./statistics";
import type { ArraySummary, ColumnSummary, FileSummary } from "./summary";

/** Items of a kind that are listed; the rest is counted. */
const MOST_TEXTS = 8;
const MOST_GAPS = 5;
const MOST_ROWS = 120;

export function summaryText(summary: FileSummary): string {
  const { signals, gaps, annotations, hypnogram, arrays, columns, warnings } = summary;
  const lines = [resolve(summary.file), `  ${headline(summary)}`];
  for (const comment of summary.comments) lines.push(`  # ${comment}`);
  const facts = Object.entries(summary.facts).map(([name, value]) => `${name} ${value}`);
  if (facts.length > 0) lines.push(`  ${facts.join(", ")}`);
  lines.push(
    ...section("signal", signals, (signal) => [
      signal.label,
      `${rounded(signal.sampleRate)} Hz, ${signal.samples} samples, ${range(signal, signal.unit)}`,
    ]),
    ...section("array", arrays, (array) => [array.name, arrayText(array)]),
    ...section("column", columns, (column) => [column.name, columnText(column)]),
  );
  if (gaps.length > 0) {
    const shown = gaps.slice(0, MOST_GAPS).map(({ onset, duration }) => `${length(duration)} after ${length(onset)}`);
    lines.push(`  ${gaps.length} gap${gaps.length === 1 ? "" : "s"}: ${withRest(shown, gaps.length, "other gaps")}`);
  }
  const texts = Object.entries(annotations).sort(([, a], [, b]) => b - a);
  if (texts.length > 0) {
    const shown = texts.slice(0, MOST_TEXTS).map(([text, count]) => `${count} x "${text}"`);
    lines.push(`  annotations: ${withRest(shown, texts.length, "other texts")}`);
  }
  if (hypnogram !== null) {
    const stages = Object.entries(hypnogram.stages).map(([stage, count]) => `${stage} ${count}`);
    lines.push(`  hypnogram: ${hypnogram.epochs} epochs of ${hypnogram.epochSeconds} s: ${stages.join(", ")}`);
  }
  for (const warning of warnings) lines.push(`  ! ${warning}`);
  return `${lines.join("\n")}\n`;
}

/** Format, start and duration of a recording; format and size of anything else. */
function headline({ format, start, duration, rows, hypnogram, signals, annotations }: FileSummary): string {
  const recorded = signals.length > 0 || hypnogram !== null || Object.keys(annotations).length > 0;
  return [
    format,
    start !== null ? `start ${start.replace("T", " ")}` : recorded ? "no start given" : null,
    duration === null ? null : length(duration),
    rows === null ? null : `${rows} rows`,
  ]
    .filter((part) => part !== null)
    .join(", ");
}

function section<Item>(noun: string, items: readonly Item[], row: (item: Item) => readonly [string, string]): string[] {
  if (items.length === 0) return [];
  const rows = aligned(items.slice(0, MOST_ROWS).map(row)).map((line) => `  ${line}`);
  const rest = items.length > MOST_ROWS ? [`    and ${items.length - MOST_ROWS} others`] : [];
  return [`  ${items.length} ${noun}${items.length === 1 ? "" : "s"}:`, ...rows, ...rest];
}

function arrayText(array: ArraySummary): string {
  return `${array.type} [${array.shape.join(", ")}], ${range(array)}`;
}

function columnText(column: ColumnSummary): string {
  if (column.values === null && column.minimum === null) return `${column.type}${missingText(column)}`;
  if (column.values === null) return `${column.type}, ${range(column)}`;
  const values = Object.entries(column.values).map(([value, count]) => `${count} x "${value}"`);
  if (values.length === 0) return `${column.type}${missingText(column)}`;
  return `${column.type}: ${withRest(values.slice(0, MOST_TEXTS), values.length, "others")}${missingText(column)}`;
}

function withRest(shown: readonly string[], all: number, what: string): string {
  return `${shown.join(", ")}${all > shown.length ? ` and ${all - shown.length} ${what}` : ""}`;
}

function missingText({ missing }: StatisticsSummary): string {
  return missing > 0 ? `, ${missing} missing` : "";
}

function range(statistics: StatisticsSummary, unit = ""): string {
  const { minimum, maximum, mean } = statistics;
  if (minimum === null || maximum === null || mean === null) return `no value${missingText(statistics)}`;
  const units = unit === "" ? "" : ` ${unit}`;
  return `${rounded(minimum)} to ${rounded(maximum)}${units}, mean ${rounded(mean)}${missingText(statistics)}`;
}

/** Four significant digits; whole numbers from 1000 on, and powers of ten below a thousandth. */
function rounded(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(3);
  if (size >= 1000) return String(Math.round(value));
  return size > 0 && size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

function length(seconds: number): string {
  if (seconds < 60) return `${rounded(seconds)} s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h} h ${m} min ${s} s` : `${m} min ${s} s`;
}
