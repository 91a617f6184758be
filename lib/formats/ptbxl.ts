/**
 * PTB-XL (Wagner et al. 2020, https://physionet.org/content/ptb-xl/1.0.3/): the table of records, the table of SCP
 * statements, and the diagnostic superclasses that follow from both.
 */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { type CsvRow, type CsvTable, integerCell, numberCell, readCsv } from "./csv";
import { quoted } from "./text";
import type { Recording } from "./types";
import { readWfdbRecord } from "./wfdb";

/** The diagnostic superclasses, in the order of the data set's paper. */
export const PTBXL_SUPERCLASSES = ["NORM", "MI", "STTC", "CD", "HYP"] as const;
export type PtbxlSuperclass = (typeof PTBXL_SUPERCLASSES)[number];

export interface PtbxlRecord {
  ecgId: number;
  patientId: string;
  /** Years; null where missing. 300 stands for "over 89" in version 1.0.3. */
  age: number | null;
  sex: "female" | "male";
  /** SCP codes with their likelihood in percent; 0 where the report gives none. */
  scpCodes: ReadonlyMap<string, number>;
  /** In the order of {@link PTBXL_SUPERCLASSES}; empty where no code is diagnostic. */
  superclasses: PtbxlSuperclass[];
  /** 1 to 10, a patient's records in one fold. */
  fold: number;
  /** Record names relative to the data set's folder, without extension: at 100 Hz and at 500 Hz. */
  lowRate: string;
  highRate: string;
}

export interface Ptbxl {
  folder: string;
  records: PtbxlRecord[];
  /** Each SCP code's description and, for diagnostic ones, superclass. */
  statements: ReadonlyMap<string, { description: string; superclass: PtbxlSuperclass | null }>;
}

/**
 * Reads `ptbxl_database.csv` and `scp_statements.csv` of a PTB-XL folder.
 *
 * A record belongs to a superclass when any of its codes is a diagnostic statement of that class, whatever the
 * likelihood: the data set's own convention.
 * @throws SignalbookError for missing columns, cells that cannot be read, and codes without a statement.
 */
export function readPtbxl(folder: string): Ptbxl {
  const statements = readStatements(join(folder, "scp_statements.csv"));
  const table = readCsv(join(folder, "ptbxl_database.csv"), [
    "ecg_id",
    "patient_id",
    "age",
    "sex",
    "scp_codes",
    "strat_fold",
    "filename_lr",
    "filename_hr",
  ]);
  if (table.rows.length === 0) throw new SignalbookError("a table without records", { file: table.file });
  const lineOf = new Map<number, number>();
  const records = table.rows.map((row) => {
    const record = readRow(table, row, statements);
    const before = lineOf.get(record.ecgId);
    if (before !== undefined)
      throw cellError(table, row, "ecg_id", "a record listed twice", `a number not used before (line ${before})`);
    lineOf.set(record.ecgId, row.line);
    return record;
  });
  return { folder, records, statements };
}

function readStatements(path: string): Ptbxl["statements"] {
  const table = readCsv(path, ["", "description", "diagnostic", "diagnostic_class"]);
  const statements = new Map<string, { description: string; superclass: PtbxlSuperclass | null }>();
  for (const row of table.rows) {
    const diagnostic = numberCell(table, row, "diagnostic") === 1;
    const name = row.cells["diagnostic_class"]!;
    const superclass = PTBXL_SUPERCLASSES.find((known) => known === name);
    if (diagnostic && superclass === undefined)
      throw cellError(table, row, "diagnostic_class", "not a superclass", PTBXL_SUPERCLASSES.join(", "));
    statements.set(row.cells[""]!, {
      description: row.cells["description"]!,
      superclass: diagnostic ? superclass! : null,
    });
  }
  return statements;
}

function readRow(table: CsvTable, row: CsvRow, statements: Ptbxl["statements"]): PtbxlRecord {
  const scpCodes = parseScpCodes(table, row);
  const classes = new Set<PtbxlSuperclass>();
  for (const code of scpCodes.keys()) {
    const statement = statements.get(code);
    if (statement === undefined)
      throw new SignalbookError("an SCP code that is not among the statements", {
        file: table.file,
        place: `line ${row.line}, column scp_codes`,
        found: quoted(code),
        expected: `one of the ${statements.size} codes of scp_statements.csv`,
      });
    if (statement.superclass !== null) classes.add(statement.superclass);
  }
  const sex = integerCell(table, row, "sex");
  if (sex !== 0 && sex !== 1) throw cellError(table, row, "sex", "not a sex", "0 (male) or 1 (female)");
  const fold = integerCell(table, row, "strat_fold");
  if (fold < 1 || fold > 10) throw cellError(table, row, "strat_fold", "a fold out of range", "1 to 10");
  return {
    ecgId: integerCell(table, row, "ecg_id"),
    patientId: String(integerCell(table, row, "patient_id")),
    age: numberCell(table, row, "age"),
    sex: sex === 0 ? "male" : "female",
    scpCodes,
    superclasses: PTBXL_SUPERCLASSES.filter((name) => classes.has(name)),
    fold,
    lowRate: row.cells["filename_lr"]!,
    highRate: row.cells["filename_hr"]!,
  };
}

/** `{'NORM': 100.0, 'SR': 0.0}`: a dictionary as Python prints it. */
function parseScpCodes(table: CsvTable, row: CsvRow): Map<string, number> {
  const text = row.cells["scp_codes"]!.trim();
  const wrong = (): SignalbookError =>
    cellError(table, row, "scp_codes", "SCP codes that cannot be read", "{'CODE': likelihood, ...}");
  const body = /^\{(.*)\}$/.exec(text)?.[1];
  if (body === undefined) throw wrong();
  const codes = new Map<string, number>();
  if (body.trim() === "") return codes;
  for (const item of body.split(",")) {
    const pair = /^\s*'([^']+)'\s*:\s*(\d+(?:\.\d*)?)\s*$/.exec(item);
    if (pair === null) throw wrong();
    codes.set(pair[1]!, Number(pair[2]));
  }
  return codes;
}

function cellError(table: CsvTable, row: CsvRow, column: string, what: string, expected: string): SignalbookError {
  return new SignalbookError(what, {
    file: table.file,
    place: `line ${row.line}, column ${column}`,
    found: quoted(row.cells[column] ?? ""),
    expected,
  });
}

/**
 * One ECG, 12 leads in mV.
 * @param sampleRate 100 or 500 Hz: the data set holds each record at both.
 * @throws SignalbookError when the record's files are missing or damaged, or sampled at another rate.
 */
export function readPtbxlRecording(folder: string, record: PtbxlRecord, sampleRate: 100 | 500): Recording {
  const recording = readWfdbRecord(join(folder, sampleRate === 100 ? record.lowRate : record.highRate));
  const rate = recording.signals[0]?.sampleRate;
  if (rate !== sampleRate)
    throw new SignalbookError("another sampling rate", {
      file: recording.source,
      found: `${rate ?? "no"} Hz`,
      expected: `${sampleRate} Hz`,
      fix: "check that filename_lr names the 100 Hz record and filename_hr the 500 Hz one",
    });
  return { ...recording, id: String(record.ecgId) };
}
