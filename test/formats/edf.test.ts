import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { EdfFile, readEdf, type Signal } from "../../lib/formats";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface MneFile {
  /** In volts where the unit is a volt's. */
  signals: { label: string; sfreq: number; values: GoldenArray }[];
  annotations: [onset: number, duration: number, text: string][];
  meas_date: string;
}

interface PyedflibFile {
  file_duration: number;
  start: string;
  record_duration: number;
  records: number;
  signals: {
    label: string;
    dimension: string;
    sample_frequency: number;
    physical_min: number;
    physical_max: number;
    digital_min: number;
    digital_max: number;
    prefilter: string;
    transducer: string;
    physical: GoldenArray;
    digital: GoldenArray;
  }[];
  annotations: [onset: number, duration: number, text: string][];
}

const golden = readGolden<{
  files: Record<string, { type: string; pyedflib: PyedflibFile; mne: MneFile }> & {
    "gaps.edf": {
      by_construction: {
        sample_frequency: number;
        record_onsets: number[];
        record_duration: number;
        signals: { label: string; physical_by_record: GoldenArray }[];
        annotations: [onset: number, duration: number, text: string][];
      };
    };
    "hypnogram.edf": { by_construction: { annotations: [number, number, string][]; start: string } };
  };
}>("formats/edf");

const goldenFile = (name: string): string => join(goldenFolder, "formats", name);
const fixture = (name: string): string => join(projectRoot, "test", "fixtures", "edf", name);
const psg = join(projectRoot, "data", "sample", "psg", "subject1.edf");

for (const name of ["plain.edf", "odd.edf", "plus.edf", "plain.bdf", "plus.bdf"]) {
  test(`${name}: header, samples and annotations as pyEDFlib reads them`, () => {
    const { pyedflib: expected } = golden.files[name]!;
    const file = new EdfFile(goldenFile(name));
    assert.equal(file.duration, expected.file_duration);
    assert.equal(file.start?.toISOString().slice(0, 19), expected.start);
    assert.equal(file.header.recordDuration, expected.record_duration);
    assert.equal(file.header.records, expected.records);
    assert.equal(file.segments.length, 1);
    const signals = file.read();
    assert.equal(signals.length, expected.signals.length);
    expected.signals.forEach((wanted, i) => {
      const header = file.signals[i]!;
      assert.deepEqual(
        [header.label, header.unit, header.sampleRate, header.prefilter, header.transducer],
        [wanted.label, wanted.dimension, wanted.sample_frequency, wanted.prefilter, wanted.transducer],
      );
      const range = wanted.physical_max - wanted.physical_min;
      assert.ok(maxDifference(signals[i]!.samples, wanted.physical.data) <= 1e-13 * range, wanted.label);
      // Back to stored values: exact.
      const unit = range / (wanted.digital_max - wanted.digital_min);
      const stored = signals[i]!.samples.map((x) => Math.round((x - wanted.physical_min) / unit) + wanted.digital_min);
      assert.equal(maxDifference(stored, wanted.digital.data), 0);
    });
    assert.deepEqual(
      file.annotations.map(({ onset, duration, text }) => [onset, duration ?? -1, text]),
      expected.annotations,
    );
    file.close();
  });
}

/** What MNE multiplies by to get volts; other units it leaves alone. */
const VOLTS: Readonly<Record<string, number>> = { uV: 1e-6, mV: 1e-3, V: 1 };

for (const name of ["plain.edf", "odd.edf", "plus.edf", "plain.bdf", "plus.bdf"]) {
  test(`${name}: samples, annotations and start as MNE reads them`, () => {
    const { mne: expected } = golden.files[name]!;
    const recording = readEdf(goldenFile(name));
    let compared = 0;
    for (const { label, sfreq, values } of expected.signals) {
      const signal = recording.signals.find((candidate) => candidate.label === label)!;
      // MNE resamples signals of other rates to the highest, and keeps only the trigger bits of a Status channel.
      if (signal.sampleRate !== sfreq || label === "Status") continue;
      const scale = VOLTS[signal.unit] ?? 1;
      const range = Math.max(...values.data) - Math.min(...values.data);
      assert.ok(
        maxDifference(
          signal.samples.map((x) => scale * x),
          values.data,
        ) <=
          1e-12 * range,
        label,
      );
      compared++;
    }
    assert.ok(compared > 0);
    assert.deepEqual(
      recording.annotations.map(({ onset, duration, text }) => [onset, duration ?? 0, text]),
      expected.annotations,
    );
    assert.equal(recording.start?.getTime(), Date.parse(expected.meas_date));
  });
}

