/** Hypnograms: Sleep-EDF's annotations and the Dreem Open Datasets' JSON lists. Text and CSV: hypnogram-text.ts. */
import { SignalbookError } from "../core/errors";
import { EdfFile } from "./edf";
import { checkEpochSeconds, hypnogramFromStretches } from "./hypnogram-grid";
import { codingText, STAGE_CODINGS, stageLists, stageNamed, stageNumbered } from "./hypnogram-stages";
import { decodeUtf8, quoted, readBytes } from "./text";
import type { Annotation, Hypnogram } from "./types";

export { readCsvHypnogram, readTextHypnogram } from "./hypnogram-text";

/**
 * The stage annotations of an EDF+ file as a hypnogram; other annotations are left aside.
 * @param epochSeconds length of an epoch.
 * @throws SignalbookError when there is no stage in the file, and as {@link hypnogramFromAnnotations}.
 */
export function readEdfHypnogram(path: string, epochSeconds = 30): Hypnogram {
  const file = new EdfFile(path);
  file.close();
  return hypnogramFromAnnotations(file.annotations, { source: path, start: file.start, epochSeconds });
}

/**
 * Stage annotations ("Sleep stage 2", "Sleep stage N2", "Movement time") as a hypnogram that begins with the first of
 * them. Time between two stages that no one scored becomes "?".
 * @throws SignalbookError for stages without a duration, that overlap, or are not whole epochs; for an unknown stage; and
 * when there is none.
 */
export function hypnogramFromAnnotations(
  annotations: readonly Annotation[],
  { source, start, epochSeconds }: { source: string; start: Date | null; epochSeconds: number },
): Hypnogram {
  const scored = annotations.filter(({ text }) => /^(sleep stage|movement time)/i.test(text.trim()));
  if (scored.length === 0)
    throw new SignalbookError("no sleep stages", {
      file: source,
      found: `${annotations.length} other annotations`,
      expected: 'annotations such as "Sleep stage 2"',
      fix: "name the hypnogram's file, not the recording's",
    });
  const stretches = scored.map(({ onset, duration, text }) => {
    const place = `annotation ${quoted(text)} at ${onset} s`;
    const stage = stageNamed(text.trim().replace(/^sleep stage\s*/i, ""));
    if (stage === undefined)
      throw new SignalbookError("an unknown stage", {
        file: source,
        place,
        expected: "W, 1 to 4, N1 to N3, R, ? or movement",
      });
    return { onset, duration, stage, place };
  });
  return hypnogramFromStretches(stretches, { source, start, epochSeconds });
}

/**
 * A scoring of the Dreem Open Datasets: a JSON list of one integer an epoch, -1 not scored, 0 W, 1 N1, 2 N2, 3 N3, 4 REM.
 * @throws SignalbookError for anything else.
 */
export function readDreemHypnogram(path: string, epochSeconds = 30): Hypnogram {
  checkEpochSeconds(epochSeconds, path);
  let list: unknown;
  try {
    list = JSON.parse(decodeUtf8(readBytes(path, "a JSON list of stages"), path));
  } catch (cause) {
    if (cause instanceof SignalbookError) throw cause;
    throw new SignalbookError("not JSON", {
      file: path,
      found: String((cause as Error).message),
      expected: "a list",
      cause,
    });
  }
  if (!Array.isArray(list) || list.length === 0)
    throw new SignalbookError("not a list of stages", { file: path, expected: "a list such as [0, 0, 1, 2]" });
  const scored = list.map((value: unknown, i) => {
    const stage = stageNumbered(value, STAGE_CODINGS.aasm);
    if (stage === undefined)
      throw new SignalbookError("an unknown stage", {
        file: path,
        place: `epoch ${i + 1}`,
        found: typeof value === "object" && value !== null ? "a list or an object" : JSON.stringify(value).slice(0, 60),
        expected: codingText(STAGE_CODINGS.aasm),
      });
    return stage;
  });
  return { source: path, start: null, epochSeconds, ...stageLists(scored) };
}
