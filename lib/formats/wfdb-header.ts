/**
 * WFDB header files (.hea): https://physionet.org/physiotools/wag/header-5.htm
 */
import { SignalbookError } from "../core/errors";
import { clockTime } from "./clock";
import { quoted, readLines } from "./text";

/** One signal line of a header. */
export interface WfdbSignalSpec {
  /** Data file's name, in the header's folder. */
  fileName: string;
  /** Storage format: 16, 212, ... */
  format: number;
  samplesPerFrame: number;
  /** Frames by which the signal lags behind the others. */
  skew: number;
  /** Bytes before the first sample: the header of a .mat file. */
  byteOffset: number;
  /** Stored units per physical unit. */
  gain: number;
  /** Stored value of physical zero. */
  baseline: number;
  unit: string;
  adcResolution: number;
  adcZero: number;
  /** First stored value; null where the header ends before it. */
  initialValue: number | null;
  /** 16-bit sum of the stored values; null where the header ends before it. */
  checksum: number | null;
  label: string;
}

export interface WfdbHeader {
  file: string;
  record: string;
  /** Frames per second; a signal's own rate is this times its samples per frame. */
  sampleRate: number;
  /** Samples per signal at the frame rate; null where the header does not say. */
  samples: number | null;
  /** Clock of the recording's start, read as UTC; null where date or time is not given. */
  start: Date | null;
  signals: WfdbSignalSpec[];
  /** Lines that begin with "#", without it, in order. */
  comments: string[];
}

/** WFDB's default gain, units per mV, where a header gives none or 0. */
const DEFAULT_GAIN = 200;

/**
 * Reads a header.
 * @throws SignalbookError for malformed lines, fewer signal lines than announced, and multi-segment records.
 */
export function readWfdbHeader(path: string): WfdbHeader {
  const comments: string[] = [];
  const lines: { place: string; fields: string[]; text: string }[] = [];
  readLines(path, "a WFDB header").forEach((text, i) => {
    const trimmed = text.trim();
    if (trimmed.startsWith("#")) comments.push(trimmed.slice(1).trim());
    else if (trimmed !== "") lines.push({ place: `line ${i + 1}`, fields: trimmed.split(/\s+/), text: trimmed });
  });
  const [recordLine, ...signalLines] = lines;
  if (recordLine === undefined)
    throw new SignalbookError("an empty header", {
      file: path,
      expected: "a record line: name, signals, rate, samples",
    });

  const problem = (what: string, place: string, found: string, expected: string): SignalbookError =>
    new SignalbookError(what, { file: path, place, found: quoted(found), expected });
  const number = (text: string, place: string, what: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value)) throw problem(`${what} is not a number`, place, text, "a number");
    return value;
  };

  const { place, fields } = recordLine;
  const [record = "", countText = "", rateText = "250", samplesText] = fields;
  if (record.includes("/"))
    throw new SignalbookError("a multi-segment record", {
      file: path,
      place,
      found: quoted(record),
      expected: "a record of one segment",
      fix: "read each segment's own header",
    });
  if (!/^\d+$/.test(countText)) throw problem("the number of signals is missing", place, countText, "an integer");
  const count = Number(countText);
  const sampleRate = number(rateText.split("/")[0]!, place, "the sampling rate");
  if (sampleRate <= 0) throw problem("the sampling rate is out of range", place, rateText, "more than 0 Hz");
  const samples = samplesText === undefined ? 0 : number(samplesText, place, "the number of samples");
  if (!Number.isInteger(samples) || samples < 0)
    throw problem("the number of samples is out of range", place, samplesText ?? "", "an integer, 0 or more");
  if (signalLines.length < count)
    throw new SignalbookError("signal lines are missing", {
      file: path,
      found: `${signalLines.length} signal lines`,
      expected: `${count}, as the record line says`,
    });
  return {
    file: path,
    record,
    sampleRate,
    samples: samples === 0 ? null : samples,
    start: clockTime(fields.slice(4)),
    signals: signalLines.slice(0, count).map((line) => parseSignalLine(line, problem)),
    comments,
  };
}

