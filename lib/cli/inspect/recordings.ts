/** Recordings: EDF and its relatives, WFDB, the Hefei layout. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SignalbookError } from "../../core/errors";
import { EdfFile } from "../../formats/edf";
import { HEFEI_LEADS, HEFEI_ROWS, readHefeiRecord } from "../../formats/hefei";
import { readLines } from "../../formats/text";
import type { Annotation, Recording } from "../../formats/types";
import { readWfdbRecord } from "../../formats/wfdb";
import { readWfdbAnnotations } from "../../formats/wfdb-annotations";
import { readWfdbHeader, type WfdbHeader } from "../../formats/wfdb-header";
import { countStages, stagesIn } from "./hypnograms";
import { headIs, type InspectFormat } from "./probe";
import { Statistics } from "./statistics";
import { clock, countTexts, type FileSummary, statisticsOf, summaryOf } from "./summary";

/** Seconds of all signals that are held at a time: a file larger than the memory is told as well. */
const PIECE_SECONDS = 60;

const edf: InspectFormat = {
  name: "EDF, EDF+ and BDF",
  matches: (file) =>
    headIs(file, "0       ") || headIs(file, "\xffBIOSEMI") || [".edf", ".bdf"].includes(file.extension),
  inspect: ({ path }) => {
    const file = new EdfFile(path, { lenient: true });
    try {
      const { header, annotations, segments } = file;
      const statistics = file.signals.map(() => new Statistics());
      for (const { signals } of file.pieces(PIECE_SECONDS))
        signals.forEach(({ samples }, i) => void statistics[i]!.add(samples));
      const hypnogram = stagesIn(annotations, path, file.start);
      return summaryOf(path, header.kind, {
        start: clock(file.start),
        // A file of annotations only has no samples: it lasts as long as what is annotated.
        duration: annotations.reduce(
          (end, { onset, duration }) => Math.max(end, onset + (duration ?? 0)),
          file.duration,
        ),
        signals: file.signals.map(({ label, unit, sampleRate }, i) => {
          const { count: samples } = statistics[i]!;
          return { label, unit, sampleRate, samples, ...statistics[i]!.summary() };
        }),
        gaps: segments.slice(1).map(({ onset }, i) => {
          const { onset: before, duration } = segments[i]!;
          return { onset: before + duration, duration: onset - before - duration };
        }),
        annotations: countTexts(annotations.map(({ text }) => text)),
        hypnogram: hypnogram === null ? null : countStages(hypnogram),
        comments: [header.patient, header.recording].filter((text) => text !== ""),
        warnings: [
          ...repeated(file.signals.map(({ label }) => label)),
          ...file.losses.map(({ what, byte, instead }) => `byte ${byte}: ${what}; ${instead}`),
        ],
      });
    } finally {
      file.close();
    }
  },
};

/** Labels that name several signals. */
function repeated(labels: readonly string[]): string[] {
  return Object.entries(countTexts(labels))
    .filter(([, count]) => count > 1)
    .map(([label, count]) => `${count} signals are labelled "${label}"`);
}

const wfdb: InspectFormat = {
  name: "WFDB",
  matches: (file) => file.folder === null && (WFDB_NAMES.test(file.path) || headerOf(file.path) !== null),
  inspect: ({ path }) => {
    const header = headerOf(path);
    if (header === null)
      throw new SignalbookError("a WFDB signal file without its header", {
        file: path,
        expected: `${basename(path).replace(/\.[^.]*$/, "")}.hea beside it`,
      });
    if (path === header.file || isData(header, path)) return ofRecording(path, readWfdbRecord(header.file), "WFDB");
    const annotations = readWfdbAnnotations(path, header.sampleRate);
    return summaryOf(path, "WFDB annotations", {
      duration: lastOnset(annotations),
      annotations: countTexts(annotations.map(({ text }) => text)),
      facts: { record: header.record, "frames per second": header.sampleRate },
    });
  },
};

/** Names that only WFDB gives. */
const WFDB_NAMES = /\.(?:hea|dat|atr|qrs|ann|mat)$/i;

/** The header a file belongs to: itself, the one of its name, or one beside it that lists it. Null where there is none. */
function headerOf(path: string): WfdbHeader | null {
  if (/\.hea$/i.test(path)) return readWfdbHeader(path);
  const named = path.replace(/\.[^./\\]*$/, ".hea");
  if (named !== path && existsSync(named)) return readWfdbHeader(named);
  if (!/\.(?:dat|mat|d\d+)$/i.test(path)) return null;
  const folder = dirname(path);
  const header = readdirSync(folder)
    .filter((name) => name.endsWith(".hea") && basename(path).startsWith(name.slice(0, -4)))
    .map((name) => readWfdbHeader(join(folder, name)))
    .find((candidate) => isData(candidate, path));
  return header ?? null;
}

function isData({ signals }: WfdbHeader, path: string): boolean {
  return signals.some(({ fileName }) => fileName === basename(path));
}

function lastOnset(annotations: readonly Annotation[]): number {
  return annotations.reduce((end, { onset, duration }) => Math.max(end, onset + (duration ?? 0)), 0);
}

const hefei: InspectFormat = {
  name: "Hefei text",
  matches: ({ lines }) => (lines?.[0] ?? "").split(/\s+/).filter((word) => HEFEI_LEADS.includes(word)).length > 1,
  inspect: ({ path }) => {
    const rows = readLines(path, "an ECG in text columns").filter((line) => line.trim() !== "").length - 1;
    const summary = ofRecording(path, readHefeiRecord(path, { rows }), "Hefei text");
    const short = `${rows} rows, where the challenge's records have ${HEFEI_ROWS}`;
    return rows === HEFEI_ROWS ? summary : { ...summary, warnings: [short] };
  },
};

/** A recording that is in memory. */
export function ofRecording(file: string, recording: Recording, format: string): FileSummary {
  const { start, signals, annotations, comments } = recording;
  return summaryOf(file, format, {
    start: clock(start),
    duration: signals.reduce((end, { samples, sampleRate }) => Math.max(end, samples.length / sampleRate), 0),
    signals: signals.map(({ label, unit, sampleRate, samples }) => {
      return { label, unit, sampleRate, samples: samples.length, ...statisticsOf(samples) };
    }),
    annotations: countTexts(annotations.map(({ text }) => text)),
    comments,
  });
}

export const recordingFormats: readonly InspectFormat[] = [edf, wfdb, hefei];