test("one record of 9.59375 s with values far from zero: as the recorder exported them", () => {
  const file = new EdfFile(fixture("test_edf_stim_channel.edf"));
  assert.deepEqual([file.header.recordDuration, file.records], [9.59375, 1]);
  const rows = readFileSync(fixture("test_edf_stim_channel.txt"), "utf8").trim().split("\n");
  const exported = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const signals = file.read({ to: rows.length / file.signals[0]!.sampleRate });
  file.close();
  assert.deepEqual([signals.length, signals[0]!.samples.length], [exported[0]!.length, rows.length]);
  signals.forEach(({ samples, label }, s) => {
    const { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum } = file.signals[s]!;
    const step = (physicalMaximum - physicalMinimum) / (digitalMaximum - digitalMinimum);
    // Exported with one decimal, from values rounded by up to a step.
    const exact = Float64Array.from(exported, (row) => row[s]!);
    assert.ok(maxDifference(samples, exact) <= 0.05 + step, label);
  });
});

test("a discontinuous file keeps its gaps: segments, NaN between them, annotations behind them", () => {
  const expected = golden.files["gaps.edf"].by_construction;
  const file = new EdfFile(goldenFile("gaps.edf"));
  assert.equal(file.header.kind, "EDF+D");
  assert.deepEqual(
    file.segments.map(({ onset, duration, firstRecord, records }) => [onset, duration, firstRecord, records]),
    [
      [0, 1.5, 0, 3],
      [7.25, 1, 3, 2],
      [20, 0.5, 5, 1],
    ],
  );
  assert.equal(file.duration, 20.5);
  assert.deepEqual(
    file.annotations.map(({ onset, duration, text }) => [onset, duration, text]),
    expected.annotations.map(([onset, duration, text]) => [onset, duration < 0 ? null : duration, text]),
  );
  const signals = file.read();
  expected.signals.forEach((wanted, s) => {
    const { samples, sampleRate } = signals[s]!;
    const perRecord = wanted.physical_by_record.shape[1]!;
    const onGrid = new Float64Array(samples.length).fill(Number.NaN);
    expected.record_onsets.forEach((onset, record) => {
      onGrid.set(
        wanted.physical_by_record.data.slice(record * perRecord, (record + 1) * perRecord),
        Math.round(onset * sampleRate),
      );
    });
    const scale = Math.max(...wanted.physical_by_record.data.map(Math.abs));
    assert.ok(maxDifference(samples, onGrid) <= 1e-12 * scale, wanted.label);
  });
  // A window across a gap is the same stretch of the whole.
  const [part] = file.read({ channels: [signals[0]!.label], from: 1.2, to: 7.5 });
  assert.deepEqual(part!.samples, signals[0]!.samples.slice(120, 750));
  file.close();
});

test("annotations only, with records of no duration", () => {
  const expected = golden.files["hypnogram.edf"].by_construction;
  const recording = readEdf(goldenFile("hypnogram.edf"));
  assert.deepEqual(recording.signals, []);
  assert.equal(recording.start?.toISOString().slice(0, 19), expected.start);
  assert.deepEqual(
    recording.annotations.map(({ onset, duration, text }) => [onset, duration, text]),
    expected.annotations,
  );
});

test("every window of a file is that stretch of the whole, at every rate", () => {
  for (const name of ["plain.edf", "odd.edf", "plain.bdf"]) {
    const file = new EdfFile(goldenFile(name));
    const whole = file.read();
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [0.3, 0.35],
      [1.5, 3.75],
      [0.999, 1.001],
      [file.duration - 1.1, file.duration],
    ] as const) {
      file.read({ from, to }).forEach((part, i) => {
        const { samples, sampleRate } = whole[i]!;
        const inside = samples.filter((_, k) => k / sampleRate >= from - 1e-9 && k / sampleRate < to - 1e-9);
        assert.deepEqual(part.samples, inside, `${name} ${part.label} ${from} to ${to}`);
      });
    }
    file.close();
  }
});

