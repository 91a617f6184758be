/** EDF, EDF+ and BDF files: any window of any signals, read without loading the rest. */
import { basename, extname } from "node:path";
import { SignalbookError } from "../core/errors";
import { largeArray } from "../core/large-arrays";
import { ByteFile } from "./edf-bytes";
import { type EdfChannel, selectChannels } from "./edf-channels";
import { EdfDamage, type EdfLoss } from "./edf-damage";
import { type EdfHeader, type EdfSignalHeader, readEdfHeader, withRecordDuration } from "./edf-header";
import { type EdfArray, readStretches, type Stretch, scaleOf } from "./edf-samples";
import {
  countRecords,
  type EdfSegment,
  type RecordTimes,
  readRecordTimes,
  sinceStart,
  timelineOf,
} from "./edf-timeline";
import { quoted } from "./text";
import type { Annotation, Recording, Signal } from "./types";

export interface EdfOptions {
  /** Read what can be read of a damaged file, and list in `losses` what could not. Otherwise damage throws. */
  lenient?: boolean;
}

export interface EdfSpan {
  /** All signals but annotations when left out. */
  channels?: readonly EdfChannel[];
  /** Seconds from the recording's start; the start when left out. */
  from?: number;
  /** Seconds from the recording's start; the end when left out. */
  to?: number;
}

export interface EdfWindow extends EdfSpan {
  /** What samples are read into; "float64" when left out. */
  as?: "float64" | "float32";
  /**
   * Arrays to fill, one a channel in their order, each as long as its channel's window: rows of a batch, or what the last
   * night was read into. Their types take the place of `as`.
   */
  into?: readonly (Float64Array | Float32Array)[];
}

/** Samples as the file stores them, with what turns them into physical units: 16 bit of EDF, 24 bit of BDF. */
export interface EdfStored {
  header: EdfSignalHeader;
  samples: Int16Array | Int32Array;
}

/** A window may hold this many samples of gaps in one signal, or this many times the samples that are there. */
const MOST_GAP_SAMPLES = 1 << 22;
const MOST_GAP_SHARE = 16;
/** Records that are looked at to find a duration that the header does not give. */
const RECORDS_FOR_DURATION = 64;

/** An open file. Close it when done; {@link readEdf} opens and closes by itself. */
export class EdfFile {
  readonly header: EdfHeader;
  /** Signals with samples: annotation signals left out, and, when lenient, those whose scale is damaged. */
  readonly signals: readonly EdfSignalHeader[];
  /** Start with its fraction of a second, which EDF+ keeps in the first annotation. */
  readonly start: Date | null;
  /** One segment for a continuous file. */
  readonly segments: readonly EdfSegment[];
  /** Seconds from the start of the first record to the end of the last, gaps included. */
  readonly duration: number;
  /** Whole data records in the file. */
  readonly records: number;
  private readonly damage: EdfDamage;
  private readonly file: ByteFile;
  /** Seconds from the header's start to the first record's. */
  private readonly first: number;
  private times: RecordTimes | null = null;
  private kept: Annotation[] | null = null;

  /**
   * Reads the header; of a discontinuous file, and when lenient, the annotations too.
   * @throws SignalbookError for a file that is not EDF or BDF, is malformed, truncated, or longer than its header says.
   */
  constructor(path: string, { lenient = false }: EdfOptions = {}) {
    this.file = new ByteFile(path, "an EDF or BDF file");
    this.damage = new EdfDamage(path, lenient);
    try {
      const header = readEdfHeader(this.file, this.damage);
      this.records = countRecords(header, this.file.size, this.damage);
      this.header = Number.isNaN(header.recordDuration) ? this.inferDuration(header) : header;
      this.signals = this.header.signals.filter((signal) => !signal.isAnnotations && this.hasScale(signal));
      const { kind } = this.header;
      if (lenient || kind.endsWith("+D")) this.times = this.readTimes(this.records);
      const { onsets } = this.times ?? this.readTimes(Math.min(1, this.records));
      // Onsets count from the header's whole second; outside this class, from the first record.
      const { first, segments } = timelineOf(onsets, this.records, this.header, this.damage);
      this.first = first;
      this.segments = segments;
      this.start =
        this.header.start === null ? null : new Date(this.header.start.getTime() + Math.round(1000 * this.first));
      const last = this.segments[this.segments.length - 1];
      this.duration = last === undefined ? 0 : last.onset + last.duration;
    } catch (error) {
      this.file.close();
      throw error;
    }
  }

  /** What a lenient reader could not take as it stands; empty for a file that is whole. */
  get losses(): readonly EdfLoss[] {
    return this.damage.losses;
  }

  /**
   * Onsets in seconds from the recording's start, in the file's order. Read when first asked for, also after closing.
   * @throws SignalbookError for annotations that cannot be read.
   */
  get annotations(): readonly Annotation[] {
    this.times ??= this.file.whileOpen(() => this.readTimes(this.records));
    this.kept ??= this.times.annotations.map((annotation) => ({
      ...annotation,
      onset: sinceStart(annotation.onset, this.first),
    }));
    return this.kept;
  }

