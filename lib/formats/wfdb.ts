/**
 * WFDB records: https://physionet.org/physiotools/wag/signal-5.htm. Formats 16 and 212, and format 16 inside MATLAB 4
 * files (the PhysioNet challenges).
 */
import { dirname, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { readMatlab4 } from "./matlab4";
import { readBytes } from "./text";
import type { Recording, Signal } from "./types";
import { readWfdbHeader, type WfdbHeader, type WfdbSignalSpec } from "./wfdb-header";

/** The stored values that mean "no sample here". */
const MISSING: Record<number, number> = { 16: -32768, 212: -2048 };

/** Stored (digital) samples of a record: one array a signal, at the signal's own rate. */
export interface WfdbStored {
  header: WfdbHeader;
  stored: Int16Array[];
}

/**
 * A record in physical units (Float64Array); samples that the format marks as missing are NaN.
 * @param path the header, with or without ".hea".
 * @throws SignalbookError as {@link readWfdbStored}.
 */
export function readWfdbRecord(path: string): Recording {
  const { header, stored } = readWfdbStored(path);
  return {
    id: header.record,
    source: header.file,
    start: header.start,
    signals: header.signals.map((spec, i) => physical(spec, stored[i]!, header.sampleRate)),
    annotations: [],
    comments: header.comments,
  };
}

function physical(spec: WfdbSignalSpec, stored: Int16Array, frameRate: number): Signal {
  const { gain, baseline, format } = spec;
  const missing = MISSING[format]!;
  const samples = Float64Array.from(stored, (value) => (value === missing ? Number.NaN : (value - baseline) / gain));
  return { label: spec.label, unit: spec.unit, sampleRate: frameRate * spec.samplesPerFrame, samples };
}

/**
 * A record's stored integers.
 * @throws SignalbookError for a truncated data file, a checksum or first value that differs from the header's, another
 * format, and skewed signals.
 */
export function readWfdbStored(path: string): WfdbStored {
  const header = readWfdbHeader(path.endsWith(".hea") ? path : `${path}.hea`);
  const stored: Int16Array[] = [];
  for (const fileName of new Set(header.signals.map((signal) => signal.fileName))) {
    const group = header.signals
      .map((spec, index) => ({ spec, index }))
      .filter(({ spec }) => spec.fileName === fileName);
    const values = readGroup(
      header,
      join(dirname(header.file), fileName),
      group.map(({ spec }) => spec),
    );
    group.forEach(({ index }, i) => {
      stored[index] = values[i]!;
    });
  }
  header.signals.forEach((spec, i) => {
    checkAgainstHeader(header, spec, stored[i]!);
  });
  return { header, stored };
}

/** The signals of one data file, which stores them interleaved, frame by frame. */
function readGroup(header: WfdbHeader, file: string, specs: WfdbSignalSpec[]): Int16Array[] {
  const { format, byteOffset } = specs[0]!;
  for (const spec of specs) {
    if (spec.format !== 16 && spec.format !== 212)
      throw new SignalbookError("a storage format that is not read", {
        file: header.file,
        place: `signal ${spec.label}`,
        found: String(spec.format),
        expected: "16 or 212",
        fix: "convert it with WFDB's xform",
      });
    if (spec.format !== format || spec.byteOffset !== byteOffset || spec.skew !== 0 || spec.samplesPerFrame < 1)
      throw new SignalbookError("signals of one file that do not fit together", {
        file: header.file,
        place: `signal ${spec.label}`,
        found: `format ${spec.format}, byte offset ${spec.byteOffset}, skew ${spec.skew}`,
        expected: `format ${format}, byte offset ${byteOffset}, skew 0`,
      });
  }
  const frame = specs.reduce((sum, spec) => sum + spec.samplesPerFrame, 0);
  if (file.endsWith(".mat")) checkMatrix(header, file, frame);
  const bytes = readBytes(file, `the signals of ${header.record}`);
  const available = Math.max(0, bytes.length - byteOffset);
  const frames = header.samples ?? Math.floor((format === 16 ? available / 2 : (available * 2) / 3) / frame);
  const values = frames * frame;
  const needed = byteOffset + (format === 16 ? 2 * values : Math.ceil((3 * values) / 2));
  if (bytes.length < needed)
    throw new SignalbookError("a truncated data file", {
      file,
      place: `byte ${bytes.length}`,
      found: `${bytes.length} bytes`,
      expected: `${needed} for ${specs.length} signals of ${frames} samples`,
      fix: "copy or download it again",
    });
  const at = format === 16 ? format16(bytes, byteOffset) : format212(bytes, byteOffset);
  let first = 0;
  return specs.map(({ samplesPerFrame }) => {
    const samples = new Int16Array(frames * samplesPerFrame);
    for (let f = 0, out = 0; f < frames; f++) {
      for (let s = 0; s < samplesPerFrame; s++) samples[out++] = at(f * frame + first + s);
    }
    first += samplesPerFrame;
    return samples;
  });
}

/** Little-endian 16-bit values. */
function format16(bytes: Buffer, offset: number): (index: number) => number {
  return (index) => bytes.readInt16LE(offset + 2 * index);
}

/** Pairs of 12-bit values in three bytes: the low bytes first and last, the two high nibbles between them. */
function format212(bytes: Buffer, offset: number): (index: number) => number {
  return (index) => {
    const at = offset + 3 * (index >> 1);
    const value =
      index % 2 === 0 ? bytes[at]! | ((bytes[at + 1]! & 0x0f) << 8) : bytes[at + 2]! | ((bytes[at + 1]! & 0xf0) << 4);
    return value >= 2048 ? value - 4096 : value;
  };
}

/** Throws unless the .mat file holds one int16 matrix [signals, samples] where the header says. */
function checkMatrix(header: WfdbHeader, file: string, signals: number): void {
  const matrix = readMatlab4(file)[0]!;
  const offset = header.signals[0]!.byteOffset;
  const samples = header.samples ?? matrix.columns;
  const isInt16 = matrix.values instanceof Int16Array;
  if (matrix.rows !== signals || matrix.columns !== samples || matrix.byteOffset !== offset || !isInt16)
    throw new SignalbookError("the matrix and the header do not agree", {
      file,
      found: `${matrix.rows} x ${matrix.columns} ${isInt16 ? "int16" : "values of another type"} from byte ${matrix.byteOffset}`,
      expected: `${signals} x ${samples} int16 from byte ${offset}, as ${header.file} says`,
    });
}

function checkAgainstHeader(header: WfdbHeader, spec: WfdbSignalSpec, stored: Int16Array): void {
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
    let sum = 0;
    for (const value of stored) sum = (sum + value) & 0xffff;
    if (sum !== (spec.checksum & 0xffff)) throw differs("the checksum", sum, spec.checksum & 0xffff);
  }
}
