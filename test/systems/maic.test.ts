/** Systems 000 and 001 on a small folder in the challenge's layout: what networks look at, blends, and files.csv. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { averageLogits, type Probabilities, probabilities } from "../../lib/ensembling";
import { MAIC_STAGES, readMaicSubmission } from "../../lib/formats";
import { encodePng, epochStrip, type Image, STRIP_ROWS } from "../../lib/preprocessing";
import { PRESET_NAMES, pipelineNamed } from "../../lib/systems";
import { linesOf, maicDataset, maicImages, maicList, maicListOf } from "../../lib/systems/maic-data";
import { maicScores } from "../../lib/systems/maic-training";
import {
  blendSleepingdragon,
  outputNames,
  SLEEPINGDRAGON_PRESETS,
  sleepingdragonAsPublished,
  sleepingdragonNetwork,
  sleepingdragonStages,
} from "../../lib/systems/sleepingdragon-training";
import { yaiStrips } from "../../lib/systems/yai-strips";
import {
  blendYai,
  blendYaiAsPublished,
  YAI_PRESETS,
  yaiBilstmNetwork,
  yaiNetworks,
} from "../../lib/systems/yai-training";
import { logits, requireNoLeak, subset, trainTest, workerLoader } from "../../lib/training";
import { throwsProblem } from "../support/problems";

const folder = mkdtempSync(join(tmpdir(), "maic-"));
const EXAMS = 5;
const EPOCHS = 6;
const [width, height] = [480, 270];

/** An image that says which it is: the exam in its brightness, the epoch in its slope. */
function drawn(exam: number, epoch: number): Image<Uint8Array> {
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => (40 * exam + epoch * (i % 7)) % 256);
  return { width, height, channels: 1, pixels };
}

const examName = (exam: number): string => `A2021-SB-01-000${exam + 1}`;
const imageName = (exam: number, epoch: number): string => `${examName(exam)}_000${epoch + 1}.png`;
/** Every stage occurs in every exam. */
const stageOf = (exam: number, epoch: number): string => MAIC_STAGES[(exam + epoch) % 5]!;

before(async () => {
  const rows: string[][] = Array.from({ length: EXAMS + 1 }, () => []);
  for (let exam = 0; exam <= EXAMS; exam++) {
    mkdirSync(join(folder, examName(exam)));
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      writeFileSync(join(folder, examName(exam), imageName(exam, epoch)), await encodePng(drawn(exam, epoch)));
      const listed = `${examName(exam)},${imageName(exam, epoch)}`;
      rows[exam]!.push(exam < EXAMS ? `${listed},${stageOf(exam, epoch)}\n` : `${listed}\n`);
    }
  }
  writeFileSync(join(folder, "trainset-for_user.csv"), rows.slice(0, EXAMS).flat().join(""));
  writeFileSync(join(folder, "testset-for_user.csv"), rows[EXAMS]!.join(""));
});
after(() => rmSync(folder, { recursive: true }));

test("an example's picture is read when it is looked at, its target before; a subset knows its list", () => {
  const list = maicList(folder, "labelled");
  const dataset = maicDataset(list, maicImages(list, { height: 32, width: 32 }), true);
  const part = subset(dataset, [7, 2]);
  assert.equal(maicListOf(part), list);
  const [line] = linesOf(list, part.ids);
  assert.deepEqual([line!.exam, line!.image, line!.stage], [examName(1), imageName(1, 1), stageOf(1, 1)]);
  const picture = readFileSync(join(folder, line!.exam, line!.image));
  rmSync(join(folder, line!.exam, line!.image));
  assert.equal(part.example(0).target.indexOf(1), 2);
  assert.throws(() => part.example(0).input, /0002\.png/);
  writeFileSync(join(folder, line!.exam, line!.image), picture);
  assert.ok(part.example(0).input.some((value) => value !== 0));
  assert.equal(part.example(1).input, part.example(1).input, "kept");
  throwsProblem(() => linesOf(list, ["B/1.png"]), { found: "B/1.png" });
  throwsProblem(() => maicListOf({ ...dataset, list: undefined } as never), { what: /without a list/ });
});

