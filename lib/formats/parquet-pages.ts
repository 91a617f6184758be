/**
 * One column of one row group: its pages found by their headers, and only those decompressed that hold rows asked for.
 * Flat columns only: a level is 1 for a value, 0 for a null, and there is none where values cannot be missing.
 */
import { SignalbookError } from "../core/errors";
import { decompressParquet } from "./parquet-codecs";
import { decodeByteStreamSplit, decodeHybrid, decodePlain, type ParquetArray, parquetArray } from "./parquet-encodings";
import { DAMAGED, type ParquetChunk, type ParquetColumnInfo } from "./parquet-metadata";
import { ThriftReader, type ThriftStruct } from "./parquet-thrift";
import { countOnes, decodeLevels, gatherValues, lengthAt, placeValues, spreadValues } from "./parquet-values";
import { quoted } from "./text";

const PAGE = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const;
const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, rleDictionary: 8, byteStreamSplit: 9 } as const;
const ENCODINGS = (
  "PLAIN GROUP_VAR_INT PLAIN_DICTIONARY RLE BIT_PACKED DELTA_BINARY_PACKED DELTA_LENGTH_BYTE_ARRAY DELTA_BYTE_ARRAY " +
  "RLE_DICTIONARY BYTE_STREAM_SPLIT"
).split(" ");

/** Bytes of the file; fewer than asked for only at its end. */
export type ReadBytes = (position: number, length: number) => Uint8Array;

interface Page {
  type: number;
  /** Of the page's data, after its header. */
  position: number;
  compressedBytes: number;
  uncompressedBytes: number;
  /** Nulls included. */
  values: number;
  encoding: number;
  /** Version 2 keeps levels before the data, never compressed. */
  levelBytes: number;
  compressed: boolean;
  /** Row within the group; of a dictionary, 0. */
  firstRow: number;
}

/** Page headers with statistics of long texts can be longer: then more is read. */
const HEADER_BYTES = 1 << 10;
const LONGEST_HEADER = 1 << 20;

/** Used again from page to page: new memory of this size costs more than what is decoded into it. */
let indexScratch = new Int32Array(0);

/** Room for indices, with whatever the last page left there. */
function indexRoom(length: number): Int32Array {
  if (indexScratch.length < length) indexScratch = new Int32Array(length);
  return indexScratch;
}

/** Rows of one column of one group. */
export class ParquetChunkReader {
  private readonly pages: readonly Page[];
  private dictionary: ParquetArray | null = null;

  constructor(
    private readonly column: ParquetColumnInfo,
    private readonly chunk: ParquetChunk,
    private readonly rows: number,
    private readonly file: string,
    private readonly read: ReadBytes,
  ) {
    this.pages = this.findPages();
  }

  /** Rows `from` to `to` of the group into `out` at `at`; `nulls`, where given, gets a 1 for each null. */
  readRows(from: number, to: number, out: ParquetArray, at: number, nulls: Uint8Array | null): void {
    for (const page of this.pages) {
      const begin = Math.max(from, page.firstRow);
      const end = Math.min(to, page.firstRow + page.values);
      if (begin >= end || page.type === PAGE.dictionary) continue;
      this.guard(page, () =>
        this.readPage(page, begin - page.firstRow, end - page.firstRow, out, at + begin - from, nulls),
      );
    }
  }

  private findPages(): Page[] {
    const { start, bytes } = this.chunk;
    const pages: Page[] = [];
    let firstRow = 0;
    for (let position = start; position < start + bytes && firstRow < this.rows; ) {
      const page = this.pageAt(position, firstRow);
      if (page.position + page.compressedBytes > start + bytes)
        throw this.problem(page.position, "a page past its column's end", `${page.compressedBytes} bytes`);
      position = page.position + page.compressedBytes;
      if (page.type === PAGE.index) continue;
      pages.push(page);
      if (page.type !== PAGE.dictionary) firstRow += page.values;
    }
    if (firstRow !== this.rows)
      throw this.problem(start, "pages that do not add up", `${firstRow} of ${this.rows} rows`);
    return pages;
  }

  private pageAt(position: number, firstRow: number): Page {
    const available = this.chunk.start + this.chunk.bytes - position;
    const { header, length } = this.headerAt(position, available);
    const type = header[1];
    const details = header[type === PAGE.dictionary ? 7 : type === PAGE.dataV2 ? 8 : 5] as ThriftStruct | undefined;
    const whole = (value: unknown): number =>
      typeof value === "number" && value >= 0 ? value : Number.POSITIVE_INFINITY;
    const page: Page = {
      type: whole(type),
      position: position + length,
      uncompressedBytes: whole(header[2]),
      compressedBytes: whole(header[3]),
      values: whole(details?.[1]),
      encoding: whole(details?.[type === PAGE.dataV2 ? 4 : 2]),
      levelBytes: type === PAGE.dataV2 ? whole(details?.[5]) + whole(details?.[6]) : 0,
      compressed: details?.[7] !== false,
      firstRow: type === PAGE.dictionary ? 0 : firstRow,
    };
    if (type === PAGE.index && page.compressedBytes <= available) return page;
    const known = type === PAGE.data || type === PAGE.dictionary || type === PAGE.dataV2;
    if (!known || page.values === Number.POSITIVE_INFINITY || page.encoding === Number.POSITIVE_INFINITY)
      throw this.problem(position, "no page header", `type ${String(type)}`);
    if (type !== PAGE.dictionary && firstRow + page.values > this.rows)
      throw this.problem(position, "more values than rows", `${firstRow + page.values} of ${this.rows}`);
    // Two claims of the size must agree before memory is taken for it.
    if (page.uncompressedBytes > this.chunk.uncompressedBytes || page.levelBytes > page.compressedBytes)
      throw this.problem(position, "a page larger than its column", `${page.uncompressedBytes} bytes`);
    return page;
  }