  close(): void {
    this.file.close();
  }

  /**
   * A window in physical units. Samples are those at from <= time < to, on the grid of the recording's start; where the
   * file has a gap they are NaN.
   * @throws SignalbookError for a signal that is not there or not unique, a window outside the recording or with far more
   * gaps than samples, and a signal whose header gives no scale.
   */
  read({ channels, from, to, as = "float64", into }: EdfWindow = {}): Signal[] {
    const [begin, end] = this.span(from, to);
    const selected = selectChannels(this.signals, channels, this.header.file);
    if (into !== undefined && into.length !== selected.length)
      throw new SignalbookError("another number of arrays than channels", {
        file: this.header.file,
        found: `${into.length} arrays`,
        expected: `${selected.length}, one a channel`,
      });
    const picks = selected.map((signal, i) => {
      this.checkScale(signal);
      const [first, stop] = samplesWithin(signal, begin, end);
      this.checkGaps(signal, first, stop);
      const samples = into === undefined ? newArray(as, stop - first) : into[i]!;
      if (samples.length !== stop - first)
        throw new SignalbookError("an array of another length than the window", {
          file: this.header.file,
          place: `signal ${quoted(signal.label)}`,
          found: `${samples.length} values`,
          expected: `${stop - first}: ${end - begin} s at ${signal.sampleRate} Hz`,
        });
      return { signal, first, stop, samples, filled: 0 };
    });
    for (const segment of this.segments) {
      const stretches: Stretch[] = [];
      for (const pick of picks) {
        const stretch = stretchOf(pick.signal, segment, pick.first, pick.stop, pick.samples);
        if (stretch === null) continue;
        pick.samples.fill(Number.NaN, pick.filled, stretch.at);
        pick.filled = stretch.at + stretch.end - stretch.begin;
        stretches.push(stretch);
      }
      readStretches(this.file, this.header, segment.firstRecord, stretches);
    }
    return picks.map(({ signal: { label, unit, sampleRate }, samples, filled }) => {
      samples.fill(Number.NaN, filled);
      return { label, unit, sampleRate, samples };
    });
  }

  /**
   * A window as stored, without a scale; also of signals whose scale is damaged. Gaps have no stored value.
   * @throws SignalbookError as {@link read}, and for a window that reaches into a gap.
   */
  readStored({ channels, from, to }: EdfSpan = {}): EdfStored[] {
    const [begin, end] = this.span(from, to);
    const sampled = this.header.signals.filter((signal) => !signal.isAnnotations);
    const segment = this.segments.find(
      ({ onset, duration }) => begin >= onset - 1e-9 && end <= onset + duration + 1e-9,
    );
    if (segment === undefined && begin < end)
      throw new SignalbookError("a window that reaches into a gap", {
        file: this.header.file,
        found: `${begin} s to ${end} s`,
        expected: `within one of ${this.segments.length} segments`,
        fix: "read the segments one by one",
      });
    const stretches: Stretch[] = [];
    const read = selectChannels(sampled, channels, this.header.file).map((header) => {
      const [first, stop] = samplesWithin(header, begin, end);
      const samples = largeArray<Int16Array | Int32Array>(
        this.header.bytesPerSample === 2 ? Int16Array : Int32Array,
        stop - first,
      );
      const stretch = segment && stretchOf(header, segment, first, stop, samples);
      if (stretch) stretches.push(stretch);
      return { header, samples };
    });
    readStretches(this.file, this.header, segment?.firstRecord ?? 0, stretches);
    return read;
  }

  /**
   * All samples in pieces of at most `seconds` s (one data record at least), each without gaps: for files larger than
   * the memory. Every piece is read when it is asked for.
   * @throws SignalbookError as {@link read}.
   */
  *pieces(seconds = 60, channels?: readonly EdfChannel[]): Generator<{ onset: number; signals: Signal[] }> {
    const picked = selectChannels(this.signals, channels, this.header.file);
    for (const signal of picked) this.checkScale(signal);
    const { recordDuration } = this.header;
    const most = Math.max(1, Math.floor(seconds / recordDuration + 1e-9) || 1);
    for (const { onset, firstRecord, records } of this.segments)
      for (let record = 0; record < records; record += most) {
        const count = Math.min(most, records - record);
        const stretches = picked.map((signal) => {
          const target = new Float64Array(count * signal.samplesPerRecord);
          return { signal, begin: 0, end: target.length, target, at: 0 };
        });
        readStretches(this.file, this.header, firstRecord + record, stretches);
        const signals = stretches.map(({ signal: { label, unit, sampleRate }, target: samples }) => {
          return { label, unit, sampleRate, samples };
        });
        yield { onset: onset + record * recordDuration, signals };
      }
  }

  private readTimes(records: number): RecordTimes {
    return readRecordTimes(this.file, this.header, records, this.damage);
  }

