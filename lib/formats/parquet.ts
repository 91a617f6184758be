/**
 * Apache Parquet tables (https://parquet.apache.org/docs/file-format/), flat columns, as pandas and pyarrow write them:
 * no compression, Snappy, gzip or Zstandard; pages of version 1 and 2; PLAIN, dictionary, and split byte streams. Any rows
 * of any columns, read without the other row groups and pages.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { SignalbookError } from "../core/errors";
import { type ParquetArray, parquetArray } from "./parquet-encodings";
import {
  DAMAGED,
  type ParquetChunk,
  type ParquetColumnInfo,
  type ParquetMetadata,
  parseParquetMetadata,
} from "./parquet-metadata";
import { ParquetChunkReader, type ReadBytes } from "./parquet-pages";
import { looksLikeText } from "./sniff";
import { quoted, unreadable } from "./text";

interface Column<Kind extends string, Values> {
  name: string;
  kind: Kind;
  /** One a row. A missing float is NaN, a missing text null; any other missing value is 0 and marked in `nulls`. */
  values: Values;
  /** 1 for each row without a value; null when there is no such row, and for floats and texts. */
  nulls: Uint8Array | null;
}

/** A column's rows. Booleans are 0 and 1; times and dates are the integers that are stored. */
export type ParquetColumn =
  | Column<"float32", Float32Array>
  | Column<"float64", Float64Array>
  | Column<"int32", Int32Array>
  | Column<"uint32", Uint32Array>
  | Column<"int64", BigInt64Array>
  | Column<"uint64", BigUint64Array>
  | Column<"boolean", Uint8Array>
  | Column<"text", (string | null)[]>;

export interface ParquetRange {
  /** By name; all when left out. */
  columns?: readonly string[];
  /** First row; 0 when left out. */
  from?: number;
  /** Row after the last; all when left out. */
  to?: number;
}

export interface ParquetOptions {
  /**
   * Bytes: a column of a row group up to this long is read in one go; of a longer one only page headers and the pages
   * that are needed. 4 MiB when left out.
   */
  readWhole?: number;
}

const READ_WHOLE = 1 << 22;
const EXPECTED = "a Parquet table";
const MAGIC = "PAR1";
/** More rows than this in one read are taken for damage: a week at 200 Hz, and 1 GiB of doubles. */
const MOST_ROWS = 2 ** 27;

/** An open file. Close it when done; {@link readParquet} opens and closes by itself. */
export class ParquetFile {
  readonly metadata: ParquetMetadata;
  private readonly fd: number;
  private readonly readWhole: number;
  private scratch: Buffer = Buffer.alloc(0);

  /** @throws SignalbookError for what is no Parquet file, and for a damaged one. */
  constructor(
    readonly file: string,
    { readWhole = READ_WHOLE }: ParquetOptions = {},
  ) {
    this.readWhole = readWhole;
    try {
      this.fd = openSync(file, "r");
    } catch (cause) {
      throw unreadable(file, EXPECTED, cause);
    }
    try {
      this.metadata = this.readMetadata();
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  get columns(): readonly ParquetColumnInfo[] {
    return this.metadata.columns;
  }

  get rows(): number {
    return this.metadata.rows;
  }

  close(): void {
    closeSync(this.fd);
  }

  /**
   * Columns in the order asked for, or in the file's.
   * @throws SignalbookError for a column that is not there or of a type that is not read, rows outside the table, and
   * damaged pages.
   */
  read({ columns, from = 0, to = this.rows }: ParquetRange = {}): ParquetColumn[] {
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= this.rows))
      throw new SignalbookError("rows outside the table", {
        file: this.file,
        found: `${from} to ${to}`,
        expected: `within 0 to ${this.rows}`,
      });
    if (to - from > MOST_ROWS)
      throw new SignalbookError("too many rows in one read", {
        file: this.file,
        found: String(to - from),
        expected: `${MOST_ROWS} at most`,
        fix: `read a range of rows, if the file really has so many; else ${DAMAGED}`,
      });
    const indices =
      columns === undefined ? this.columns.map((_, i) => i) : columns.map((name) => this.columnIndex(name));
    return indices.map((index) => this.readColumn(index, from, to));
  }

  /** One column of floats: what recordings are made of. Throws when it is anything else. */
  readFloats(name: string, from = 0, to = this.rows): Float32Array | Float64Array {
    const [column] = this.read({ columns: [name], from, to });
    if (column!.kind === "float32" || column!.kind === "float64") return column!.values;
    throw new SignalbookError("a column of another type", {
      file: this.file,
      place: `column ${quoted(name)}`,
      found: column!.kind,
      expected: "floating-point numbers",
    });
  }

  private columnIndex(name: string): number {
    const index = this.columns.findIndex((column) => column.name === name);
    if (index >= 0) return index;
    const names = this.columns.map((column) => quoted(column.name));
    throw new SignalbookError("a column that is not there", {
      file: this.file,
      found: `${names.slice(0, 25).join(", ")}${names.length > 25 ? " ..." : ""}`,
      expected: quoted(name),
    });
  }

