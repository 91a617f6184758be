/** Sleep stages: how scorers name and number them, and the classes that networks are trained on. */
import { SignalbookError } from "../core/errors";
import type { Hypnogram, RkStage, SleepStage } from "./types";

/** The five stages of the AASM manual, in the order of their usual numbers 0 to 4. */
export const SLEEP_STAGES = ["W", "N1", "N2", "N3", "REM"] as const;

/** The six stages of Rechtschaffen and Kales, in the order of their usual numbers 0 to 5 (BEETL's classes). */
export const RK_SLEEP_STAGES = ["W", "S1", "S2", "S3", "S4", "REM"] as const;

/** A stage as scored, by either manual. */
export type ScoredStage = SleepStage | RkStage;

/** Which stage each number of a file stands for. */
export type StageCoding = Readonly<Record<number, ScoredStage>>;

/** Codings in use: give one of them, or another, to read stages that are written as numbers. */
export const STAGE_CODINGS = {
  /** 0 W, 1 N1, 2 N2, 3 N3, 4 REM, -1 not scored: the Dreem Open Datasets. */
  aasm: { [-1]: "?", 0: "W", 1: "N1", 2: "N2", 3: "N3", 4: "REM" },
  /** As `aasm`; -1 artefact, -2 not scored. */
  yasa: { [-2]: "?", [-1]: "?", 0: "W", 1: "N1", 2: "N2", 3: "N3", 4: "REM" },
  /** 0 W, 1 to 4 S1 to S4, 5 REM, 6 movement, 9 and -1 not scored: BEETL's six classes, and the usual R&K numbers. */
  rk: { [-1]: "?", 0: "W", 1: "S1", 2: "S2", 3: "S3", 4: "S4", 5: "REM", 6: "M", 9: "?" },
} as const satisfies Record<string, StageCoding>;

/** The AASM stage of each R&K stage. */
export const RK_TO_AASM: Readonly<Record<RkStage, SleepStage>> = {
  W: "W",
  S1: "N1",
  S2: "N2",
  S3: "N3",
  S4: "N3",
  REM: "REM",
  M: "M",
  "?": "?",
};

/** Five classes: 0 W, 1 N1, 2 N2, 3 N3, 4 REM. Movement and epochs not scored have none: -1. */
export const FIVE_CLASSES: Readonly<Record<SleepStage, number>> = {
  W: 0,
  N1: 1,
  N2: 2,
  N3: 3,
  REM: 4,
  M: -1,
  "?": -1,
};

/** Six classes: 0 W, 1 S1, 2 S2, 3 S3, 4 S4, 5 REM. Movement and epochs not scored have none: -1. */
export const SIX_CLASSES: Readonly<Record<RkStage, number>> = {
  W: 0,
  S1: 1,
  S2: 2,
  S3: 3,
  S4: 4,
  REM: 5,
  M: -1,
  "?": -1,
};

/** Each epoch's class by {@link FIVE_CLASSES}; S3 and S4 are both 3. */
export function fiveClasses({ stages }: Pick<Hypnogram, "stages">): Int32Array {
  return Int32Array.from(stages, (stage) => FIVE_CLASSES[stage]);
}

/**
 * Each epoch's class by {@link SIX_CLASSES}.
 * @throws SignalbookError for a hypnogram that was not scored by Rechtschaffen and Kales, and for one whose two lists of
 * stages differ.
 */
export function sixClasses(hypnogram: Pick<Hypnogram, "stages" | "rkStages" | "source">): Int32Array {
  const { rkStages, source } = hypnogram;
  if (rkStages === undefined)
    throw new SignalbookError("a hypnogram without S3 and S4", {
      file: source,
      found: "stages of the AASM manual",
      expected: "stages 1 to 4 of Rechtschaffen and Kales",
      fix: "use the five classes",
    });
  scoredStages(hypnogram);
  return Int32Array.from(rkStages, (stage) => SIX_CLASSES[stage]);
}

