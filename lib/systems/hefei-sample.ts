/**
 * The bundled records in the Hefei layout, as a small submission task: the network learns label names on PTB-XL records
 * of other patients (8 leads, 100 Hz), the records to be labelled come in the competition's files (8 leads, 500 Hz,
 * integers). Label names follow from SCP codes by the mapping beside the sample, which claims no clinical equivalence.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import {
  HEFEI_LEADS,
  type HefeiEntry,
  readHefeiLabels,
  readHefeiList,
  readPtbxl,
  readPtbxlRecording,
} from "../formats";
import { type Dataset, type Example, memoryDataset } from "../training/dataset";
import { ecgInput, encodeAge, encodeSex } from "./ecg-inputs";
import { readSmallInput, SMALL_INPUT, SMALL_INPUT_SHAPE } from "./hefei-small-input";
import { ptbxlFolder } from "./ptbxl";

export interface HefeiSampleTask {
  /** Every label that a submission may name, in the order of its file. */
  labels: string[];
  /** Those with enough records to learn from: the network's classes. */
  learnt: string[];
  /** Records of PTB-XL whose patients are not among those to be labelled. */
  train: Dataset;
  /** The records to be labelled. */
  held: Dataset;
  /** Their list as the competition gives it. */
  entries: HefeiEntry[];
}

export interface HefeiSampleOptions {
  /** Labels with fewer training records are not learnt. */
  leastRecords: number;
}

/** Reads both sides of the task. Throws where a record to be labelled is not known to PTB-XL, whose patients tell leaks. */
export function hefeiSampleTask({ leastRecords }: HefeiSampleOptions): HefeiSampleTask {
  const folder = join(projectRoot, "data", "sample", "hefei-layout");
  const labels = readHefeiLabels(join(folder, "arrythmia.txt"));
  const entries = readHefeiList(join(folder, "label_given.txt"), labels);
  const nameOf = JSON.parse(readFileSync(join(folder, "scp_to_hefei_names.json"), "utf8")) as Record<string, string>;
  const ptbxl = readPtbxl(ptbxlFolder());
  const patientOf = new Map(ptbxl.records.map((record) => [String(record.ecgId), record.patientId]));

  const groupOf = (entry: HefeiEntry): string => {
    const patient = patientOf.get(entry.file.replace(/\.txt$/, ""));
    if (patient === undefined)
      throw new SignalbookError("a record whose patient is not known", {
        file: join(folder, "label_given.txt"),
        place: `line ${entry.line}`,
        found: entry.file,
        expected: "a record of the PTB-XL sample",
      });
    return patient;
  };
  const heldPatients = new Set(entries.map(groupOf));

  const candidates = ptbxl.records
    .filter((record) => !heldPatients.has(record.patientId))
    .map((record) => ({ record, names: new Set([...record.scpCodes.keys()].map((code) => nameOf[code])) }))
    .filter(({ names }) => labels.some((label) => names.has(label)));
  const count = (label: string): number => candidates.filter(({ names }) => names.has(label)).length;
  const learnt = labels.filter((label) => count(label) >= leastRecords);
  const marks = (has: (label: string) => boolean): Float32Array => Float32Array.from(learnt, (l) => (has(l) ? 1 : 0));

  const train = candidates.map(
    ({ record, names }): Example => ({
      id: String(record.ecgId),
      input: ecgInput(readPtbxlRecording(ptbxl.folder, record, 100), HEFEI_LEADS, SMALL_INPUT),
      extras: { age: encodeAge(record.age), sex: encodeSex(record.sex) },
      target: marks((label) => names.has(label)),
      group: record.patientId,
      weight: 1,
    }),
  );
  const held = entries.map((entry): Example => {
    return {
      ...readSmallInput(join(folder, "records", entry.file)),
      extras: { age: encodeAge(entry.age), sex: encodeSex(entry.sex) },
      target: marks((label) => entry.labels.includes(label)),
      group: groupOf(entry),
      weight: 1,
    };
  });
  return {
    labels,
    learnt,
    train: memoryDataset("PTB-XL sample, other patients", learnt, SMALL_INPUT_SHAPE, train),
    held: memoryDataset("Hefei layout sample", learnt, SMALL_INPUT_SHAPE, held),
    entries,
  };
}