test("strips: three epochs of the exam before the current one, whoever else is asked for; or the stale index", async () => {
  const list = maicList(folder, "toLabel");
  const exam = Array.from({ length: EPOCHS }, (_, epoch) => drawn(EXAMS, epoch));
  const ids = [...list.entries.keys()].filter((_, i) => i !== 2).reverse();
  for (const asPublished of [false, true])
    for (const rows of [STRIP_ROWS.eog, STRIP_ROWS.eegEogChin]) {
      const source = yaiStrips(list, ids, { rows, asPublished });
      const dataset = maicDataset(list, source);
      assert.deepEqual(dataset.inputShape, [rows.last - rows.first + 1, 1920, 1]);
      ids.forEach((id, i) => {
        const epoch = Number(/(\d+)\.png$/.exec(id)![1]) - 1;
        const strip = epochStrip(exam, epoch, { rows, asPublished });
        assert.deepEqual(
          dataset.example(i).input,
          Float32Array.from(strip.pixels, (value) => value / 255),
        );
      });
      const loader = workerLoader(source, { workers: 1 });
      for await (const batch of loader.batches([{ indices: Int32Array.of(3, 0), seed: 1 }])) {
        assert.deepEqual(batch.ids, [ids[3], ids[0]]);
        assert.deepEqual(batch.input.subarray(0, batch.input.length / 2), dataset.example(3).input);
      }
      await loader.close();
    }
});

test("presets are whole: folds of exams, networks for their inputs, classes of the challenge", () => {
  for (const name of ["sleepingdragon", "yai"])
    for (const presetName of PRESET_NAMES) {
      const pipeline = pipelineNamed(name);
      assert.equal(pipeline.submissionFile, "files.csv");
      const preset = pipeline.preset(presetName);
      const { dataset, classes, files } = preset.labelled(folder);
      assert.equal(files.length, EXAMS * EPOCHS + 1);
      const data = dataset();
      assert.deepEqual([data.classes, classes], [MAIC_STAGES, MAIC_STAGES]);
      const split = preset.split(data);
      for (const fold of preset.folds) {
        const parts = trainTest(split, fold);
        requireNoLeak(data.groups, parts);
        assert.ok(parts.test.length > 0 && parts.train.length > 0);
      }
      const asked = preset.unlabelled(folder, classes).dataset();
      assert.ok(asked.example(0).target.every((value) => value === 0));
      for (const member of preset.members) {
        const inputs = preset.inputs(member, asked);
        assert.deepEqual(inputs.ids, asked.ids);
        assert.equal(
          inputs.example(0).input.length,
          inputs.inputShape.reduce((product, n) => product * n, 1),
        );
      }
      throwsProblem(() => preset.inputs("resnet", asked), { expected: preset.members.join(", ") });
    }
  const published = pipelineNamed("yai").preset("published");
  assert.deepEqual(published.folds, [0, 1, 2, 3, 4]);
  assert.deepEqual(published.members, ["efficientnet", "resnext", "bilstm-eog", "bilstm-eeg-eog-emg"]);
  const { model } = yaiBilstmNetwork("bilstm-eeg-eog-emg", YAI_PRESETS.published.bilstm);
  const bilstm = model(1);
  assert.equal(bilstm.config["height"], 75);
  bilstm.dispose();
  assert.deepEqual(Object.keys(yaiNetworks(YAI_PRESETS.sample)), [
    "efficientnet",
    "resnext",
    "bilstm-eog",
    "bilstm-eeg-eog-emg",
  ]);
});

const ids = ["a", "b", "c"];
const answers = (rows: readonly (readonly number[])[], classes: readonly string[] = MAIC_STAGES): Probabilities =>
  probabilities(ids.slice(0, rows.length), classes, Float64Array.from(rows.flat()));

test("as published: the EfficientNet keeps 1,000 outputs, folded to stages, and 0.06 and 0.94 weigh as 0.47 and 0.53", () => {
  const slips = sleepingdragonAsPublished(SLEEPINGDRAGON_PRESETS.sample);
  assert.deepEqual(
    Object.values(slips.members).map(({ outputs }) => outputs),
    [5, 1000],
  );
  assert.equal(slips.augmentation, "system 000, published");
  const network = sleepingdragonNetwork(slips, slips.members["efficientnet"]!);
  const list = maicList(folder, "labelled");
  const source = network.source(list, [...list.entries.keys()].slice(0, 1), true);
  assert.equal(source.dataset.classes.length, 1000);
  const wide = maicDataset(list, source);
  // The sixth output is folded to Wake, the tenth to REM.
  const said = new Float64Array(1000);
  [said[0], said[5], said[9]] = [0.3, 0.4, 0.3];
  const folded = { ...answers([[...said]], outputNames(1000)), ids: wide.ids };
  assert.equal(network.scores!(folded, wide)["accuracy"], 1);

  const vit = answers([[0.5, 0.1, 0.2, 0.1, 0.1]]);
  const efficientnet = answers([[0.1, 0.6, 0.1, 0.1, 0.1]]);
  const spread = answers([[...efficientnet.values, ...new Float64Array(995)]], outputNames(1000));
  const meant = blendSleepingdragon(vit, efficientnet).values;
  const published = blendSleepingdragon(vit, spread, { asPublished: true }).values;
  const ratio = meant[0]! / published[0]!;
  meant.forEach((value, k) => {
    assert.ok(Math.abs(value / published[k]! - ratio) < 1e-9);
  });
});

