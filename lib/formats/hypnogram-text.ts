/** Hypnograms as plain text, one stage a line, and as CSV, with or without a header, times and durations. */
import { SignalbookError } from "../core/errors";
import { checkEpochSeconds, hypnogramFromStretches } from "./hypnogram-grid";
import {
  codingText,
  type ScoredStage,
  STAGE_CODINGS,
  type StageCoding,
  stageLists,
  stageNamed,
  stageNumbered,
} from "./hypnogram-stages";
import { quoted, readLines } from "./text";
import type { Hypnogram } from "./types";

const INTEGER = /^[-+]?\d+$/;

/**
 * One stage a line: names (W, N1, S2, REM ...), or numbers by `coding`. Lines that begin with "#" are comments. Numbers
 * and names do not mix: "1" to "4" mean different things among R&K names.
 * @param coding 0 W, 1 N1, 2 N2, 3 N3, 4 REM, -1 not scored, unless said.
 * @throws SignalbookError naming the line of a stage that is not known; for an empty file.
 */
export function readTextHypnogram(
  path: string,
  epochSeconds = 30,
  coding: StageCoding = STAGE_CODINGS.aasm,
): Hypnogram {
  checkEpochSeconds(epochSeconds, path);
  const lines = linesOf(path, "one stage a line");
  if (lines.length === 0) throw new SignalbookError("no stages", { file: path, expected: "one stage a line" });
  const stageOf = stageReader(
    path,
    lines.map(({ text }) => text),
    coding,
  );
  const scored = lines.map(({ text, place }) => stageOf(text, place));
  return { source: path, start: null, epochSeconds, ...stageLists(scored) };
}

/** Lines that are not comments, without blanks around them. */
function linesOf(path: string, expected: string): { text: string; place: string }[] {
  return readLines(path, expected)
    .map((text, i) => ({ text: text.trim(), place: `line ${i + 1}` }))
    .filter(({ text }) => !text.startsWith("#"));
}

/** Reads cells that are all names, or all numbers of a coding. */
function stageReader(
  file: string,
  cells: readonly string[],
  coding: StageCoding | undefined,
): (cell: string, place: string) => ScoredStage {
  const numbers = cells.every((cell) => INTEGER.test(cell));
  if (numbers && coding === undefined)
    throw new SignalbookError("stages as numbers", {
      file,
      found: [...new Set(cells)].slice(0, 10).join(", "),
      expected: "to be told what each number means",
      fix: "give the coding",
    });
  return (cell, place) => {
    const isName = !INTEGER.test(cell);
    const stage = numbers ? stageNumbered(Number(cell), coding!) : isName ? stageNamed(cell) : undefined;
    if (stage === undefined)
      throw new SignalbookError("an unknown stage", {
        file,
        place,
        found: quoted(cell),
        expected: numbers
          ? codingText(coding!)
          : "W, N1, N2, N3, REM, S1 to S4, M or ? everywhere, or a number everywhere",
      });
    return stage;
  };
}

/** A column: its name in the header, in any case, or its position from 0. */
export type CsvColumn = string | number;

export interface CsvHypnogramOptions {
  /** 30 unless said. */
  epochSeconds?: number;
  /** What numbers mean, where stages are numbers. */
  coding?: StageCoding;
  /** The stages' column: where left out the only one, or the one named "stage". */
  stage?: CsvColumn;
  /** Seconds: where left out the one named "onset", if there is one. Without onsets a row is an epoch. */
  onset?: CsvColumn;
  /** Seconds: where left out the one named "duration", if there is one. Without durations a row is one epoch long. */
  duration?: CsvColumn;
  /** Between cells; a comma unless said. */
  separator?: string;
}

/** A row's cells by position. */
interface Row {
  cells: string[];
  place: string;
}

/**
 * Stages from a CSV file. The first row is a header when it holds no stage.
 * @throws SignalbookError naming line and column: columns that are missing or not told apart, rows of another length,
 * stages that are not known, numbers without a coding, times that are no numbers, and as hypnograms from annotations.
 */
