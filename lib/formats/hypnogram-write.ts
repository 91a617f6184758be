/** Writing hypnograms, as hypnogram.ts and hypnogram-text.ts read them. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { checkEpochSeconds } from "./hypnogram-grid";
import { type ScoredStage, scoredStages } from "./hypnogram-stages";
import type { Hypnogram } from "./types";

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
