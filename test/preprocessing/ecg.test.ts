import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import {
  isBeat,
  type Recording,
  readPtbxl,
  readPtbxlRecording,
  readWfdbAnnotations,
  readWfdbRecord,
} from "../../lib/formats";
import { deriveLimbLeads, ECG_LEADS_8, ecgFeatures, rPeaks, selectLeads } from "../../lib/preprocessing";
import { throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample");
const folder = join(sample, "ptbxl");
const { records } = readPtbxl(folder);

test("R peaks of MIT-BIH record 100 against its cardiologists' annotations", () => {
  const record = readWfdbRecord(join(sample, "mit-bih", "100"));
  const rate = 360;
  const beats = readWfdbAnnotations(join(sample, "mit-bih", "100.atr"), rate).filter(isBeat);
  const found = Array.from(rPeaks([record.signals[0]!.samples], rate));
  // Every beat has one peak within 50 ms, and there are no others.
  assert.equal(found.length, beats.length);
  beats.forEach(({ sample: at }, i) => {
    assert.ok(Math.abs(found[i]! - at) <= 0.05 * rate, `beat ${i + 1} at sample ${at}`);
  });
});

test("R peaks of several leads: one that fell off does no harm", () => {
  const recording = readPtbxlRecording(folder, records[0]!, 100);
  const leads = recording.signals.map(({ samples }) => samples);
  const all = rPeaks(leads, 100);
  assert.ok(all.length >= 8 && all.length <= 14);
  const flat = leads.map((lead, i) => (i === 3 ? new Float64Array(lead.length) : lead));
  const without = rPeaks(flat, 100);
  assert.equal(without.length, all.length);
  // The same beats, each within a sample: the peak is where all leads together are steepest.
  all.forEach((peak, i) => {
    assert.ok(Math.abs(without[i]! - peak) <= 1);
  });
  assert.deepEqual(rPeaks([new Float64Array(1000)], 100), new Int32Array(0));
});

test("rates agree with the reports: sinus bradycardia, normal rhythm, sinus tachycardia", () => {
  const medianRate = (code: string): number => {
    const rates = records
      .filter(({ scpCodes }) => scpCodes.has(code))
      .map((record) => {
        const peaks = rPeaks(
          readPtbxlRecording(folder, record, 100).signals.map(({ samples }) => samples),
          100,
        );
        const intervals = Array.from(peaks.subarray(1), (peak, i) => peak - peaks[i]!).sort((a, b) => a - b);
        return 6000 / intervals[intervals.length >> 1]!;
      })
      .sort((a, b) => a - b);
    assert.ok(rates.length >= 5, `${rates.length} records of ${code}`);
    return rates[rates.length >> 1]!;
  };
  assert.ok(medianRate("SBRAD") < 60);
  assert.ok(medianRate("STACH") > 100);
});

test("signals without beats to find are refused", () => {
  throwsProblem(() => rPeaks([new Float64Array(150)], 100), { expected: /at least 2 s/ });
  throwsProblem(() => rPeaks([new Float64Array(1000)], 40), { expected: /above 40 Hz/ });
  throwsProblem(() => rPeaks([new Float64Array(1000), new Float64Array(999)], 100), { expected: /one length/ });
  throwsProblem(() => rPeaks([], 100), { found: /^0 leads/ });
});

test("features: one finite value a name, the same names for every record", () => {
  const first = ecgFeatures(readPtbxlRecording(folder, records[0]!, 100));
  assert.equal(new Set(first.names).size, first.names.length);
  for (const record of records.slice(0, 40)) {
    const { names, values } = ecgFeatures(readPtbxlRecording(folder, record, 100));
    assert.deepEqual(names, first.names);
    assert.equal(values.length, names.length);
    assert.ok(values.every(Number.isFinite), `record ${record.ecgId}`);
  }
});

/** Value of a feature by name. */
function feature(recording: Recording, name: string, leads?: readonly string[]): number {
  const { names, values } = ecgFeatures(recording, leads === undefined ? {} : { leads });
  const index = names.indexOf(name);
  assert.ok(index >= 0, `${name} among ${names.join(", ")}`);
  return values[index]!;
}

test("features measure what they are named for", () => {
  // Beats of a known shape every 0.8 s: R 1 mV, S -0.3 mV, T 0.25 mV, on a level of 0.1 mV.
  const rate = 500;
  const bump = (t: number, at: number, width: number): number => Math.exp(-0.5 * ((t - at) / width) ** 2);
  const beat = (t: number): number => bump(t, 0, 0.01) - 0.3 * bump(t, 0.035, 0.008) + 0.25 * bump(t, 0.28, 0.04);
  const samples = Float64Array.from({ length: 10 * rate }, (_, i) => {
    const t = ((i / rate + 0.4) % 0.8) - 0.4;
    return 0.1 + beat(t) + beat(t + 0.8);
  });
  const recording: Recording = {
    id: "made",
    source: "made",
    start: null,
    signals: [
      { label: "I", unit: "mV", sampleRate: rate, samples },
      { label: "II", unit: "uV", sampleRate: rate, samples: samples.map((value) => -1000 * value) },
    ],
    annotations: [],
    comments: [],
  };
  const value = (name: string): number => feature(recording, name, ["I", "II"]);
  assert.equal(value("beats.rate (1/min)"), 75);
  assert.ok(Math.abs(value("I.R (mV)") - 1) < 0.02);
  assert.ok(Math.abs(value("I.S or Q (mV)") + 0.3) < 0.02);
  assert.ok(Math.abs(value("I.T highest (mV)") - 0.25) < 0.01);
  assert.ok(Math.abs(value("I.q50 (mV)") - 0.1) < 0.01);
  // Lead II is lead I turned over, written in microvolts.
  assert.ok(Math.abs(value("II.S or Q (mV)") + value("I.R (mV)")) < 1e-9);
  assert.ok(Math.abs(value("II.deviation (mV)") - value("I.deviation (mV)")) < 1e-12);
  // Twice as tall: 6 dB more in every band.
  const tall = {
    ...recording,
    signals: recording.signals.map((s) => ({ ...s, samples: Float64Array.from(s.samples, (v) => 2 * v) })),
  };
  const name = "I.power 8-15 Hz (dB of 1 mV^2)";
  assert.ok(Math.abs(feature(tall, name, ["I", "II"]) - value(name) - 20 * Math.log10(2)) < 1e-3);
});

test("features of a flat ECG are zero beats, not a guess", () => {
  const recording = readPtbxlRecording(folder, records[0]!, 100);
  const flat = {
    ...recording,
    signals: recording.signals.map((s) => ({ ...s, samples: new Float64Array(s.samples.length) })),
  };
  assert.equal(feature(flat, "beats.found"), 0);
  assert.equal(feature(flat, "beats.rate (1/min)"), 0);
  assert.ok(ecgFeatures(flat).values.every(Number.isFinite));
});

test("features need their leads, their rate and a voltage", () => {
  const recording = readPtbxlRecording(folder, records[0]!, 100);
  const eight = selectLeads(recording, ECG_LEADS_8);
  throwsProblem(() => ecgFeatures(eight), { what: /missing/, expected: "lead III" });
  assert.equal(ecgFeatures(deriveLimbLeads(eight)).names.length, ecgFeatures(recording).names.length);
  const slow = { ...recording, signals: recording.signals.map((s) => ({ ...s, sampleRate: 50 })) };
  throwsProblem(() => ecgFeatures(slow), { found: "50 Hz", expected: /80 Hz/ });
  const unitless = { ...recording, signals: recording.signals.map((s) => ({ ...s, unit: "SD" })) };
  throwsProblem(() => ecgFeatures(unitless), { what: /not a unit/ });
});