test("a clinical PSG: 89 signals of ten rates, labels that are not ASCII", () => {
  const file = new EdfFile(psg);
  assert.equal(file.signals.length, 89);
  assert.equal(file.start?.toISOString(), "2018-02-06T01:36:50.000Z");
  assert.equal(file.duration, 120);
  assert.deepEqual(
    [...new Set(file.signals.map(({ sampleRate }) => sampleRate))].sort((a, b) => a - b),
    [1, 3, 5, 20, 25, 75, 100, 200],
  );
  const [eeg, impedance] = file.read({ channels: ["C3-M2", "C3 Impédance"], from: 30, to: 60 });
  assert.deepEqual(
    [eeg!.unit, eeg!.samples.length, impedance!.unit, impedance!.samples.length],
    ["V", 6000, "Ohm", 30],
  );
  const whole = readEdf(psg);
  assert.deepEqual(eeg!.samples, whole.signals.find(({ label }) => label === "C3-M2")!.samples.slice(6000, 12000));
  assert.ok(impedance!.samples.every((ohm) => ohm > 1000 && ohm < 20000));
  file.close();
});

test("a start with a fraction of a second: annotations count from the first sample", () => {
  const { start, annotations, comments } = readEdf(fixture("test_subsecond.edf"));
  // The header says 04:05:56; the first record's time-keeping annotation adds 0.3945312 s.
  assert.equal(start?.toISOString(), "2020-01-24T04:05:56.395Z");
  assert.deepEqual(annotations[0], { onset: 1.9511719, duration: null, text: "XLSpike" });
  assert.equal(annotations.length, 4);
  assert.match(comments[0]!, /20-JAN-1998/);
});

test("annotations in Chinese", () => {
  const { annotations } = readEdf(fixture("test_utf8.edf"));
  assert.deepEqual(annotations[2], { onset: 119.6054688, duration: null, text: "中文测试八个字" });
});

test("rates that are no whole numbers: 128 samples in records of 10 s", () => {
  const { signals } = readEdf(fixture("test_uneven_samp.edf"));
  assert.deepEqual(
    signals.map(({ label, unit, sampleRate, samples }) => [label, unit, sampleRate, samples.length]),
    [
      ["3Hz +5/-5 V", "V", 100, 11000],
      ["0.2Hz Blk 1/0uV", "uV", 12.8, 1408],
    ],
  );
  // The labels say what was generated: 3 Hz between -5 and 5 V, and a 0.2 Hz square wave of 0 and 1 uV.
  const [wave, square] = signals.map(({ samples }) => samples);
  const crossings = wave!.filter((value, i) => i > 0 && wave![i - 1]! < 0 && value >= 0).length;
  assert.ok(Math.abs(crossings - 3 * 110) <= 1, `${crossings} periods`);
  assert.ok(Math.abs(Math.max(...wave!) - 5) < 0.02 && Math.abs(Math.min(...wave!) + 5) < 0.02);
  const rises = square!.filter((value, i) => i > 0 && square![i - 1]! < 0.5 && value >= 0.5).length;
  assert.ok(Math.abs(rises - 22) <= 1, `${rises} rises`);
});

test("24-bit samples: the trigger channel's low byte holds one bit a trigger", () => {
  const file = new EdfFile(fixture("test_bdf_stim_channel.bdf"));
  const status = file.signals.find(({ label }) => label === "Status")!;
  const unit = (status.physicalMaximum - status.physicalMinimum) / (status.digitalMaximum - status.digitalMinimum);
  const [{ samples }] = file.read({ channels: ["Status"] }) as [Signal];
  const codes = Array.from(
    samples,
    (x) => Math.round((x - status.physicalMinimum) / unit + status.digitalMinimum) & 0xff,
  );
  assert.equal(codes.length, 5000);
  assert.deepEqual([...new Set(codes)].sort(), [0, 1, 2, 4]);
  file.close();
});

test("signals of one label are told apart by index", () => {
  const file = new EdfFile(fixture("duplicate_channel_labels.edf"));
  assert.deepEqual(
    file.signals.map(({ label }) => label),
    ["EEG F1-Ref", "EEG F2-Ref", "EEG F1-Ref"],
  );
  throwsProblem(() => file.read({ channels: ["EEG F1-Ref"] }), {
    what: /several signals/,
    found: "indices 0, 2",
    fix: /index/,
  });
  throwsProblem(() => file.read({ channels: ["Fz"] }), { what: /not there/, expected: '"Fz"', found: /EEG F2-Ref/ });
  throwsProblem(() => file.read({ channels: [7] }), { expected: "index 7" });
  const [first, third] = file.read({ channels: [0, 2] });
  assert.equal(first!.label, third!.label);
  assert.notDeepEqual(first!.samples, third!.samples);
  throwsProblem(() => file.read({ from: 5, to: 1000 }), { what: /outside/, expected: "within 0 s to 10 s" });
  throwsProblem(() => file.read({ from: -1 }), { what: /outside/ });
  throwsProblem(() => file.read({ from: 3, to: 2 }), { what: /outside/ });
  file.close();
});
