/**
 * What was handed in to BEETL's sleep task: a ZIP archive that holds answer.txt, one stage a line as an integer, the
 * windows of the unlabelled nights by subject and then night.
 */
import { SignalbookError } from "../core/errors";
import { writeFileChecked } from "../core/files";
import { BEETL_STAGES } from "./beetl";
import { decodeUtf8, readBytes, textLines } from "./text";
import { zipEntries } from "./zip";
import { zipArchive } from "./zip-write";

/** Name of the answers in the archive. */
export const BEETL_ANSWER = "answer.txt";

/**
 * Writes the archive; read back before it gets its name.
 * @param stages indices into BEETL_STAGES
 * @throws SignalbookError for none, and for one that is no stage
 */
export function writeBeetlSubmission(file: string, stages: ArrayLike<number>): void {
  const lines = Array.from(stages, (stage, i) => {
    if (Number.isInteger(stage) && stage >= 0 && stage < BEETL_STAGES.length) return `${stage}\n`;
    throw noStage(file, i, String(stage));
  });
  const archive = zipArchive([{ name: BEETL_ANSWER, bytes: Buffer.from(lines.join("")) }]);
  writeFileChecked(file, archive, (written) => {
    const back = readBeetlSubmission(written, stages.length);
    const wrong = back.findIndex((stage, i) => stage !== stages[i]);
    if (wrong >= 0)
      throw new SignalbookError("the submission read back is not what was written", {
        file,
        place: `line ${wrong + 1}`,
      });
  });
}

/**
 * Reads and checks an archive.
 * @param windows how many were asked for
 * @returns indices into BEETL_STAGES
 * @throws SignalbookError for what is no archive of answer.txt alone, a line that is no stage, and another number of lines
 * than windows
 */
export function readBeetlSubmission(file: string, windows: number): Int32Array {
  const lines = textLines(decodeUtf8(answerOf(file), file));
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

function answerOf(file: string): Uint8Array {
  const entries = zipEntries(readBytes(file, `a ZIP archive of ${BEETL_ANSWER}`), file);
  const [first] = entries;
  if (entries.length === 1 && first!.name === BEETL_ANSWER) return first!.read();
  throw new SignalbookError("an archive of something else", {
    file,
    found: entries.map(({ name }) => name).join(", ") || "nothing",
    expected: `${BEETL_ANSWER} alone`,
  });
}

function noStage(file: string, index: number, found: string): SignalbookError {
  return new SignalbookError("an answer that is no stage", {
    file,
    place: `${BEETL_ANSWER}, line ${index + 1}`,
    found,
    expected: `an integer from 0 to ${BEETL_STAGES.length - 1}: ${BEETL_STAGES.join(", ")}`,
  });
}
