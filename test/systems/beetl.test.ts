import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { main } from "../../lib/cli/main";
import { readPredictions } from "../../lib/ensembling";
import { BEETL_STAGES, readBeetlNight, readBeetlSubmission } from "../../lib/formats";
import { simulateBeetl } from "../../lib/simulation/beetl";
import { sampleStageStatistics } from "../../lib/simulation/sample";
import { BEETL_ATTNSLEEP_TRAINING } from "../../lib/systems/beetl";
import {
  beetlSource,
  beetlTarget,
  beetlToLabel,
  beetlWindows,
  nightName,
  windowPlaces,
} from "../../lib/systems/beetl-data";
import { BEETL_PRESETS, beetlLoss, beetlModel, fineTuneBeetl, trainBeetl } from "../../lib/systems/beetl-training";
import { attnSleepClassWeights, classCounts, type Example, frozenParameters, subset } from "../../lib/training";
import { freeze } from "../../lib/training/freeze";
import { throwsProblem } from "../support/problems";

const root = mkdtempSync(join(tmpdir(), "beetl-"));
const data = join(root, "data");
const out = join(root, "run");
const EPOCHS = 32;

before(() => simulateBeetl(data, { subjects: 2, epochs: EPOCHS, seed: 10, statistics: sampleStageStatistics() }));
after(() => rmSync(root, { recursive: true }));

test("windows are z-scores of each window and channel, scaled; groups are subjects; places follow the clock of a night", () => {
  const nights = beetlSource(data);
  const both = beetlWindows("both", nights, { channels: 2, scale: 1000, samples: 3000 });
  const raw = readBeetlNight(nights[1]!);
  const window = 3;
  const { id, input, target, group } = both.example(EPOCHS + window);
  assert.deepEqual([id, group, both.inputShape], [`training_s0r2:${window}`, "training_s0", [3000, 2]]);
  assert.equal(target.indexOf(1), raw.stages![window]);
  for (const channel of [0, 1]) {
    const samples = Float64Array.from(raw.samples.subarray((2 * window + channel) * 3000).subarray(0, 3000));
    const mean = samples.reduce((sum, value) => sum + value, 0) / 3000;
    const deviation = Math.sqrt(samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3000);
    samples.forEach((value, t) => {
      assert.ok(Math.abs(input[2 * t + channel]! - (1000 * (value - mean)) / deviation) < 1e-2);
    });
  }
  const frontal = beetlWindows("one", nights, { channels: 1, scale: 1000, samples: 3000 }).example(EPOCHS + window);
  assert.deepEqual(
    [...frontal.input],
    [...input].filter((_, i) => i % 2 === 0),
  );
  const fewer = beetlWindows("few", nights, BEETL_PRESETS.sample.input);
  assert.deepEqual(fewer.inputShape, [1640, 1]);
  const places = windowPlaces(fewer);
  assert.deepEqual(places[EPOCHS + 2], { recording: "training_s0r2", onsetSeconds: 60 });
});

test("a set that is missing, and a night without stages, are told", () => {
  throwsProblem(() => beetlSource(join(data, "testing")), { what: /no files/, expected: /^training_s0r1X/ });
  rmSync(join(data, "sleep_target", "testing_s0r2y.npy"));
  throwsProblem(() => beetlTarget(data, "final"), { file: /testing_s0r2X\.npy$/, expected: /testing_s0r2y\.npy$/ });
});

test("the published preset has the published constants, and its class weights follow from the published counts", () => {
  const { input, epochs, batchSize, rate, classWeights, dropout } = BEETL_PRESETS.published;
  assert.deepEqual([input.channels, input.scale, input.samples], [1, 1000, 3000]);
  assert.deepEqual([epochs, batchSize, rate, dropout], [100, 1024, 1e-3, 0.5]);
  const counts = [24043, 7941, 35983, 5247, 3057, 14274]; // of the real source set
  const importance = [1.5, 2, 1.5, 1, 1.5, 1.5];
  assert.deepEqual(classWeights, attnSleepClassWeights(counts, BEETL_STAGES, { importance, rule: "team" }));
  assert.deepEqual(classWeights, BEETL_ATTNSLEEP_TRAINING.classWeights);
  const model = beetlModel(BEETL_PRESETS.published, 0);
  assert.equal(
    [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0),
    525_206,
  );
  model.dispose();
});

