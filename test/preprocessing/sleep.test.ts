import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { type Hypnogram, readEdf, readEdfHypnogram, SLEEP_STAGES, type SleepStage } from "../../lib/formats";
import { sleepEpochs, sleepStatistics, stageTransitions } from "../../lib/preprocessing";
import { readGolden } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample");
const golden = readGolden<{
  sleep_statistics: { epoch_sec: number; hypno: number[]; expected_minutes_or_percent: Record<string, number> }[];
  transition_matrix: { hypno: number[]; labels: number[]; counts: number[][]; probs: number[][] }[];
}>("yasa/expected");

test("sleep statistics as YASA's", () => {
  for (const { epoch_sec, hypno, expected_minutes_or_percent: expected } of golden.sleep_statistics) {
    const s = sleepStatistics({ epochSeconds: epoch_sec, stages: hypno.map((stage) => SLEEP_STAGES[stage]!) });
    const nrem = s.duration.N1 + s.duration.N2 + s.duration.N3;
    assert.deepEqual(
      {
        TIB: s.timeInBed,
        SPT: s.sleepPeriod,
        WASO: s.wakeAfterOnset,
        TST: s.totalSleep,
        N1: s.duration.N1,
        N2: s.duration.N2,
        N3: s.duration.N3,
        REM: s.duration.REM,
        NREM: nrem,
        SOL: s.onsetLatency,
        Lat_N1: s.latency.N1,
        Lat_N2: s.latency.N2,
        Lat_N3: s.latency.N3,
        Lat_REM: s.latency.REM,
        "%N1": s.share.N1,
        "%N2": s.share.N2,
        "%N3": s.share.N3,
        "%REM": s.share.REM,
        "%NREM": (100 * nrem) / s.totalSleep,
        SE: s.efficiency,
        SME: s.maintenance,
      },
      expected,
    );
  }
});

test("transitions as YASA's", () => {
  for (const { hypno, labels, counts, probs } of golden.transition_matrix) {
    const found = stageTransitions(hypno, labels);
    assert.deepEqual(found.counts, counts);
    found.probabilities.forEach((row, i) => {
      assert.ok(maxDifference(row, probs[i]!) < 1e-12);
    });
  }
  assert.deepEqual(stageTransitions(["W", "W"], ["W", "N1"]).probabilities, [
    [1, 0],
    [0, 0],
  ]);
});

test("wake within the night counts, before and after it does not; movement and unscored stay apart", () => {
  const stages: SleepStage[] = ["W", "?", "N1", "W", "M", "N2", "?", "N2", "W", "W"];
  const s = sleepStatistics({ stages, epochSeconds: 30 });
  assert.equal(s.timeInBed, 5);
  assert.equal(s.sleepPeriod, 3);
  assert.equal(s.totalSleep, 1.5);
  assert.equal(s.wakeAfterOnset, 0.5);
  assert.equal(s.onsetLatency, 1);
  assert.deepEqual([s.movement, s.unscored], [0.5, 1]);
  assert.equal(s.latency.REM, null);
  assert.equal(s.maintenance, 50);
});

test("a night without sleep has no latency, no shares and no maintenance", () => {
  const s = sleepStatistics({ stages: ["W", "W", "?"], epochSeconds: 20 });
  assert.deepEqual([s.timeInBed, s.totalSleep, s.efficiency], [1, 0, 0]);
  assert.deepEqual([s.onsetLatency, s.maintenance, s.share.N2, s.latency.N1], [null, null, null, null]);
});

test("a Sleep-EDF night: stages and unscored time make up the time in bed", () => {
  const s = sleepStatistics(readEdfHypnogram(join(sample, "sleep-edf", "SC4001EC-Hypnogram.edf")));
  assert.equal(s.timeInBed, 24 * 60);
  const sum = Object.values(s.duration).reduce((total, minutes) => total + minutes, 0);
  assert.equal(sum + s.movement + s.unscored, s.timeInBed);
  assert.equal(s.totalSleep, (58 + 250 + 220 + 125) / 2);
});

const night = (start: Date | null, ...stages: SleepStage[]): Hypnogram => ({
  source: "h.edf",
  start,
  epochSeconds: 30,
  stages,
});

test("epochs of a PSG by its clock and the hypnogram's; those not wholly recorded are left out", () => {
  const psg = readEdf(join(sample, "psg", "subject1.edf"), { channels: ["C3-M2", "Saturation"] });
  const start = new Date(psg.start!.getTime() - 45_000);
  // Epochs at -45, -15, 15, 45, 75 and 105 s of a recording of 120 s: three lie within.
  const epochs = sleepEpochs(psg, night(start, "W", "W", "N1", "N2", "N3", "REM"));
  assert.deepEqual(
    epochs.map(({ index, stage }) => [index, stage]),
    [
      [2, "N1"],
      [3, "N2"],
      [4, "N3"],
    ],
  );
  const [eeg, saturation] = epochs[1]!.recording.signals;
  assert.deepEqual([eeg!.samples.length, saturation!.samples.length], [6000, 90]);
  assert.deepEqual(eeg!.samples, psg.signals[0]!.samples.slice(9000, 15000));
  assert.equal(epochs[1]!.recording.start?.getTime(), psg.start!.getTime() + 45_000);
  assert.equal(sleepEpochs(psg, night(null, "W", "W", "W", "W", "W"), 0).length, 4);
});

test("nights that cannot be aligned are refused", () => {
  const hypnogramFile = readEdf(join(sample, "sleep-edf", "SC4001EC-Hypnogram.edf"));
  throwsProblem(() => sleepEpochs(hypnogramFile, night(new Date(0), "W")), {
    what: /without signals/,
    fix: /recording's file/,
  });
  const psg = readEdf(join(sample, "psg", "subject1.edf"), { channels: ["C3-M2"] });
  throwsProblem(() => sleepEpochs(psg, night(null, "W")), { file: "h.edf", what: /no start time/, fix: /offset/ });
  throwsProblem(() => sleepEpochs(psg, night(new Date(0), "W")), {
    what: /no part of the recording/,
    file: "h.edf",
    fix: /same night/,
  });
  throwsProblem(() => sleepEpochs(psg, night(null, "W"), 0.0012), { what: /between two samples/ });
});