export function readCsvHypnogram(path: string, options: CsvHypnogramOptions = {}): Hypnogram {
  const { epochSeconds = 30, coding, separator = "," } = options;
  checkEpochSeconds(epochSeconds, path);
  const rows: Row[] = linesOf(path, "a CSV table of stages")
    .filter(({ text }) => text !== "")
    .map(({ text, place }) => ({ cells: text.split(separator).map(unquoted), place }));
  const [first] = rows;
  if (first === undefined) throw new SignalbookError("no stages", { file: path, expected: "a stage a row" });
  for (const { cells, place } of rows) {
    if (cells.length !== first.cells.length)
      throw new SignalbookError("a row of another length", {
        file: path,
        place,
        found: `${cells.length} cells`,
        expected: `${first.cells.length}, as in the first row`,
        fix: "check the separator",
      });
  }
  const columns = findColumns(path, first, options);
  const body = columns.header ? rows.slice(1) : rows;
  if (body.length === 0) throw new SignalbookError("no stages", { file: path, found: "a header", expected: "rows" });
  const stageCells = body.map(({ cells }) => cells[columns.stage]!);
  const stageOf = stageReader(path, stageCells, coding);
  const scored = body.map(({ place }, i) => stageOf(stageCells[i]!, `${place}, column ${columns.stage + 1}`));
  const { onset, duration } = columns;
  if (onset === null) {
    if (duration !== null)
      throw new SignalbookError("durations without onsets", { file: path, expected: 'a column "onset"' });
    return { source: path, start: null, epochSeconds, ...stageLists(scored) };
  }
  const stretches = body.map((row, i) => ({
    onset: seconds(path, row, onset),
    duration: duration === null ? epochSeconds : seconds(path, row, duration),
    stage: scored[i]!,
    place: row.place,
  }));
  return hypnogramFromStretches(stretches, { source: path, start: null, epochSeconds });
}

function unquoted(cell: string): string {
  const text = cell.trim();
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1).trim() : text;
}

interface Columns {
  header: boolean;
  stage: number;
  onset: number | null;
  duration: number | null;
}

function findColumns(path: string, { cells, place }: Row, options: CsvHypnogramOptions): Columns {
  const names = cells.map((cell) => cell.toLowerCase());
  const find = (column: CsvColumn): number => {
    const index = typeof column === "number" ? column : names.indexOf(column.toLowerCase());
    if (Number.isInteger(index) && index >= 0 && index < cells.length) return index;
    throw new SignalbookError("a column that is not there", {
      file: path,
      place,
      found: cells.map(quoted).join(", "),
      expected: typeof column === "number" ? `a column ${column}, counted from 0` : quoted(column),
    });
  };
  const named = (name: string): number | null => (names.includes(name) ? names.indexOf(name) : null);
  const stage = options.stage === undefined ? (named("stage") ?? (cells.length === 1 ? 0 : null)) : find(options.stage);
  if (stage === null)
    throw new SignalbookError("no column of stages", {
      file: path,
      place,
      found: cells.map(quoted).join(", "),
      expected: 'a column "stage", or one column only',
      fix: "say which column holds the stages",
    });
  return {
    header: !INTEGER.test(cells[stage]!) && stageNamed(cells[stage]!) === undefined,
    stage,
    onset: options.onset === undefined ? named("onset") : find(options.onset),
    duration: options.duration === undefined ? named("duration") : find(options.duration),
  };
}

function seconds(path: string, { cells, place }: Row, column: number): number {
  const cell = cells[column]!;
  const value = cell === "" ? Number.NaN : Number(cell);
  if (Number.isFinite(value)) return value;
  throw new SignalbookError("a time that is not a number", {
    file: path,
    place: `${place}, column ${column + 1}`,
    found: quoted(cell),
    expected: "seconds",
  });
}
