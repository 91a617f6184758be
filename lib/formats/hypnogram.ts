/** Hypnograms: Sleep-EDF's annotations, the Dreem Open Datasets' JSON lists, and plain text of one stage an epoch. */
import { SignalbookError } from "../core/errors";
import { EdfFile } from "./edf";
import { decodeUtf8, quoted, readBytes, readLines } from "./text";
import type { Annotation, Hypnogram, SleepStage } from "./types";

/** The five stages, in the order of their usual numbers 0 to 4. */
export const SLEEP_STAGES = ["W", "N1", "N2", "N3", "REM"] as const;

/**
 * Stage names as scorers write them, upper case, after "Sleep stage " where that is there. Rechtschaffen and Kales'
 * S3 and S4 are both N3 of the AASM manual.
 */
const STAGE_NAMES: Readonly<Record<string, SleepStage>> = {
  W: "W",
  WAKE: "W",
  1: "N1",
  S1: "N1",
  N1: "N1",
  2: "N2",
  S2: "N2",
  N2: "N2",
  3: "N3",
  4: "N3",
  S3: "N3",
  S4: "N3",
  N3: "N3",
  N4: "N3",
  R: "REM",
  REM: "REM",
  "?": "?",
  M: "M",
  "MOVEMENT TIME": "M",
};

/** Longer than any recording: a duration that says so is a damaged number, not a night. */
const MOST_EPOCHS = 1_000_000;
/** An epoch that ends within this many seconds of the grid is on the grid. */
const GRID_TOLERANCE = 1e-3;

/**
 * The stage annotations of an EDF+ file as a hypnogram; other annotations are left aside.
 * @param epochSeconds length of an epoch.
 * @throws SignalbookError when there is no stage in the file, and as {@link hypnogramFromAnnotations}.
 */
export function readEdfHypnogram(path: string, epochSeconds = 30): Hypnogram {
  const file = new EdfFile(path);
  file.close();
  return hypnogramFromAnnotations(file.annotations, { source: path, start: file.start, epochSeconds });
}

/**
 * Stage annotations ("Sleep stage 2", "Movement time") as a hypnogram that begins with the first of them. Time between
 * two stages that no one scored becomes "?".
 * @throws SignalbookError for stages without a duration, that overlap, or are not whole epochs; for an unknown stage; and
 * when there is none.
 */
export function hypnogramFromAnnotations(
  annotations: readonly Annotation[],
  { source, start, epochSeconds }: { source: string; start: Date | null; epochSeconds: number },
): Hypnogram {
  const scored = annotations
    .filter(({ text }) => /^(sleep stage|movement time)/i.test(text.trim()))
    .sort((a, b) => a.onset - b.onset);
  const first = scored[0]?.onset;
  if (first === undefined)
    throw new SignalbookError("no sleep stages", {
      file: source,
      found: `${annotations.length} other annotations`,
      expected: 'annotations such as "Sleep stage 2"',
      fix: "name the hypnogram's file, not the recording's",
    });
  const stages: SleepStage[] = [];
  for (const { onset, duration, text } of scored) {
    const place = `annotation ${quoted(text)} at ${onset} s`;
    const stage = stageNamed(text.trim().replace(/^sleep stage\s*/i, ""));
    if (stage === undefined)
      throw new SignalbookError("an unknown stage", {
        file: source,
        place,
        expected: "W, 1 to 4, N1 to N3, R, ? or movement",
      });
    const begin = wholeEpochs(onset - first, epochSeconds);
    const count = duration === null ? null : wholeEpochs(duration, epochSeconds);
    if (begin === null || count === null)
      throw new SignalbookError("a stage that is not whole epochs", {
        file: source,
        place,
        found: `a duration of ${duration ?? "no"} s, ${onset - first} s after the first stage`,
        expected: `multiples of ${epochSeconds} s`,
        fix: "give the length of an epoch that was scored",
      });
    if (begin < stages.length)
      throw new SignalbookError("stages that overlap", {
        file: source,
        place,
        found: `${onset} s`,
        expected: `${first + stages.length * epochSeconds} s or later`,
      });
    if (begin + count > MOST_EPOCHS)
      throw new SignalbookError("a hypnogram longer than any recording", {
        file: source,
        place,
        found: `${begin + count} epochs`,
        expected: `${MOST_EPOCHS} at most`,
      });
    while (stages.length < begin) stages.push("?");
    for (let i = 0; i < count; i++) stages.push(stage);
  }
  return {
    source,
    start: start === null ? null : new Date(start.getTime() + Math.round(1000 * first)),
    epochSeconds,
    stages,
  };
}