  /** The duration of records that the header does not give, from the times that the records themselves keep. */
  private inferDuration(header: EdfHeader): EdfHeader {
    const probe = new EdfDamage(header.file, true);
    const { onsets } = readRecordTimes(this.file, header, Math.min(this.records, RECORDS_FOR_DURATION), probe);
    const steps = Array.from(onsets.subarray(1), (onset, i) => sinceStart(onset, onsets[i]!)).filter(
      (step) => step > 0,
    );
    if (steps.length === 0)
      this.damage.fatal("how long a data record lasts cannot be told", 244, { expected: "a duration above 0 s" });
    // Gaps make steps longer than a record, never shorter.
    return withRecordDuration(header, Math.min(...steps));
  }

  private span(from = 0, to = this.duration): [number, number] {
    // A sample's time can be off by rounding: a window may end where the last record does, give or take a nanosecond.
    if (from >= 0 && from <= to && to <= this.duration + 1e-9) return [from, to];
    throw new SignalbookError("a window outside the recording", {
      file: this.header.file,
      found: `${from} s to ${to} s`,
      expected: `within 0 s to ${this.duration} s`,
    });
  }

  /** Notes a signal without a scale, when lenient; otherwise it is refused when it is read, and only then. */
  private hasScale(signal: EdfSignalHeader): boolean {
    if (!this.damage.lenient || Math.abs(scaleOf(signal)) > 0) return true;
    const at = 256 + 104 * this.header.signals.length + 8 * signal.index;
    this.damage.found(`a signal without a scale: ${quoted(signal.label)}`, at, {}, "left out; readStored() reads it");
    return false;
  }

  private checkScale(signal: EdfSignalHeader): void {
    if (Math.abs(scaleOf(signal)) > 0) return;
    const digital = signal.digitalMinimum === signal.digitalMaximum;
    throw new SignalbookError("a signal without a scale", {
      file: this.header.file,
      place: `signal ${quoted(signal.label)}`,
      found: digital ? "digital minimum equal to maximum" : "physical minimum equal to maximum",
      expected: "two different values",
      fix: "leave this signal out, or read it with readStored()",
    });
  }

  /** One damaged time can place a record centuries later: the gap before it must not fill the memory. */
  private checkGaps(signal: EdfSignalHeader, first: number, stop: number): void {
    if (this.segments.length === 1) return;
    const { samplesPerRecord } = signal;
    const stored = this.segments.reduce((sum, segment) => {
      const begin = Math.round(segment.onset * signal.sampleRate);
      return sum + Math.max(0, Math.min(stop, begin + segment.records * samplesPerRecord) - Math.max(first, begin));
    }, 0);
    const gaps = stop - first - stored;
    if (gaps <= Math.max(MOST_GAP_SAMPLES, MOST_GAP_SHARE * stored)) return;
    throw new SignalbookError("a window that is nearly all gap", {
      file: this.header.file,
      place: `signal ${quoted(signal.label)}`,
      found: `${stored} samples in ${(stop - first) / signal.sampleRate} s`,
      fix: "read the segments one by one",
    });
  }
}

function newArray(as: "float64" | "float32", length: number): Float64Array | Float32Array {
  return as === "float64" ? largeArray(Float64Array, length) : largeArray(Float32Array, length);
}

/** The samples at from <= time < to: the first, and the one after the last. */
function samplesWithin({ sampleRate }: EdfSignalHeader, from: number, to: number): [number, number] {
  const first = Math.ceil(from * sampleRate - 1e-6);
  const stop = Math.ceil(to * sampleRate - 1e-6);
  // A signal without samples has no rate in a file whose records last 0 s.
  return stop > first ? [Math.max(0, first), stop] : [0, 0];
}

/** The part of a segment that samples `first` to `stop` of the recording fall into; null where none do. */
function stretchOf(
  signal: EdfSignalHeader,
  segment: EdfSegment,
  first: number,
  stop: number,
  target: EdfArray,
): Stretch | null {
  // Where a segment starts between two grid points its samples move to the nearest: by half a sample at most.
  const segmentFirst = Math.round(segment.onset * signal.sampleRate);
  const begin = Math.max(first, segmentFirst);
  const end = Math.min(stop, segmentFirst + segment.records * signal.samplesPerRecord);
  if (!(begin < end)) return null;
  return { signal, begin: begin - segmentFirst, end: end - segmentFirst, target, at: begin - first };
}

/**
 * A file, or a window of it, as a recording. Annotations keep their time from the recording's start, and are those of
 * the whole file.
 * @throws SignalbookError as {@link EdfFile}.
 */
export function readEdf(path: string, window: EdfWindow = {}): Recording {
  const file = new EdfFile(path);
  try {
    return {
      id: basename(path, extname(path)),
      source: path,
      start: file.start,
      signals: file.read(window),
      annotations: [...file.annotations],
      comments: [file.header.patient, file.header.recording].filter((text) => text !== ""),
    };
  } finally {
    file.close();
  }
}
