/** Hypnograms in files of their own: JSON lists, a stage a line, CSV. */
import {
  hypnogramFromAnnotations,
  readCsvHypnogram,
  readDreemHypnogram,
  readTextHypnogram,
} from "../../formats/hypnogram";
import { STAGE_CODINGS, stageNamed } from "../../formats/hypnogram-stages";
import type { Annotation, Hypnogram } from "../../formats/types";
import type { InspectFormat } from "./probe";
import { clock, countTexts, type FileSummary, type HypnogramSummary, summaryOf } from "./summary";

const EPOCH_SECONDS = 30;
const NUMBER = /^-?\d$/;
/** Numbers mean nothing by themselves: what they are taken for is said with the result. */
const CODING = { coding: STAGE_CODINGS.yasa, told: "0 W, 1 N1, 2 N2, 3 N3, 4 REM" };

const json: InspectFormat = {
  name: "hypnograms (Dreem JSON)",
  matches: ({ extension, lines }) => extension === ".json" || (lines?.[0] ?? "").trimStart().startsWith("["),
  inspect: ({ path }) => ofHypnogram(readDreemHypnogram(path), "hypnogram (Dreem JSON)"),
};

const text: InspectFormat = {
  name: "hypnograms (text)",
  matches: ({ lines }) => {
    const stages = (lines ?? []).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
    // The last line may be cut.
    return (
      stages.length > 0 && stages.slice(0, 50).every((stage) => NUMBER.test(stage) || stageNamed(stage) !== undefined)
    );
  },
  inspect: ({ path, lines }) => {
    const numbers = (lines ?? []).some((line) => NUMBER.test(line.trim()));
    return ofHypnogram(readTextHypnogram(path, EPOCH_SECONDS, CODING.coding), "hypnogram (text)", numbers);
  },
};

const csv: InspectFormat = {
  name: "hypnograms (CSV)",
  matches: ({ lines }) =>
    (lines?.[0] ?? "")
      .split(",")
      .map((cell) => cell.trim().toLowerCase().replaceAll('"', ""))
      .includes("stage"),
  inspect: ({ path }) => ofHypnogram(readCsvHypnogram(path, { coding: CODING.coding }), "hypnogram (CSV)"),
};

function ofHypnogram(hypnogram: Hypnogram, format: string, numbers = false): FileSummary {
  return summaryOf(hypnogram.source, format, {
    start: clock(hypnogram.start),
    duration: hypnogram.stages.length * hypnogram.epochSeconds,
    hypnogram: countStages(hypnogram),
    warnings: numbers ? [`stages are numbers, taken for ${CODING.told}`] : [],
  });
}

export function countStages({ stages, epochSeconds }: Hypnogram): HypnogramSummary {
  return { epochs: stages.length, epochSeconds, stages: countTexts(stages) };
}

/** The stages among a recording's annotations; null where there are none. */
export function stagesIn(annotations: readonly Annotation[], source: string, start: Date | null): Hypnogram | null {
  if (!annotations.some(({ text: label }) => /^sleep stage /i.test(label))) return null;
  return hypnogramFromAnnotations(annotations, { source, start, epochSeconds: EPOCH_SECONDS });
}

export const hypnogramFormats: readonly InspectFormat[] = [json, csv, text];
