import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { HEFEI_LEADS, HEFEI_ROUND2_LABELS, readHefeiList, readHefeiRecord } from "../../lib/formats";
import { rPeaks } from "../../lib/preprocessing";
import { simulateEcg } from "../../lib/simulation/ecg";
import { TRUTH_FILE } from "../../lib/simulation/files";
import { drawPatient, type Patient } from "../../lib/simulation/findings";
import { drawHeart } from "../../lib/simulation/heart";
import { simulateHefei } from "../../lib/simulation/hefei";
import { hefeiDataset, hefeiFolder } from "../../lib/systems";
import { scratchFolder, throwsProblem } from "../support/problems";

const labels = HEFEI_ROUND2_LABELS.map(([name]) => name);

test("a Hefei folder, read as the competition's own; the same for a seed", (t) => {
  const folders = [scratchFolder(t), scratchFolder(t)];
  for (const folder of folders)
    assert.deepEqual(simulateHefei(folder, { subjects: 6, seed: 9, labels }), { records: 8 });
  const folder = hefeiFolder(folders[0]!);
  const dataset = hefeiDataset(folder);
  assert.equal(dataset.length, 6);
  assert.deepEqual(dataset.classes, labels);
  const held = readHefeiList(folder.toLabel);
  assert.deepEqual(
    held.map((entry) => entry.labels),
    [[], []],
  );
  const truth = JSON.parse(readFileSync(join(folders[0]!, TRUTH_FILE), "utf8")) as Record<string, string[]>;
  for (const { file } of held) assert.ok(truth[file]!.length > 0);
  const [record] = held;
  const { signals } = readHefeiRecord(join(folder.records, record!.file));
  assert.equal(signals.length, HEFEI_LEADS.length);
  const bytes = (root: string): Buffer => readFileSync(join(root, "records", record!.file));
  assert.deepEqual(bytes(folders[1]!), bytes(folders[0]!));
  throwsProblem(() => simulateHefei(folders[0]!, { subjects: 6, seed: 9, labels }), { file: folders[0]! });
});

/** The first patient from a seed on who has a finding and none of others. */
function patientWith(label: string, without: readonly string[], from = 0): { patient: Patient; random: Generator } {
  for (let seed = from; ; seed++) {
    const random = new Generator(seed);
    const patient = drawPatient(drawHeart(random), random);
    if (patient.labels.includes(label) && !without.some((other) => patient.labels.includes(other)))
      return { patient, random };
  }
}

const ecg = ({ patient, random }: { patient: Patient; random: Generator }): Map<string, Float64Array> => {
  const leads = simulateEcg(patient, { length: 5000, sampleRate: 500, leads: HEFEI_LEADS }, random);
  return new Map(HEFEI_LEADS.map((lead, k) => [lead, leads[k]!]));
};

test("every label drawn is one of the competition's, and most of those that are simulated come up", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 600; seed++) {
    const random = new Generator(seed);
    const patient = drawPatient(drawHeart(random), random);
    assert.equal(new Set(patient.labels).size, patient.labels.length);
    for (const label of patient.labels) {
      assert.ok(labels.includes(label), label);
      seen.add(label);
    }
  }
  assert.ok(seen.size >= 24, `${seen.size} labels`);
});

test("hearts show what their labels say", () => {
  const early = ["房性早搏", "室性早搏", "起搏心律"];
  const unevenness = (leads: Map<string, Float64Array>): number => {
    const peaks = rPeaks([leads.get("II")!], 500);
    const intervals = Array.from(peaks.slice(1), (peak, i) => peak - peaks[i]!);
    const mean = intervals.reduce((a, b) => a + b, 0) / intervals.length;
    return Math.sqrt(intervals.reduce((sum, x) => sum + (x - mean) ** 2, 0) / intervals.length) / mean;
  };
  const fibrillating = unevenness(ecg(patientWith("心房颤动", early)));
  const sinus = unevenness(ecg(patientWith("窦性心律", [...early, "窦性心律不齐"])));
  assert.ok(fibrillating > 0.1 && sinus < 0.07, `${fibrillating} and ${sinus}`);
  const net = (lead: Float64Array): number => Math.max(...lead) + Math.min(...lead);
  const left = ecg(patientWith("左前分支传导阻滞", early));
  assert.ok(net(left.get("I")!) > 0 && net(left.get("II")!) < 0, "left axis");
  const right = ecg(patientWith("电轴右偏", early));
  assert.ok(net(right.get("I")!) < 0, "right axis");
  const block = ecg(patientWith("完全性右束支传导阻滞", early));
  const normal = ecg(patientWith("窦性心律", [...early, "完全性右束支传导阻滞", "不完全性右束支传导阻滞", "电轴右偏"]));
  const tallest = (leads: Map<string, Float64Array>): number =>
    Math.max(...leads.get("V1")!) / -Math.min(...leads.get("V1")!);
  assert.ok(tallest(block) > tallest(normal), "a second R in V1");
});