function parseSignalLine(
  { place, fields, text }: { place: string; fields: string[]; text: string },
  problem: (what: string, place: string, found: string, expected: string) => SignalbookError,
): WfdbSignalSpec {
  const [fileName = "", formatText = "", gainText = "", bits, zero, initial, sum] = fields;
  const format = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/.exec(formatText);
  if (format === null) throw problem("a malformed format field", place, formatText, "such as 16, 212 or 16x2:3+24");
  const gain = /^(-?[\d.]+(?:[eE][-+]?\d+)?)?(?:\((-?\d+)\))?(?:\/(.+))?$/.exec(gainText);
  if (gain === null) throw problem("a malformed gain field", place, gainText, "such as 1000(0)/mV");
  const gainValue = Number(gain[1] ?? 0);
  if (!Number.isFinite(gainValue)) throw problem("the gain is not a number", place, gainText, "such as 1000(0)/mV");
  const integer = (value: string | undefined, what: string): number | null => {
    if (value === undefined) return null;
    if (!/^-?\d+$/.test(value)) throw problem(`${what} is not an integer`, place, value, "an integer");
    return Number(value);
  };
  const adcZero = integer(zero, "the ADC zero") ?? 0;
  return {
    fileName,
    format: Number(format[1]),
    samplesPerFrame: Number(format[2] ?? 1),
    skew: Number(format[3] ?? 0),
    byteOffset: Number(format[4] ?? 0),
    gain: gainValue === 0 ? DEFAULT_GAIN : gainValue,
    baseline: gain[2] === undefined ? adcZero : Number(gain[2]),
    unit: gain[3] ?? "mV",
    adcResolution: integer(bits, "the ADC resolution") ?? 0,
    adcZero,
    initialValue: integer(initial, "the initial value"),
    checksum: integer(sum, "the checksum"),
    // The description is the rest of the line and may hold blanks.
    label: /^(?:\S+\s+){8}(.*)$/.exec(text)?.[1] ?? "",
  };
}

/** What the comment lines of PhysioNet's challenges say about the person. */
export interface PatientComments {
  /** Years; null where missing or written as NaN or Unknown. */
  age: number | null;
  sex: "female" | "male" | null;
  /** `#Dx` codes (SNOMED CT), as text. */
  diagnoses: string[];
}

/**
 * Reads `Age:`, `Sex:` and `Dx:` from a header's comments.
 * @throws SignalbookError for an age or sex that is neither a value nor a word for "not known".
 */
export function patientFromComments(header: { file: string; comments: readonly string[] }): PatientComments {
  const value = (name: string): string => {
    const line = header.comments.find((comment) => comment.toLowerCase().startsWith(`${name}:`));
    return line === undefined ? "" : line.slice(name.length + 1).trim();
  };
  const known = (text: string): boolean => !/^(nan|unknown|\?)?$/i.test(text);
  const wrong = (place: string, found: string, expected: string): SignalbookError =>
    new SignalbookError("a comment that cannot be read", { file: header.file, place, found: quoted(found), expected });

  const ageText = value("age");
  const age = known(ageText) ? Number(ageText) : null;
  if (age !== null && !(age >= 0)) throw wrong("#Age", ageText, "years, NaN or Unknown");
  const sexText = value("sex").toLowerCase();
  const sex = !known(sexText)
    ? null
    : /^f(emale)?$/.test(sexText)
      ? "female"
      : /^m(ale)?$/.test(sexText)
        ? "male"
        : undefined;
  if (sex === undefined) throw wrong("#Sex", sexText, "Female, Male or Unknown");
  const diagnoses = value("dx")
    .split(",")
    .map((code) => code.trim());
  return { age, sex, diagnoses: diagnoses.filter(known) };
}
