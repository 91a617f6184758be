/** Parquet tables: the EEGs and spectrograms of the HMS competition, and any other, a column at a time. */
import { HMS_ELECTRODES, HMS_SAMPLE_RATE, HMS_SPECTROGRAM_COLUMNS } from "../../formats/hms";
import { type ParquetColumn, ParquetFile } from "../../formats/parquet";
import { headIs, type InspectFormat } from "./probe";
import { Statistics, type StatisticsSummary } from "./statistics";
import {
  type ColumnSummary,
  type FileSummary,
  type SignalSummary,
  statisticsOf,
  summaryOf,
  textColumn,
} from "./summary";

const parquet: InspectFormat = {
  name: "Parquet",
  matches: (file) => headIs(file, "PAR1") || file.extension === ".parquet",
  inspect: ({ path }) => {
    const file = new ParquetFile(path);
    try {
      const names = file.columns.map(({ name }) => name);
      const has = (wanted: readonly string[]): boolean => wanted.every((name) => names.includes(name));
      const common = { facts: factsOf(file), rows: file.rows, warnings: unreadColumns(file) };
      if (has(HMS_ELECTRODES)) return summaryOf(path, "Parquet, an EEG of HMS", { ...common, ...eeg(file) });
      if (has(["time", ...HMS_SPECTROGRAM_COLUMNS]))
        return summaryOf(path, "Parquet, a spectrogram of HMS", { ...common, ...spectrogram(file) });
      return summaryOf(path, "Parquet", { ...common, columns: eachColumn(file, summarizeColumn) });
    } finally {
      file.close();
    }
  },
};

function factsOf({ metadata }: ParquetFile): Record<string, string | number> {
  return {
    "row groups": metadata.groups.length,
    compression: metadata.codec ?? "none",
    ...(metadata.createdBy === null ? {} : { "written by": metadata.createdBy }),
  };
}

function unreadColumns({ columns }: ParquetFile): string[] {
  return columns
    .filter(({ kind }) => kind === "other")
    .map(({ name, type }) => `column "${name}" is of a type that is not read: ${type}`);
}

function eachColumn<Result>(file: ParquetFile, use: (column: ParquetColumn) => Result): Result[] {
  return file.columns.filter(({ kind }) => kind !== "other").map(({ name }) => use(file.read({ columns: [name] })[0]!));
}

function eeg(file: ParquetFile): Partial<FileSummary> {
  return {
    duration: file.rows / HMS_SAMPLE_RATE,
    signals: eachColumn(file, ({ name, values }): SignalSummary => {
      const numbers = values as ArrayLike<number>;
      return { label: name, unit: "uV", sampleRate: HMS_SAMPLE_RATE, samples: values.length, ...statisticsOf(numbers) };
    }),
  };
}

function spectrogram(file: ParquetFile): Partial<FileSummary> {
  const power = new Statistics();
  const columns = eachColumn(file, (column) => {
    if (column.name === "time") return [summarizeColumn(column)];
    power.add(column.values as ArrayLike<number>);
    return [];
  }).flat();
  const [time] = columns;
  const all: ColumnSummary = {
    name: `${HMS_SPECTROGRAM_COLUMNS.length} of power`,
    type: "float32",
    values: null,
    ...power.summary(),
  };
  return { duration: (time!.maximum ?? 0) - (time!.minimum ?? 0), columns: [...columns, all] };
}

function summarizeColumn({ name, kind, values, nulls }: ParquetColumn): ColumnSummary {
  if (kind === "text") {
    const present = values.filter((value): value is string => value !== null);
    return textColumn(name, present, values.length - present.length);
  }
  const missing = nulls?.reduce((sum, isNull) => sum + isNull, 0) ?? 0;
  const present = nulls === null ? values : Array.from(values as ArrayLike<number>).filter((_, i) => nulls[i] === 0);
  const statistics: StatisticsSummary = statisticsOf(present as ArrayLike<number | bigint>);
  return { name, type: kind, values: null, ...statistics, missing: missing + statistics.missing };
}

export const parquetFormats: readonly InspectFormat[] = [parquet];
