import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { HEFEI_LEADS, readPtbxl, readPtbxlRecording } from "../../lib/formats";
import { ecgInput } from "../../lib/systems/ecg-inputs";
import { hefeiSampleTask } from "../../lib/systems/hefei-sample";
import { ptbxlFolder } from "../../lib/systems/ptbxl";
import { classCounts } from "../../lib/training/dataset";

const task = hefeiSampleTask({ leastRecords: 8 });

test("no patient of the records to be labelled is trained on; every learnt label has records", () => {
  const patients = new Set(task.held.groups);
  assert.ok(task.train.groups.every((patient) => !patients.has(patient)));
  assert.ok(classCounts(task.train).every((count) => count >= 8));
  assert.ok(task.learnt.every((label) => task.labels.includes(label)));
  assert.ok(task.learnt.length >= 3);
  assert.equal(task.held.length, task.entries.length);
});

test("a record read from the Hefei text at 500 Hz is the ECG that PTB-XL holds at 100 Hz", () => {
  const { records, folder } = readPtbxl(ptbxlFolder());
  let compared = 0;
  for (let i = 0; i < task.held.length; i++) {
    const { id, input } = task.held.example(i);
    const record = records.find((candidate) => String(candidate.ecgId) === id)!;
    const original = ecgInput(readPtbxlRecording(folder, record, 100), HEFEI_LEADS, { sampleRate: 100, seconds: 10 });
    let [xx, yy, xy] = [0, 0, 0];
    input.forEach((x, j) => {
      xx += x * x;
      yy += original[j]! ** 2;
      xy += x * original[j]!;
    });
    // PTB-XL made its 100 Hz records about 1 ms later than ours, and both are rounded: not the same, but the same ECG
    assert.ok(xy / Math.sqrt(xx * yy) > 0.9, `${join(folder, id)}: correlation ${xy / Math.sqrt(xx * yy)}`);
    assert.ok(Math.abs(Math.sqrt(xx / yy) - 1) < 0.1, `record ${id}: scale ${Math.sqrt(xx / yy)}`);
    compared++;
  }
  assert.equal(compared, task.entries.length);
});
