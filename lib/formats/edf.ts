/** EDF, EDF+ and BDF files: any window of any signals, read without loading the rest. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename, extname } from "node:path";
import { SignalbookError } from "../core/errors";
import { parseTals } from "./edf-annotations";
import { type EdfHeader, type EdfSignalHeader, edfHeaderBytes, parseEdfHeader } from "./edf-header";
import { quoted, unreadable } from "./text";
import type { Annotation, Recording, Signal } from "./types";

/** Data records without a gap between them. */
export interface EdfSegment {
  /** Seconds from the recording's start. */
  onset: number;
  /** Seconds. */
  duration: number;
  firstRecord: number;
  records: number;
}

export interface EdfWindow {
  /** Signals by label, or by index where labels repeat; all but annotations when left out. */
  channels?: readonly (string | number)[];
  /** Seconds from the recording's start; the start when left out. */
  from?: number;
  /** Seconds from the recording's start; the end when left out. */
  to?: number;
}

/** Two records are contiguous when their onsets differ from the duration by less: half a millisecond. */
const GAP_TOLERANCE = 5e-4;
/** Bytes read from the file in one go. */
const CHUNK_BYTES = 1 << 22;

/** An open file. Close it when done; {@link readEdf} opens and closes by itself. */
export class EdfFile {
  readonly header: EdfHeader;
  /** Signals with samples: annotation signals left out. */
  readonly signals: readonly EdfSignalHeader[];
  /** Start with its fraction of a second, which EDF+ keeps in the first annotation. */
  readonly start: Date | null;
  /** One segment for a continuous file. */
  readonly segments: readonly EdfSegment[];
  /** Seconds from the start of the first record to the end of the last, gaps included. */
  readonly duration: number;
  /** Onsets in seconds from the recording's start, in the file's order. */
  readonly annotations: readonly Annotation[];
  private readonly fd: number;
  private readonly records: number;

