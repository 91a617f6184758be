/** What only a simulator knows: the answers to the examples whose labels its competition kept to itself. */
import { join } from "node:path";
import {
  BEETL_STAGES,
  HMS_CLASSES,
  MAIC_STAGES,
  type MaicStage,
  maicExams,
  readHmsTable,
  readMaicList,
} from "../formats";
import { readJson } from "../formats/json-file";
import { TRUTH_FILE } from "./files";
import type { SampleLayout } from "./sample-sets";

/**
 * Targets by the ids that the systems' data sets give their examples to label: 1 for the stage, or each label; of HMS the
 * shares of votes to be expected.
 * @param folder that the layout's simulator wrote
 * @param classes of Hefei's labels those that are learnt; the other layouts have classes of their own
 */
export function simulatedAnswers(
  layout: SampleLayout,
  folder: string,
  classes: readonly string[] = [],
): Map<string, Float32Array> {
  const truth = readJson(join(folder, TRUTH_FILE), "what the simulator kept") as Record<string, (string | number)[]>;
  const one = (k: number, of: number): Float32Array => Float32Array.from({ length: of }, (_, i) => (i === k ? 1 : 0));
  switch (layout) {
    case "maic":
      return new Map(
        [...maicExams(readMaicList(join(folder, "testset-for_user.csv")))].flatMap(([exam, entries]) =>
          entries.map(({ image }, i): [string, Float32Array] => [
            `${exam}/${image}`,
            one(MAIC_STAGES.indexOf(truth[exam]![i] as MaicStage), MAIC_STAGES.length),
          ]),
        ),
      );
    case "beetl":
      return new Map(
        Object.entries(truth).flatMap(([night, stages]) =>
          stages.map((stage, i): [string, Float32Array] => [
            `${night.replace(/^.*\//, "")}:${i}`,
            one(Number(stage), BEETL_STAGES.length),
          ]),
        ),
      );
    case "hms":
      return new Map(
        readHmsTable(join(folder, "test.csv")).map(({ eegId, eegSubId }) => [
          `${eegId}_${eegSubId}`,
          Float32Array.from(HMS_CLASSES, (_, k) => Number(truth[eegId]![k])),
        ]),
      );
    case "hefei":
      return new Map(
        Object.entries(truth).map(([file, names]) => [
          file.replace(/\.txt$/, ""),
          Float32Array.from(classes, (name) => (names.includes(name) ? 1 : 0)),
        ]),
      );
  }
}
