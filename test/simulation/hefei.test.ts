import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { HEFEI_LEADS, HEFEI_ROUND2_LABELS, readHefeiList, readHefeiRecord } from "../../lib/formats";
import { rPeaks } from "../../lib/preprocessing";
import { drawAdultHeart, drawLeads } from "../../lib/simulation/anatomy";
import { simulateEcg } from "../../lib/simulation/ecg";
import { drawBeats } from "../../lib/simulation/ecg-beats";
import { TRUTH_FILE } from "../../lib/simulation/files";
import { drawPatient, type Patient } from "../../lib/simulation/findings";
import { LEAD_DIRECTIONS } from "../../lib/simulation/heart";
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
    const patient = drawPatient(drawAdultHeart(random), random);
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
    const patient = drawPatient(drawAdultHeart(random), random);
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

test("an early beat that is named comes within the recording, and sooner than its neighbours", () => {
  for (const label of ["室性早搏", "房性早搏"])
    for (let from = 0; from < 400; from += 20) {
      const { patient, random } = patientWith(label, ["心房颤动", "起搏心律", "窦性心律不齐"], from);
      const times = drawBeats(patient, 10, random)
        .map(({ time }) => time)
        .filter((time) => time > 0 && time < 10);
      const intervals = times.slice(1).map((time, i) => time - times[i]!);
      assert.ok(Math.min(...intervals) < (0.83 * 60) / patient.rhythm.rate, `${label} from seed ${from}`);
    }
});

test("an adult's heart without findings has neither axis nor voltage of one; hearts and chests differ, limb leads do not", () => {
  const random = new Generator(5);
  const hearts = Array.from({ length: 200 }, () => drawAdultHeart(random));
  for (const { axis, voltage } of hearts) assert.ok(axis > -30 && axis < 95 && voltage > 0.55 && voltage < 1.95);
  const axes = hearts.map(({ axis }) => axis);
  assert.ok(Math.min(...axes) < 0 && Math.max(...axes) > 80);
  const persons = [drawLeads(HEFEI_LEADS, random), drawLeads(HEFEI_LEADS, random)];
  HEFEI_LEADS.forEach((lead, k) => {
    const seen = persons.map((leads) => leads[k]!);
    if (lead.startsWith("V")) assert.notDeepEqual(seen[0], seen[1]);
    else for (const direction of seen) assert.deepEqual(direction, LEAD_DIRECTIONS[lead]);
  });
});
