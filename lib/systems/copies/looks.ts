/** How a copy of each data set is looked through: the lists first, then what they name, then (deep) what is in it. */
import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import {
  EdfFile,
  HMS_ELECTRODES,
  HMS_SAMPLE_RATE,
  HMS_SPECTROGRAM_COLUMNS,
  listBeetl,
  readBeetlNight,
  readEdfHypnogram,
  readHefeiLabels,
  readHefeiList,
  readHefeiStored,
  readHmsTable,
  readMaicImage,
  readMaicList,
  readPtbxl,
  readPtbxlRecording,
} from "../../formats";
import { ParquetFile } from "../../formats/parquet";
import type { Look } from "./verification";

export async function lookAtMaic(look: Look, deep: boolean): Promise<void> {
  for (const list of ["trainset-for_user.csv", "testset-for_user.csv"]) {
    if (!look.has(list, "a list of images")) continue;
    const entries = look.tryTo(list, () => readMaicList(look.path(list))) ?? [];
    look.count(`images of ${list}`, entries.length);
    look.count("exams", new Set(entries.map(({ exam }) => exam)).size);
    for (const { exam, image } of entries) {
      const file = `${exam}/${image}`;
      if (!look.has(file, "an image") || !deep) continue;
      await readMaicImage(look.path(file)).catch((error: unknown) => look.note(file, error));
    }
  }
}

export async function lookAtHefei(look: Look, deep: boolean): Promise<void> {
  const labels = look.has("hf_round2_arrythmia.txt", "the list of labels")
    ? look.tryTo("hf_round2_arrythmia.txt", () => readHefeiLabels(look.path("hf_round2_arrythmia.txt")))
    : null;
  look.count("labels", labels?.length ?? 0);
  for (const list of ["hf_round2_train.txt", "hf_round2_subA.txt"]) {
    if (!look.has(list, "a list of records")) continue;
    const known = list === "hf_round2_train.txt" && labels !== null ? labels : undefined;
    const entries = look.tryTo(list, () => readHefeiList(look.path(list), known)) ?? [];
    look.count(`records of ${list}`, entries.length);
    for (const { file: name } of entries) {
      const file = `records/${name}`;
      if (look.has(file, "a record") && deep) look.tryTo(file, () => readHefeiStored(look.path(file)));
    }
  }
}

export async function lookAtHms(look: Look, deep: boolean): Promise<void> {
  for (const kind of ["train", "test"]) {
    const list = `${kind}.csv`;
    if (!look.has(list, "a table of windows")) continue;
    const rows = look.tryTo(list, () => readHmsTable(look.path(list))) ?? [];
    look.count(`windows of ${list}`, rows.length);
    look.count("patients", new Set(rows.map(({ patientId }) => patientId)).size);
    /** Of each EEG, the samples that its last window needs. */
    const needed = new Map<string, number>();
    for (const { eegId, eegOffset } of rows)
      needed.set(eegId, Math.max(needed.get(eegId) ?? 0, Math.round((eegOffset + 50) * HMS_SAMPLE_RATE)));
    for (const [id, samples] of needed)
      lookAtTable(look, `${kind}_eegs/${id}.parquet`, { columns: HMS_ELECTRODES, rows: samples, deep });
    for (const id of new Set(rows.map(({ spectrogramId }) => spectrogramId)))
      lookAtTable(look, `${kind}_spectrograms/${id}.parquet`, { columns: HMS_SPECTROGRAM_COLUMNS, rows: 1, deep });
  }
}

function lookAtTable(
  look: Look,
  file: string,
  { columns, rows, deep }: { columns: readonly string[]; rows: number; deep: boolean },
): void {
  if (!look.has(file, "a Parquet file") || !deep) return;
  look.tryTo(file, () => {
    const table = new ParquetFile(look.path(file));
    try {
      const names = new Set(table.columns.map(({ name }) => name));
      const absent = columns.filter((name) => !names.has(name));
      if (absent.length > 0) look.wrong.push({ file, what: `without ${absent.slice(0, 4).join(", ")}` });
      if (table.rows < rows) look.wrong.push({ file, what: `${table.rows} rows where ${rows} are needed` });
    } finally {
      table.close();
    }
  });
}

export async function lookAtBeetl(look: Look, deep: boolean): Promise<void> {
  for (const folder of [".", "sleep_target", "testing"]) {
    if (folder !== "." && !look.has(folder, "a folder of nights")) continue;
    const nights = look.tryTo(folder, () => listBeetl(look.path(folder))) ?? [];
    look.count(`nights of ${folder === "." ? "the training set" : folder}`, nights.length);
    for (const night of nights) {
      const file = folder === "." ? basename(night.signals) : `${folder}/${basename(night.signals)}`;
      if (folder !== "testing" && night.labels === null) look.missing.push({ file, what: "its labels" });
      if (deep) look.tryTo(file, () => readBeetlNight(night));
    }
  }
}

export async function lookAtPtbxl(look: Look, deep: boolean): Promise<void> {
  const lists = ["ptbxl_database.csv", "scp_statements.csv"].map((list) => look.has(list, "a table"));
  if (!lists.every(Boolean)) return;
  const read = look.tryTo("ptbxl_database.csv", () => readPtbxl(look.folder));
  if (read === null) return;
  look.count("records", read.records.length);
  look.count("patients", new Set(read.records.map(({ patientId }) => patientId)).size);
  for (const record of read.records)
    for (const [rate, name] of [
      [100, record.lowRate],
      [500, record.highRate],
    ] as const) {
      const there = [".hea", ".dat"].map((end) => look.has(`${name}${end}`, `a record at ${rate} Hz`));
      if (!there.every(Boolean)) continue;
      look.count(`records at ${rate} Hz`, 1);
      if (deep) look.tryTo(`${name}.hea`, () => readPtbxlRecording(look.folder, record, rate));
    }
}

export async function lookAtSleepEdf(look: Look, deep: boolean): Promise<void> {
  for (const folder of ["sleep-cassette", "sleep-telemetry"]) {
    // The systems are about the cassette's nights: a copy without the others is whole.
    if (folder === "sleep-telemetry" && !existsSync(look.path(folder))) continue;
    if (!look.has(folder, "a folder of nights")) continue;
    const names = readdirSync(look.path(folder));
    const recordings = names.filter((name) => name.endsWith("-PSG.edf"));
    look.count(`nights of ${folder}`, recordings.length);
    if (recordings.length === 0) look.missing.push({ file: folder, what: "recordings, such as SC4001E0-PSG.edf" });
    for (const name of recordings) {
      // A night's two files begin with the same six letters: subject and night.
      const hypnogram = names.find((other) => other.startsWith(name.slice(0, 6)) && other.endsWith("-Hypnogram.edf"));
      if (hypnogram === undefined)
        look.missing.push({ file: `${folder}/${name.slice(0, 6)}..-Hypnogram.edf`, what: "the stages" });
      if (!deep) continue;
      look.tryTo(`${folder}/${name}`, () => new EdfFile(look.path(folder, name)).close());
      if (hypnogram !== undefined)
        look.tryTo(`${folder}/${hypnogram}`, () => readEdfHypnogram(look.path(folder, hypnogram)));
    }
  }
}
