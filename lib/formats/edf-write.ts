/** Writing EDF, EDF+ and BDF files: signals, gaps and annotations. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import type { EdfStored } from "./edf";
import type { EdfHeader } from "./edf-header";
import { annotationRecords } from "./edf-write-annotations";
import { type HeaderSignal, headerBytes } from "./edf-write-header";
import { type EdfLayout, type EdfStretch, layOut } from "./edf-write-layout";
import { type EdfLimits, type EdfSignalToWrite, limitsOf, storeSamples } from "./edf-write-scale";
import type { Annotation } from "./types";

/** What to write; a {@link Recording} is one. */
export interface EdfToWrite {
  signals?: readonly EdfSignalToWrite[];
  /** Times in seconds from the recording's start. Written, and read back, in the order of their onsets. */
  annotations?: readonly Annotation[];
  /** To the millisecond, its clock in UTC; null or left out where unknown (01.01.85 stands for that in plain EDF). */
  start?: Date | null;
  /** In EDF+ "code sex birthdate name", X where unknown. */
  patient?: string;
  /** In EDF+ "administration-code technician equipment", X where unknown; the start date is put before it. */
  recording?: string;
  /**
   * Where the samples are, in a recording with gaps; samples of the gaps themselves (NaN, as they are read) are not
   * written. The segments of an {@link EdfFile} are such.
   */
  segments?: readonly EdfStretch[];
}

export interface EdfWriteOptions {
  /** Left out: "EDF+D" where there are several segments, else "EDF+C". */
  kind?: EdfHeader["kind"];
  /** Seconds. Left out: the longest of at most 30 s with which data records stay within the standard's 61440 bytes. */
  recordDuration?: number;
  /** Header texts that are not ASCII are spelled in it ("µV" as "uV", "é" as "e") instead of refused. */
  transliterate?: boolean;
}

/** Bytes written in one go. */
const CHUNK_BYTES = 1 << 20;

/**
 * Writes a recording, atomically. A sample is rounded to the nearest step of its signal's range (see
 * {@link EdfSignalToWrite}): nothing is clipped, padded or cut.
 * @throws SignalbookError for what EDF cannot hold: samples that are no numbers or beyond given limits, texts that are
 * too long or not ASCII, times that do not make whole data records, annotations in plain EDF.
 */
export function writeEdf(path: string, recording: EdfToWrite, options: EdfWriteOptions = {}): void {
  const { signals = [], annotations = [], start = null, patient = "", segments } = recording;
  const kind = options.kind ?? ((segments?.length ?? 0) > 1 ? "EDF+D" : "EDF+C");
  const bytesPerSample = kind.startsWith("BDF") ? 3 : 2;
  const fraction = start === null ? 0 : ((start.getTime() % 1000) + 1000) % 1000;
  checkKind(path, kind, { annotations, fraction, segments, signals });
  const layout = layOut(signals, { segments, recordDuration: options.recordDuration }, bytesPerSample, path);
  const limits = signals.map((signal, s) => {
    const perRecord = layout.samplesPerRecord[s]!;
    const ranges = Array.from(layout.firstSamples[s]!, (first) => [first, first + perRecord] as const);
    return limitsOf(signal, ranges, bytesPerSample === 2 ? 16 : 24, path);
  });
  const onsets = layout.onsets.map((onset) => onset + fraction / 1000);
  const lists = kind.includes("+")
    ? annotationRecords(annotations, onsets, fraction / 1000, bytesPerSample, path)
    : null;
  const described = signals.map((signal, s) => describe(signal, limits[s]!, layout.samplesPerRecord[s]!));
  if (lists !== null) described.push(describeAnnotations(bytesPerSample, (lists[0]?.length ?? 0) / bytesPerSample));
  const header = headerBytes(
    {
      kind,
      start: start === null ? null : new Date(start.getTime() - fraction),
      patient,
      recording: recording.recording ?? "",
      records: layout.onsets.length,
      recordDuration: layout.recordDuration,
      signals: described,
    },
    { file: path, transliterate: options.transliterate ?? false },
  );
  writeFileAtomic(path, chunks(header, { signals, limits, layout, lists, bytesPerSample, path }));
}

/** Samples as a file stores them, as {@link EdfFile.readStored} gives them, to be written again unchanged. */
export function storedSignal({ header, samples }: EdfStored): EdfSignalToWrite {
  const { label, unit, sampleRate, transducer, prefilter } = header;
  const { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum } = header;
  const limits = { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum };
  return { label, unit, sampleRate, transducer, prefilter, samples, stored: true, ...limits };
}

function checkKind(
  file: string,
  kind: EdfHeader["kind"],
  { annotations, fraction, segments = [], signals }: Omit<EdfToWrite, "start"> & { fraction: number },
): void {
  const plain = !kind.includes("+");
  const problem =
    plain && (annotations?.length ?? 0) > 0
      ? "annotations"
      : plain && fraction > 0
        ? "a start with a fraction of a second"
        : plain && signals?.length === 0
          ? "no signals"
          : segments.length > 1 && !kind.endsWith("+D")
            ? `${segments.length} segments`
            : null;
  if (problem === null) return;
  const family = kind.slice(0, 3);
  throw new SignalbookError(`a recording that ${kind} cannot hold`, {
    file,
    found: problem,
    fix: `write it as ${family}${segments.length > 1 ? "+D" : "+C"}`,
  });
}

function describe(signal: EdfSignalToWrite, { texts }: EdfLimits, samplesPerRecord: number): HeaderSignal {
  const { label, unit, transducer = "", prefilter = "" } = signal;
  return { label, unit, transducer, prefilter, limits: texts, samplesPerRecord };
}

function describeAnnotations(bytesPerSample: 2 | 3, samplesPerRecord: number): HeaderSignal {
  const most = 2 ** (8 * bytesPerSample - 1);
  return {
    label: bytesPerSample === 2 ? "EDF Annotations" : "BDF Annotations",
    transducer: "",
    unit: "",
    limits: ["-1", "1", String(-most), String(most - 1)],
    prefilter: "",
    samplesPerRecord,
  };
}

interface Content {
  signals: readonly EdfSignalToWrite[];
  limits: readonly EdfLimits[];
  layout: EdfLayout;
  /** Per data record, its annotations; null in plain EDF. */
  lists: readonly Buffer[] | null;
  bytesPerSample: 2 | 3;
  path: string;
}

/** The file's bytes. Every chunk is valid until the next is asked for. */
function* chunks(header: Buffer, { signals, limits, layout, lists, bytesPerSample, path }: Content): Generator<Buffer> {
  yield header;
  const { samplesPerRecord, firstSamples, onsets } = layout;
  const listBytes = lists?.[0]?.length ?? 0;
  const recordBytes = samplesPerRecord.reduce((sum, count) => sum + count * bytesPerSample, listBytes);
  const together = Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, recordBytes)));
  const bytes = Buffer.alloc(together * recordBytes);
  for (let first = 0; first < onsets.length; first += together) {
    const last = Math.min(onsets.length, first + together);
    let at = 0;
    for (let record = first; record < last; record++) {
      signals.forEach((signal, s) => {
        const [from, count] = [firstSamples[s]![record]!, samplesPerRecord[s]!];
        storeSamples(signal, limits[s]!, from, from + count, bytes, at, bytesPerSample, path);
        at += count * bytesPerSample;
      });
      at += lists?.[record]?.copy(bytes, at) ?? 0;
    }
    yield bytes.subarray(0, at);
  }
}
