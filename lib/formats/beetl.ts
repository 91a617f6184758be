/**
 * The sleep task of the BEETL competition (NeurIPS 2021): Sleep-EDF's 30 s windows, one file of signals and one of labels
 * for each subject and night, pickled under .npy names: training_s0r1X.npy and training_s0r1y.npy. Whoever reads the order
 * of windows should know that the labelled target sets come shuffled in time.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { SignalbookError } from "../core/errors";
import type { NdArray } from "./ndarray";
import { decodeNpy, isNpy } from "./npy";
import { arrayIn, decodePickle, type PickleValue, readPickle } from "./pickle";
import { readBytes, unreadable } from "./text";

/** Rechtschaffen and Kales' stages, in the order of the labels 0 to 5. */
export const BEETL_STAGES = ["W", "S1", "S2", "S3", "S4", "REM"] as const;
/** Channels of a window, in order. */
export const BEETL_CHANNELS = ["Fpz-Cz", "Pz-Oz"] as const;
/** Hz. */
export const BEETL_SAMPLE_RATE = 100;
/** Samples of a window: 30 s. */
export const BEETL_WINDOW = 3000;

/** One subject's night. */
export interface BeetlFiles {
  /** "training", "leaderboard", "testing": what stands before "_s" in the name; empty where nothing does. */
  set: string;
  subject: number;
  /** 1 or 2. */
  night: number;
  signals: string;
  /** Null where the folder has none: windows to be labelled. */
  labels: string | null;
}

export interface BeetlNight extends BeetlFiles {
  /** Number of windows. */
  length: number;
  /** [windows, 2, 3000], row-major, as in the file. */
  samples: Float32Array | Float64Array;
  /** Indices into {@link BEETL_STAGES}, one a window. */
  stages: Int32Array | null;
}

/**
 * The nights of a folder, sorted by set, subject and night.
 * @throws SignalbookError when there is none, and for labels without their signals.
 */
export function listBeetl(folder: string): BeetlFiles[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, "a folder of BEETL's sleep files", cause);
  }
  const found = names.flatMap((name): BeetlFiles[] => {
    const match = /^(?:([a-z]+)_)?s(\d+)r(\d+)([Xy])\.npy$/i.exec(name);
    if (match === null) return [];
    const [, set = "", subject, night, part] = match;
    const other = join(folder, name.replace(/[Xy]\.npy$/i, part === "X" ? "y.npy" : "X.npy"));
    if (part === "X")
      return [
        {
          set,
          subject: Number(subject),
          night: Number(night),
          signals: join(folder, name),
          labels: existsSync(other) ? other : null,
        },
      ];
    if (existsSync(other)) return [];
    throw new SignalbookError("labels without their signals", { file: join(folder, name), expected: basename(other) });
  });
  if (found.length === 0)
    throw new SignalbookError("no BEETL files", {
      file: folder,
      found: `${names.length} other names`,
      expected: "names such as training_s0r1X.npy",
    });
  return found.sort((a, b) => a.set.localeCompare(b.set) || a.subject - b.subject || a.night - b.night);
}

/**
 * Reads a night's windows and labels.
 * @throws SignalbookError for arrays of another shape, labels that are not 0 to 5 or not one a window, and as readPickle.
 */
export function readBeetlNight(files: BeetlFiles): BeetlNight {
  const { shape, data } = readArray(files.signals);
  const [length = 0, channels, samples] = shape;
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  if (!isFloat || shape.length !== 3 || channels !== BEETL_CHANNELS.length || samples !== BEETL_WINDOW)
    throw new SignalbookError("signals of another shape", {
      file: files.signals,
      found: `${data.constructor.name} [${shape.join(", ")}]`,
      expected: `floats [windows, ${BEETL_CHANNELS.length}, ${BEETL_WINDOW}]`,
    });
  const stages = files.labels === null ? null : readStages(files.labels, length);
  return { ...files, length, samples: data, stages };
}

/** headerInfo.npy of a folder, as it is. @throws SignalbookError as readPickle, also for objects of MNE's classes. */
export function readBeetlHeader(folder: string): PickleValue {
  return readPickle(join(folder, "headerInfo.npy"));
}

function readStages(file: string, length: number): Int32Array {
  const { shape, data } = readArray(file);
  if (shape.length !== 1 || data.length !== length)
    throw new SignalbookError("labels of another number than windows", {
      file,
      found: `[${shape.join(", ")}]`,
      expected: `[${length}]`,
    });
  return Int32Array.from(data as ArrayLike<number | bigint>, (value, i) => {
    const stage = Number(value);
    if (Number.isInteger(stage) && stage >= 0 && stage < BEETL_STAGES.length) return stage;
    throw new SignalbookError("a label that is no stage", {
      file,
      place: `window ${i}`,
      found: String(value),
      expected: `0 to ${BEETL_STAGES.length - 1}`,
    });
  });
}

/** BEETL's files are pickles; a copy saved again by NumPy is what its name says. */
function readArray(file: string): NdArray {
  const bytes = readBytes(file, "an array");
  return isNpy(bytes) ? decodeNpy(bytes, file) : arrayIn(decodePickle(bytes, file), file);
}
