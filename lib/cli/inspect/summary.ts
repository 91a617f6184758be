/** What `signalbook inspect` finds in a file, whatever its format: parts that a format has not are empty or null. */
import { noStatistics, Statistics, type StatisticsSummary } from "./statistics";

/** More different texts than this in a column are not counted one by one. */
const MOST_VALUES = 12;

export interface SignalSummary extends StatisticsSummary {
  label: string;
  unit: string;
  /** Hz. */
  sampleRate: number;
  samples: number;
}

export interface GapSummary {
  /** Seconds from the recording's start. */
  onset: number;
  /** Seconds. */
  duration: number;
}

export interface HypnogramSummary {
  epochs: number;
  epochSeconds: number;
  /** Epochs of each stage that occurs. */
  stages: Record<string, number>;
}

export interface ArraySummary extends StatisticsSummary {
  /** Empty for a file of one array. */
  name: string;
  type: string;
  shape: readonly number[];
}

export interface ColumnSummary extends StatisticsSummary {
  name: string;
  type: string;
  /** How often each value occurs, where there are few; null for numbers and for columns of many values. */
  values: Record<string, number> | null;
}

export interface FileSummary {
  file: string;
  format: string;
  /** ISO 8601 without a zone, as the formats have none; null where the file gives no start. */
  start: string | null;
  /** Seconds; null for what is no recording. */
  duration: number | null;
  signals: SignalSummary[];
  /** Where a recording was interrupted. */
  gaps: GapSummary[];
  /** How often each text occurs. */
  annotations: Record<string, number>;
  hypnogram: HypnogramSummary | null;
  arrays: ArraySummary[];
  /** Rows of a table; null for what is none. */
  rows: number | null;
  columns: ColumnSummary[];
  /** What else the format says of itself: compression, number of images, metadata. */
  facts: Record<string, string | number>;
  comments: string[];
  /** What is damaged, missing or unusual. */
  warnings: string[];
}

/** A summary of the parts given; all others empty. */
export function summaryOf(file: string, format: string, parts: Partial<FileSummary>): FileSummary {
  return {
    file,
    format,
    start: null,
    duration: null,
    signals: [],
    gaps: [],
    annotations: {},
    hypnogram: null,
    arrays: [],
    rows: null,
    columns: [],
    facts: {},
    comments: [],
    warnings: [],
    ...parts,
  };
}

/** How often each text occurs. */
export function countTexts(texts: Iterable<string>): Record<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** A date as its file writes it: without a zone. */
export function clock(date: Date | null): string | null {
  return date === null ? null : date.toISOString().replace(/(\.000)?Z$/, "");
}

/** Values of one kind, at once. */
export function statisticsOf(values: ArrayLike<number | bigint>): StatisticsSummary {
  return new Statistics().add(values).summary();
}

/** A column of texts. @param present those that are there. */
export function textColumn(name: string, present: readonly string[], missing: number): ColumnSummary {
  const counts = countTexts(present);
  const few = Object.keys(counts).length <= MOST_VALUES;
  return { name, type: "text", values: few ? counts : null, ...noStatistics(missing) };
}
