/**
 * Comma separated tables (RFC 4180) as text: identifiers such as "00012" and patient numbers stay as written. Whoever
 * reads a column gives it its type; a table library that guesses types would turn them into numbers.
 */
import { SignalbookError } from "../core/errors";
import { decodeUtf8, quoted, readBytes } from "./text";

/** One row: its cells by column name. */
export interface CsvRow {
  /** Line of the file the row starts on, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Reads a table with a header line.
 * @param required columns that must be there.
 * @throws SignalbookError for a row with more or fewer cells than the header, an open quote, a missing or double column.
 */
export function readCsv(path: string, required: readonly string[] = []): CsvTable {
  return parseCsv(decodeUtf8(readBytes(path, "a CSV table"), path), path, required);
}

/** {@link readCsv} on text already read; `file` is only for messages. */
export function parseCsv(text: string, file: string, required: readonly string[] = []): CsvTable {
  const [header, ...records] = csvRecords(text, file);
  if (header === undefined) throw new SignalbookError("an empty file", { file, expected: "a CSV table with a header" });
  const columns = header.cells;
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new SignalbookError("two columns of one name", { file, place: "line 1", found: quoted(twice) });
  for (const name of required) {
    if (!columns.includes(name))
      throw new SignalbookError("a column is missing", {
        file,
        place: "line 1",
        found: columns.map(quoted).join(", "),
        expected: quoted(name),
      });
  }
  const rows = records.map(({ line, cells }) => {
    if (cells.length !== columns.length)
      throw new SignalbookError("a row of the wrong length", {
        file,
        place: `line ${line}`,
        found: `${cells.length} cells`,
        expected: `${columns.length}, as in the header`,
      });
    return { line, cells: Object.fromEntries(columns.map((name, i) => [name, cells[i]!])) };
  });
  return { file, columns, rows };
}

const [COMMA, LINE_FEED, CARRIAGE_RETURN] = [0x2c, 0x0a, 0x0d];

/** One record of a table: its cells, and the line of the file it starts on, from 1. */
export interface CsvRecord {
  line: number;
  cells: string[];
}

/** The records of a list without a header. Blank lines between records are skipped. */
export function csvRecords(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let line = 1;
  let recordLine = 1;
  let position = 0;
  const endRecord = (): void => {
    if (cells.length > 1 || cells[0] !== "") records.push({ line: recordLine, cells });
    cells = [];
    recordLine = ++line;
  };
  while (position < text.length) {
    if (text[position] === '"') {
      let cell = "";
      const openedOn = line;
      for (position++; ; position++) {
        const c = text[position];
        if (c === undefined)
          throw new SignalbookError("a quote that never closes", { file, place: `line ${openedOn}`, expected: '"' });
        if (c === '"') {
          if (text[position + 1] !== '"') break;
          position++;
        }
        if (c === "\n") line++;
        cell += c;
      }
      cells.push(cell);
      position++;
    } else {
      const start = position;
      for (; position < text.length; position++) {
        const code = text.charCodeAt(position);
        if (code === COMMA || code === LINE_FEED || code === CARRIAGE_RETURN) break;
      }
      cells.push(text.slice(start, position));
    }
    if (text[position] === ",") {
      position++;
      // A comma at the very end, or before a line end, leaves one more empty cell.
      if (position >= text.length) cells.push("");
      continue;
    }
    if (text[position] === "\r" && text[position + 1] === "\n") position++;
    if (position < text.length && text[position] !== "\n")
      throw new SignalbookError("unexpected text after a cell", {
        file,
        place: `line ${line}`,
        found: quoted(text.slice(position, position + 20)),
        expected: "a comma or the line's end",
      });
    position++;
    endRecord();
  }
  if (cells.length > 0) endRecord();
  return records;
}

/** A cell as a finite number; null when empty. Throws for anything else. */
export function numberCell(table: CsvTable, row: CsvRow, column: string): number | null {
  const text = (row.cells[column] ?? "").trim();
  if (text === "") return null;
  const value = Number(text);
  if (!Number.isFinite(value))
    throw new SignalbookError("not a number", {
      file: table.file,
      place: `line ${row.line}, column ${column}`,
      found: quoted(text),
      expected: "a number or nothing",
    });
  return value;
}

/** A cell as an integer ("15709" or "15709.0"). Throws when it is empty or anything else. */
export function integerCell(table: CsvTable, row: CsvRow, column: string): number {
  const value = numberCell(table, row, column);
  if (value === null || !Number.isInteger(value))
    throw new SignalbookError("not an integer", {
      file: table.file,
      place: `line ${row.line}, column ${column}`,
      found: quoted(row.cells[column] ?? ""),
      expected: "an integer",
    });
  return value;
}
