/**
 * The text layout of the Hefei Hi-tech Cup ECG data (Tianchi 231754): one record a file, eight leads, integers.
 * Lists and submissions: hefei-lists.ts.
 */
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { SignalbookError } from "../core/errors";
import { quoted, readLines, unreadable } from "./text";
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
  const [header, ...lines] = readLines(path, "an ECG record in text columns");
  checkHeader(path, header ?? "");
  if (lines.length !== rows)
    throw new SignalbookError(lines.length < rows ? "a truncated record" : "a record that is too long", {
      file: path,
      place: `line ${Math.min(lines.length, rows) + 1}`,
      found: `${lines.length} rows of values`,
      expected: `${rows} (${rows / HEFEI_SAMPLE_RATE} s at ${HEFEI_SAMPLE_RATE} Hz)`,
      fix: "check that the file is complete and sampled at 500 Hz",
    });
  const stored = HEFEI_LEADS.map(() => new Int16Array(rows));
  lines.forEach((line, row) => {
    const cells = line.trim().split(/\s+/);
    if (cells.length !== HEFEI_LEADS.length)
      throw new SignalbookError("a row of the wrong length", {
        file: path,
        place: `line ${row + 2}`,
        found: line.trim() === "" ? "an empty line" : `${cells.length} values`,
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
  });
  return { id: basename(path, ".txt"), file: path, stored };
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
