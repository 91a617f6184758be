/** Electrocardiograms in the layout of the Hefei Hi-tech Cup, round 2, simulated. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../core/files";
import { Generator } from "../core/random";
import { HEFEI_LEADS, HEFEI_MICROVOLTS_PER_UNIT, HEFEI_ROWS, HEFEI_SAMPLE_RATE } from "../formats";
import { writeHefeiRecord } from "../formats/hefei-write";
import { drawAdultHeart } from "./anatomy";
import { simulateEcg } from "./ecg";
import { requireCount, requireEmptyFolder, writeTruth } from "./files";
import { drawPatient } from "./findings";

export interface SimulatedHefei {
  /** Labelled records, one a patient; a quarter as many more, one at least, are to be labelled. */
  subjects: number;
  seed: number;
  /** Label names in the order of the competition's list; the simulator draws some of them. */
  labels: readonly string[];
  /** Folder of the records below the data set's. Default "records". */
  records?: string;
  onDone?: (done: number, of: number) => void;
}

/** Ids of the competition are numbers; simulated ones begin far from any of its. */
const FIRST_ID = 900_001;

/**
 * Writes `<folder>/<records>/<id>.txt`, hf_round2_arrythmia.txt, hf_round2_train.txt and hf_round2_subA.txt. Same seed, same
 * files.
 * @throws SignalbookError for numbers out of range, and for a folder that is not empty.
 */
export function simulateHefei(folder: string, options: SimulatedHefei): { records: number } {
  const { subjects, seed, labels, records = "records", onDone } = options;
  requireCount("subjects", subjects);
  requireEmptyFolder(folder);
  mkdirSync(join(folder, records), { recursive: true });
  const random = new Generator(seed);
  const toLabel = Math.max(1, Math.round(subjects / 4));
  const drawn = Array.from({ length: subjects + toLabel }, () => random.fork());
  const rows = drawn.map((own, i) => {
    const patient = drawPatient(drawAdultHeart(own), own);
    const shape = { length: HEFEI_ROWS, sampleRate: HEFEI_SAMPLE_RATE, leads: HEFEI_LEADS };
    const stored = simulateEcg(patient, shape, own).map((lead) =>
      Int16Array.from(lead, (millivolts) => Math.round((1000 * millivolts) / HEFEI_MICROVOLTS_PER_UNIT)),
    );
    const file = `${FIRST_ID + i}.txt`;
    // Thousands of files that a seed makes anew: not worth waiting for the disk.
    writeHefeiRecord(join(folder, records, file), stored, { flush: false });
    onDone?.(i + 1, drawn.length);
    const columns = [file, String(patient.age ?? ""), patient.sex?.toUpperCase() ?? ""].join("\t");
    const names = labels.filter((label) => patient.labels.includes(label));
    return { file, columns, names };
  });
  const write = (name: string, lines: readonly string[]): void =>
    writeFileAtomic(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  write("hf_round2_arrythmia.txt", labels);
  const train = rows.slice(0, subjects);
  const held = rows.slice(subjects);
  write(
    "hf_round2_train.txt",
    train.map(({ columns, names }) => [columns, ...names].join("\t")),
  );
  write(
    "hf_round2_subA.txt",
    held.map(({ columns }) => columns),
  );
  writeTruth(folder, Object.fromEntries(held.map(({ file, names }) => [file, names])));
  return { records: rows.length };
}
