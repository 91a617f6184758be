import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import {
  HMS_CLASSES,
  HMS_ELECTRODES,
  HMS_SAMPLE_RATE,
  HMS_SPECTROGRAM_COLUMNS,
  HMS_SPECTROGRAM_ROWS,
  readHmsEeg,
  readHmsSpectrogram,
  readHmsTable,
} from "../../lib/formats";
import { welch } from "../../lib/preprocessing";
import { TRUTH_FILE } from "../../lib/simulation/files";
import { simulateHms } from "../../lib/simulation/hms";
import { simulateIcuEeg } from "../../lib/simulation/hms-eeg";
import { castVotes, opinion } from "../../lib/simulation/votes";
import { scratchFolder, throwsProblem } from "../support/problems";

test("an HMS folder: tables, EEGs and spectrograms, read back; the same for a seed", (t) => {
  const folder = scratchFolder(t);
  const { rows } = simulateHms(folder, { subjects: 1, seed: 12 });
  const train = readHmsTable(join(folder, "train.csv"));
  const toLabel = readHmsTable(join(folder, "test.csv"));
  assert.equal(train.length + toLabel.length, rows);
  for (const [kind, table] of [
    ["train", train],
    ["test", toLabel],
  ] as const)
    for (const { eegId, eegOffset, spectrogramId, spectrogramOffset } of table) {
      const from = Math.round(eegOffset * HMS_SAMPLE_RATE);
      const to = from + 50 * HMS_SAMPLE_RATE;
      const { signals } = readHmsEeg(join(folder, `${kind}_eegs`, `${eegId}.parquet`), { from, to });
      assert.equal(signals.length, HMS_ELECTRODES.length);
      for (const { samples } of signals) assert.ok(samples.length === to - from && samples.every(Number.isFinite));
      const file = join(folder, `${kind}_spectrograms`, `${spectrogramId}.parquet`);
      const { height, width, pixels } = readHmsSpectrogram(file, { offset: spectrogramOffset });
      assert.deepEqual([height, width], [HMS_SPECTROGRAM_ROWS, HMS_SPECTROGRAM_COLUMNS.length]);
      assert.ok(pixels.every((value) => value >= 0));
    }
  for (const { votes, expertConsensus } of train)
    assert.equal(HMS_CLASSES[votes!.indexOf(Math.max(...votes!))], expertConsensus);
  const truth = JSON.parse(readFileSync(join(folder, TRUTH_FILE), "utf8")) as Record<string, number[]>;
  assert.deepEqual(Object.keys(truth).sort(), toLabel.map(({ eegId }) => eegId).sort());
  const again = scratchFolder(t);
  simulateHms(again, { subjects: 1, seed: 12 });
  const eeg = (root: string): Buffer => readFileSync(join(root, "train_eegs", `${train[0]!.eegId}.parquet`));
  assert.deepEqual(eeg(again), eeg(folder));
  throwsProblem(() => simulateHms(folder, { subjects: 1, seed: 12 }), { file: folder });
});

test("patterns are where and what their names say", () => {
  const stretch = { length: 60 * 200, sampleRate: 200, from: 0, to: 60 };
  const power = (samples: Float64Array, low: number, high: number): number => {
    const { frequencies, power: density } = welch(samples, 200, { segment: 800 });
    return density.reduce((sum, value, k) => (frequencies[k]! >= low && frequencies[k]! < high ? sum + value : sum), 0);
  };
  const at = (electrodes: readonly Float64Array[], name: string): Float64Array =>
    electrodes[HMS_ELECTRODES.indexOf(name)]!;
  const sided: number[] = [];
  for (let seed = 0; seed < 6; seed++) {
    const draw = (pattern: "lrda" | "grda" | "other"): Float64Array[] =>
      simulateIcuEeg({ ...stretch, pattern, strength: 1 }, new Generator(seed)).electrodes;
    const sides = (electrodes: readonly Float64Array[]): number =>
      Math.abs(
        Math.log(
          (power(at(electrodes, "C3"), 0.8, 3.2) + power(at(electrodes, "T3"), 0.8, 3.2)) /
            (power(at(electrodes, "C4"), 0.8, 3.2) + power(at(electrodes, "T4"), 0.8, 3.2)),
        ),
      );
    const [lateralized, generalized, other] = [draw("lrda"), draw("grda"), draw("other")];
    assert.ok(power(at(generalized, "Fz"), 0.8, 3.2) > 3 * power(at(other, "Fz"), 0.8, 3.2), `seed ${seed}`);
    sided.push(sides(lateralized) - sides(generalized));
  }
  assert.ok(sided.filter((more) => more > 0).length >= 5, sided.join(" "));
});

test("raters agree on what is plain and differ on what is not", () => {
  for (const name of HMS_CLASSES) {
    const [plain, faint] = [opinion(name, 1), opinion(name, 0.2)];
    for (const shares of [plain, faint]) assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-12);
    const k = HMS_CLASSES.indexOf(name);
    assert.ok(plain[k]! > 0.9 && faint[k]! < 0.5);
  }
  const votes = castVotes(opinion("lpd", 1), 400, new Generator(2));
  assert.equal(
    votes.reduce((a, b) => a + b, 0),
    400,
  );
  assert.ok(votes[1]! > 350);
});
