import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { PTBXL_SUPERCLASSES, readPtbxl, readPtbxlRecording } from "../../lib/formats";
import { scratchFolder, throwsProblem } from "../support/problems";

const folder = join(projectRoot, "data", "sample", "ptbxl");

test("the sample's table: every record's cells, and its files at 100 Hz", () => {
  const { records } = readPtbxl(folder);
  assert.equal(records.length, 353);
  const { scpCodes, ...first } = records[0]!;
  assert.deepEqual(first, {
    ecgId: 1,
    patientId: "15709",
    age: 56,
    sex: "female",
    superclasses: ["NORM"],
    fold: 3,
    lowRate: "records100/00000/00001_lr",
    highRate: "records500/00000/00001_hr",
  });
  assert.deepEqual(
    [...scpCodes],
    [
      ["NORM", 100],
      ["LVOLT", 0],
      ["SR", 0],
    ],
  );
  assert.deepEqual([...new Set(records.map(({ fold }) => fold))].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(new Set(records.map(({ ecgId }) => ecgId)).size, 353);
});

test("a patient's records lie in one fold", () => {
  const foldOf = new Map<string, number>();
  for (const { patientId, fold } of readPtbxl(folder).records) {
    assert.equal(foldOf.get(patientId) ?? fold, fold, patientId);
    foldOf.set(patientId, fold);
  }
});

test("superclasses follow from diagnostic statements, at any likelihood, in fixed order", () => {
  const { records, statements } = readPtbxl(folder);
  assert.equal(statements.size, 71);
  assert.equal([...statements.values()].filter(({ superclass }) => superclass !== null).length, 44);
  for (const { scpCodes, superclasses } of records) {
    const wanted = PTBXL_SUPERCLASSES.filter((name) =>
      [...scpCodes.keys()].some((code) => statements.get(code)?.superclass === name),
    );
    assert.deepEqual(superclasses, wanted);
  }
  // A rhythm statement alone (PACE, a paced rhythm) gives no class; a diagnosis of likelihood 0 does.
  assert.ok(records.some(({ scpCodes, superclasses }) => superclasses.length === 0 && scpCodes.has("PACE")));
  const zero = records.find(({ scpCodes }) =>
    [...scpCodes].some(([code, likelihood]) => likelihood === 0 && statements.get(code)?.superclass),
  );
  assert.ok(zero !== undefined && zero.superclasses.length > 0);
});

test("recordings at both rates: one ECG, twelve leads in mV", () => {
  const record = readPtbxl(folder).records[0]!;
  const [low, high] = [readPtbxlRecording(folder, record, 100), readPtbxlRecording(folder, record, 500)];
  assert.deepEqual([low.id, high.id], ["1", "1"]);
  for (const [recording, rate] of [
    [low, 100],
    [high, 500],
  ] as const) {
    assert.equal(recording.signals.length, 12);
    for (const { unit, sampleRate, samples } of recording.signals) {
      assert.deepEqual([unit, sampleRate, samples.length], ["mV", rate, 10 * rate]);
    }
  }
  const swapped = { ...record, lowRate: record.highRate };
  throwsProblem(() => readPtbxlRecording(folder, swapped, 100), {
    found: "500 Hz",
    expected: "100 Hz",
    fix: /filename_lr/,
  });
  const missing = { ...record, highRate: "records500/00000/00002_hr" };
  throwsProblem(() => readPtbxlRecording(folder, missing, 500), { file: /00002_hr\.hea$/, found: "nothing there" });
});

test("tables that cannot be read are named by line and column", (t) => {
  const copy = scratchFolder(t);
  for (const name of ["ptbxl_database.csv", "scp_statements.csv"]) cpSync(join(folder, name), join(copy, name));
  const database = join(copy, "ptbxl_database.csv");
  const text = readFileSync(database, "utf8");
  const broken = (from: string, to: string, expected: Parameters<typeof throwsProblem>[1]): void => {
    assert.ok(text.includes(from));
    writeFileSync(database, text.replace(from, to));
    throwsProblem(() => readPtbxl(copy), { file: database, ...expected });
  };
  broken("scp_codes", "codes", { what: /column is missing/, expected: '"scp_codes"' });
  broken("{'NORM': 100.0", "{'NORMAL': 100.0", { place: "line 2, column scp_codes", found: '"NORMAL"' });
  broken("{'NORM': 100.0", "{NORM: 100.0", { place: "line 2, column scp_codes", expected: /CODE/ });
  broken("{'NORM': 100.0", "'NORM': 100.0", { place: "line 2, column scp_codes" });
  broken("1,15709.0,56.0,1,", "1,15709.0,56.0,2,", { place: "line 2, column sex", found: '"2"' });
  broken("1,15709.0,56.0,1,", "1,15709.0,old,1,", { place: "line 2, column age", found: '"old"' });
  broken("1,15709.0,56.0,1,", "1,,56.0,1,", { place: "line 2, column patient_id", found: '""' });
  broken("\n2,13243.0,", "\n1,13243.0,", { place: "line 3, column ecg_id", expected: /line 2/ });
  broken("3,records100/00000/00001_lr", "11,records100/00000/00001_lr", { place: "line 2, column strat_fold" });
  writeFileSync(database, `${text.split("\n")[0]!}\n`);
  throwsProblem(() => readPtbxl(copy), { what: /without records/ });
  writeFileSync(join(copy, "scp_statements.csv"), ",description,diagnostic,diagnostic_class\nX,x,1.0,NEW\n");
  throwsProblem(() => readPtbxl(copy), {
    file: /scp_statements/,
    place: "line 2, column diagnostic_class",
    found: '"NEW"',
  });
});
