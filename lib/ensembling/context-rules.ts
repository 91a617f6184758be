/**
 * The seven rules by which system 000 corrected predicted stages from their neighbours
 * (github.com/HyeonhoonLee/MAIC2021_Sleep, commit 5d628bf, postprocess.py).
 */
import { SignalbookError } from "../core/errors";
import { FIVE_CLASSES, type SleepStage } from "../formats";
import { stageRuns } from "../formats/hypnogram-grid";

export interface ContextRule {
  /** Stages that follow each other. */
  pattern: readonly SleepStage[];
  /** Which of them is changed, and to what. */
  at: number;
  to: SleepStage;
}

/** In the order in which they are tried at each epoch. None concerns wake. */
export const CONTEXT_RULES: readonly ContextRule[] = [
  { pattern: ["N1", "N3"], at: 1, to: "N2" },
  { pattern: ["N2", "N2", "REM", "N2", "N2"], at: 2, to: "N2" },
  { pattern: ["N3", "N3", "REM", "N3", "N3"], at: 2, to: "N3" },
  { pattern: ["N1", "REM", "REM"], at: 0, to: "REM" },
  { pattern: ["N2", "REM", "REM"], at: 0, to: "REM" },
  { pattern: ["REM", "N1", "REM"], at: 1, to: "REM" },
  { pattern: ["REM", "N2", "REM"], at: 1, to: "REM" },
];

/**
 * The stages (five classes: 0 W, 1 N1, 2 N2, 3 N3, 4 REM), corrected. Every pattern is looked for in the stages as they
 * were given, so that one correction does not lead to another; where two corrections meet, that of the pattern that begins
 * later wins, and of two that begin together the later rule.
 * @param exams the exam of each epoch; then no pattern reaches from one exam into the next. As published there is no
 *   break: the whole list of a submission is one night.
 */
export function applyContextRules(stages: ArrayLike<number>, exams?: readonly string[]): Int32Array {
  const original = Int32Array.from(stages);
  const wrong = original.findIndex((stage, i) => !(stage >= 0 && stage <= 4 && stage === stages[i]));
  if (wrong >= 0)
    throw new SignalbookError("a class that is no stage", {
      place: `epoch ${wrong + 1}`,
      found: String(stages[wrong]),
      expected: "0 W, 1 N1, 2 N2, 3 N3, 4 REM",
    });
  const corrected = original.slice();
  for (const { first, count } of examRuns(original.length, exams)) {
    const end = first + count;
    for (let i = first; i < end; i++) {
      for (const { pattern, at, to } of CONTEXT_RULES) {
        if (i + pattern.length > end) continue;
        if (pattern.every((stage, j) => original[i + j] === FIVE_CLASSES[stage])) corrected[i + at] = FIVE_CLASSES[to];
      }
    }
  }
  return corrected;
}

/**
 * Where each exam begins, and its number of epochs; one run of all epochs without exams.
 * @throws SignalbookError where an exam's epochs do not follow each other, or exams and epochs differ in number
 */
export function examRuns(epochs: number, exams?: readonly string[]): { first: number; count: number }[] {
  if (exams === undefined) return epochs === 0 ? [] : [{ first: 0, count: epochs }];
  if (exams.length !== epochs)
    throw new SignalbookError("exams and epochs differ in number", { found: `${exams.length} and ${epochs}` });
  const runs = stageRuns(exams);
  const torn = runs.find(({ stage }, r) => runs.slice(0, r).some((run) => run.stage === stage));
  if (torn !== undefined)
    throw new SignalbookError("an exam whose epochs do not follow each other", {
      place: `epoch ${torn.first + 1}`,
      found: torn.stage,
      fix: "sort epochs by exam and time",
    });
  return runs;
}
