import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { probabilities } from "../../lib/ensembling";
import { readHefeiList } from "../../lib/formats";
import {
  HEFEI_ENSEMBLE,
  hefeiFolder,
  PRESET_NAMES,
  pipelineNamed,
  withoutExtras,
  writeHefeiSampleFolder,
} from "../../lib/systems";
import { requireNoLeak, trainTest } from "../../lib/training";

const folder = mkdtempSync(join(tmpdir(), "pipeline-"));
before(() => writeHefeiSampleFolder(folder, { records: 20 }));
after(() => rmSync(folder, { recursive: true }));

test("the sample's folder: no patient twice, the records to label without labels", () => {
  const files = hefeiFolder(folder);
  const [learn, label] = [readHefeiList(files.list), readHefeiList(files.toLabel)];
  assert.deepEqual([learn.length, label.length], [20, 24]);
  assert.ok(learn.every(({ labels }) => labels.length > 0) && label.every(({ labels }) => labels.length === 0));
  const asked = new Set(label.map(({ file }) => file));
  assert.ok(learn.every(({ file }) => !asked.has(file)));
});

test("its presets are whole: networks, folds of the split without a leak, inputs as each network takes them", () => {
  for (const pipeline of [pipelineNamed("hefei")])
    for (const name of PRESET_NAMES) {
      const preset = pipeline.preset(name);
      const { dataset, files, classes } = preset.labelled(folder);
      const data = dataset();
      assert.deepEqual(data.classes, classes);
      assert.equal(files.length, data.length + 2);
      const split = preset.split(data);
      for (const fold of preset.folds) {
        const parts = trainTest(split, fold);
        requireNoLeak(data.groups, parts);
        assert.ok(parts.test.length > 0 && parts.train.length > 0, `${pipeline.name} ${name}, fold ${fold}`);
        assert.equal(parts.test.length + parts.train.length, data.length);
      }
      const asked = preset.unlabelled(folder, classes).dataset();
      assert.deepEqual([asked.classes, asked.inputShape], [data.classes, data.inputShape]);
      assert.ok(asked.example(0).target.every((value) => value === 0));
      assert.ok(preset.members.length > 0 && new Set(preset.members).size === preset.members.length);
    }
  assert.throws(() => pipelineNamed("kepler"), /expected hefei/);
});

test("published: the six networks of the best ensemble, one split, stored units; the Basic ones without age and sex", () => {
  const preset = pipelineNamed("hefei").preset("published");
  assert.deepEqual(preset.members, HEFEI_ENSEMBLE.best.members);
  assert.deepEqual(preset.folds, [0]);
  const data = preset.labelled(folder).dataset();
  assert.deepEqual(data.inputShape, [5000, 8]);
  assert.ok(Number.isInteger(data.example(3).input[17]), "integers as they are stored");
  assert.deepEqual(preset.inputs("ResNet50", data).extraLengths, { age: 10, sex: 1 });
  assert.deepEqual(preset.inputs("ResNet50_basic", data).extraLengths, withoutExtras(data).extraLengths);
  assert.throws(() => preset.model("ResNet34", data), /an unknown network; found ResNet34/);
  assert.equal(trainTest(preset.split(data), 0).train.length, Math.round((20 * 16_000) / 20_036));
});

test("a blend handed in: labels above a half, in the order of the label file; a record without a prediction is told", () => {
  const preset = pipelineNamed("hefei").preset("sample");
  const files = hefeiFolder(folder);
  const labels = readFileSync(files.labels, "utf8").trim().split("\n");
  const entries = readHefeiList(files.toLabel);
  const classes = [labels[4]!, labels[1]!];
  const ids = entries.map(({ file }) => file.replace(".txt", ""));
  const blend = probabilities(
    ids,
    classes,
    Float64Array.from(ids.flatMap((_, i) => [i === 0 ? 0.9 : 0.5, i < 2 ? 0.6 : 0.1])),
  );
  const file = join(folder, "submission.txt");
  const facts = preset.submit(file, blend, folder);
  assert.deepEqual(facts, { records: 24, labels: 3, "records without a label": 22 });
  const back = readHefeiList(file, labels);
  assert.deepEqual(
    back.slice(0, 3).map((entry) => entry.labels),
    [[labels[1], labels[4]], [labels[1]], []],
  );
  const fewer = probabilities(ids.slice(1), classes, blend.values.slice(2));
  assert.throws(() => preset.submit(file, fewer, folder), /line 1: a record without a prediction/);

  const answers = [0.9, 0.6].map((f1, m) => ({ name: String(m), probabilities: blend, scores: { f1: f1, auc: 0.1 } }));
  const { weights } = preset.ensemble(answers);
  assert.ok(Math.abs(weights[0]! - 0.6) < 1e-12 && Math.abs(weights[1]! - 0.4) < 1e-12);
});

test("too few records of every label: nothing to learn is an error, not an empty network", () => {
  const other = mkdtempSync(join(tmpdir(), "pipeline-few-"));
  try {
    writeHefeiSampleFolder(other, { records: 20 });
    const { list } = hefeiFolder(other);
    writeFileSync(list, `${readFileSync(list, "utf8").split("\n").slice(0, 3).join("\n")}\n`);
    const preset = pipelineNamed("hefei").preset("sample");
    assert.throws(
      () => preset.labelled(other),
      /no label with enough records to learn from; expected 8 records or more/,
    );
  } finally {
    rmSync(other, { recursive: true });
  }
});
