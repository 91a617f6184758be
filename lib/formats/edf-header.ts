/**
 * Headers of EDF, EDF+ and BDF files: https://www.edfplus.info/specs/edf.html and edfplus.html. BDF is the same with
 * 24-bit samples (https://www.biosemi.com/faq/file_format.htm).
 */
import { SignalbookError } from "../core/errors";
import { moment, monthNumber } from "./clock";
import { quoted } from "./text";

export interface EdfSignalHeader {
  /** Position among all signals of the file, annotations included. */
  index: number;
  label: string;
  transducer: string;
  /** Unit of the physical values: "uV", "mV", "degreeC". */
  unit: string;
  physicalMinimum: number;
  physicalMaximum: number;
  digitalMinimum: number;
  digitalMaximum: number;
  prefilter: string;
  samplesPerRecord: number;
  /** Hz; NaN in files of annotations only, whose data records last 0 s. */
  sampleRate: number;
  /** Offset of the signal's samples within a data record. */
  byteOffset: number;
  isAnnotations: boolean;
}

export interface EdfHeader {
  file: string;
  kind: "EDF" | "EDF+C" | "EDF+D" | "BDF" | "BDF+C" | "BDF+D";
  bytesPerSample: 2 | 3;
  /** The local patient and recording identification, as written. */
  patient: string;
  recording: string;
  /** Clock of the header, whole seconds, read as UTC; null where the date is blank or zeros. */
  start: Date | null;
  headerBytes: number;
  /** Data records; -1 in a file still being written: then the file's length says. */
  records: number;
  /** Seconds. */
  recordDuration: number;
  recordBytes: number;
  signals: EdfSignalHeader[];
}

const FIXED_BYTES = 256;
/** Widths of the per-signal fields, in the file's order. */
const WIDTHS = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32] as const;

/** Bytes of header in a file, from its first 256: how much to read before {@link parseEdfHeader}. */
export function edfHeaderBytes(fixed: Buffer, file: string): number {
  if (fixed.length < FIXED_BYTES)
    throw new SignalbookError("a truncated header", {
      file,
      place: `byte ${fixed.length}`,
      found: `${fixed.length} bytes`,
      expected: `${FIXED_BYTES} at least`,
    });
  const isBdf = fixed[0] === 0xff && fixed.toString("latin1", 1, 8) === "BIOSEMI";
  if (!isBdf && fixed.toString("latin1", 0, 8).trim() !== "0")
    throw new SignalbookError("not an EDF or BDF file", {
      file,
      place: "byte 0",
      found: quoted(fixed.toString("latin1", 0, 8)),
      expected: 'version "0" or "BIOSEMI"',
    });
  const count = integerField(fixed, 252, 4, "the number of signals", file);
  if (count < 0) throw fieldError(file, 252, "the number of signals is out of range", String(count), "0 or more");
  return FIXED_BYTES * (count + 1);
}

/** Reads the whole header. @throws SignalbookError naming the byte of a field that cannot be read. */
export function parseEdfHeader(bytes: Buffer, file: string): EdfHeader {
  const headerBytes = edfHeaderBytes(bytes, file);
  if (bytes.length < headerBytes)
    throw new SignalbookError("a truncated header", {
      file,
      place: `byte ${bytes.length}`,
      found: `${bytes.length} bytes`,
      expected: `${headerBytes}`,
      fix: "copy or download the file again",
    });
  const isBdf = bytes[0] === 0xff;
  const announced = integerField(bytes, 184, 8, "the header's length", file);
  if (announced !== headerBytes)
    throw fieldError(
      file,
      184,
      "the header's length does not fit its number of signals",
      String(announced),
      String(headerBytes),
    );
  const recordDuration = numberField(bytes, 244, 8, "the data records' duration", file);
  if (recordDuration < 0) throw fieldError(file, 244, "a negative duration", String(recordDuration), "seconds");
  const reserved = field(bytes, 192, 44);
  // EDF+ files are known by the first five characters of the reserved field; some BDF+ files say EDF+ there.
  const plus = /^[EB]DF\+([CD])/.exec(reserved)?.[1];
  const kind = `${isBdf ? "BDF" : "EDF"}${plus === undefined ? "" : `+${plus}`}` as EdfHeader["kind"];
  const bytesPerSample = isBdf ? 3 : 2;
  const signals = parseSignals(bytes, file, recordDuration, bytesPerSample);
  const recording = field(bytes, 88, 80);
  return {
    file,
    kind,
    bytesPerSample,
    patient: field(bytes, 8, 80),
    recording,
    start: startClock(bytes, file, plus === undefined ? "" : recording),
    headerBytes,
    records: integerField(bytes, 236, 8, "the number of data records", file),
    recordDuration,
    recordBytes: signals.reduce((sum, signal) => sum + signal.samplesPerRecord * bytesPerSample, 0),
    signals,
  };
}

