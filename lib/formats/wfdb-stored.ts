/** The stored integers of a WFDB record of one piece, checked against its header, and their physical values. */
import { dirname, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { ByteFile } from "./edf-bytes";
import { matlab4Header } from "./matlab4";
import { quoted } from "./text";
import type { Signal } from "./types";
import { type StoredSamples, WFDB_FORMATS, type WfdbFormat } from "./wfdb-formats";
import { readWfdbHeader, type WfdbHeader, type WfdbSignalSpec } from "./wfdb-header";

/** A record's stored integers: one array a signal, at the signal's own rate, as the file has them (skew not undone). */
export interface WfdbStored {
  header: WfdbHeader;
  stored: StoredSamples[];
}

/** Format 0: the header tells of a signal that no file holds. */
const NO_SAMPLES = 0;
/** How a matrix of each format that the challenges' .mat files use is typed. */
const MATRIX_TYPES: Readonly<Record<number, string>> = { 16: "int16", 32: "int32", 80: "uint8", 160: "uint16" };
/** Enough of a .mat file to know its first matrix by: 20 bytes and a name, of which more is not needed. */
const MATRIX_HEADER_BYTES = 256;
/** Samples decoded in one go, about. */
const PIECE_SAMPLES = 1 << 16;
/** A multiple of the samples that share bytes in any format: pieces begin at a byte. */
const GROUP = 6;
/** So many samples without data are always made; more only where a header does not ask for far more than it has. */
const MOST_MISSING = 1 << 23;
const MOST_MISSING_EACH = 32;

/**
 * A record's stored integers.
 * @param path the header, with or without ".hea".
 * @throws SignalbookError for a truncated data file, a checksum or first value that differs from the header's, a format
 * that is not read, and a record of several segments.
 */
export function readWfdbStored(path: string): WfdbStored {
  const header = readWfdbHeader(path.endsWith(".hea") ? path : `${path}.hea`);
  if (header.segments.length > 0)
    throw new SignalbookError("a multi-segment record", {
      file: header.file,
      found: `${header.segments.length} segments`,
      expected: "a record of one piece",
      fix: "read it in physical units, or each segment by itself: their scales may differ",
    });
  return readStored(header);
}

/** {@link readWfdbStored} for a header already read. */
export function readStored(header: WfdbHeader): WfdbStored {
  const frames = header.samples ?? 0;
  const without = header.signals.filter(({ format }) => format === NO_SAMPLES);
  const all = frames * header.signals.reduce((sum, { samplesPerFrame }) => sum + samplesPerFrame, 0);
  const none = frames * without.reduce((sum, { samplesPerFrame }) => sum + samplesPerFrame, 0);
  checkMissing(header.file, all, all - none);
  const stored: StoredSamples[] = header.signals.map(({ format, samplesPerFrame }) =>
    format === NO_SAMPLES ? new Int16Array(frames * samplesPerFrame) : new Int16Array(0),
  );
  for (const { fileName, indices } of signalFiles(header)) {
    const specs = indices.map((index) => header.signals[index]!);
    const file = fileBeside(header, fileName, `signal ${specs[0]!.label}`);
    readGroup(header, file, specs).forEach((samples, i) => {
      stored[indices[i]!] = samples;
    });
  }
  header.signals.forEach((spec, i) => {
    if (spec.format !== NO_SAMPLES) checkAgainstHeader(header, spec, stored[i]!);
  });
  return { header, stored };
}

/**
 * Throws when a header asks for `samples` of which files hold only `held`, and both are out of proportion: a few damaged
 * digits must not take all memory.
 */
export function checkMissing(file: string, samples: number, held: number): void {
  if (samples <= MOST_MISSING || samples <= MOST_MISSING_EACH * held) return;
  throw new SignalbookError("a record that is almost all gaps", {
    file,
    found: `${samples} samples, of which ${held} are in files`,
    expected: `${MOST_MISSING} or fewer, or one in ${MOST_MISSING_EACH} of them in a file`,
    fix: "check the lengths in the header, or read the segments one by one",
  });
}

/** A file that a header names: in the header's folder or below it, and nowhere else. */
export function fileBeside(header: WfdbHeader, name: string, place: string): string {
  if (/^([/\\]|[A-Za-z]:)/.test(name) || name.split(/[/\\]/).includes("..") || name.includes("\0"))
    throw new SignalbookError("a file outside the record's folder", {
      file: header.file,
      place,
      found: quoted(name),
      expected: "a name within the header's folder",
      fix: "move the file beside its header, and name it there without its folder",
    });
  return join(dirname(header.file), name);
}

/** The data files with the signals that each holds. */
function signalFiles(header: WfdbHeader): { fileName: string; indices: number[] }[] {
  const groups: { fileName: string; indices: number[] }[] = [];
  header.signals.forEach(({ fileName, format, label }, index) => {
    if (format === NO_SAMPLES) return;
    const last = groups[groups.length - 1];
    if (last?.fileName === fileName) last.indices.push(index);
    else if (groups.some((group) => group.fileName === fileName))
      throw new SignalbookError("signals of one file that do not stand together", {
        file: header.file,
        place: `signal ${label}`,
        found: `${quoted(fileName)} again, after another file`,
        expected: "all signals of a file one after another",
      });
    else groups.push({ fileName, indices: [index] });
  });
  return groups;
}

/** The signals of one data file, which stores them interleaved, frame by frame. */
function readGroup(header: WfdbHeader, path: string, specs: WfdbSignalSpec[]): StoredSamples[] {
  const format = formatOf(header, specs);
  const { byteOffset } = specs[0]!;
  const frame = specs.reduce((sum, spec) => sum + spec.samplesPerFrame, 0);
  const file = new ByteFile(path, `the signals of ${header.record}`);
  try {
    if (path.endsWith(".mat")) checkMatrix(header, file, frame);
    const needed = byteOffset + format.bytesOf((header.samples ?? 0) * frame);
    if (file.size < needed)
      throw new SignalbookError("a truncated data file", {
        file: path,
        place: `byte ${file.size}`,
        found: `${file.size} bytes`,
        expected: `${needed} for ${specs.length} signals of ${header.samples} samples`,
        fix: "copy or download it again",
      });
    const frames = header.samples ?? Math.floor(format.samplesIn(Math.max(0, file.size - byteOffset)) / frame);
    return decodeFrames(file, specs, { format, byteOffset, frame, frames });
  } finally {
    file.close();
  }
}

/** Decodes piece by piece: a long record is never held twice. */
function decodeFrames(
  file: ByteFile,
  specs: readonly WfdbSignalSpec[],
  { format, byteOffset, frame, frames }: { format: WfdbFormat; byteOffset: number; frame: number; frames: number },
): StoredSamples[] {
  const wide = format.maximum > 0x7fff;
  const stored = specs.map(({ samplesPerFrame }) =>
    wide ? new Int32Array(frames * samplesPerFrame) : new Int16Array(frames * samplesPerFrame),
  );
  const piece = GROUP * Math.ceil(PIECE_SAMPLES / (GROUP * frame));
  for (let start = 0; start < frames; start += piece) {
    const count = Math.min(piece, frames - start);
    const bytes = Buffer.alloc(format.bytesOf(count * frame));
    file.into(bytes, bytes.length, byteOffset + format.bytesOf(start * frame));
    const row = format.decode(bytes, 0, count * frame);
    let first = 0;
    specs.forEach(({ samplesPerFrame }, i) => {
      takeSignal(row, { first, count: samplesPerFrame, frame }, stored[i]!, start * samplesPerFrame);
      first += samplesPerFrame;
    });
  }
  if (format.differences)
    specs.forEach(({ initialValue, adcZero }, i) => {
      sumUp(stored[i]!, initialValue ?? adcZero);
    });
  return stored;
}

/** Copies one signal out of a row: `count` samples from `first` on in each frame. */
function takeSignal(
  row: StoredSamples,
  { first, count, frame }: { first: number; count: number; frame: number },
  target: StoredSamples,
  at: number,
): void {
  for (let from = first, out = at; from < row.length; from += frame) {
    for (let s = 0; s < count; s++) target[out++] = row[from + s]!;
  }
}

function formatOf(header: WfdbHeader, specs: readonly WfdbSignalSpec[]): WfdbFormat {
  const [{ format: number, byteOffset }] = specs as [WfdbSignalSpec];
  for (const spec of specs) {
    const place = `signal ${spec.label}`;
    if (!WFDB_FORMATS.has(spec.format))
      throw new SignalbookError("a storage format that is not read", {
        file: header.file,
        place,
        found: String(spec.format),
        expected: [...WFDB_FORMATS.keys()].join(", "),
        fix: "convert it with WFDB's xform",
      });
    if (spec.format !== number || spec.byteOffset !== byteOffset || spec.samplesPerFrame < 1)
      throw new SignalbookError("signals of one file that do not fit together", {
        file: header.file,
        place,
        found: `format ${spec.format}, byte offset ${spec.byteOffset}, ${spec.samplesPerFrame} samples a frame`,
        expected: `format ${number}, byte offset ${byteOffset}, 1 sample a frame or more`,
      });
  }
  return WFDB_FORMATS.get(number)!;
}

function sumUp(differences: StoredSamples, initial: number): void {
  let value = initial;
  for (let i = 0; i < differences.length; i++) differences[i] = value += differences[i]!;
}

/** Throws unless the .mat file holds one matrix [signals, samples] of the format's type where the header says. */
function checkMatrix(header: WfdbHeader, opened: ByteFile, signals: number): void {
  const file = opened.path;
  const matrix = matlab4Header(opened.upTo(0, MATRIX_HEADER_BYTES), opened.size, 0, file);
  const { byteOffset, format } = header.signals[0]!;
  const samples = header.samples ?? matrix.columns;
  const type = MATRIX_TYPES[format] ?? `format ${format}`;
  if (
    matrix.rows !== signals ||
    matrix.columns !== samples ||
    matrix.byteOffset !== byteOffset ||
    matrix.type !== type ||
    matrix.bigEndian
  )
    throw new SignalbookError("the matrix and the header do not agree", {
      file,
      found: `${matrix.rows} x ${matrix.columns} ${matrix.type}${matrix.bigEndian ? " (high byte first)" : ""} from byte ${matrix.byteOffset}`,
      expected: `${signals} x ${samples} ${type} from byte ${byteOffset}, as ${header.file} says`,
    });
}

function checkAgainstHeader(header: WfdbHeader, spec: WfdbSignalSpec, stored: StoredSamples): void {
  const differs = (what: string, found: number, expected: number): SignalbookError =>
    new SignalbookError(`${what} differs from the header's`, {
      file: join(dirname(header.file), spec.fileName),
      place: `signal ${spec.label}`,
      found: String(found),
      expected: String(expected),
      fix: "the file is damaged or belongs to another header: copy or download both again",
    });
  if (spec.initialValue !== null && stored.length > 0 && stored[0] !== spec.initialValue)
    throw differs("the first value", stored[0]!, spec.initialValue);
  // The checksum covers the whole signal as announced; without a length there is nothing it could be checked against.
  if (spec.checksum !== null && header.samples !== null) {
    const sum = wfdbChecksum(stored);
    if (sum !== (spec.checksum & 0xffff)) throw differs("the checksum", sum, spec.checksum & 0xffff);
  }
}

/** The low 16 bits of the samples' sum, 0 .. 65535. */
export function wfdbChecksum(stored: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < stored.length; i++) sum = (sum + stored[i]!) & 0xffff;
  return sum;
}

/** Signals in physical units (Float64Array), skew undone; samples that are missing are NaN. */
export function physicalSignals({ header, stored }: WfdbStored): Signal[] {
  return header.signals.map((spec, i) => {
    const { gain, baseline, format, skew, samplesPerFrame } = spec;
    const raw = stored[i]!;
    const samples = new Float64Array(raw.length);
    if (format === NO_SAMPLES) samples.fill(Number.NaN);
    else {
      const missing = WFDB_FORMATS.get(format)!.missing;
      for (let t = 0; t < samples.length; t++) {
        const value = raw[t + skew];
        samples[t] = value === undefined || value === missing ? Number.NaN : (value - baseline) / gain;
      }
    }
    return { label: spec.label, unit: spec.unit, sampleRate: header.sampleRate * samplesPerFrame, samples };
  });
}
