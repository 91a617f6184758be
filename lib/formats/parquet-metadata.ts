/**
 * A Parquet file's footer (https://github.com/apache/parquet-format, parquet.thrift): columns, row groups, and where each
 * column's bytes lie. All that later steps allocate or seek by is checked here against the file's size and itself.
 */
import { SignalbookError } from "../core/errors";
import { ThriftReader, type ThriftStruct, type ThriftValue } from "./parquet-thrift";
import { quoted } from "./text";

/** What a column's values are read as. `other`: a type or nesting that is listed but not read. */
export type ParquetKind =
  | "float32"
  | "float64"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "boolean"
  | "text"
  | "other";

export interface ParquetColumnInfo {
  /** Name; of a nested column its path, joined by dots. */
  name: string;
  kind: ParquetKind;
  /** The stored type and what it stands for, in the format's words: "INT64 TIMESTAMP_MICROS". */
  type: string;
  /** Whether values may be missing. */
  optional: boolean;
}

/** One column's bytes within one row group. */
export interface ParquetChunk {
  codec: number;
  /** Byte offset in the file of the first page, a dictionary if there is one. */
  start: number;
  /** Bytes of all pages with their headers. */
  bytes: number;
  /** The same, decompressed. */
  uncompressedBytes: number;
}

export interface ParquetRowGroup {
  firstRow: number;
  rows: number;
  /** One a column, in the columns' order. */
  chunks: readonly ParquetChunk[];
}

export interface ParquetMetadata {
  rows: number;
  columns: readonly ParquetColumnInfo[];
  groups: readonly ParquetRowGroup[];
  /** The program that wrote the file, as it names itself. */
  createdBy: string | null;
  /** Compression of the first column chunk, by name; null for a file without row groups. */
  codec: string | null;
}

const TYPES = ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"];
const CONVERTED = (
  "UTF8 MAP MAP_KEY_VALUE LIST ENUM DECIMAL DATE TIME_MILLIS TIME_MICROS TIMESTAMP_MILLIS TIMESTAMP_MICROS UINT_8 " +
  "UINT_16 UINT_32 UINT_64 INT_8 INT_16 INT_32 INT_64 JSON BSON INTERVAL"
).split(" ");
/** Logical types by their field number in the union; those that a converted type says as well are left to it. */
const LOGICAL: Readonly<Record<number, string>> = { 7: "TIME", 8: "TIMESTAMP", 14: "UUID", 15: "FLOAT16" };
export const PARQUET_CODECS = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"] as const;

const REPEATED = 2;
const OPTIONAL = 1;

/** @param offset of `footer` within the file, whose size is `fileBytes`. */
export function parseParquetMetadata(
  footer: Uint8Array,
  file: string,
  offset: number,
  fileBytes: number,
): ParquetMetadata {
  const root = new ThriftReader(footer, file, offset).struct();
  const problem = (what: string, found: string, expected: string): SignalbookError =>
    new SignalbookError(what, { file, place: `the footer at byte ${offset}`, found, expected, fix: DAMAGED });
  const count = (value: ThriftValue | undefined, what: string, most = Number.MAX_SAFE_INTEGER): number => {
    if (typeof value === "number" && value >= 0 && value <= most) return value;
    throw problem(`no ${what}`, String(value), `0 to ${most}`);
  };
  const list = (value: ThriftValue | undefined, what: string): readonly ThriftStruct[] => {
    if (!Array.isArray(value) || !value.every(isStruct)) throw problem(`no ${what}`, typeof value, "a list of structs");
    return value;
  };

  const columns = columnsOf(list(root[2], "schema"), problem);
  let firstRow = 0;
  let codec: string | null = null;
  const groups = list(root[4], "row groups").map((group, g): ParquetRowGroup => {
    const rows = count(group[3], `number of rows in row group ${g}`);
    const chunks = list(group[1], `columns in row group ${g}`).map((chunk, c): ParquetChunk => {
      const place = `column ${quoted(columns[c]?.name ?? String(c))} of row group ${g}`;
      const meta = chunk[3];
      if (!isStruct(meta)) throw problem(`no metadata of ${place}`, typeof meta, "its place in this file");
      const bytes = count(meta[7], `size of ${place}`, fileBytes);
      // Some writers give 0 for "no dictionary".
      const dictionary = typeof meta[11] === "number" && meta[11] > 0 ? meta[11] : Number.POSITIVE_INFINITY;
      const data = count(meta[9], `offset of ${place}`, fileBytes);
      const start = Math.min(dictionary, data);
      if (start + bytes > fileBytes)
        throw problem(`${place} past the end of the file`, `bytes ${start} to ${start + bytes}`, `${fileBytes} bytes`);
      const values = count(meta[5], `number of values in ${place}`);
      if (columns[c]?.kind !== "other" && values !== rows)
        throw problem(`${place} with another number of values than rows`, String(values), String(rows));
      const codecNumber = count(meta[4], `compression of ${place}`);
      codec ??= PARQUET_CODECS[codecNumber] ?? `number ${codecNumber}`;
      return { codec: codecNumber, start, bytes, uncompressedBytes: count(meta[6], `decompressed size of ${place}`) };
    });
    if (chunks.length !== columns.length)
      throw problem(`row group ${g} with another number of columns`, String(chunks.length), String(columns.length));
    firstRow += rows;
    return { firstRow: firstRow - rows, rows, chunks };
  });
  const rows = count(root[3], "number of rows");
  if (rows !== firstRow) throw problem("row groups that do not add up", `${firstRow} rows`, String(rows));
  const createdBy = root[6] instanceof Uint8Array ? Buffer.from(root[6]).toString("utf8") : null;
  return { rows, columns, groups, createdBy, codec };
}

