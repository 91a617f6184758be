/** A whole examination in the layout of the MAIC challenge: a folder of images, one an epoch. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { runInWorkers } from "../core/workers";
import { type Hypnogram, MAIC_STAGES, type MaicStage, SLEEP_STAGES, type SleepStage } from "../formats";
import type { PsgTraces } from "./psg-traces";
import type { PsgImageTask } from "./psg-worker";
import { hypnogramOffset } from "./sleep-epochs";

export interface PsgExamOptions {
  /** The exam's code, its folder's name; the recording's id when left out. */
  exam?: string;
  /** The epochs' stages. Its grid is the images' grid. */
  hypnogram?: Hypnogram;
  /** Seconds from the recording's start to the hypnogram's first epoch; from their start times when left out. */
  offset?: number;
  /** Threads that draw; as many as there are cores when left out. */
  workers?: number;
  onDone?: (done: number, of: number) => void;
  signal?: AbortSignal;
}

export interface PsgExam {
  exam: string;
  folder: string;
  /** File names, in the order of time. */
  images: string[];
  /** Stage of each scored image, under the challenge's name of it. */
  labels: { image: string; label: MaicStage }[];
  /** Images without a label, where there is a hypnogram: movement, not scored, before or after it. */
  unlabelled: number;
  /** Images that show nothing: every signal is missing there. */
  blank: string[];
}

/**
 * Writes `<root>/<exam>/<exam>_0001.png` and so on, one for every whole epoch of the recording. The folder appears when it
 * is complete. Pixels and names do not depend on the number of workers.
 * @throws SignalbookError when the folder is there already, and for a recording shorter than an epoch; where an epoch
 * fails, naming it.
 */
export async function writePsgExam(root: string, prepared: PsgTraces, options: PsgExamOptions = {}): Promise<PsgExam> {
  const { exam = prepared.id, hypnogram, workers, onDone, signal } = options;
  const folder = join(root, checkedExam(exam));
  if (existsSync(folder))
    throw new SignalbookError("an exam that is there already", {
      file: folder,
      fix: "remove the folder, or give the exam another name",
    });
  const { tasks, stages } = plan(prepared, exam, hypnogram, options.offset);
  const temporary = `${folder}.${randomUUID().slice(0, 8)}.tmp`;
  mkdirSync(temporary, { recursive: true });
  try {
    const shared = { prepared, folder: temporary };
    const shown = await runInWorkers<typeof shared, PsgImageTask, boolean>(
      join(__dirname, "psg-worker.ts"),
      shared,
      tasks,
      { place: ({ image }) => image, ...{ workers, onDone, signal } },
    );
    renameSync(temporary, folder);
    const images = tasks.map(({ image }) => image);
    const labels = images.flatMap((image, i) => {
      const label = MAIC_STAGES[(SLEEP_STAGES as readonly (SleepStage | undefined)[]).indexOf(stages[i])];
      return label === undefined ? [] : [{ image, label }];
    });
    return {
      exam,
      folder,
      images,
      labels,
      unlabelled: images.length - labels.length,
      blank: images.filter((_, i) => !shown[i]),
    };
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Writes the scored images of exams as the challenge lists them, `trainset-for_user.csv`: exam, image, stage, no header.
 * @throws SignalbookError when no image of any exam is scored.
 */
export function writePsgList(path: string, exams: readonly Pick<PsgExam, "exam" | "labels">[]): void {
  const lines = exams.flatMap(({ exam, labels }) => labels.map(({ image, label }) => `${exam},${image},${label}\n`));
  if (lines.length === 0)
    throw new SignalbookError("a list of no scored image", {
      file: path,
      expected: "exams written with a hypnogram",
    });
  writeFileAtomic(path, lines.join(""));
}

function checkedExam(exam: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N}_.-]*$/u.test(exam)) return exam;
  throw new SignalbookError("an exam's code that names no folder", {
    found: `"${exam}"`,
    expected: "letters, digits, and - _ . between them",
  });
}

/** The challenge's names sort by time as long as four digits are enough. */
const MOST_IMAGES = 9999;

function plan(
  prepared: PsgTraces,
  exam: string,
  hypnogram: Hypnogram | undefined,
  offset: number | undefined,
): { tasks: PsgImageTask[]; stages: (SleepStage | undefined)[] } {
  const { epochSeconds } = prepared.layout;
  if (hypnogram !== undefined && hypnogram.epochSeconds !== epochSeconds)
    throw new SignalbookError("a hypnogram with another length of epochs", {
      file: hypnogram.source,
      found: `${hypnogram.epochSeconds} s`,
      expected: `${epochSeconds} s, an image's width`,
    });
  const scored = hypnogram === undefined ? 0 : (offset ?? hypnogramOffset(prepared, hypnogram));
  // The first image begins on the hypnogram's grid, at the recording's start or as soon after it as the grid allows.
  const before = Math.floor(scored / epochSeconds);
  const first = scored - before * epochSeconds;
  const count = Math.floor((prepared.duration - first + 1e-9) / epochSeconds);
  if (count < 1 || count > MOST_IMAGES)
    throw new SignalbookError("a recording that is no exam", {
      file: prepared.source,
      found: `${count} whole epochs of ${epochSeconds} s`,
      expected: `1 to ${MOST_IMAGES}`,
    });
  const tasks = Array.from({ length: count }, (_, i) => ({
    image: `${exam}_${String(i + 1).padStart(4, "0")}.png`,
    from: first + i * epochSeconds,
  }));
  const stages = tasks.map((_, i) => hypnogram?.stages[i - before]);
  if (hypnogram !== undefined && stages.every((stage) => stage === undefined))
    throw new SignalbookError("a hypnogram that scores no part of the recording", {
      file: hypnogram.source,
      found: `epochs from ${scored} s to ${scored + hypnogram.stages.length * epochSeconds} s`,
      expected: `an overlap with ${prepared.source}, 0 s to ${prepared.duration} s`,
      fix: "check that the two files belong to the same night",
    });
  return { tasks, stages };
}
