/** The systems that the command line runs. */
import { SignalbookError } from "../core/errors";
import { BEETL_LEADERBOARD_PIPELINE, BEETL_PIPELINE } from "./beetl-pipeline";
import { HEFEI_PIPELINE } from "./hefei-pipeline";
import { HMS_PIPELINE } from "./hms-pipeline";
import type { Pipeline } from "./pipeline";
import { SLEEPINGDRAGON_PIPELINE } from "./sleepingdragon-pipeline";
import { YAI_PIPELINE } from "./yai-pipeline";

export const PIPELINES: readonly Pipeline[] = [
  HEFEI_PIPELINE,
  HMS_PIPELINE,
  BEETL_PIPELINE,
  BEETL_LEADERBOARD_PIPELINE,
  SLEEPINGDRAGON_PIPELINE,
  YAI_PIPELINE,
];

/** @throws SignalbookError for a name that is none of them */
export function pipelineNamed(name: string): Pipeline {
  const found = PIPELINES.find((pipeline) => pipeline.name === name);
  if (found !== undefined) return found;
  throw new SignalbookError("a system that the command line does not run", {
    found: name,
    expected: PIPELINES.map((pipeline) => pipeline.name).join(", "),
  });
}
