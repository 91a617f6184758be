/** Tables of numbers as Parquet files. The library behind it is loaded when a file is written. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";

/** A column of numbers: floats become FLOAT or DOUBLE, integers INT32. */
export interface ParquetColumnToWrite {
  name: string;
  data: Float32Array | Float64Array | Int32Array;
}

type Writer = typeof import("hyparquet-writer");

/**
 * Writes a table without dictionaries and statistics, which measured values have no use for, compressed with snappy, atomically. NaN stays NaN.
 * @throws SignalbookError for no column, columns of different lengths, and a name that occurs twice.
 */
export function writeParquet(path: string, columns: readonly ParquetColumnToWrite[]): void {
  const rows = columns[0]?.data.length;
  const names = new Set(columns.map(({ name }) => name));
  if (rows === undefined || columns.some(({ data }) => data.length !== rows) || names.size < columns.length)
    throw new SignalbookError("columns that make no table", {
      file: path,
      found: columns.map(({ name, data }) => `${name} of ${data.length}`).join(", ") || "no column",
      expected: "one column or more, of one length, each with a name of its own",
    });
  const { parquetWriteBuffer } = require("hyparquet-writer") as Writer;
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, data }) => ({
      name,
      data,
      type: typeOf(data),
      nullable: false,
      encoding: "PLAIN",
    })),
    statistics: false,
  });
  writeFileAtomic(path, new Uint8Array(buffer));
}

function typeOf(data: ParquetColumnToWrite["data"]): "FLOAT" | "DOUBLE" | "INT32" {
  if (data instanceof Float32Array) return "FLOAT";
  return data instanceof Float64Array ? "DOUBLE" : "INT32";
}
