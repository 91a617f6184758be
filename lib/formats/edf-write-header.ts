/** Headers of EDF+ files as they are written: https://www.edfplus.info/specs/edfplus.html#additionalspecs */
import { SignalbookError } from "../core/errors";
import { type EdfHeader, FIXED_BYTES, SIGNAL_WIDTHS } from "./edf-header";
import { asciiText, exactNumber, type FieldContext } from "./edf-write-fields";
import { quoted } from "./text";

/** A signal as the header describes it. */
export interface HeaderSignal {
  label: string;
  transducer: string;
  unit: string;
  limits: readonly [physicalMinimum: string, physicalMaximum: string, digitalMinimum: string, digitalMaximum: string];
  prefilter: string;
  samplesPerRecord: number;
}

export interface HeaderFields {
  kind: EdfHeader["kind"];
  start: Date | null;
  /** Blank, or as EDF+ wants it: code, sex, birthdate and name. */
  patient: string;
  /** Blank, or as EDF+ wants it: administration code, technician and equipment, with or without its start date. */
  recording: string;
  records: number;
  recordDuration: number;
  signals: readonly HeaderSignal[];
}

/** The header's bytes. @throws SignalbookError for what does not fit its field. */
export function headerBytes(header: HeaderFields, context: FieldContext): Buffer {
  const { kind, signals, start } = header;
  const isBdf = kind.startsWith("BDF");
  const text = (value: string, width: number, what: string): string => asciiText(value, width, what, context);
  const number = (value: number, what: string): string => exactNumber(value, what, context.file);
  const bytes = FIXED_BYTES * (signals.length + 1);
  const version = isBdf ? "\xffBIOSEMI" : "0       ";
  const fixed = [
    text(patientField(header, context.file), 80, "the patient's identification"),
    text(recordingField(header, context.file), 80, "the recording's identification"),
    startText(start, context.file),
    number(bytes, "the header's length"),
    text(kind.includes("+") ? kind : isBdf ? "24BIT" : "", 44, "the format"),
    number(header.records, "the number of data records"),
    number(header.recordDuration, "the data records' duration"),
    text(String(signals.length), 4, "the number of signals"),
  ];
  const columns: ((signal: HeaderSignal, name: string) => string)[] = [
    ({ label }, name) => text(label, 16, `the label of ${name}`),
    ({ transducer }, name) => text(transducer, 80, `the transducer of ${name}`),
    ({ unit }, name) => text(unit, 8, `the unit of ${name}`),
    ...[0, 1, 2, 3].map(
      (i) =>
        ({ limits }: HeaderSignal) =>
          limits[i]!.padEnd(8),
    ),
    ({ prefilter }, name) => text(prefilter, 80, `the prefilter of ${name}`),
    ({ samplesPerRecord }, name) => number(samplesPerRecord, `the samples per record of ${name}`),
    () => " ".repeat(SIGNAL_WIDTHS[9]),
  ];
  const table = columns.map((column) => signals.map((signal) => column(signal, quoted(signal.label))).join(""));
  return Buffer.from([version, ...fixed, ...table].join(""), "latin1");
}

function patientField({ kind, patient }: HeaderFields, file: string): string {
  if (!kind.includes("+")) return patient;
  const text = patient === "" ? "X X X X" : patient;
  return checkParts(text, 4, "the patient's identification", "code, sex, birthdate and name, X where unknown", file);
}

function recordingField({ kind, recording, start }: HeaderFields, file: string): string {
  if (!kind.includes("+")) return recording;
  const startDate = `Startdate ${start === null ? "X" : longDate(start)}`;
  const rest = recording.startsWith(`${startDate} `) ? recording.slice(startDate.length + 1) : recording;
  const expected = `${startDate}, then administration code, technician and equipment, X where unknown`;
  if (rest.startsWith("Startdate"))
    throw new SignalbookError("a recording's identification that names another start", {
      file,
      found: quoted(recording),
      expected: quoted(startDate),
      fix: "leave the start out of it",
    });
  return `${startDate} ${checkParts(rest === "" ? "X X X" : rest, 3, "the recording's identification", expected, file)}`;
}

function checkParts(text: string, parts: number, what: string, expected: string, file: string): string {
  if (text.split(" ").filter((part) => part !== "").length >= parts) return text;
  throw new SignalbookError(`${what} is not EDF+'s`, {
    file,
    found: quoted(text),
    expected,
    fix: "write blanks within a part as underscores",
  });
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const two = (value: number): string => String(value).padStart(2, "0");

function longDate(start: Date): string {
  return `${two(start.getUTCDate())}-${MONTHS[start.getUTCMonth()]}-${start.getUTCFullYear()}`;
}

/** Date and time, 16 characters. The standard's date for an unknown start is 01.01.85; "yy" is a year after 2084. */
function startText(start: Date | null, file: string): string {
  if (start === null) return "01.01.8500.00.00";
  const year = start.getUTCFullYear();
  if (!(year >= 1985 && year <= 9999))
    throw new SignalbookError("a start that EDF cannot say", {
      file,
      found: Number.isNaN(year) ? "an invalid date" : start.toISOString(),
      expected: "a date from 1985 on",
    });
  const date = `${two(start.getUTCDate())}.${two(start.getUTCMonth() + 1)}.${year > 2084 ? "yy" : two(year % 100)}`;
  return `${date}${two(start.getUTCHours())}.${two(start.getUTCMinutes())}.${two(start.getUTCSeconds())}`;
}
