import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import {
  HMS_CLASSES,
  HMS_ELECTRODES,
  HMS_FREQUENCIES,
  HMS_SPECTROGRAM_COLUMNS,
  readHmsEeg,
  readHmsSpectrogram,
  readHmsTable,
} from "../../lib/formats/hms";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { maxDifference, scratchFile, throwsProblem } from "../support/problems";

const golden = readGolden<{
  eeg: { columns: string[]; values: GoldenArray };
  spectrogram: { columns: string[]; time: number[]; values: GoldenArray };
}>("formats/parquet");
const path = (name: string): string => join(goldenFolder, "formats", name);

test("an EEG: the published order of columns, any rows", () => {
  const { columns, values } = golden.eeg;
  assert.deepEqual([...HMS_ELECTRODES].sort(), [...columns].sort());
  const { signals, id } = readHmsEeg(path("eeg_snappy.parquet"), { from: 100, to: 350 });
  assert.equal(id, "eeg_snappy");
  assert.deepEqual(
    signals.map(({ label }) => label),
    HMS_ELECTRODES,
  );
  for (const { label, unit, sampleRate, samples } of signals) {
    const c = columns.indexOf(label);
    const expected = Float32Array.from({ length: 250 }, (_, i) => values.data[(100 + i) * 20 + c]!);
    assert.deepEqual(samples, expected, label);
    assert.deepEqual([unit, sampleRate], ["uV", 200]);
  }
  assert.equal(readHmsEeg(path("eeg_gzip.parquet")).signals[19]!.samples.length, 700);
  throwsProblem(() => readHmsEeg(path("eeg_gzip.parquet"), { to: 701 }), { what: /rows outside/ });
  throwsProblem(() => readHmsEeg(path("mixed_snappy.parquet")), { expected: '"C3"' });
});

test("spectrogram columns: as in the file, but for those the published sorting moved", () => {
  assert.deepEqual([...HMS_SPECTROGRAM_COLUMNS].sort(), golden.spectrogram.columns.slice(1).sort());
  // The facts of the published list: positions 59 to 62 and 80 to 83 of each region.
  assert.deepEqual(HMS_FREQUENCIES.slice(59, 63), ["12.3", "12.5", "12.7", "12.11"]);
  assert.deepEqual(HMS_FREQUENCIES.slice(80, 84), ["16.6", "16.8", "16.21", "16.41"]);
  const rising = HMS_FREQUENCIES.map(Number).sort((a, b) => a - b);
  const moved = HMS_FREQUENCIES.filter((name, i) => Number(name) !== rising[i]);
  assert.equal(moved.length, 8);
  assert.equal(HMS_SPECTROGRAM_COLUMNS[359], "RP_12.3");
});

test("a spectrogram as an image, and the rows after an offset", () => {
  const { columns, time, values } = golden.spectrogram;
  const whole = readHmsSpectrogram(path("spec_snappy.parquet"));
  assert.deepEqual([whole.width, whole.height, whole.channels], [400, 24, 1]);
  assert.equal(maxDifference(whole.times, time), 0);
  HMS_SPECTROGRAM_COLUMNS.forEach((name, x) => {
    const c = columns.indexOf(name) - 1;
    for (const y of [0, 11, 23]) {
      const found = whole.pixels[y * 400 + x];
      assert.ok(Object.is(found, Math.fround(values.data[y * 400 + c]!)), `${name} ${y}`);
    }
  });
  // Column c of row r holds (7 r + c) mod 50, its time is 2 r + 1, and a row group ends at row 200: two groups are read.
  const window = readHmsSpectrogram(path("spec_420.parquet"), { offset: 82 });
  assert.deepEqual([window.height, window.times[0], window.times[299]], [300, 83, 681]);
  HMS_SPECTROGRAM_COLUMNS.forEach((name, x) => {
    const c = columns.indexOf(name) - 1;
    for (const y of [0, 158, 159, 299])
      assert.equal(window.pixels[y * 400 + x], (7 * (41 + y) + c) % 50, `${name} ${y}`);
  });
  assert.equal(readHmsSpectrogram(path("spec_420.parquet"), { offset: 83 }).times[0], 83);
  throwsProblem(() => readHmsSpectrogram(path("spec_snappy.parquet"), { offset: 4 }), {
    found: "22 rows with a time of 4 s or later",
    expected: "300",
  });
  throwsProblem(() => readHmsSpectrogram(path("spec_snappy.parquet"), { offset: 100 }), { found: /^0 rows/ });
});

const header =
  "eeg_id,eeg_sub_id,eeg_label_offset_seconds,spectrogram_id,spectrogram_sub_id,spectrogram_label_offset_seconds," +
  `label_id,patient_id,expert_consensus,${HMS_CLASSES.map((name) => `${name}_vote`).join(",")}`;
const row = "1628180742,1,6.0,353733,1,6.0,3254468733,42516,LRDA,3,0,1,9,0,2";

test("train.csv and test.csv", (t) => {
  const train = readHmsTable(scratchFile(t, "train.csv", `${header}\n${row}\n`));
  assert.deepEqual(train, [
    {
      line: 2,
      eegId: "1628180742",
      eegSubId: 1,
      eegOffset: 6,
      spectrogramId: "353733",
      spectrogramSubId: 1,
      spectrogramOffset: 6,
      patientId: "42516",
      expertConsensus: "lrda",
      votes: [3, 0, 1, 9, 0, 2],
    },
  ]);
  const given = readHmsTable(scratchFile(t, "test.csv", "spectrogram_id,eeg_id,patient_id\n853520,3911565283,6885\n"));
  assert.deepEqual([given[0]!.eegId, given[0]!.eegOffset, given[0]!.votes], ["3911565283", 0, null]);
});

test("tables that are wrong are told by line and column", (t) => {
  const reading = (text: string): (() => unknown) => {
    const file = scratchFile(t, "train.csv", `${text}\n`);
    return () => readHmsTable(file);
  };
  throwsProblem(reading("eeg_id\n1"), { expected: '"spectrogram_id"' });
  throwsProblem(reading(header.replace("eeg_sub_id", "sub")), { expected: '"eeg_sub_id"', place: "line 1" });
  throwsProblem(reading(`${header}\n${row.replace("LRDA", "LRDB")}`), { place: "line 2, column expert_consensus" });
  throwsProblem(reading(`${header}\n${row.replace("6.0", "-6")}`), { what: /no offset/ });
  throwsProblem(reading(`${header}\n${row.replace("3,0,1,9,0,2", "0,0,0,0,0,0")}`), { what: /without votes/ });
  throwsProblem(reading(`${header}\n${row.replace("3,0,1", "3,-1,1")}`), { place: /lpd_vote/ });
  throwsProblem(reading(`${header}\n${row.replace("3,0,1", "3,x,1")}`), { place: /lpd_vote/, found: '"x"' });
});
