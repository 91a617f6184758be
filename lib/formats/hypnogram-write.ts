/** Writing hypnograms, as hypnogram.ts and hypnogram-text.ts read them. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { writeEdf } from "./edf-write";
import { checkEpochSeconds, stageRuns } from "./hypnogram-grid";
import { type ScoredStage, scoredStages } from "./hypnogram-stages";
import type { Annotation, Hypnogram } from "./types";

/** EDF+'s standard texts: a digit is a stage of Rechtschaffen and Kales, N1 to N3 are of the AASM manual. */
const EDF_TEXTS: Readonly<Record<ScoredStage, string>> = {
  W: "Sleep stage W",
  N1: "Sleep stage N1",
  N2: "Sleep stage N2",
  N3: "Sleep stage N3",
  S1: "Sleep stage 1",
  S2: "Sleep stage 2",
  S3: "Sleep stage 3",
  S4: "Sleep stage 4",
  REM: "Sleep stage R",
  M: "Movement time",
  "?": "Sleep stage ?",
};

/** An annotation for each stretch of one stage, as EDF+ words them; times in seconds from the first epoch. */
export function hypnogramAnnotations(hypnogram: Pick<Hypnogram, "stages" | "rkStages" | "epochSeconds">): Annotation[] {
  const { epochSeconds } = hypnogram;
  return stageRuns(scoredStages(hypnogram)).map(({ stage, first, count }) => ({
    onset: first * epochSeconds,
    duration: count * epochSeconds,
    text: EDF_TEXTS[stage],
  }));
}

/**
 * An EDF+ file of annotations only, as Sleep-EDF's hypnograms are.
 * @param options.patient and `recording` as {@link writeEdf} takes them.
 * @throws SignalbookError for a hypnogram without epochs, one whose two lists of stages differ, and as {@link writeEdf}.
 */
export function writeHypnogramEdf(
  path: string,
  hypnogram: Omit<Hypnogram, "source">,
  options: { patient?: string; recording?: string } = {},
): void {
  epochsOf(path, hypnogram);
  writeEdf(
    path,
    { annotations: hypnogramAnnotations(hypnogram), start: hypnogram.start, ...options },
    { kind: "EDF+C" },
  );
}

/**
 * CSV with a header: onset and duration in seconds from the first epoch, and the stage as it was scored (S3 and S4 apart
 * where they were), one row an epoch. The start's clock is not kept.
 * @throws SignalbookError for a hypnogram without epochs, and one whose two lists of stages differ.
 */
export function writeHypnogramCsv(
  path: string,
  hypnogram: Pick<Hypnogram, "stages" | "rkStages" | "epochSeconds">,
): void {
  const { epochSeconds } = hypnogram;
  const rows = epochsOf(path, hypnogram).map((stage, i) => `${i * epochSeconds},${epochSeconds},${stage}\n`);
  writeFileAtomic(path, `onset,duration,stage\n${rows.join("")}`);
}

function epochsOf(
  path: string,
  hypnogram: Pick<Hypnogram, "stages" | "rkStages" | "epochSeconds">,
): readonly ScoredStage[] {
  checkEpochSeconds(hypnogram.epochSeconds, path);
  if (hypnogram.stages.length === 0)
    throw new SignalbookError("a hypnogram without epochs", { file: path, expected: "one epoch or more" });
  return scoredStages(hypnogram);
}
