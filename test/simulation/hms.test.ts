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
  type HmsClass,
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

const STRETCH = { length: 30 * 200, sampleRate: 200, from: 0, to: 30 };
const draw = (pattern: HmsClass, strength: number, seed: number): Float64Array[] =>
  simulateIcuEeg({ ...STRETCH, pattern, strength }, new Generator(seed)).electrodes;
const bandPower = (samples: Float64Array, low: number, high: number): number => {
  const { frequencies, power } = welch(samples, 200, { segment: 800 });
  return power.reduce((sum, value, k) => (frequencies[k]! >= low && frequencies[k]! < high ? sum + value : sum), 0);
};
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
/** What the pattern alone gives: the same EEG with it less the same EEG without. */
const alone = (pattern: HmsClass, seed: number): Float64Array[] => {
  const without = draw(pattern, 0, seed);
  return draw(pattern, 1, seed).map((samples, k) => samples.map((value, i) => value - without[k]![i]!));
};
const energy = (samples: Float64Array): number => sum(samples.map((value) => value ** 2));
/** The electrode that sees the pattern best. */
const largest = (electrodes: readonly Float64Array[]): Float64Array =>
  electrodes.reduce((best, own) => (energy(own) > energy(best) ? own : best));

test("patterns are where and what their names say", () => {
  // The fourth moment tells discharges and what lies between them from waves that never cease (a sine has 1.5).
  const peakedness = (samples: Float64Array): number =>
    (samples.length * sum(samples.map((value) => value ** 4))) / energy(samples) ** 2;
  const sided = (electrodes: readonly Float64Array[]): number => {
    const [left, right] = [
      ["F7", "F3", "T3", "C3", "P3"],
      ["F8", "F4", "T4", "C4", "P4"],
    ].map((names) => sum(names.map((name) => energy(electrodes[HMS_ELECTRODES.indexOf(name)]!)))) as [number, number];
    return Math.max(left, right) / Math.min(left, right);
  };
  for (let seed = 0; seed < 6; seed++) {
    const [lpd, gpd] = [alone("lpd", seed), alone("gpd", seed)];
    const [lrda, grda] = [alone("lrda", seed), alone("grda", seed)];
    for (const electrodes of [lpd, lrda]) assert.ok(sided(electrodes) > 4, `seed ${seed}: ${sided(electrodes)}`);
    for (const electrodes of [gpd, grda]) assert.ok(sided(electrodes) < 2.5, `seed ${seed}: ${sided(electrodes)}`);
    for (const electrodes of [lpd, gpd])
      assert.ok(peakedness(largest(electrodes)) > 2.3, `seed ${seed}: ${peakedness(largest(electrodes))}`);
    for (const electrodes of [lrda, grda]) {
      assert.ok(peakedness(largest(electrodes)) < 2.3, `seed ${seed}: ${peakedness(largest(electrodes))}`);
      const share = bandPower(largest(electrodes), 0.75, 3) / bandPower(largest(electrodes), 0.5, 60);
      assert.ok(share > 0.7, `seed ${seed}: ${share} of the power is delta`);
    }
  }
});

test("a seizure slows down while it lasts", () => {
  for (let seed = 0; seed < 6; seed++) {
    const seizure = largest(alone("seizure", seed));
    const crossings = (from: number, to: number): number => {
      const part = seizure.subarray(from * 200, to * 200);
      return sum(part.map((value, i) => (i > 0 && value * part[i - 1]! < 0 ? 1 : 0)));
    };
    assert.ok(crossings(2, 12) > crossings(18, 28), `seed ${seed}: ${crossings(2, 12)} ${crossings(18, 28)}`);
  }
});

test("no class is given away by its mean power in a band", () => {
  const EEGS = 16;
  for (const [low, high] of [
    [0.5, 4],
    [4, 8],
    [8, 13],
    [13, 30],
  ] as const) {
    const spread = HMS_CLASSES.map((pattern, k) => {
      const each = Array.from({ length: EEGS }, (_, i) => {
        const electrodes = draw(pattern, 0.8, 1000 * k + i);
        const differences = ["F3", "F4", "C3", "C4", "T3", "T4"].map((name) => {
          const [plus, minus] = [name, "Cz"].map((own) => electrodes[HMS_ELECTRODES.indexOf(own)]!);
          return plus!.map((value, t) => value - minus![t]!);
        });
        return sum(differences.map((samples) => Math.log(bandPower(samples, low, high)))) / differences.length;
      });
      const mean = sum(each) / EEGS;
      return { pattern, mean, deviation: Math.sqrt(sum(each.map((value) => (value - mean) ** 2)) / EEGS) };
    });
    const overall = sum(spread.map(({ mean }) => mean)) / spread.length;
    for (const { pattern, mean, deviation } of spread)
      assert.ok(
        Math.abs(mean - overall) < deviation,
        `${pattern}, ${low} to ${high} Hz: ${mean - overall} ${deviation}`,
      );
  }
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
