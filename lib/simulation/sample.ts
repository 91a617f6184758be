/** Stage statistics of the hypnograms that come with the project: Sleep-EDF, six healthy sleepers of 25 to 34, two nights. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../core/files";
import { readEdfHypnogram } from "../formats";
import { trimWake } from "../preprocessing/sleep-epochs";
import { type StageStatistics, stageStatistics } from "./stages";

/** Minutes of wake kept on both sides of the sleep: the recordings themselves run for a day. */
const WAKE_MINUTES = 30;

/** The folder of the sample's hypnograms. */
export const SAMPLE_HYPNOGRAMS: string = join(projectRoot, "data", "sample", "sleep-edf");

/** @param folder EDF+ hypnograms scored by Rechtschaffen and Kales; the sample's when left out. */
export function sampleStageStatistics(folder: string = SAMPLE_HYPNOGRAMS): StageStatistics {
  const files = readdirSync(folder).filter((name) => name.endsWith("Hypnogram.edf"));
  return stageStatistics(files.map((name) => trimWake(readEdfHypnogram(join(folder, name)), WAKE_MINUTES)));
}
