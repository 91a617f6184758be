import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { HEFEI_LEADS } from "../../lib/formats";
import { HEFEI_ROUND2_LABELS, hefeiGloss } from "../../lib/formats/hefei-labels";
import { createModel } from "../../lib/models";
import { encodeAge, encodeSex } from "../../lib/systems/ecg-inputs";
import { ecgLossOf, ecgMetrics } from "../../lib/systems/ecg-training";
import {
  HEFEI,
  HEFEI_ENSEMBLE,
  HEFEI_TRAINING,
  HEFEI_VARIANTS,
  hefeiDataset,
  hefeiFolder,
  hefeiSplit,
  publishedPreset,
} from "../../lib/systems/hefei";
import { probabilities } from "../../lib/training/probabilities";
import { readGolden } from "../support/golden";

test("age slots as published", () => {
  const { age_slot } = readGolden<{ age_slot: [number | null, number][] }>("rules");
  for (const [age, slot] of age_slot) {
    const code = encodeAge(age);
    assert.equal(code.length, 10);
    assert.equal(code.indexOf(1), slot, `age ${age}`);
    assert.equal(
      code.reduce((sum, value) => sum + value, 0),
      1,
    );
  }
  assert.throws(() => encodeAge(-1), /age out of range/);
  assert.deepEqual(
    (["female", "male", null] as const).map((sex) => encodeSex(sex)[0]),
    [1, 2, 0],
  );
});

test("every variant is a model of the registry, and the ensemble names variants", () => {
  assert.equal(HEFEI_VARIANTS.length, 8);
  for (const name of [...HEFEI_ENSEMBLE.all.members, ...HEFEI_ENSEMBLE.best.members]) {
    const preset = publishedPreset(name);
    const options = { ageAndSex: preset.ageAndSex, width: 4 };
    createModel(preset.model, options, new Generator(0)).dispose();
    assert.equal(preset.epochs, HEFEI_TRAINING.epochs);
  }
  assert.throws(() => publishedPreset("ResNet34"), /unknown variant/);
  const points = HEFEI.deviations.map((deviation) => deviation.point);
  assert.equal(new Set(points).size, points.length);
});

test("as published or as meant: the loss' factor and the score that chooses the epoch", () => {
  const meant = publishedPreset("ResNet50");
  const published = publishedPreset("ResNet50", { asPublished: true });
  assert.deepEqual(meant.loss, { classWeights: true, positives: "element" });
  assert.deepEqual(published.loss, { classWeights: true, positives: "batch" });
  assert.equal(published.keep!.metric, "batchF1");
  assert.equal(published.keep!.fromEpoch, 39);
  assert.equal(publishedPreset("ResNet50_noweight").loss.classWeights, false);
});

test("the split: 16,000 of the 20,036 records, every record once", () => {
  const { train, test: held } = hefeiSplit(20_036);
  assert.equal(train.length, 16_000);
  assert.equal(new Set([...train, ...held]).size, 20_036);
  assert.equal(hefeiSplit(100).train.length, 80);
});

test("labels of round 2 are distinct and have a gloss", () => {
  assert.equal(new Set(HEFEI_ROUND2_LABELS.map(([name]) => name)).size, 34);
  assert.equal(hefeiGloss("窦性心律"), "sinus rhythm");
});

test("a folder in the competition's layout: stored integers, age, sex, labels; class weights from its counts", () => {
  const root = mkdtempSync(join(tmpdir(), "hefei-"));
  try {
    mkdirSync(join(root, "records"));
    const rows = Array.from({ length: 5000 }, (_, t) => HEFEI_LEADS.map((_lead, c) => (t % 100) - 10 * c).join(" "));
    for (const id of ["1", "2", "3"])
      writeFileSync(join(root, "records", `${id}.txt`), `${HEFEI_LEADS.join(" ")}\n${rows.join("\n")}\n`);
    writeFileSync(
      join(root, "hf_round2_train.txt"),
      "1.txt\t56\tFEMALE\t窦性心律\t\n2.txt\t\tMALE\t窦性心律\t电轴左偏\n3.txt\t93\t\t电轴左偏\n",
    );
    writeFileSync(join(root, "hf_round2_arrythmia.txt"), "窦性心律\n电轴左偏\n");
    const dataset = hefeiDataset(hefeiFolder(root));
    assert.deepEqual(dataset.inputShape, [5000, 8]);
    const second = dataset.example(1);
    assert.deepEqual([...second.input.slice(8 * 7, 8 * 8)], [7, -3, -13, -23, -33, -43, -53, -63]);
    assert.deepEqual([...second.target], [1, 1]);
    assert.equal(second.extras.age![0], 1, "missing age");
    assert.equal(dataset.example(2).extras.age![9], 1);
    assert.equal(dataset.example(2).extras.sex![0], 0);
    const { classWeights } = ecgLossOf(publishedPreset("ResNet50"), dataset).config as { classWeights: number[] };
    assert.deepEqual(classWeights, [1, 1]);
    writeFileSync(join(root, "hf_round2_train.txt"), "1.txt\t56\tFEMALE\t心房颤动\n");
    assert.throws(() => hefeiDataset(hefeiFolder(root)), /not in the list of labels/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("the published score is a mean over batches of 32; the whole set's is another number", () => {
  const random = new Generator(3);
  const ids = Array.from({ length: 70 }, (_, i) => `r${i}`);
  const values = Float64Array.from({ length: 140 }, () => random.random());
  const targets = ids.map(() => Float32Array.of(random.below(2), random.below(2)));
  const dataset = {
    name: "toy",
    length: 70,
    inputShape: [1, 1],
    extraLengths: {},
    classes: ["a", "b"],
    ids,
    groups: ids,
    example: (i: number) => ({
      id: ids[i]!,
      input: new Float32Array(1),
      extras: {},
      target: targets[i]!,
      group: ids[i]!,
      weight: 1,
    }),
  };
  const metrics = ecgMetrics(probabilities(ids, dataset.classes, values), dataset);
  const f1 = (from: number, to: number): number => {
    let [tp, wrong] = [0, 0];
    for (let i = from * 2; i < to * 2; i++) {
      const truth = targets[i >> 1]![i % 2]!;
      const mark = values[i]! > 0.5 ? 1 : 0;
      if (truth === 1 && mark === 1) tp++;
      else if (truth !== mark) wrong++;
    }
    return (2 * tp) / (2 * tp + wrong);
  };
  assert.ok(Math.abs(metrics.f1! - f1(0, 70)) < 1e-12);
  assert.ok(Math.abs(metrics.batchF1! - (f1(0, 32) + f1(32, 64) + f1(64, 70)) / 3) < 1e-12);
  assert.notEqual(metrics.f1, metrics.batchF1);
});