/** As scorers write them, in upper case. A digit alone, as after "Sleep stage", is of Rechtschaffen and Kales. */
const NAMES: Readonly<Record<string, ScoredStage>> = {
  W: "W",
  WAKE: "W",
  1: "S1",
  S1: "S1",
  N1: "N1",
  2: "S2",
  S2: "S2",
  N2: "N2",
  3: "S3",
  S3: "S3",
  N3: "N3",
  4: "S4",
  S4: "S4",
  R: "REM",
  REM: "REM",
  M: "M",
  MT: "M",
  "MOVEMENT TIME": "M",
  "?": "?",
  UNS: "?",
};

/** The stage of a name in any case; undefined where there is no such stage. */
export function stageNamed(name: string): ScoredStage | undefined {
  const key = name.trim().toUpperCase();
  return Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
}

/** The stage of a number; undefined where the coding has none. */
export function stageNumbered(value: unknown, coding: StageCoding): ScoredStage | undefined {
  return typeof value === "number" && Number.isInteger(value) && Object.hasOwn(coding, value)
    ? coding[value]
    : undefined;
}

/** What a coding says, for messages: "-1 ?, 0 W, 1 N1". */
export function codingText(coding: StageCoding): string {
  const numbers = Object.keys(coding).map(Number);
  return numbers
    .sort((a, b) => a - b)
    .map((number) => `${number} ${coding[number]}`)
    .join(", ");
}

const isRk = (stage: ScoredStage): stage is RkStage => Object.hasOwn(RK_TO_AASM, stage);
const isAasm = (stage: ScoredStage): stage is SleepStage => Object.hasOwn(FIVE_CLASSES, stage);

/** A hypnogram's lists from what was scored: R&K's beside the AASM manual's where every epoch is one of R&K's. */
export function stageLists(scored: readonly ScoredStage[]): Pick<Hypnogram, "stages" | "rkStages"> {
  const stages = scored.map((stage) => (isAasm(stage) ? stage : RK_TO_AASM[stage]));
  return scored.every(isRk) ? { stages, rkStages: [...scored] } : { stages };
}

/**
 * What was scored: the inverse of {@link stageLists}.
 * @throws SignalbookError when the two lists do not tell of the same epochs.
 */
export function scoredStages({ stages, rkStages }: Pick<Hypnogram, "stages" | "rkStages">): readonly ScoredStage[] {
  if (rkStages === undefined) return stages;
  const wrong = rkStages.findIndex((stage, i) => RK_TO_AASM[stage] !== stages[i]);
  if (wrong >= 0 || rkStages.length !== stages.length)
    throw new SignalbookError("two lists of stages that differ", {
      place: `epoch ${(wrong < 0 ? Math.min(stages.length, rkStages.length) : wrong) + 1}`,
      found: `${rkStages[wrong] ?? `${rkStages.length} epochs`} by Rechtschaffen and Kales`,
      expected: `${stages[wrong] ?? `${stages.length} epochs`}, as by the AASM manual`,
      fix: "change both lists, or leave rkStages out",
    });
  return rkStages;
}

/** The epochs from `first` up to `end`, and the clock of the first of them: both lists of stages are cut. */
export function hypnogramPart(hypnogram: Hypnogram, first: number, end: number): Hypnogram {
  const { stages, rkStages, start, epochSeconds } = hypnogram;
  if (!(Number.isInteger(first) && Number.isInteger(end) && first >= 0 && first <= end && end <= stages.length))
    throw new SignalbookError("epochs outside the hypnogram", {
      file: hypnogram.source,
      found: `${first} to ${end}`,
      expected: `within 0 to ${stages.length}`,
    });
  return {
    ...hypnogram,
    start: start === null ? null : new Date(start.getTime() + Math.round(1000 * first * epochSeconds)),
    stages: stages.slice(first, end),
    ...(rkStages === undefined ? {} : { rkStages: rkStages.slice(first, end) }),
  };
}
