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
  /** The signal's samples that lie before the record's first moment. */
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
  /** Sum of the stored values, of which the low 16 bits count; null where the header ends before it. */
  checksum: number | null;
  label: string;
}

/** One segment of a record that was recorded piece by piece. */
export interface WfdbSegment {
  /** The segment's own record, or "~": nothing was recorded. */
  record: string;
  /** Frames; 0 for the first of a record whose signals change: that one only lists them all. */
  samples: number;
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
  /** Empty for a record of segments: their headers list them. */
  signals: WfdbSignalSpec[];
  /** How many signals the record line announces. */
  signalCount: number;
  /** Empty for a record of one piece. */
  segments: WfdbSegment[];
  /** Lines that begin with "#", without it, in order. */
  comments: string[];
}

/** WFDB's default gain, units per mV, where a header gives none or 0. */
const DEFAULT_GAIN = 200;

/** A line that says something: neither empty nor a comment. */
interface Line {
  place: string;
  fields: string[];
  text: string;
}

type Problem = (what: string, place: string, found: string, expected: string) => SignalbookError;

/** @throws SignalbookError for malformed lines and for fewer lines of signals or segments than announced. */
export function readWfdbHeader(path: string): WfdbHeader {
  const comments: string[] = [];
  const lines: Line[] = [];
  readLines(path, "a WFDB header").forEach((text, i) => {
    const trimmed = text.trim();
    if (trimmed.startsWith("#")) comments.push(trimmed.slice(1).trim());
    else if (trimmed !== "") lines.push({ place: `line ${i + 1}`, fields: trimmed.split(/\s+/), text: trimmed });
  });
  const [recordLine, ...others] = lines;
  if (recordLine === undefined)
    throw new SignalbookError("an empty header", {
      file: path,
      expected: "a record line: name, signals, rate, samples",
    });
  const problem: Problem = (what, place, found, expected) =>
    new SignalbookError(what, { file: path, place, found: quoted(found), expected });
  const { segmentCount, ...record } = parseRecordLine(recordLine, problem);
  const wanted = segmentCount ?? record.signalCount;
  const kind = segmentCount === null ? "signal" : "segment";
  if (others.length < wanted)
    throw new SignalbookError(`${kind} lines are missing`, {
      file: path,
      found: `${others.length} ${kind} lines`,
      expected: `${wanted}, as the record line says`,
    });
  const specs = others.slice(0, wanted);
  return {
    file: path,
    ...record,
    signals: segmentCount === null ? specs.map((line) => parseSignalLine(line, problem)) : [],
    segments: segmentCount === null ? [] : specs.map((line) => parseSegmentLine(line, problem)),
    comments,
  };
}

function parseRecordLine(
  { place, fields }: Line,
  problem: Problem,
): Pick<WfdbHeader, "record" | "sampleRate" | "samples" | "start" | "signalCount"> & { segmentCount: number | null } {
  const [nameText = "", countText = "", rateText = "250", samplesText = "0"] = fields;
  const name = /^([^/]+)(?:\/(\d+))?$/.exec(nameText);
  if (name === null || name[2] === "0")
    throw problem("a malformed record name", place, nameText, "a name, or name/segments");
  if (!/^\d+$/.test(countText)) throw problem("the number of signals is missing", place, countText, "an integer");
  const sampleRate = Number(rateText.split("/")[0]);
  if (!(sampleRate > 0 && Number.isFinite(sampleRate)))
    throw problem("the sampling rate is out of range", place, rateText, "more than 0 Hz");
  const samples = Number(samplesText);
  if (!Number.isSafeInteger(samples) || samples < 0)
    throw problem("the number of samples is out of range", place, samplesText, "an integer, 0 or more");
  return {
    record: name[1]!,
    segmentCount: name[2] === undefined ? null : Number(name[2]),
    signalCount: Number(countText),
    sampleRate,
    samples: samples === 0 ? null : samples,
    start: clockTime(fields.slice(4)),
  };
}

function parseSegmentLine({ place, fields, text }: Line, problem: Problem): WfdbSegment {
  const [record = "", samplesText = ""] = fields;
  const samples = Number(samplesText);
  if (fields.length !== 2 || !/^\d+$/.test(samplesText) || !Number.isSafeInteger(samples))
    throw problem("a malformed segment line", place, text, "a record's name and its number of samples");
  return { record, samples };
}

function parseSignalLine({ place, fields, text }: Line, problem: Problem): WfdbSignalSpec {
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
    label: /^(?:\S+\s+){8}(.*)$/s.exec(text)?.[1] ?? "",
  };
}
