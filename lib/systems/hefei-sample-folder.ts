/**
 * A folder in the Hefei layout from the bundled recordings, for trying the whole chain: PTB-XL records, one a patient,
 * brought from 100 to 500 Hz to learn from, and the 24 records of data/sample/hefei-layout to label. Labels follow from
 * SCP codes by the mapping beside the sample, which claims no clinical equivalence.
 */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, writeFileAtomic } from "../core/files";
import {
  HEFEI_LEADS,
  HEFEI_MICROVOLTS_PER_UNIT,
  HEFEI_SAMPLE_RATE,
  readHefeiLabels,
  readHefeiList,
  readPtbxl,
  readPtbxlRecording,
} from "../formats";
import { writeHefeiRecord } from "../formats/hefei-write";
import { inUnit, resampleSignal, selectLeads } from "../preprocessing";
import { hefeiFolder } from "./hefei";
import { ptbxlFolder } from "./ptbxl";

export interface HefeiSampleFolderOptions {
  /** Records to learn from at most, in PTB-XL's order. Default: all. */
  records?: number;
}

/** Writes the folder. No patient of the records to label is among those to learn from. */
export function writeHefeiSampleFolder(folder: string, { records: most }: HefeiSampleFolderOptions = {}): void {
  const sample = join(projectRoot, "data", "sample", "hefei-layout");
  const files = hefeiFolder(folder);
  mkdirSync(files.records, { recursive: true });
  const labels = readHefeiLabels(join(sample, "arrythmia.txt"));
  const entries = readHefeiList(join(sample, "label_given.txt"), labels);
  for (const { file } of entries) copyFileSync(join(sample, "records", file), join(files.records, file));
  copyFileSync(join(sample, "arrythmia.txt"), files.labels);
  writeFileAtomic(files.toLabel, entries.map(({ columns }) => `${columns.join("\t")}\n`).join(""));

  const nameOf = JSON.parse(readFileSync(join(sample, "scp_to_hefei_names.json"), "utf8")) as Record<string, string>;
  const { records, folder: ptbxl } = readPtbxl(ptbxlFolder());
  const asked = new Set(entries.map(({ file }) => file));
  const patients = new Set(records.filter(({ ecgId }) => asked.has(`${ecgId}.txt`)).map(({ patientId }) => patientId));
  const lines: string[] = [];
  for (const record of records) {
    const names = new Set([...record.scpCodes.keys()].map((code) => nameOf[code]));
    const given = labels.filter((label) => names.has(label));
    if (lines.length === most) break;
    if (patients.has(record.patientId) || given.length === 0) continue;
    patients.add(record.patientId); // one record a patient: the layout names none
    const recording = readPtbxlRecording(ptbxl, record, 100);
    const { signals } = selectLeads(recording, HEFEI_LEADS, { sampleRate: 100 });
    const stored = signals.map((signal) => {
      const { samples } = resampleSignal(inUnit(signal, "uV"), HEFEI_SAMPLE_RATE);
      return Array.from(samples, (value) => Math.round(value / HEFEI_MICROVOLTS_PER_UNIT));
    });
    const file = `${record.ecgId}.txt`;
    writeHefeiRecord(join(files.records, file), stored);
    lines.push([file, record.age ?? "", (record.sex ?? "").toUpperCase(), ...given].join("\t"));
  }
  writeFileAtomic(files.list, lines.map((line) => `${line}\n`).join(""));
}
