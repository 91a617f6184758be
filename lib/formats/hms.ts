/**
 * The files of the HMS harmful brain activity competition (Kaggle, 2024): train.csv and test.csv, an EEG and a
 * spectrogram a Parquet file each, named by their ids: train_eegs/<eeg_id>.parquet, train_spectrograms/<id>.parquet.
 */
import { basename, extname } from "node:path";
import { SignalbookError } from "../core/errors";
import { type CsvRow, type CsvTable, integerCell, numberCell, readCsv } from "./csv";
import { ParquetFile } from "./parquet";
import { quoted } from "./text";
import type { Recording } from "./types";

/** The six classes, in the order of the vote columns. */
export const HMS_CLASSES = ["seizure", "lpd", "gpd", "lrda", "grda", "other"] as const;
export type HmsClass = (typeof HMS_CLASSES)[number];

/** An EEG's columns, in the order system 002 uses them (alphabetical, not that of the files). EKG is the heart's. */
export const HMS_ELECTRODES: readonly string[] = "C3 C4 Cz EKG F3 F4 F7 F8 Fp1 Fp2 Fz O1 O2 P3 P4 Pz T3 T4 T5 T6".split(
  " ",
);
/** Hz. */
export const HMS_SAMPLE_RATE = 200;
/** Rows of a labelled spectrogram: 10 minutes, one every 2 s. */
export const HMS_SPECTROGRAM_ROWS = 300;
/** The regions of a spectrogram in system 002's order: left and right, lateral and parasagittal. */
const REGIONS = ["LL", "LP", "RL", "RP"] as const;

/**
 * The spectrograms' frequencies as their column names write them, in system 002's order: multiples 3 to 102 of 200/1024
 * Hz to two decimals, sorted with the decimals taken for whole numbers. So 12.11 comes after 12.7, and 16.21 and 16.41
 * after 16.8; all others stand in order. Kept as published: what was trained on it expects it.
 */
export const HMS_FREQUENCIES: readonly string[] = Array.from({ length: 100 }, (_, i) =>
  String(Number((((i + 3) * 200) / 1024).toFixed(2))),
).sort((a, b) => {
  const [wholeA, decimalsA] = a.split(".").map(Number) as [number, number];
  const [wholeB, decimalsB] = b.split(".").map(Number) as [number, number];
  return wholeA - wholeB || decimalsA - decimalsB;
});

/** The 400 spectrogram columns in system 002's order: "LL_0.59", ... "RP_19.92". */
export const HMS_SPECTROGRAM_COLUMNS: readonly string[] = REGIONS.flatMap((region) =>
  HMS_FREQUENCIES.map((frequency) => `${region}_${frequency}`),
);

/** One labelled window, or one to be labelled. */
export interface HmsRow {
  /** Line of the table, from 1. */
  line: number;
  eegId: string;
  /** Number of the window within its EEG. */
  eegSubId: number;
  /** Seconds from the EEG's first sample to the window of 50 s. */
  eegOffset: number;
  spectrogramId: string;
  spectrogramSubId: number;
  /** Seconds: the window's rows begin with the first whose time is this or later. */
  spectrogramOffset: number;
  patientId: string;
  /** What most experts said; null in test.csv. */
  expertConsensus: HmsClass | null;
  /** Votes for each of {@link HMS_CLASSES}; null in test.csv. */
  votes: readonly number[] | null;
}

const IDS = ["eeg_id", "spectrogram_id", "patient_id"] as const;
const VOTES = HMS_CLASSES.map((name) => `${name}_vote`);
const LABELLED = [
  "eeg_sub_id",
  "eeg_label_offset_seconds",
  "spectrogram_sub_id",
  "spectrogram_label_offset_seconds",
  "expert_consensus",
  ...VOTES,
];

/**
 * Reads train.csv or test.csv, told apart by the vote columns. test.csv has one window an EEG, at its start.
 * @throws SignalbookError for a missing column, a cell of the wrong kind, a window no one voted on, an unknown consensus.
 */
export function readHmsTable(path: string): HmsRow[] {
  const table = readCsv(path, IDS);
  if (!table.columns.some((name) => VOTES.includes(name))) return table.rows.map((row) => identified(table, row));
  const missing = LABELLED.find((name) => !table.columns.includes(name));
  if (missing !== undefined)
    throw new SignalbookError("a column is missing", {
      file: path,
      place: "line 1",
      found: table.columns.map(quoted).join(", "),
      expected: quoted(missing),
    });
  return table.rows.map((row) => labelled(table, row));
}