  /** @throws SignalbookError for a file that is not EDF or BDF, is malformed, truncated, or longer than its header says. */
  constructor(path: string) {
    try {
      this.fd = openSync(path, "r");
    } catch (cause) {
      throw unreadable(path, "an EDF or BDF file", cause);
    }
    try {
      if (fstatSync(this.fd).isDirectory()) throw unreadable(path, "an EDF or BDF file", { code: "EISDIR" });
      this.header = parseEdfHeader(this.bytes(0, edfHeaderBytes(this.bytes(0, 256), path)), path);
      this.signals = this.header.signals.filter((signal) => !signal.isAnnotations);
      this.records = this.countRecords(fstatSync(this.fd).size);
      const { onsets, annotations } = this.readAnnotations();
      // Onsets count from the header's whole second: from here on, from the first record.
      const first = onsets[0] ?? 0;
      this.start = this.header.start === null ? null : new Date(this.header.start.getTime() + Math.round(1000 * first));
      const since = (onset: number): number => Math.round(1e9 * (onset - first)) / 1e9;
      this.annotations = annotations.map((annotation) => ({ ...annotation, onset: since(annotation.onset) }));
      this.segments = this.findSegments(onsets.map(since));
      const last = this.segments[this.segments.length - 1];
      this.duration = last === undefined ? 0 : last.onset + last.duration;
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  /**
   * A window in physical units (Float64Array). Samples are those at from <= time < to, on the grid of the recording's
   * start; where the file has a gap they are NaN.
   * @throws SignalbookError for a signal that is not there or not unique, a window outside the recording, and a signal
   * whose header gives no scale.
   */
  read({ channels, from = 0, to = this.duration }: EdfWindow = {}): Signal[] {
    // A sample's time can be off by rounding: a window may end where the last record does, give or take a nanosecond.
    if (!(from >= 0 && from <= to && to <= this.duration + 1e-9))
      throw new SignalbookError("a window outside the recording", {
        file: this.header.file,
        found: `${from} s to ${to} s`,
        expected: `within 0 s to ${this.duration} s`,
      });
    return this.select(channels).map((signal) => this.readSignal(signal, from, to));
  }

  private select(channels: EdfWindow["channels"]): readonly EdfSignalHeader[] {
    if (channels === undefined) return this.signals;
    const labels = this.signals.map((signal) => signal.label);
    return channels.map((channel) => {
      const matches = this.signals.filter(
        ({ label, index }) => (typeof channel === "string" ? label : index) === channel,
      );
      if (matches.length === 1) return matches[0]!;
      throw new SignalbookError(matches.length === 0 ? "a signal that is not there" : "a label of several signals", {
        file: this.header.file,
        found:
          matches.length === 0
            ? `${labels.slice(0, 12).map(quoted).join(", ")}${labels.length > 12 ? " ..." : ""}`
            : `indices ${matches.map(({ index }) => index).join(", ")}`,
        expected: typeof channel === "string" ? quoted(channel) : `index ${channel}`,
        fix: matches.length === 0 ? "check the label, blanks included" : "name the signal by its index",
      });
    });
  }

  private readSignal(signal: EdfSignalHeader, from: number, to: number): Signal {
    const { label, unit, sampleRate, samplesPerRecord, physicalMinimum, digitalMinimum } = signal;
    const digitalRange = signal.digitalMaximum - digitalMinimum;
    const physicalRange = signal.physicalMaximum - physicalMinimum;
    if (digitalRange === 0 || physicalRange === 0)
      throw new SignalbookError("a signal without a scale", {
        file: this.header.file,
        place: `signal ${quoted(label)}`,
        found: digitalRange === 0 ? "digital minimum equal to maximum" : "physical minimum equal to maximum",
        expected: "two different values",
        fix: "leave this signal out",
      });
    const scale = physicalRange / digitalRange;
    const first = Math.max(0, Math.ceil(from * sampleRate - 1e-6));
    const end = Math.max(first, Math.ceil(to * sampleRate - 1e-6));
    const samples = new Float64Array(end - first).fill(Number.NaN);
    for (const segment of this.segments) {
      // Where a segment starts between two grid points its samples move to the nearest: by half a sample at most.
      const segmentFirst = Math.round(segment.onset * sampleRate);
      const begin = Math.max(first, segmentFirst);
      const stop = Math.min(end, segmentFirst + segment.records * samplesPerRecord);
      if (begin >= stop) continue;
      this.eachSample(signal, segment.firstRecord, begin - segmentFirst, stop - segmentFirst, (value, i) => {
        samples[begin - first + i] = physicalMinimum + (value - digitalMinimum) * scale;
      });
    }
    return { label, unit, sampleRate, samples };
  }

  /** Calls with the digital samples `begin` to `end` of a signal, counted from a data record's first. */
  private eachSample(
    signal: EdfSignalHeader,
    firstRecord: number,
    begin: number,
    end: number,
    take: (value: number, i: number) => void,
  ): void {
    const { samplesPerRecord: perRecord, byteOffset } = signal;
    const { bytesPerSample: size, recordBytes, headerBytes } = this.header;
    // Few large reads, when records are small; else only the signal's own bytes of each record.
    const together = Math.max(1, Math.floor(CHUNK_BYTES / recordBytes));
    const lastRecord = Math.floor((end - 1) / perRecord);
    let i = 0;
    for (let record = Math.floor(begin / perRecord); record <= lastRecord; record += together) {
      const count = Math.min(together, lastRecord - record + 1);
      const offset = headerBytes + (firstRecord + record) * recordBytes + byteOffset;
      const block = this.bytes(offset, (count - 1) * recordBytes + perRecord * size);
      for (let r = 0; r < count; r++) {
        const stop = Math.min(perRecord, end - (record + r) * perRecord);
        for (let s = Math.max(0, begin - (record + r) * perRecord); s < stop; s++) {
          take(block.readIntLE(r * recordBytes + s * size, size), i++);
        }
      }
    }
  }

  private countRecords(fileBytes: number): number {
    const { records, headerBytes, recordBytes, file } = this.header;
    const body = fileBytes - headerBytes;
    // -1: the recorder never wrote the count. Only whole records count then.
    if (records === -1) return recordBytes === 0 ? 0 : Math.floor(body / recordBytes);
    if (records < 0 || body !== records * recordBytes)
      throw new SignalbookError(body < records * recordBytes ? "a truncated file" : "a file that is too long", {
        file,
        place: `byte ${fileBytes}`,
        found: `${body} bytes of data`,
        expected: `${records * recordBytes}: ${records} records of ${recordBytes} bytes`,
        fix: "copy or download it again",
      });
    return records;
  }

  /** All annotations, and each record's onset (seconds after the header's start). */
  private readAnnotations(): { onsets: number[]; annotations: Annotation[] } {
    const { signals, bytesPerSample, recordBytes, headerBytes, recordDuration, kind, file } = this.header;
    const lists = kind.includes("+") ? signals.filter((signal) => signal.isAnnotations) : [];
    const onsets: number[] = [];
    const annotations: Annotation[] = [];
    for (let record = 0; record < this.records; record++) {
      let onset: number | null = null;
      for (const [i, signal] of lists.entries()) {
        const at = headerBytes + record * recordBytes + signal.byteOffset;
        const bytes = this.bytes(at, signal.samplesPerRecord * bytesPerSample);
        const parsed = parseTals(bytes, file, (byte) => `data record ${record + 1}, byte ${at + byte}`);
        if (i === 0) onset = parsed.recordOnset;
        annotations.push(...parsed.annotations);
      }
      if (onset === null && kind.endsWith("+D"))
        throw new SignalbookError("a data record without its time", {
          file,
          place: `data record ${record + 1}`,
          expected: "a time-keeping annotation first, as a discontinuous file must have",
        });
      // In a continuous file each record follows the last: only the first one's onset adds something.
      onsets.push(kind.endsWith("+D") || record === 0 ? (onset ?? 0) : onsets[0]! + record * recordDuration);
    }
    return { onsets, annotations };
  }

  private findSegments(onsets: number[]): EdfSegment[] {
    const { recordDuration, file } = this.header;
    const segments: EdfSegment[] = [];
    let end = 0;
    onsets.forEach((onset, record) => {
      const last = segments[segments.length - 1];
      if (last !== undefined && onset < end - GAP_TOLERANCE)
        throw new SignalbookError("data records that overlap", {
          file,
          place: `data record ${record + 1}`,
          found: `${onset} s`,
          expected: `${end} s or later`,
        });
      if (last === undefined || onset > end + GAP_TOLERANCE) {
        segments.push({ onset, duration: recordDuration, firstRecord: record, records: 1 });
        end = onset + recordDuration;
      } else {
        last.records++;
        last.duration = last.records * recordDuration;
        end = last.onset + last.duration;
      }
    });
    return segments;
  }

  private bytes(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const got = readSync(this.fd, buffer, read, length - read, position + read);
      if (got === 0) break;
      read += got;
    }
    return buffer.subarray(0, read);
  }
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