  private readColumn(index: number, from: number, to: number): ParquetColumn {
    const column = this.columns[index]!;
    const { name, kind, type, optional } = column;
    if (kind === "other")
      throw new SignalbookError("a column of a type that is not read", {
        file: this.file,
        place: `column ${quoted(name)}`,
        found: type,
        expected: "numbers, booleans or texts, not nested",
        fix: "leave this column out",
      });
    // Every part is opened, and its pages counted, before memory is taken for the values.
    const parts = this.metadata.groups
      .filter(({ firstRow, rows }) => firstRow < to && firstRow + rows > from)
      .map(({ firstRow, rows, chunks }) => ({
        firstRow,
        rows,
        reader: new ParquetChunkReader(column, chunks[index]!, rows, this.file, this.reads(chunks[index]!)),
      }));
    const values: ParquetArray = parquetArray(kind, to - from);
    const markNulls = optional && kind !== "float32" && kind !== "float64" && kind !== "text";
    const nulls = markNulls ? new Uint8Array(to - from) : null;
    for (const { firstRow, rows, reader } of parts) {
      const begin = Math.max(from, firstRow);
      const end = Math.min(to, firstRow + rows);
      reader.readRows(begin - firstRow, end - firstRow, values, begin - from, nulls);
    }
    return { name, kind, values, nulls: nulls?.includes(1) ? nulls : null } as ParquetColumn;
  }

  private readMetadata(): ParquetMetadata {
    const { size, ...stat } = fstatSync(this.fd);
    if ((stat.mode & 0o170000) === 0o040000) throw unreadable(this.file, EXPECTED, { code: "EISDIR" });
    const head = this.bytes(0, Math.min(size, 64));
    if (ascii(head.subarray(0, 4)) !== MAGIC) throw this.noParquet(head, size);
    const tail = this.bytes(Math.max(4, size - 8), 8);
    if (tail.length < 8 || ascii(tail.subarray(4)) !== MAGIC)
      throw new SignalbookError("a truncated Parquet file", {
        file: this.file,
        place: `byte ${Math.max(0, size - 4)}`,
        found: tail.length < 8 ? `a file of ${size} bytes` : quoted(ascii(tail.subarray(4))),
        expected: `${quoted(MAGIC)} at the end`,
        fix: DAMAGED,
      });
    const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
    if (length > size - 12)
      throw new SignalbookError("a Parquet footer longer than the file", {
        file: this.file,
        place: `byte ${size - 8}`,
        found: `${length} bytes`,
        expected: `${size - 12} at most`,
        fix: DAMAGED,
      });
    return parseParquetMetadata(this.bytes(size - 8 - length, length), this.file, size - 8 - length, size);
  }

  /** The error for a file that begins with anything else. Tables are often saved as CSV under a wrong name. */
  private noParquet(head: Uint8Array, size: number): SignalbookError {
    const text = ascii(head);
    const isText = looksLikeText(head);
    const isCsv = isText && /^[^\n]*,/.test(text);
    return new SignalbookError("no Parquet file", {
      file: this.file,
      place: "byte 0",
      found: size === 0 ? "an empty file" : isText ? `text: ${quoted(text)}` : quoted(ascii(head.subarray(0, 4))),
      expected: quoted(MAGIC),
      fix: isCsv
        ? "this is a CSV table under another name: name it .csv, or write it again as Parquet"
        : text.startsWith("PARE")
          ? "the file is encrypted: decrypt it first"
          : "check the path, or download it again",
    });
  }

  /** How a chunk's bytes are read: the whole of a short one now, of a longer one what is asked for. */
  private reads({ start, bytes }: ParquetChunk): ReadBytes {
    if (bytes > this.readWhole) return (position, length) => this.bytes(position, length);
    // Of a file of one row group, as recordings are, only one chunk is in use at a time.
    const alone = this.metadata.groups.length === 1;
    if (alone && this.scratch.length < bytes) this.scratch = Buffer.allocUnsafeSlow(bytes);
    const whole = this.bytes(start, bytes, alone ? this.scratch : undefined);
    return (position, length) => whole.subarray(position - start, position - start + length);
  }

  private bytes(position: number, length: number, buffer: Buffer = Buffer.allocUnsafeSlow(length)): Uint8Array {
    let read = 0;
    while (read < length) {
      const got = readSync(this.fd, buffer, read, length - read, position + read);
      if (got === 0) break;
      read += got;
    }
    return buffer.subarray(0, read);
  }
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/**
 * Columns of a file, by name.
 * @throws SignalbookError as {@link ParquetFile}.
 */
export function readParquet(path: string, range: ParquetRange = {}): Map<string, ParquetColumn> {
  const file = new ParquetFile(path);
  try {
    return new Map(file.read(range).map((column) => [column.name, column]));
  } finally {
    file.close();
  }
}