/** How many epochs a time is; null when it is not a whole number of them. */
function wholeEpochs(seconds: number, epochSeconds: number): number | null {
  const epochs = Math.round(seconds / epochSeconds);
  return Math.abs(seconds - epochs * epochSeconds) <= GRID_TOLERANCE ? epochs : null;
}

function stageNamed(name: string): SleepStage | undefined {
  const key = name.toUpperCase();
  return Object.hasOwn(STAGE_NAMES, key) ? STAGE_NAMES[key] : undefined;
}

/**
 * A scoring of the Dreem Open Datasets: a JSON list of one integer an epoch, -1 not scored, 0 W, 1 N1, 2 N2, 3 N3, 4 REM.
 * @throws SignalbookError for anything else.
 */
export function readDreemHypnogram(path: string, epochSeconds = 30): Hypnogram {
  let list: unknown;
  try {
    list = JSON.parse(decodeUtf8(readBytes(path, "a JSON list of stages"), path));
  } catch (cause) {
    if (cause instanceof SignalbookError) throw cause;
    throw new SignalbookError("not JSON", {
      file: path,
      found: String((cause as Error).message),
      expected: "a list",
      cause,
    });
  }
  if (!Array.isArray(list) || list.length === 0)
    throw new SignalbookError("not a list of stages", { file: path, expected: "a list such as [0, 0, 1, 2]" });
  const stages = list.map((value: unknown, i) => numbered(value, path, `epoch ${i + 1}`));
  return { source: path, start: null, epochSeconds, stages };
}

/**
 * One stage a line: names (W, N1, S2, REM ...) or the numbers 0 W, 1 N1, 2 N2, 3 N3, 4 REM, -1 not scored. Lines that
 * begin with "#" are comments. Numbers and names do not mix: "1" to "4" mean different things among R&K names.
 * @throws SignalbookError naming the line of a stage that is not known; for an empty file.
 */
export function readTextHypnogram(path: string, epochSeconds = 30): Hypnogram {
  const lines = readLines(path, "one stage a line")
    .map((text, i) => ({ text: text.trim(), place: `line ${i + 1}` }))
    .filter(({ text }) => !text.startsWith("#"));
  if (lines.length === 0) throw new SignalbookError("no stages", { file: path, expected: "one stage a line" });
  const numbers = lines.every(({ text }) => /^-?\d+$/.test(text));
  const stages = lines.map(({ text, place }) => {
    if (numbers) return numbered(Number(text), path, place);
    const stage = /^\d+$/.test(text) ? undefined : stageNamed(text);
    if (stage === undefined)
      throw new SignalbookError("an unknown stage", {
        file: path,
        place,
        found: quoted(text),
        expected: "W, N1, N2, N3, REM, M or ? on every line, or a number on every line",
      });
    return stage;
  });
  return { source: path, start: null, epochSeconds, stages };
}

function numbered(value: unknown, file: string, place: string): SleepStage {
  const stage = value === -1 ? "?" : SLEEP_STAGES[value as number];
  if (stage === undefined || !Number.isInteger(value))
    throw new SignalbookError("an unknown stage", {
      file,
      place,
      found: JSON.stringify(value),
      expected: "-1 (not scored), 0 W, 1 N1, 2 N2, 3 N3 or 4 REM",
    });
  return stage;
}
