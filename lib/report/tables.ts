/** Tables: rows, or a danfojs DataFrame, as HTML for a notebook and the report, and as aligned text for a terminal. */
import { SignalbookError } from "../core/errors";
import { type Bundle, type Displayable, jupyterDisplay } from "./display";
import { formatInterval, formatNumber } from "./format";

/** An estimate with its interval; written "0.82 (0.78–0.86)". */
export interface IntervalCell {
  value: number;
  interval?: readonly [number, number];
}

export type Cell = string | number | boolean | bigint | Date | null | undefined | IntervalCell;
export type Row = Readonly<Record<string, Cell>>;

/** What is read of a danfojs DataFrame. */
export interface DataFrameLike {
  readonly columns: readonly (string | number)[];
  readonly values: unknown;
}

export interface TableOptions {
  /** Stands above the table, and names it for a screen reader. */
  caption?: string;
  /** The columns shown, in order. Default: those of the first row. */
  columns?: readonly string[];
  /** Headings of columns, with units, where the key is not the heading. */
  headings?: Readonly<Record<string, string>>;
  /** Decimal places of numbers, for all columns or by column; integers stay integers where none is given. Default 3. */
  digits?: number | Readonly<Record<string, number>>;
  /** At most this many rows; how many are left out is said below. Default 50. */
  rows?: number;
}

/** A table that shows itself as the last expression of a cell, or by `show(table(...).bundle())`. */
export interface Table extends Displayable {
  bundle(): Bundle;
}

/**
 * A table of `rows`.
 * @throws SignalbookError when there is no column to show or a column named is in no row.
 */
export function table(rows: readonly Row[] | DataFrameLike, options: TableOptions = {}): Table {
  const bundle = () => tableBundle(rows, options);
  return { bundle, [jupyterDisplay]: bundle };
}

function tableBundle(source: readonly Row[] | DataFrameLike, options: TableOptions): Bundle {
  const all = isDataFrame(source) ? rowsOf(source) : source;
  const known = isDataFrame(source) ? source.columns.map(String) : Object.keys(all[0] ?? {});
  const columns = options.columns ?? known;
  const absent = columns.find((column) => !known.includes(column) && !all.some((row) => column in row));
  if (columns.length === 0 || absent !== undefined)
    throw new SignalbookError(absent === undefined ? "a table without columns" : `no column "${absent}" in the table`, {
      found: known.join(", ") || "no columns",
      fix: "give rows, or name the columns",
    });
  const shown = all.slice(0, options.rows ?? 50);
  const left = all.length - shown.length;
  const headings = columns.map((column) => options.headings?.[column] ?? column);
  const numeric = columns.map(
    (column) => all.some((row) => isNumber(row[column])) && all.every((row) => isNumberOrEmpty(row[column])),
  );
  const cells = shown.map((row) => columns.map((column) => formatCell(row[column], digitsOf(column, options.digits))));
  const note = left > 0 ? `${left} more row${left === 1 ? "" : "s"}` : undefined;
  return {
    "text/html": html(headings, cells, numeric, options.caption, note),
    "text/plain": plain(headings, cells, numeric, options.caption, note),
  };
}

function isDataFrame(source: readonly Row[] | DataFrameLike): source is DataFrameLike {
  return !Array.isArray(source) && "columns" in source && "values" in source;
}

/** A DataFrame's rows; one with a single column holds plain values instead of rows. */
function rowsOf({ columns, values }: DataFrameLike): Row[] {
  return (values as unknown[]).map((line) => {
    const cells = Array.isArray(line) ? (line as Cell[]) : [line as Cell];
    return Object.fromEntries(columns.map((column, i) => [String(column), cells[i]]));
  });
}

function isInterval(cell: Cell): cell is IntervalCell {
  return typeof cell === "object" && cell !== null && !(cell instanceof Date);
}

function isNumber(cell: Cell): boolean {
  return typeof cell === "number" || typeof cell === "bigint" || isInterval(cell);
}

function isNumberOrEmpty(cell: Cell): boolean {
  return cell === null || cell === undefined || isNumber(cell);
}

/** undefined: integers as they are, other numbers with three decimal places. */
function digitsOf(column: string, digits: TableOptions["digits"]): number | undefined {
  return typeof digits === "object" ? digits[column] : digits;
}

function formatCell(cell: Cell, digits: number | undefined): string {
  if (cell === null || cell === undefined) return "–";
  if (typeof cell === "number") return formatNumber(cell, digits ?? (Number.isInteger(cell) ? 0 : 3));
  if (cell instanceof Date)
    return cell
      .toISOString()
      .replace(/T00:00:00\.000Z$/, "")
      .replace(/\.\d+Z$/, "Z");
  if (isInterval(cell)) return formatInterval(cell.value, cell.interval, digits ?? 2);
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return String(cell);
}

/** Text made safe inside HTML and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]!);
}

function html(headings: string[], cells: string[][], numeric: boolean[], caption?: string, note?: string): string {
  const align = (column: number) => (numeric[column] ? ' class="number"' : "");
  const head = headings.map((text, i) => `<th scope="col"${align(i)}>${escapeHtml(text)}</th>`).join("");
  const body = cells.map(
    (row) => `<tr>${row.map((text, i) => `<td${align(i)}>${escapeHtml(text)}</td>`).join("")}</tr>`,
  );
  return [
    '<table class="signalbook-table">',
    ...(caption === undefined ? [] : [`<caption>${escapeHtml(caption)}</caption>`]),
    `<thead><tr>${head}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody>`,
    ...(note === undefined
      ? []
      : [`<tfoot><tr><td colspan="${headings.length}">${escapeHtml(note)}</td></tr></tfoot>`]),
    "</table>",
  ].join("\n");
}

function plain(headings: string[], cells: string[][], numeric: boolean[], caption?: string, note?: string): string {
  const lines = [headings, ...cells];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => columnsOf(line[column]!))));
  const text = lines.map((line) =>
    line
      .map((cell, column) => {
        const gap = " ".repeat(widths[column]! - columnsOf(cell));
        return numeric[column] ? gap + cell : cell + gap;
      })
      .join("  ")
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "));
  return [...(caption === undefined ? [] : [caption]), ...text, ...(note === undefined ? [] : [note])].join("\n");
}

/** Columns of a terminal that `text` takes: East Asian full-width characters take two. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += character.codePointAt(0)! >= 0x2e80 ? 2 : 1;
  return columns;
}