function parseSignals(bytes: Buffer, file: string, recordDuration: number, bytesPerSample: 2 | 3): EdfSignalHeader[] {
  const count = integerField(bytes, 252, 4, "the number of signals", file);
  const starts: number[] = [];
  let next = FIXED_BYTES;
  for (const width of WIDTHS) {
    starts.push(next);
    next += width * count;
  }
  let byteOffset = 0;
  return Array.from({ length: count }, (_, index) => {
    const at = (column: number): number => starts[column]! + index * WIDTHS[column]!;
    const text = (column: number): string => field(bytes, at(column), WIDTHS[column]!);
    const label = text(0);
    const name = `${quoted(label)} (signal ${index + 1})`;
    const number = (column: number, what: string): number =>
      numberField(bytes, at(column), WIDTHS[column]!, `${what} of ${name}`, file);
    const samplesPerRecord = integerField(bytes, at(8), WIDTHS[8], `the samples per record of ${name}`, file);
    if (samplesPerRecord < 0)
      throw fieldError(
        file,
        at(8),
        `samples per record of ${name} out of range`,
        String(samplesPerRecord),
        "0 or more",
      );
    const isAnnotations = label === "EDF Annotations" || label === "BDF Annotations";
    const signal: EdfSignalHeader = {
      index,
      label,
      transducer: text(1),
      unit: text(2),
      // Annotations carry no values: some writers leave these fields of theirs blank.
      physicalMinimum: isAnnotations ? -1 : number(3, "the physical minimum"),
      physicalMaximum: isAnnotations ? 1 : number(4, "the physical maximum"),
      digitalMinimum: isAnnotations ? -32768 : number(5, "the digital minimum"),
      digitalMaximum: isAnnotations ? 32767 : number(6, "the digital maximum"),
      prefilter: text(7),
      samplesPerRecord,
      sampleRate: recordDuration === 0 ? Number.NaN : samplesPerRecord / recordDuration,
      byteOffset,
      isAnnotations,
    };
    byteOffset += samplesPerRecord * bytesPerSample;
    if (recordDuration === 0 && !isAnnotations && samplesPerRecord > 0)
      throw fieldError(file, 244, `data records of 0 s with samples of ${name}`, "0", "a duration above 0 s");
    return signal;
  });
}

/** Text of a field: UTF-8 where it is valid UTF-8, else Latin-1 (the standard wants ASCII; recorders write both). */
function field(bytes: Buffer, start: number, length: number): string {
  const raw = bytes.subarray(start, start + length);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    text = raw.toString("latin1");
  }
  const end = text.indexOf("\0");
  return (end < 0 ? text : text.slice(0, end)).trim();
}

function numberField(bytes: Buffer, start: number, length: number, what: string, file: string): number {
  const text = field(bytes, start, length);
  const value = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw fieldError(file, start, `${what} is not a number`, quoted(text), "a number");
  return value;
}

function integerField(bytes: Buffer, start: number, length: number, what: string, file: string): number {
  const value = numberField(bytes, start, length, what, file);
  if (!Number.isInteger(value)) throw fieldError(file, start, `${what} is not an integer`, String(value), "an integer");
  return value;
}

function fieldError(file: string, byte: number, what: string, found: string, expected: string): SignalbookError {
  return new SignalbookError(what, { file, place: `byte ${byte}`, found, expected });
}

/** The start's clock. EDF+ writes the year in full after "Startdate"; the old field has two digits (85-99 are 19xx). */
function startClock(bytes: Buffer, file: string, recording: string): Date | null {
  const date = field(bytes, 168, 8);
  const time = field(bytes, 176, 8);
  const clock = /^(\d\d?)[.:](\d\d?)[.:](\d\d?)$/.exec(time);
  const day = /^(\d\d?)\.(\d\d?)\.(\d\d)$/.exec(date);
  const full = /^Startdate (\d\d?)-([A-Za-z]{3})-(\d{4})\b/.exec(recording);
  const blank = /^[0.\s]*$/.test(date);
  if (blank && full === null) return null;
  const wrong = fieldError(
    file,
    168,
    "a start that is no date and time",
    quoted(`${date} ${time}`),
    "dd.mm.yy hh.mm.ss",
  );
  if (clock === null || (day === null && full === null)) throw wrong;
  const shortYear = Number(day?.[3] ?? 0);
  const [year, month, dayOfMonth] =
    full !== null
      ? [Number(full[3]), monthNumber(full[2]!) ?? 0, Number(full[1])]
      : [shortYear + (shortYear >= 85 ? 1900 : 2000), Number(day![2]), Number(day![1])];
  const start = moment(year, month, dayOfMonth, Number(clock[1]), Number(clock[2]), Number(clock[3]));
  if (start === null) throw wrong;
  return start;
}
