import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { type Recording, readHefeiRecord, readWfdbRecord } from "../../lib/formats";
import {
  cutWindow,
  deriveLimbLeads,
  ECG_LEADS_8,
  ECG_LEADS_12,
  inUnit,
  leadName,
  moments,
  quantiles,
  selectLeads,
  toTimeChannels,
  windowStarts,
  zScore,
  zScoreRecording,
} from "../../lib/preprocessing";
import { maxDifference, throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample");
const ptbxl = (): Recording => readWfdbRecord(join(sample, "ptbxl", "records100", "00000", "00001_lr"));

function recording(signals: Partial<Recording["signals"][number]>[]): Recording {
  const defaults = { label: "x", unit: "mV", sampleRate: 10, samples: new Float64Array(0) };
  return {
    id: "1",
    source: "r.hea",
    start: new Date(0),
    signals: signals.map((s) => ({ ...defaults, ...s })),
    annotations: [],
    comments: [],
  };
}

test("leads are chosen by name in any case, in the order asked for", () => {
  const record = ptbxl();
  assert.ok(record.signals.some(({ label }) => label === "AVR"));
  const { signals } = selectLeads(record, ["V1", "aVR", "I"], { sampleRate: 100 });
  assert.deepEqual(
    signals.map(({ label }) => label),
    ["V1", "aVR", "I"],
  );
  assert.equal(signals[1]!.samples, record.signals[3]!.samples);
  assert.equal(leadName(" avf"), "aVF");
  assert.equal(leadName("MLII"), "MLII");
});

test("a missing lead, a double one and another rate are named", () => {
  const record = ptbxl();
  const without = { ...record, signals: record.signals.filter(({ label }) => label !== "V5") };
  throwsProblem(() => selectLeads(without, ECG_LEADS_12), {
    what: /lead is missing/,
    file: record.source,
    place: "record 00001_lr",
    expected: "lead V5",
    found: /V4, V6/,
  });
  const eight = readHefeiRecord(join(sample, "hefei-layout", "records", "1.txt"));
  throwsProblem(() => selectLeads(eight, ECG_LEADS_12), { expected: "lead III", fix: /deriveLimbLeads/ });
  const double = { ...record, signals: [...record.signals, record.signals[0]!] };
  throwsProblem(() => selectLeads(double, ["I"]), { what: /twice/ });
  throwsProblem(() => selectLeads(record, ["I"], { sampleRate: 500 }), {
    what: /another sampling rate/,
    place: "lead I",
    found: "100 Hz",
    expected: "500 Hz",
    fix: /resample/,
  });
  const mixed = recording([{ label: "I" }, { label: "II", sampleRate: 20 }]);
  throwsProblem(() => selectLeads(mixed, ["I", "II"]), { place: "lead II", found: "20 Hz", expected: "10 Hz" });
});

test("twelve leads from eight are those of the full record, but for its rounding", () => {
  const record = ptbxl();
  const derived = deriveLimbLeads(selectLeads(record, ECG_LEADS_8));
  assert.deepEqual(
    derived.signals.map(({ label }) => label),
    ECG_LEADS_12,
  );
  const full = selectLeads(record, ECG_LEADS_12);
  derived.signals.forEach(({ label, samples }, i) => {
    // Stored in steps of 1 uV, each lead rounded by itself.
    assert.ok(maxDifference(samples, full.signals[i]!.samples) <= 0.002, label);
  });
  // Exact rules: III = II - I, and the augmented leads sum to zero.
  const lead = (name: string): ArrayLike<number> => derived.signals.find(({ label }) => label === name)!.samples;
  const sum = Float64Array.from(lead("aVR"), (value, i) => value + lead("aVL")[i]! + lead("aVF")[i]!);
  assert.ok(maxDifference(sum, new Float64Array(1000)) < 1e-12);
  // Leads that are there are not computed anew.
  assert.equal(deriveLimbLeads(record).signals[2]!.samples, record.signals[2]!.samples);
  const unlike = recording([{ label: "I" }, { label: "II", unit: "uV" }]);
  throwsProblem(() => deriveLimbLeads(unlike), { what: /do not fit/, found: /uV/ });
});

test("units of voltage", () => {
  const signal = { label: "x", unit: "uV", sampleRate: 1, samples: Float64Array.of(4.88, 3000, -1) };
  assert.deepEqual(inUnit(signal, "mV"), { ...signal, unit: "mV", samples: Float64Array.of(4.88 / 1000, 3, -0.001) });
  assert.deepEqual(inUnit({ ...signal, unit: "V" }, "µV").samples, Float64Array.of(4.88e6, 3e9, -1e6));
  assert.deepEqual(inUnit(signal, "uV").samples, signal.samples);
  throwsProblem(() => inUnit({ ...signal, unit: "%" }, "mV"), { place: "signal x", found: "% to mV" });
  throwsProblem(() => inUnit({ ...signal, unit: "constructor" }, "mV"), { what: /not a unit/ });
});

test("signals side by side: [time, channels]", () => {
  const { signals } = recording([{ samples: Float64Array.of(1, 2, 3) }, { samples: Int16Array.of(4, 5, 6) }]);
  assert.deepEqual(toTimeChannels(signals), Float32Array.of(1, 4, 2, 5, 3, 6));
  const shorter = recording([{ samples: Float64Array.of(1, 2) }, { label: "V1", samples: Float64Array.of(1) }]);
  throwsProblem(() => toTimeChannels(shorter.signals), { place: "signal V1", found: "1 samples" });
  const gap = recording([{ label: "V2", samples: Float64Array.of(1, Number.NaN) }]);
  throwsProblem(() => toTimeChannels(gap.signals), { place: "signal V2, sample 1", found: "NaN" });
});

test("z-scores by lead and by record; a flat lead becomes zeros", () => {
  const record = recording([
    { label: "a", samples: Float64Array.of(0, 2, 4, 6) },
    { label: "b", samples: Float64Array.of(10, 10, 10, 10) },
    { label: "c", samples: Float64Array.of(1, -1, 1, -1) },
  ]);
  const byLead = zScoreRecording(record).signals;
  assert.deepEqual(
    byLead.map(({ unit }) => unit),
    ["SD", "SD", "SD"],
  );
  const root = Math.sqrt(5);
  assert.ok(maxDifference(byLead[0]!.samples, [-3 / root, -1 / root, 1 / root, 3 / root]) < 1e-15);
  assert.deepEqual(byLead[1]!.samples, new Float64Array(4));
  const byRecord = zScoreRecording(record, "record").signals;
  const common = Math.sqrt((5 + 0 + 1) / 3);
  assert.ok(maxDifference(byRecord[0]!.samples, [-3 / common, -1 / common, 1 / common, 3 / common]) < 1e-15);
  assert.ok(maxDifference(byRecord[2]!.samples, [1 / common, -1 / common, 1 / common, -1 / common]) < 1e-15);
  throwsProblem(() => moments([]), { found: "no samples" });
  throwsProblem(() => zScore([1, Number.NaN]), { found: /not finite/ });
});

test("quantiles interpolate between order statistics", () => {
  assert.deepEqual(quantiles([4, 1, 3, 2], [0, 0.25, 0.5, 1]), [1, 1.75, 2.5, 4]);
  throwsProblem(() => quantiles([], [0.5]), { what: /no samples/ });
});

test("windows: starts, views, annotations, and times between samples", () => {
  assert.deepEqual(windowStarts(10, 4), [0, 4]);
  assert.deepEqual(windowStarts(10, 4, 3), [0, 3, 6]);
  assert.deepEqual(windowStarts(3, 4), []);
  throwsProblem(() => windowStarts(10, 0), { found: "size 0, hop 0" });
  const record = {
    ...recording([{ label: "a", samples: Float64Array.from({ length: 50 }, (_, i) => i) }]),
    annotations: [0.5, 1.2, 2.9, 3.2].map((onset) => ({ onset, duration: null, text: "x" })),
  };
  const window = cutWindow(record, 1.2, 2);
  assert.deepEqual(Array.from(window.signals[0]!.samples.slice(0, 3)), [12, 13, 14]);
  assert.equal(window.signals[0]!.samples.length, 20);
  assert.equal(window.signals[0]!.samples.buffer, record.signals[0]!.samples.buffer);
  assert.deepEqual(
    window.annotations.map(({ onset }) => Math.round(onset * 10) / 10),
    [0, 1.7],
  );
  assert.equal(window.start?.getTime(), 1200);
  throwsProblem(() => cutWindow(record, 4, 2), { what: /outside/, found: "4 s to 6 s", expected: "within 0 s to 5 s" });
  throwsProblem(() => cutWindow(record, -1, 2), { what: /outside/ });
  throwsProblem(() => cutWindow(record, 0.05, 2), { what: /between two samples/, place: "signal a" });
});