  private headerAt(position: number, available: number): { header: ThriftStruct; length: number } {
    for (let size = HEADER_BYTES; ; size *= 32) {
      const reader = new ThriftReader(this.read(position, Math.min(size, available)), this.file, position);
      try {
        return { header: reader.struct(), length: reader.position };
      } catch (error) {
        if (size >= Math.min(available, LONGEST_HEADER)) throw error;
      }
    }
  }

  private readPage(
    page: Page,
    begin: number,
    end: number,
    out: ParquetArray,
    at: number,
    nulls: Uint8Array | null,
  ): void {
    const stored = this.read(page.position, page.compressedBytes);
    const { levelBytes } = page;
    const data = page.compressed
      ? decompressParquet(this.chunk.codec, stored.subarray(levelBytes), page.uncompressedBytes - levelBytes)
      : stored.subarray(levelBytes);
    let levels: Int32Array | null = null;
    let used = 0;
    if (this.column.optional) {
      if (page.type === PAGE.dataV2) levels = decodeLevels(stored.subarray(0, levelBytes), page.values);
      else {
        used = 4 + lengthAt(data, 0);
        levels = decodeLevels(data.subarray(4, used), page.values);
      }
    }
    const body = data.subarray(used);
    if (levels === null) {
      this.readValues(page, body, begin, end, page.values, out, at);
      return;
    }
    // How many values lie before the first row that is asked for, before the last, and in all.
    const before = countOnes(levels, 0, begin);
    const until = before + countOnes(levels, begin, end);
    const all = until + countOnes(levels, end, page.values);
    const values = parquetArray(this.column.kind, until - before);
    this.readValues(page, body, before, until, all, values, 0);
    spreadValues(values, levels.subarray(begin, end), out, at, nulls);
  }

  /** Values `begin` to `end`, nulls not counted, of the `count` in a page. */
  private readValues(
    page: Page,
    body: Uint8Array,
    begin: number,
    end: number,
    count: number,
    out: ParquetArray,
    at: number,
  ): void {
    const { kind } = this.column;
    const { encoding } = page;
    if (encoding === ENCODING.plain) placeValues(decodePlain(body, kind, end), begin, end, out, at);
    else if (encoding === ENCODING.byteStreamSplit)
      placeValues(decodeByteStreamSplit(body, kind, count), begin, end, out, at);
    else if (encoding === ENCODING.rle && kind === "boolean") {
      const flags = new Int32Array(end);
      decodeHybrid(body.subarray(4, 4 + lengthAt(body, 0)), 1, flags, end);
      placeValues(Uint8Array.from(flags), begin, end, out, at);
    } else if (encoding === ENCODING.plainDictionary || encoding === ENCODING.rleDictionary) {
      const indices = indexRoom(end);
      if (end > 0) decodeHybrid(body.subarray(1), body[0] ?? 255, indices, end);
      gatherValues(this.dictionaryValues(), indices, begin, end, out, at);
    } else throw new RangeError(`encoding ${ENCODINGS[encoding] ?? encoding} of ${kind} is not read`);
  }

  private dictionaryValues(): ParquetArray {
    if (this.dictionary !== null) return this.dictionary;
    const page = this.pages.find(({ type }) => type === PAGE.dictionary);
    if (page === undefined) throw new RangeError("a dictionary's indices without the dictionary");
    const bytes = this.read(page.position, page.compressedBytes);
    this.dictionary = decodePlain(
      decompressParquet(this.chunk.codec, bytes, page.uncompressedBytes),
      this.column.kind,
      page.values,
    );
    return this.dictionary;
  }

  /** Gives what goes wrong inside a page its place. */
  private guard(page: Page, action: () => void): void {
    try {
      action();
    } catch (cause) {
      // Decoders throw RangeErrors for what is wrong with their bytes.
      if (!(cause instanceof RangeError)) throw cause;
      throw this.problem(page.position, "a page that cannot be read", cause.message, cause);
    }
  }

  private problem(position: number, what: string, found: string, cause?: unknown): SignalbookError {
    return new SignalbookError(what, {
      file: this.file,
      place: `column ${quoted(this.column.name)}, byte ${position}`,
      found,
      fix: / is not read/.test(found) ? "write the file again with pandas or pyarrow's defaults" : DAMAGED,
      cause,
    });
  }
}
