/**
 * Headers of EDF, EDF+ and BDF files: https://www.edfplus.info/specs/edf.html and edfplus.html. BDF is the same with
 * 24-bit samples (https://www.biosemi.com/faq/file_format.htm).
 */
import type { ByteFile } from "./edf-bytes";
import { EdfDamage } from "./edf-damage";
import { HeaderText, integerField, numberField, startField } from "./edf-fields";
import { quoted } from "./text";

export interface EdfSignalHeader {
  /** Position among all signals of the file, annotations included. */
  index: number;
  label: string;
  transducer: string;
  /** Unit of the physical values: "uV", "mV", "degreeC". */
  unit: string;
  /** The four limits that give the scale; NaN where a lenient reader found no number. */
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
  /** Clock of the header, whole seconds, read as UTC; null where the date is unknown. */
  start: Date | null;
  headerBytes: number;
  /** Data records; -1 in a file still being written: then the file's length says. */
  records: number;
  /** Seconds; 0 in files of annotations only. */
  recordDuration: number;
  recordBytes: number;
  signals: EdfSignalHeader[];
}

/** Bytes before the signals' part of a header, and of each signal in it. */
export const FIXED_BYTES = 256;
/** Widths of the per-signal fields, in the file's order. */
export const SIGNAL_WIDTHS = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32] as const;

/**
 * Reads the whole header.
 * @throws SignalbookError naming the byte of a field that cannot be read; when lenient, only where nothing can be saved:
 * another format, a header cut short, no way to tell how the signals lie in the file.
 */
export function readEdfHeader(file: ByteFile, damage: EdfDamage): EdfHeader {
  const fixed = file.upTo(0, FIXED_BYTES);
  if (fixed.length < FIXED_BYTES) truncated(fixed.length, `${FIXED_BYTES} at least`, damage);
  const isBdf = readVersion(fixed, damage) === "BDF";
  const bytesPerSample = isBdf ? 3 : 2;
  const count = signalCount(file, fixed, damage);
  const headerBytes = FIXED_BYTES * (count + 1);
  const bytes = file.upTo(0, headerBytes);
  if (bytes.length < headerBytes) truncated(bytes.length, String(headerBytes), damage);
  // EDF+ files are known by the first five characters of the reserved field; some BDF+ files say EDF+ there.
  const text = new HeaderText(bytes);
  const plus = /^[EB]DF\+([CD])/.exec(text.field(192, 44))?.[1];
  const recording = text.field(88, 80);
  const start = startField(text, plus === undefined ? "" : recording, damage);
  const records = integerField(text, 236, 8, "the number of data records", damage, -1);
  const seconds = numberField(text, 244, 8, "the data records' duration", damage);
  const signals = parseSignals(text, count, damage);
  const known = Number.isNaN(records) || records < 1 ? null : (file.size - headerBytes) / records;
  placeSignals(signals, bytesPerSample, known, damage);
  const recordDuration = knownDuration(seconds, signals, damage);
  const header: EdfHeader = {
    file: file.path,
    kind: `${isBdf ? "BDF" : "EDF"}${plus === undefined ? "" : `+${plus}`}` as EdfHeader["kind"],
    bytesPerSample,
    patient: text.field(8, 80),
    recording,
    start,
    headerBytes,
    // Unknown is as good as never written.
    records: Number.isNaN(records) ? -1 : records,
    recordDuration,
    recordBytes: signals.reduce((sum, signal) => sum + signal.samplesPerRecord * bytesPerSample, 0),
    signals,
  };
  return withRecordDuration(header, recordDuration);
}

/** The first eight bytes. When lenient, a header whose other numbers fit together is taken for what it says further on. */
function readVersion(fixed: Buffer, damage: EdfDamage): "EDF" | "BDF" {
  const version = fixed.toString("latin1", 0, 8);
  if (version === "\xffBIOSEMI") return "BDF";
  if (version.trim() === "0") return "EDF";
  const details = { found: quoted(version), expected: 'version "0" or "BIOSEMI"', fix: "check what the file is" };
  const text = new HeaderText(fixed);
  const [count, length] = [text.field(252, 4), text.field(184, 8)];
  if (!damage.lenient || !/^\d+$/.test(count) || Number(length) !== FIXED_BYTES * (Number(count) + 1))
    damage.fatal("not an EDF or BDF file", 0, details);
  const format = /^(BDF|24BIT)/.test(text.field(192, 44)) ? "BDF" : "EDF";
  damage.found("not an EDF or BDF file", 0, details, `read as ${format}: the rest of the header is one`);
  return format;
}

function truncated(length: number, expected: string, damage: EdfDamage): never {
  damage.fatal("a truncated header", length, {
    found: `${length} bytes`,
    expected,
    fix: "copy or download the file again",
  });
}

