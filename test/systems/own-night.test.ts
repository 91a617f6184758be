import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { readBeetlNight, readCsvHypnogram, readEdfHypnogram, type Signal } from "../../lib/formats";
import { sampleStageStatistics, simulateBeetl } from "../../lib/simulation";
import { BEETL_PRESETS, beetlSource } from "../../lib/systems";
import { beetlModel } from "../../lib/systems/beetl-training";
import { ownTrainingWindows, ownWindows, stageOwnNight, writeStagedNight } from "../../lib/systems/own-night";
import { scratchFolder, throwsProblem } from "../support/problems";

const preset = BEETL_PRESETS.sample;
/** Noise on a drift of a millivolt; three seconds of the second epoch were not recorded. */
function recording(sampleRate: number, seconds: number): Signal {
  const random = new Generator(3);
  const samples = Float64Array.from({ length: sampleRate * seconds }, (_, t) => {
    const at = t / sampleRate;
    return at >= 40 && at < 43
      ? Number.NaN
      : 1000 * Math.sin(0.02 * at) + 20 * Math.sin(2 * Math.PI * 10 * at) + random.normal();
  });
  return { label: "Fpz-Cz", unit: "uV", sampleRate, samples };
}

test("windows of 30 s without the drift, whatever the rate; epochs with a gap are named", () => {
  const whole = { ...preset.input, samples: 3000 };
  const [slow, fast] = [100, 250].map((rate) => ownWindows(recording(rate, 100), whole));
  for (const { windows, missing } of [slow!, fast!]) {
    assert.deepEqual(missing, [false, true, false]);
    assert.equal(windows.length, 3);
    const { input } = windows.example(2);
    const mean = input.reduce((sum, value) => sum + value, 0) / input.length;
    const power = input.reduce((sum, value) => sum + value * value, 0) / input.length;
    assert.ok(Math.abs(mean) < 1e-5 && Math.abs(power - 1) < 1e-4);
  }
  // The 10 Hz wave, not the drift, is what fills the window: the same phase at both rates.
  const [a, b] = [slow!, fast!].map(({ windows }) => windows.example(2).input) as [Float32Array, Float32Array];
  const product = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;
  assert.ok(product > 0.98, `correlation ${product}`);
  throwsProblem(() => ownWindows(recording(64, 60), whole), { what: /too slow/, found: "64 Hz" });
  throwsProblem(() => ownWindows(recording(100, 20), whole), { what: /too short/, found: "20.0 s" });
});

test("every epoch gets shares that add up to 1 and the likeliest stage; files are read back the same", async (t) => {
  const model = beetlModel(preset, 1);
  const start = new Date("2020-01-01T22:00:00Z");
  const night = await stageOwnNight(model, recording(128, 150), { input: preset.input, source: "own", start });
  model.dispose();
  assert.deepEqual(
    night.confidence.map((value) => value === null),
    [false, true, false, false, false],
  );
  night.shares.forEach((share, epoch) => {
    const sum = Object.values(share).reduce((total, value) => total + value, 0);
    if (night.confidence[epoch] === null) {
      assert.deepEqual([sum, night.hypnogram.stages[epoch]], [0, "?"]);
      return;
    }
    assert.ok(Math.abs(sum - 1) < 1e-5);
    const stage = night.hypnogram.stages[epoch] as keyof typeof share;
    assert.equal(share[stage], Math.max(...Object.values(share)));
    assert.equal(share[stage], night.confidence[epoch]);
  });
  const { edf, csv } = writeStagedNight(join(scratchFolder(t), "night"), night);
  assert.deepEqual(readCsvHypnogram(csv).stages, night.hypnogram.stages);
  const read = readEdfHypnogram(edf);
  assert.deepEqual([read.stages, read.start], [night.hypnogram.stages, start]);
  assert.match(readFileSync(csv, "utf8"), /^onset,duration,stage,confidence,W,N1,N2,N3,REM\n0,30,\w+,0\.\d{4},/);
});

test("what is learnt from is treated as what is staged", (t) => {
  const folder = scratchFolder(t);
  simulateBeetl(folder, { subjects: 1, epochs: 3, seed: 2, statistics: sampleStageStatistics() });
  const [night] = beetlSource(folder);
  const { samples } = readBeetlNight(night!);
  const channel = Float32Array.from({ length: 9000 }, (_, t) => samples[Math.floor(t / 3000) * 6000 + (t % 3000)]!);
  const learnt = ownTrainingWindows("learnt", [night!], preset.input);
  const { windows } = ownWindows({ label: "own", unit: "uV", sampleRate: 100, samples: channel }, preset.input);
  for (const epoch of [0, 1, 2]) {
    assert.deepEqual(windows.example(epoch).input, learnt.example(epoch).input);
    assert.equal(
      learnt.example(epoch).target.reduce((sum, value) => sum + value),
      1,
    );
  }
});