test("trained on, all weights change; frozen, the last layer alone", async () => {
  const preset = { ...BEETL_PRESETS.sample, epochs: 2, batchSize: 8, fineTuning: { epochs: 1, rate: 1e-3 } };
  const windows = beetlWindows("target", beetlTarget(data, "leaderboard"), preset.input);
  const train = subset(windows, [...Array(16).keys()]);
  const loss = beetlLoss({ ...preset, classWeights: [1, 1, 1, 1, 1, 1] }, train);
  const { model: base, result } = await trainBeetl({ ...preset, classWeights: [1, 1, 1, 1, 1, 1] }, { train, seed: 1 });
  assert.equal(result.history.length, 2);
  const before = base.readState();
  const view = freeze(base, { except: "last layer" });
  const [fixed, idle] = [
    frozenParameters(view),
    [/^tce\.layers\.\d\.self_attn\.convs\.0\./, /sublayer_output\.0\.norm/],
  ];
  for (const what of ["all", "last layer"] as const) {
    const { model } = await fineTuneBeetl(preset, { base, what, loss }, { train, seed: 2 });
    const after = model.readState();
    for (const name of model.parameters.keys()) {
      if (idle.some((pattern) => pattern.test(name))) continue; // these get no gradient, as published
      const same = before.get(name)!.values.every((value, i) => value === after.get(name)!.values[i]);
      assert.equal(same, what === "last layer" && fixed.includes(name), `${what}: ${name}`);
    }
    model.dispose();
  }
  base.dispose();
});

test("windows come in another order in each epoch; as published in that of the files", async () => {
  const windows = beetlWindows("target", beetlTarget(data, "leaderboard"), BEETL_PRESETS.sample.input);
  const few = subset(windows, [...Array(16).keys()]);
  const inOrder = [...few.ids.keys()];
  for (const shuffle of [true, false]) {
    const seen: number[] = [];
    const example = (i: number): Example => {
      seen.push(i);
      return few.example(i);
    };
    const train = { ...few, example };
    const classWeights = [1, 1, 1, 1, 1, 1];
    const preset = { ...BEETL_PRESETS.sample, classWeights, epochs: 1, batchSize: 8, shuffle };
    (await trainBeetl(preset, { train, seed: 1 })).model.dispose();
    const drawn = seen.slice(-16); // what is looked at before are labels, and a sample for the run's description
    assert.deepEqual(
      [...drawn].sort((a, b) => a - b),
      inOrder,
    );
    assert.equal(drawn.join() === inOrder.join(), !shuffle, `shuffle ${shuffle}: ${drawn}`);
  }
});

test("by command line: from simulated nights to answers in the order that was asked for", async () => {
  const run = (...args: string[]): Promise<number> =>
    main([...args, "--system", "beetl-leaderboard", "--data", data, "--out", out]);
  for (const stage of ["train", "evaluate", "predict", "ensemble", "submit"]) assert.equal(await run(stage), 0, stage);

  const asked = beetlToLabel(data, "leaderboard");
  const predictions = readPredictions(join(out, "ensemble", "predictions.csv"));
  assert.deepEqual(
    predictions.ids,
    asked.flatMap((night) => Array.from({ length: EPOCHS }, (_, window) => `${nightName(night)}:${window}`)),
  );
  const answers = readBeetlSubmission(join(out, "submit", "answer.zip"), asked.length * EPOCHS);
  answers.forEach((stage, i) => {
    const row = predictions.values.slice(i * BEETL_STAGES.length, (i + 1) * BEETL_STAGES.length);
    assert.equal(row[stage], Math.max(...row));
  });
  // What was held back are the labelled older sleepers, all of them.
  const held = readPredictions(join(out, "evaluate", "attnsleep_seed0_fold0", "predictions.csv"));
  const target = beetlWindows("target", beetlTarget(data, "leaderboard"), BEETL_PRESETS.sample.input);
  assert.deepEqual(held.ids, target.ids);
  assert.ok(existsSync(join(out, "train", "attnsleep_seed0_fold0", "weights.safetensors")));
  const record = JSON.parse(readFileSync(join(out, "submit", "submit.json"), "utf8")) as { results: object };
  const stages = beetlWindows("to label", asked, BEETL_PRESETS.sample.input).length;
  assert.equal((record.results as { windows: number }).windows, stages);
});

test("every stage occurs in what the test learns from: its class weights can be counted", () => {
  const counts = classCounts(beetlWindows("source", beetlSource(data), BEETL_PRESETS.sample.input));
  assert.ok(
    counts.every((count) => count > 0),
    counts.join(),
  );
});
