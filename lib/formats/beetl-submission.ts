/**
 * What was handed in to BEETL's sleep task: answer.txt, one stage a line as an integer, the windows of the unlabelled
 * nights by subject and then night. (The competition took it inside a ZIP archive.)
 */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { BEETL_STAGES } from "./beetl";
import { readLines } from "./text";

/**
 * Writes the answers, and reads them back.
 * @param stages indices into BEETL_STAGES
 * @throws SignalbookError for none, and for one that is no stage
 */
export function writeBeetlSubmission(file: string, stages: ArrayLike<number>): void {
  const lines = Array.from(stages, (stage, i) => {
    if (Number.isInteger(stage) && stage >= 0 && stage < BEETL_STAGES.length) return `${stage}\n`;
    throw noStage(file, i, String(stage));
  });
  writeFileAtomic(file, lines.join(""));
  readBeetlSubmission(file, stages.length);
}

/**
 * Reads and checks answers.
 * @param windows how many were asked for
 * @returns indices into BEETL_STAGES
 * @throws SignalbookError for a line that is no stage, and for another number of lines than windows
 */
export function readBeetlSubmission(file: string, windows: number): Int32Array {
  const lines = readLines(file, "stages, one a line");
  const stages = Int32Array.from(lines, (line, i) => {
    const stage = /^\d$/.test(line) ? Number(line) : Number.NaN;
    if (stage < BEETL_STAGES.length) return stage;
    throw noStage(file, i, line);
  });
  if (stages.length === windows && windows > 0) return stages;
  throw new SignalbookError("answers to another number of windows", {
    file,
    found: `${stages.length} lines`,
    expected: `${windows}, one a window`,
  });
}

function noStage(file: string, index: number, found: string): SignalbookError {
  return new SignalbookError("an answer that is no stage", {
    file,
    place: `line ${index + 1}`,
    found,
    expected: `an integer from 0 to ${BEETL_STAGES.length - 1}: ${BEETL_STAGES.join(", ")}`,
  });
}
