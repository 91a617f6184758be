/**
 * The text layout of the Hefei Hi-tech Cup ECG data (Tianchi 231754): one record a file, eight leads, integers.
 * Lists and submissions: hefei-lists.ts.
 */
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { SignalbookError } from "../core/errors";
import { decodeUtf8, quoted, readBytes, unreadable } from "./text";
import type { Recording } from "./types";

/** The leads of a record's columns. III, aVR, aVL and aVF follow from I and II. */
export const HEFEI_LEADS: readonly string[] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"];
/** Hz. */
export const HEFEI_SAMPLE_RATE = 500;
/** Microvolts of one stored unit. */
export const HEFEI_MICROVOLTS_PER_UNIT = 4.88;
/** Rows of a record: 10 s. */
export const HEFEI_ROWS = 5000;

/** A record's stored integers, one array of `rows` values a lead, in the order of {@link HEFEI_LEADS}. */
export interface HefeiStored {
  id: string;
  file: string;
  stored: Int16Array[];
}

/**
 * A record in microvolts (Float64Array).
 * @throws SignalbookError as {@link readHefeiStored}.
 */
export function readHefeiRecord(path: string, options: { rows?: number } = {}): Recording {
  const { id, stored } = readHefeiStored(path, options);
  return {
    id,
    source: path,
    start: null,
    signals: HEFEI_LEADS.map((label, i) => ({
      label,
      unit: "uV",
      sampleRate: HEFEI_SAMPLE_RATE,
      samples: Float64Array.from(stored[i]!, (value) => value * HEFEI_MICROVOLTS_PER_UNIT),
    })),
    annotations: [],
    comments: [],
  };
}

/**
 * A record as the competition's systems feed it: integers as stored, 4.88 microvolt a unit.
 * @param options.rows how many rows there must be: 5000 unless said.
 * @throws SignalbookError naming file, line and column: a missing lead, a value that is not a 16-bit integer, a row too
 * short or too long, fewer or more rows.
 */
export function readHefeiStored(path: string, options: { rows?: number } = {}): HefeiStored {
  const { rows = HEFEI_ROWS } = options;
  const bytes = readBytes(path, "an ECG record in text columns");
  const headerEnd = lineEnd(bytes, 0);
  checkHeader(path, decodeUtf8(bytes.subarray(0, headerEnd), path));
  const stored = HEFEI_LEADS.map(() => new Int16Array(rows));
  let position = Math.min(headerEnd + 1, bytes.length);
  for (let row = 0; row < rows; row++) {
    if (position >= bytes.length) throw wrongLength(path, bytes, rows);
    const next = scanRow(bytes, position, stored, row);
    if (next < 0) readRow(path, bytes, position, stored, row);
    position = next < 0 ? lineEnd(bytes, position) + 1 : next;
  }
  if (position < bytes.length) throw wrongLength(path, bytes, rows);
  return { id: basename(path, ".txt"), file: path, stored };
}

/** The position of the line feed that ends a line, or of the file's end. */
function lineEnd(bytes: Buffer, position: number): number {
  const end = bytes.indexOf(LINE_FEED, position);
  return end < 0 ? bytes.length : end;
}

const LINE_FEED = 0x0a;

/**
 * Reads the usual row, plain integers between blanks, straight from the bytes: several times as fast as by strings.
 * @returns the next line's position; -1 for a row that {@link readRow} has to look at.
 */
function scanRow(bytes: Buffer, start: number, stored: readonly Int16Array[], row: number): number {
  let at = start;
  for (let lead = 0; lead < stored.length; lead++) {
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    const first = at;
    let value = 0;
    for (let digit = bytes[at]! - 0x30; digit >= 0 && digit <= 9; digit = bytes[++at]! - 0x30)
      value = 10 * value + digit;
    if (at === first || value > (negative ? 32768 : 32767)) return -1;
    // Behind the last value of the file there is nothing.
    if (at < bytes.length && bytes[at]! > 0x20) return -1;
    stored[lead]![row] = negative ? -value : value;
  }
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d) at++;
  if (at >= bytes.length) return at;
  return bytes[at] === LINE_FEED ? at + 1 : -1;
}

/** Reads a row whatever blanks it has, or says what is wrong with it. */
function readRow(path: string, bytes: Buffer, start: number, stored: readonly Int16Array[], row: number): void {
  // The whole file, so that an error names the byte's place in it.
  decodeUtf8(bytes, path);
  const line = bytes.toString("utf8", start, lineEnd(bytes, start)).trim();
  const cells = line.split(/\s+/);
  if (cells.length !== HEFEI_LEADS.length)
    throw new SignalbookError("a row of the wrong length", {
      file: path,
      place: `line ${row + 2}`,
      found: line === "" ? "an empty line" : `${cells.length} values`,
      expected: `${HEFEI_LEADS.length}, one a lead`,
    });
  cells.forEach((cell, lead) => {
    const value = Number(cell);
    if (!/^[-+]?\d+$/.test(cell) || value < -32768 || value > 32767)
      throw new SignalbookError("not a stored ECG value", {
        file: path,
        place: `line ${row + 2}, lead ${HEFEI_LEADS[lead]}`,
        found: quoted(cell),
        expected: "an integer in -32768 .. 32767",
      });
    stored[lead]![row] = value;
  });
}

function wrongLength(path: string, bytes: Buffer, rows: number): SignalbookError {
  // A line feed at the very end ends the last line and begins no other.
  let lines = bytes.length > 0 && bytes[bytes.length - 1] !== LINE_FEED ? 1 : 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  const found = lines - 1;
  return new SignalbookError(found < rows ? "a truncated record" : "a record that is too long", {
    file: path,
    place: `line ${Math.min(found, rows) + 1}`,
    found: `${found} rows of values`,
    expected: `${rows} (${rows / HEFEI_SAMPLE_RATE} s at ${HEFEI_SAMPLE_RATE} Hz)`,
    fix: "check that the file is complete and sampled at 500 Hz",
  });
}

function checkHeader(file: string, header: string): void {
  const leads = header.trim().split(/\s+/);
  if (leads.length === HEFEI_LEADS.length && leads.every((lead, i) => lead === HEFEI_LEADS[i])) return;
  const missing = HEFEI_LEADS.filter((lead) => !leads.includes(lead));
  throw new SignalbookError(
    missing.length === 0
      ? "leads in another order or number"
      : `${missing.length === 1 ? "lead" : "leads"} ${missing.join(", ")} missing`,
    {
      file,
      place: "line 1",
      found: quoted(header.trim()),
      expected: quoted(HEFEI_LEADS.join(" ")),
      fix: "write the eight leads in this order, with this header line",
    },
  );
}

/**
 * Names of a folder's records ("1.txt"), in numerical order of their ids.
 * @throws SignalbookError when the folder is missing or holds none.
 */
export function listHefeiRecords(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, "a folder of records", cause);
  }
  const records = names.filter((name) => name.endsWith(".txt"));
  if (records.length === 0)
    throw new SignalbookError("a folder without records", {
      file: folder,
      found: names.length === 0 ? "an empty folder" : `${names.length} other files`,
      expected: "<id>.txt files",
      fix: "check the path, and that the archive was unpacked",
    });
  return records.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}