test("rules: within an exam as meant, over the whole list as published", () => {
  const certain = (k: number): number[] => MAIC_STAGES.map((_, i) => (i === k ? 1 : 0));
  const blend = answers([1, 3, 3].map(certain));
  assert.deepEqual(sleepingdragonStages(blend, ["x", "y", "y"]), { stages: Int32Array.of(1, 3, 3), corrected: 0 });
  assert.deepEqual(sleepingdragonStages(blend, ["x", "y", "y"], { asPublished: true }), {
    stages: Int32Array.of(1, 2, 3),
    corrected: 1,
  });
});

test("system 001's vote: probabilities of folds, then of networks; as published logits decide nearly alone", () => {
  const cnn = answers([[0.1, 0.8, 0.05, 0.03, 0.02]]);
  const folds = [
    [4, 0, 0, 0, 0],
    [1, 2, 0, 0, 0],
  ].map((values) => logits(["a"], MAIC_STAGES, Float64Array.from(values)));
  const meant = blendYai(cnn, folds);
  const softmax = (values: readonly number[], k: number): number =>
    Math.exp(values[k]!) / values.reduce((sum, value) => sum + Math.exp(value), 0);
  const first = (softmax([4, 0, 0, 0, 0], 0) + softmax([1, 2, 0, 0, 0], 0)) / 2;
  assert.ok(Math.abs(meant.values[0]! - (0.1 + first) / 2) < 1e-12);
  const published = blendYaiAsPublished(cnn, folds);
  assert.equal(published.values[0], (0.1 + averageLogits(folds).values[0]!) / 2);
  assert.ok(meant.values[1]! > meant.values[0]! && published.values[0]! > published.values[1]!);
});

test("scores: macro F1 over the stages that occur; an ensemble is each network's mean over folds, then their blend", () => {
  const list = maicList(folder, "labelled");
  const data = subset(maicDataset(list, maicImages(list, { height: 32, width: 32 })), [0, 1, 2]);
  const scores = maicScores(
    { ...answers([0, 1, 1].map((k) => MAIC_STAGES.map((_, i) => (i === k ? 1 : 0)))), ids: data.ids },
    data,
  );
  assert.ok(Math.abs(scores["macroF1"]! - (1 + 2 / 3 + 0) / 3) < 1e-12);
  assert.ok(Math.abs(scores["accuracy"]! - 2 / 3) < 1e-12);

  const preset = pipelineNamed("yai").preset("sample");
  const one = answers([[1, 0, 0, 0, 0]]);
  const two = answers([[0, 1, 0, 0, 0]]);
  const { blend, weights } = preset.ensemble([
    { name: "bilstm-eog_seed0_fold0", probabilities: one, scores: {} },
    { name: "bilstm-eog_seed0_fold1", probabilities: two, scores: {} },
    { name: "efficientnet_seed0_fold0", probabilities: two, scores: {} },
  ]);
  assert.deepEqual([...blend.values], [0.25, 0.75, 0, 0, 0]);
  assert.deepEqual(weights, [0.25, 0.25, 0.5]);
  const dragon = pipelineNamed("sleepingdragon").preset("sample");
  const alone = dragon.ensemble([{ name: "vit_seed3_fold0", probabilities: one, scores: {} }]);
  assert.deepEqual([alone.blend.values, alone.weights], [one.values, [1]]);
});

test("files.csv: in the order of the list, whatever the order of predictions; one that is missing is told", () => {
  const preset = pipelineNamed("yai").preset("sample");
  const asked = [...maicList(folder, "toLabel").entries.keys()];
  const turned = [...asked].reverse();
  const said = turned.flatMap((_, i) => MAIC_STAGES.map((__, k) => (k === i % 5 ? 0.6 : 0.1)));
  const blend = probabilities(turned, MAIC_STAGES, Float64Array.from(said));
  const file = join(folder, "files.csv");
  const facts = preset.submit(file, blend, folder);
  assert.deepEqual([facts["images"], facts["exams"], facts["Wake"], facts["REM"]], [EPOCHS, 1, 2, 1]);
  assert.deepEqual(
    readMaicSubmission(file, EPOCHS),
    asked.map((_, i) => MAIC_STAGES[(EPOCHS - 1 - i) % 5]),
  );
  const fewer = probabilities(turned.slice(1), MAIC_STAGES, blend.values.slice(5));
  throwsProblem(() => preset.submit(file, fewer, folder), { place: `line ${EPOCHS}`, what: /without a prediction/ });
  assert.deepEqual(pipelineNamed("yai").check(file, folder), facts);
  assert.equal(readFileSync(file)[0], 0xef, "the team's byte-order mark");
  writeFileSync(file, "Wake\n");
  throwsProblem(() => pipelineNamed("sleepingdragon").check(file, folder), { found: "1 lines" });
});