/** What to do about a damaged file. */
export const DAMAGED = "the file is damaged: copy or download it again";

type Problem = (what: string, found: string, expected: string) => SignalbookError;

/** The leaves of the schema's tree, which is stored depth first. */
function columnsOf(schema: readonly ThriftStruct[], problem: Problem): ParquetColumnInfo[] {
  const columns: ParquetColumnInfo[] = [];
  let next = 1;
  const walk = (children: number, path: readonly string[]): void => {
    for (let i = 0; i < children; i++) {
      const element = schema[next++];
      if (element === undefined) throw problem("a truncated schema", `${schema.length} elements`, "more");
      const name = element[4] instanceof Uint8Array ? Buffer.from(element[4]).toString("utf8") : "";
      const below = element[5];
      if (typeof below === "number" && below > 0) walk(Math.min(below, schema.length), [...path, name]);
      else columns.push(columnOf(element, [...path, name]));
    }
  };
  const root = schema[0]?.[5];
  walk(typeof root === "number" ? Math.min(root, schema.length) : 0, []);
  if (next !== schema.length && schema.length > 0)
    throw problem("a schema whose parts do not add up", `${schema.length} elements`, String(next));
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name)) throw problem("two columns of one name", quoted(name), "each name once");
    names.add(name);
  }
  return columns;
}

function columnOf(element: ThriftStruct, path: readonly string[]): ParquetColumnInfo {
  const stored = TYPES[element[1] as number] ?? "no type";
  const logical = isStruct(element[10]) ? LOGICAL[Number(Object.keys(element[10])[0])] : undefined;
  const converted = typeof element[6] === "number" ? CONVERTED[element[6]] : logical;
  const nested = path.length > 1 || element[3] === REPEATED;
  return {
    name: path.join("."),
    kind: nested ? "other" : kindOf(stored, converted),
    type: [stored, converted, nested ? "(nested)" : undefined].filter((word) => word !== undefined).join(" "),
    optional: element[3] === OPTIONAL,
  };
}

function kindOf(stored: string, converted: string | undefined): ParquetKind {
  if (converted === "DECIMAL") return "other";
  switch (stored) {
    case "BOOLEAN":
      return "boolean";
    case "FLOAT":
      return "float32";
    case "DOUBLE":
      return "float64";
    case "INT32":
      return converted === "UINT_32" ? "uint32" : "int32";
    case "INT64":
      return converted === "UINT_64" ? "uint64" : "int64";
    case "BYTE_ARRAY":
      return converted === "UTF8" || converted === "ENUM" || converted === "JSON" ? "text" : "other";
    default:
      return "other";
  }
}

function isStruct(value: ThriftValue | undefined): value is ThriftStruct {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}
