import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { EdfFile } from "../../lib/formats";
import { pageMontage } from "../../lib/preprocessing";

const channels = (...labels: string[]) => labels.map((label) => ({ label, unit: "uV", sampleRate: 200 }));

test("a polysomnography by its rows, each signal once", () => {
  const file = new EdfFile(join(projectRoot, "data", "sample", "psg", "subject1.edf"));
  file.close();
  const { kind, traces } = pageMontage(file.signals);
  assert.equal(kind, "polysomnography");
  assert.equal(traces.length, 19, "21 rows without the thermistor, saturation once");
  assert.deepEqual(traces[3], { label: "EEG C3-M2", positions: [17], band: { low: 0.3, high: 35 } });
  assert.equal(traces.at(-1)!.label, "Saturation");
  assert.equal(file.signals[17]!.label, "C3-M2");
});

test("a scalp EEG by its chains; electrodes that are there twice or against another reference are left out", () => {
  const labels = ["EEG Fp1-REF", "EEG F3-REF", "EEG C3-REF", "EEG P3-REF", "EEG O1-REF", "EEG F7-REF", "EEG T7-REF"];
  const { kind, traces } = pageMontage(channels(...labels, "EEG P7-REF", "EEG Fz-REF", "EEG Cz-A1", "ECG"));
  assert.equal(kind, "scalp EEG");
  assert.deepEqual(
    traces.map(({ label, positions }) => `${label} ${positions}`),
    ["Fp1-F7 0,5", "F7-T3 5,6", "T3-T5 6,7", "T5-O1 7,4", "Fp1-F3 0,1", "F3-C3 1,2", "C3-P3 2,3", "P3-O1 3,4"],
  );
  assert.equal(pageMontage(channels(...labels, "EEG Fp1-REF", "EEG O1-REF")).traces.length, 9);
});

test("anything else as it is, without impedances and triggers; electrodes without their drift", () => {
  const { kind, traces } = pageMontage([
    { label: "EEG Fpz-Cz", unit: "uV", sampleRate: 100 },
    { label: "Impedance", unit: "kOhm", sampleRate: 1 },
    { label: "Status", unit: "uV", sampleRate: 2048 },
    { label: "Temp rectal", unit: "DegC", sampleRate: 1 },
    { label: "Battery", unit: "V", sampleRate: 1 },
  ]);
  assert.equal(kind, "as recorded");
  assert.deepEqual(traces, [
    { label: "EEG Fpz-Cz", positions: [0], band: { low: 0.3 } },
    { label: "Temp rectal", positions: [3] },
    { label: "Battery", positions: [4] },
  ]);
  assert.equal(pageMontage(channels(...Array.from({ length: 40 }, (_, i) => `x${i}`))).traces.length, 16);
  assert.deepEqual(pageMontage([]), { kind: "as recorded", traces: [] });
});
