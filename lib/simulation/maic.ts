/** Polysomnography images in the layout of the MAIC 2021 sleep challenge, from simulated nights. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../core/files";
import { Generator } from "../core/random";
import { type PsgExam, writePsgExam, writePsgList } from "../preprocessing/psg-exam";
import { psgTraces } from "../preprocessing/psg-traces";
import { requireCount, requireEmptyFolder, writeTruth } from "./files";
import { simulatePsg } from "./psg";
import { drawSleeper } from "./sleeper";
import type { StageStatistics } from "./stages";

export interface SimulatedMaic {
  /** Labelled exams; a quarter as many more, one at least, are the test set (the challenge had 800 and 200). */
  subjects: number;
  /** Images of an exam. The challenge's exams have about 731. */
  epochs: number;
  seed: number;
  statistics: StageStatistics;
  workers?: number;
  onDone?: (done: number, of: number) => void;
}

/**
 * Writes `<folder>/<exam>/<exam>_0001.png` ..., `trainset-for_user.csv` and `testset-for_user.csv`. Same seed, same files.
 * @throws SignalbookError for numbers out of range, and for a folder that is not empty.
 */
export async function simulateMaic(folder: string, options: SimulatedMaic): Promise<{ exams: number; images: number }> {
  const { subjects, epochs, seed, statistics, workers, onDone } = options;
  requireCount("subjects", subjects);
  requireCount("epochs a night", epochs);
  requireEmptyFolder(folder);
  mkdirSync(folder, { recursive: true });
  const random = new Generator(seed);
  const tests = Math.max(1, Math.round(subjects / 4));
  const drawn = Array.from({ length: subjects + tests }, () => random.fork());
  const exams: PsgExam[] = [];
  for (const [i, own] of drawn.entries()) {
    const sleeper = drawSleeper(own.uniform(20, 65), own);
    // Codes sort as they were drawn: <year>-<device>-<site>-<number>.
    const exam = `A2021-SB-01-${String(i + 1).padStart(4, "0")}`;
    const { recording, hypnogram } = simulatePsg(exam, sleeper, { epochs, statistics }, own);
    const written = await writePsgExam(folder, psgTraces(recording), {
      hypnogram,
      ...(workers !== undefined && { workers }),
    });
    exams.push(written);
    onDone?.(i + 1, drawn.length);
  }
  writePsgList(join(folder, "trainset-for_user.csv"), exams.slice(0, subjects));
  const held = exams.slice(subjects);
  const lines = held.flatMap(({ exam, images }) => images.map((image) => `${exam},${image}\n`));
  writeFileAtomic(join(folder, "testset-for_user.csv"), lines.join(""));
  writeTruth(folder, Object.fromEntries(held.map(({ exam, labels }) => [exam, labels.map(({ label }) => label)])));
  return { exams: exams.length, images: exams.reduce((sum, { images }) => sum + images.length, 0) };
}
