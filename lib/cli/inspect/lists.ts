/** Lists and tables in text: the competitions' own, and any CSV table with a header. */
import { SignalbookError } from "../../core/errors";
import { type CsvTable, readCsv } from "../../formats/csv";
import { readHefeiLabels, readHefeiList } from "../../formats/hefei-lists";
import { HMS_CLASSES, readHmsTable } from "../../formats/hms";
import { maicExams, readMaicList } from "../../formats/maic";
import { quoted, readLines } from "../../formats/text";
import type { InspectFormat } from "./probe";
import { noStatistics } from "./statistics";
import { type ColumnSummary, countTexts, statisticsOf, summaryOf, textColumn } from "./summary";

const maic: InspectFormat = {
  name: "MAIC lists",
  matches: ({ lines }) => /^[^,]+,[^,]+\.png(?:,|$)/i.test(lines?.[0] ?? ""),
  inspect: ({ path }) => {
    const entries = readMaicList(path);
    const stages = entries.flatMap(({ stage }) => stage ?? []);
    return summaryOf(path, stages.length > 0 ? "MAIC list, labelled" : "MAIC list, to be labelled", {
      rows: entries.length,
      facts: { exams: maicExams(entries).size, ...countTexts(stages) },
    });
  },
};

const hefei: InspectFormat = {
  name: "Hefei lists",
  matches: ({ lines }) => /^\d+\.txt\t/.test(lines?.[0] ?? ""),
  inspect: ({ path }) => {
    const entries = readHefeiList(path);
    const labels = countTexts(entries.flatMap((entry) => entry.labels));
    return summaryOf(path, "Hefei list of records", {
      rows: entries.length,
      columns: [
        { name: "age", type: "years", values: null, ...statisticsOf(entries.map(({ age }) => age ?? Number.NaN)) },
        {
          name: "sex",
          type: "text",
          values: countTexts(entries.flatMap(({ sex }) => sex ?? [])),
          ...noStatistics(entries.filter(({ sex }) => sex === null).length),
        },
        { name: "labels", type: "text", values: labels, ...noStatistics() },
      ],
    });
  },
};

const hms: InspectFormat = {
  name: "HMS tables",
  matches: ({ lines }) => ["eeg_id", "spectrogram_id"].every((name) => (lines?.[0] ?? "").split(",").includes(name)),
  inspect: ({ path }) => {
    const rows = readHmsTable(path);
    const votes = rows.flatMap((row) => row.votes ?? []);
    const labelled = votes.length > 0;
    const consensus = rows.flatMap(({ expertConsensus }) => expertConsensus ?? []);
    const votesPerRow = rows.map((row) => (row.votes ?? []).reduce((sum, n) => sum + n, 0));
    const columns: ColumnSummary[] = [
      { name: "votes of a row", type: "int32", values: null, ...statisticsOf(votesPerRow) },
      ...HMS_CLASSES.map((name, i): ColumnSummary => {
        const counts = rows.map((row) => row.votes?.[i] ?? 0);
        return { name: `${name}_vote`, type: "int32", values: null, ...statisticsOf(counts) };
      }),
    ];
    return summaryOf(path, labelled ? "HMS table, labelled" : "HMS table, to be labelled", {
      rows: rows.length,
      columns: labelled ? columns : [],
      facts: {
        EEGs: new Set(rows.map(({ eegId }) => eegId)).size,
        spectrograms: new Set(rows.map(({ spectrogramId }) => spectrogramId)).size,
        patients: new Set(rows.map(({ patientId }) => patientId)).size,
        ...countTexts(consensus),
      },
    });
  },
};

const csv: InspectFormat = {
  name: "CSV tables",
  matches: ({ lines, extension }) => {
    const [cells = 0, below = 0] = (lines ?? []).slice(0, 2).map((line) => line.split(",").length);
    return lines !== null && (extension === ".csv" || (cells > 1 && cells === below));
  },
  inspect: ({ path }) => {
    const table = readCsv(path);
    return summaryOf(path, "CSV table", {
      rows: table.rows.length,
      columns: table.columns.map((name) => summarizeColumn(table, name)),
    });
  },
};

function summarizeColumn({ rows }: CsvTable, name: string): ColumnSummary {
  const cells = rows.map((row) => row.cells[name]!.trim());
  const present = cells.filter((cell) => cell !== "");
  const missing = cells.length - present.length;
  const numbers = present.map(Number);
  if (present.length > 0 && numbers.every(Number.isFinite)) {
    const type = numbers.every(Number.isInteger) ? "integers" : "numbers";
    return { name, type, values: null, ...statisticsOf(numbers), missing };
  }
  return textColumn(name, present, missing);
}

const numbers: InspectFormat = {
  name: "numbers in text",
  matches: ({ lines }) => {
    const first = dataLines(lines ?? []).slice(0, 20);
    return first.length > 0 && first.every((line) => cellsOf(line).every((cell) => Number.isFinite(Number(cell))));
  },
  inspect: ({ path }) => {
    const rows = dataLines(readLines(path, "numbers")).map(cellsOf);
    const width = rows[0]!.length;
    const values = rows.flatMap((cells, row) => {
      const wrong = cells.find((cell) => !Number.isFinite(Number(cell)));
      if (wrong === undefined && cells.length === width) return cells.map(Number);
      throw new SignalbookError(wrong === undefined ? "a row of another length" : "not a number", {
        file: path,
        place: `row ${row + 1}`,
        found: wrong === undefined ? `${cells.length} numbers` : quoted(wrong),
        expected: `${width} numbers, as in the first row`,
      });
    });
    const shape = width === 1 ? [rows.length] : [rows.length, width];
    return summaryOf(path, "numbers in text", {
      arrays: [{ name: "", type: "float64", shape, ...statisticsOf(values) }],
      warnings: ["nothing in the file says what is measured, in which unit or how often"],
    });
  },
};

function dataLines(lines: readonly string[]): string[] {
  return lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

function cellsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** Short names, each on a line of its own. */
const names: InspectFormat = {
  name: "lists of names",
  matches: ({ lines, extension }) =>
    extension === ".txt" && lines !== null && lines.slice(0, -1).every((line) => /^\S[^\t,]{0,39}$/.test(line)),
  inspect: ({ path }) => {
    const labels = readHefeiLabels(path);
    return summaryOf(path, "list of names", { rows: labels.length, facts: { first: labels[0]! } });
  },
};

export const listFormats: readonly InspectFormat[] = [maic, hefei, hms, csv, numbers, names];