/** The header says its number of signals twice. Where the two differ the one that leaves fewer problems is right. */
function signalCount(file: ByteFile, fixed: Buffer, damage: EdfDamage): number {
  const text = new HeaderText(fixed);
  const count = integerField(text, 252, 4, "the number of signals", damage);
  const announced = integerField(text, 184, 8, "the header's length", damage, FIXED_BYTES);
  const byLength = announced / FIXED_BYTES - 1;
  if (count === byLength) return count;
  const candidates = [count, byLength].filter((value) => Number.isInteger(value));
  const problems = (value: number): number => {
    const length = FIXED_BYTES * (value + 1);
    if (length > file.size) return Number.POSITIVE_INFINITY;
    const probe = new EdfDamage(damage.file, true);
    parseSignals(new HeaderText(file.upTo(0, length)), value, probe);
    return probe.losses.length;
  };
  const [best] = damage.lenient ? candidates.sort((a, b) => problems(a) - problems(b)) : candidates;
  if (best === undefined)
    damage.fatal("neither the number of signals nor the header's length can be read", 184, { expected: "numbers" });
  if (candidates.length === 2)
    damage.found(
      "the header's length does not fit its number of signals",
      184,
      { found: String(announced), expected: String(FIXED_BYTES * (count + 1)) },
      `read as ${best} signals`,
    );
  return best;
}

function parseSignals(header: HeaderText, count: number, damage: EdfDamage): EdfSignalHeader[] {
  const starts: number[] = [];
  let next = FIXED_BYTES;
  for (const width of SIGNAL_WIDTHS) {
    starts.push(next);
    next += width * count;
  }
  return Array.from({ length: count }, (_, index) => {
    const at = (column: number): number => starts[column]! + index * SIGNAL_WIDTHS[column]!;
    const text = (column: number): string => header.field(at(column), SIGNAL_WIDTHS[column]!);
    const label = text(0);
    const name = (what: string) => (): string => `${what} of ${quoted(label)} (signal ${index + 1})`;
    const number = (column: number, what: string): number =>
      numberField(header, at(column), SIGNAL_WIDTHS[column]!, name(what), damage);
    const isAnnotations = label === "EDF Annotations" || label === "BDF Annotations";
    return {
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
      samplesPerRecord: integerField(header, at(8), SIGNAL_WIDTHS[8], name("the samples per record"), damage),
      sampleRate: Number.NaN,
      byteOffset: 0,
      isAnnotations,
    };
  });
}

/**
 * Where each signal lies in a data record.
 * @param recordBytes what the file's length and its number of records say; null where they do not. One signal whose
 * samples are not known can be told from it.
 */
function placeSignals(
  signals: EdfSignalHeader[],
  bytesPerSample: number,
  recordBytes: number | null,
  damage: EdfDamage,
): void {
  const unknown = signals.filter(({ samplesPerRecord }) => Number.isNaN(samplesPerRecord));
  const others = signals.reduce((sum, signal) => sum + (signal.samplesPerRecord || 0), 0);
  const rest = recordBytes === null ? Number.NaN : recordBytes / bytesPerSample - others;
  if (unknown.length > 0) {
    if (unknown.length > 1 || !Number.isInteger(rest) || rest < 0)
      damage.fatal("how many samples a data record holds cannot be told", FIXED_BYTES + 216 * signals.length, {
        found: `no number for ${unknown.map(({ label }) => quoted(label)).join(", ")}`,
        expected: "a number for every signal",
      });
    unknown[0]!.samplesPerRecord = rest;
  }
  let byteOffset = 0;
  for (const signal of signals) {
    signal.byteOffset = byteOffset;
    byteOffset += signal.samplesPerRecord * bytesPerSample;
  }
}

/** NaN where the records' duration cannot be right: negative, or 0 s with samples in them. */
function knownDuration(seconds: number, signals: readonly EdfSignalHeader[], damage: EdfDamage): number {
  const sampled = signals.find(({ isAnnotations, samplesPerRecord }) => !isAnnotations && samplesPerRecord > 0);
  const problem =
    seconds < 0
      ? "a negative duration of data records"
      : sampled !== undefined && !Number.isFinite(sampled.samplesPerRecord / seconds)
        ? `data records of ${seconds} s with samples of ${quoted(sampled.label)}`
        : null;
  if (problem === null || Number.isNaN(seconds)) return seconds;
  damage.found(problem, 244, { found: String(seconds), expected: "a duration above 0 s" }, "taken as unknown");
  return Number.NaN;
}

/** The header of a file whose data records last `recordDuration` seconds. */
export function withRecordDuration(header: EdfHeader, recordDuration: number): EdfHeader {
  const signals = header.signals.map((signal) => ({
    ...signal,
    sampleRate: recordDuration === 0 ? Number.NaN : signal.samplesPerRecord / recordDuration,
  }));
  return { ...header, recordDuration, signals };
}