function identified(table: CsvTable, row: CsvRow): HmsRow {
  const [eegId, spectrogramId, patientId] = IDS.map((name) => String(integerCell(table, row, name))) as [
    string,
    string,
    string,
  ];
  const unlabelled = { expertConsensus: null, votes: null };
  const start = { eegSubId: 0, eegOffset: 0, spectrogramSubId: 0, spectrogramOffset: 0 };
  return { line: row.line, eegId, spectrogramId, patientId, ...start, ...unlabelled };
}

function labelled(table: CsvTable, row: CsvRow): HmsRow {
  const problem = (column: string, what: string, found: string, expected: string): SignalbookError =>
    new SignalbookError(what, { file: table.file, place: `line ${row.line}, column ${column}`, found, expected });
  const seconds = (column: string): number => {
    const value = numberCell(table, row, column);
    if (value === null || value < 0) throw problem(column, "no offset", String(value), "0 s or more");
    return value;
  };
  const votes = VOTES.map((column) => {
    const value = integerCell(table, row, column);
    if (value < 0) throw problem(column, "a number of votes below zero", String(value), "0 or more");
    return value;
  });
  if (votes.every((value) => value === 0)) throw problem("*_vote", "a window without votes", "all 0", "one at least");
  const word = row.cells["expert_consensus"]!;
  const expertConsensus = HMS_CLASSES.find((name) => name === word.trim().toLowerCase());
  if (expertConsensus === undefined)
    throw problem("expert_consensus", "an unknown class", quoted(word), HMS_CLASSES.join(", "));
  return {
    ...identified(table, row),
    eegSubId: integerCell(table, row, "eeg_sub_id"),
    eegOffset: seconds("eeg_label_offset_seconds"),
    spectrogramSubId: integerCell(table, row, "spectrogram_sub_id"),
    spectrogramOffset: seconds("spectrogram_label_offset_seconds"),
    expertConsensus,
    votes,
  };
}

/**
 * An EEG, or rows `from` to `to` of it: {@link HMS_ELECTRODES} in their order, µV, 200 Hz, NaN where the file has no value.
 * @throws SignalbookError for what is no such Parquet file, a missing electrode, and rows outside the recording.
 */
export function readHmsEeg(path: string, { from, to }: { from?: number; to?: number } = {}): Recording {
  const file = new ParquetFile(path);
  try {
    return {
      id: basename(path, extname(path)),
      source: path,
      start: null,
      signals: HMS_ELECTRODES.map((label) => ({
        label,
        unit: "uV",
        sampleRate: HMS_SAMPLE_RATE,
        samples: file.readFloats(label, from, to),
      })),
      annotations: [],
      comments: [],
    };
  } finally {
    file.close();
  }
}

/** Power over time and frequency, an image of one channel: time down, {@link HMS_SPECTROGRAM_COLUMNS} across. */
export interface HmsSpectrogram {
  source: string;
  /** Seconds of each row, as in the file. */
  times: Float64Array;
  width: number;
  height: number;
  channels: 1;
  /** [height, width], row-major; NaN where missing. */
  pixels: Float32Array;
}

/**
 * A spectrogram: the whole of it, or with `offset` the window of 10 minutes of a row of train.csv.
 * @param offset seconds: the first {@link HMS_SPECTROGRAM_ROWS} rows whose time is this or later.
 * @throws SignalbookError for what is no such Parquet file, a missing column, and too few rows after the offset.
 */
export function readHmsSpectrogram(path: string, { offset }: { offset?: number } = {}): HmsSpectrogram {
  const file = new ParquetFile(path);
  try {
    const [time] = file.read({ columns: ["time"] });
    const all = Float64Array.from(time!.values as ArrayLike<number | bigint>, Number);
    const first = offset === undefined ? 0 : all.findIndex((seconds) => seconds >= offset);
    const height = offset === undefined ? all.length : HMS_SPECTROGRAM_ROWS;
    if (first < 0 || first + height > all.length)
      throw new SignalbookError("too few rows after the offset", {
        file: path,
        found: `${first < 0 ? 0 : all.length - first} rows with a time of ${offset} s or later`,
        expected: String(height),
      });
    const width = HMS_SPECTROGRAM_COLUMNS.length;
    const pixels = new Float32Array(width * height);
    HMS_SPECTROGRAM_COLUMNS.forEach((name, x) => {
      const values = file.readFloats(name, first, first + height);
      for (let y = 0; y < height; y++) pixels[y * width + x] = values[y]!;
    });
    return { source: path, times: all.slice(first, first + height), width, height, channels: 1, pixels };
  } finally {
    file.close();
  }
}
