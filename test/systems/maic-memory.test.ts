/** Parts of exams, lists with answers, and training on targets as they are given. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { MAIC_STAGES } from "../../lib/formats";
import { createModel } from "../../lib/models";
import {
  maicAnsweredList,
  maicAugmentation,
  maicParts,
  maicTarget,
  SLEEPINGDRAGON_PRESETS,
  trainMaicInMemory,
} from "../../lib/systems";
import { type Augmentation, adam, crossEntropy, type Example, memoryDataset, warmupCosine } from "../../lib/training";
import { scratchFolder, throwsProblem } from "../support/problems";

const side = 32;
/** Four exams of five pictures; the stage is a bright band. */
const pictures = memoryDataset(
  "exams",
  MAIC_STAGES,
  [side, side, 1],
  Array.from({ length: 20 }, (_, i) => ({
    id: `${i}`,
    input: Float32Array.from({ length: side * side }, (_, at) => (Math.floor(at / (6 * side)) === i % 5 ? 2 : -1)),
    extras: {},
    target: Float32Array.from(MAIC_STAGES, (_, k) => (k === i % 5 ? 1 : 0)),
    group: `exam ${Math.floor(i / 5)}`,
    weight: 1,
  })),
);

test("exams to learn from, to watch and to hold back: no exam on both sides", () => {
  const { train, held, watched } = maicParts(pictures, { learn: 2, watch: 1 });
  const exams = (groups: readonly string[]): string[] => [...new Set(groups)];
  assert.deepEqual(exams(train.groups), ["exam 0", "exam 1"]);
  assert.deepEqual(exams(held.groups), ["exam 2", "exam 3"]);
  assert.deepEqual(exams(watched.groups), ["exam 2"]);
  assert.equal(train.length + held.length, pictures.length);
  throwsProblem(() => maicParts(pictures, { learn: 3, watch: 2 }), { found: "4 exams" });
});

test("a network learns the targets it is given, with and without augmentation; the seed says which weights it begins with", async () => {
  const { train, watched } = maicParts(pictures, { learn: 2, watch: 1 });
  const seeds: number[] = [];
  const network = {
    model: (seed: number) => {
      seeds.push(seed);
      return createModel("vit_patch16_small", { height: side, width: side, channels: 1 }, new Generator(seed));
    },
    training: {
      loss: crossEntropy(),
      optimizer: adam(),
      schedule: warmupCosine({ rate: 2e-3, warmupEpochs: 1 }),
      batchSize: 5,
      epochs: 2,
    },
  };
  let varied = 0;
  const augment: Augmentation = (example) => {
    varied++;
    return example;
  };
  const plain = await trainMaicInMemory(network, { train, validation: watched, augment: null, seed: 3 });
  assert.equal(varied, 0);
  const { model, result } = await trainMaicInMemory(network, { train, validation: watched, augment, seed: 3 });
  assert.ok(varied >= 2 * train.length, `${varied}`);
  assert.deepEqual(seeds, [3, 3]);
  assert.deepEqual(
    result.history.map(({ loss }) => loss),
    plain.result.history.map(({ loss }) => loss),
  );
  assert.ok(result.history[1]!.loss < result.history[0]!.loss);
  assert.ok("macroF1" in result.history[0]!.metrics);
  model.dispose();
  plain.model.dispose();
});

test("both lists in one, the stages to be labelled from whoever knows them", (t) => {
  const folder = scratchFolder(t);
  writeFileSync(join(folder, "trainset-for_user.csv"), "A,A_0001.png,N2\nA,A_0002.png,REM\n");
  writeFileSync(join(folder, "testset-for_user.csv"), "B,B_0001.png\n");
  const answers = new Map([["B/B_0001.png", maicTarget({ stage: "N3" } as never)]]);
  const list = maicAnsweredList(folder, answers);
  assert.deepEqual(
    [...list.entries.values()].map(({ exam, stage }) => [exam, stage]),
    [
      ["A", "N2"],
      ["A", "REM"],
      ["B", "N3"],
    ],
  );
  throwsProblem(() => maicAnsweredList(folder, new Map()), { found: "B/B_0001.png" });
});

test("the sample preset begins pictures at another time and leaves their stage; a preset without augmentation has none", () => {
  const augment = maicAugmentation(SLEEPINGDRAGON_PRESETS.sample, pictures)!;
  const random = new Generator(4);
  // Bands are the same at all times: a dot in the third column is not.
  const dotted = (index: number): Example => {
    const example = pictures.example(index);
    return { ...example, input: example.input.map((value, at) => (at === 2 ? 9 : value)) };
  };
  const [height = 0, width = 0, channels = 0] = pictures.inputShape;
  const rowsOf = (input: Float32Array): string[][] =>
    Array.from({ length: height }, (_, y) =>
      [...input.subarray(y * width * channels, (y + 1) * width * channels)].map(String).sort(),
    );
  let changed = 0;
  for (let draw = 0; draw < 40; draw++) {
    const before = dotted(draw % pictures.length);
    const after = augment(before, pictures.inputShape, random);
    assert.deepEqual(after.target, before.target);
    assert.deepEqual(rowsOf(after.input), rowsOf(before.input));
    if (String(after.input) !== String(before.input)) changed++;
  }
  assert.ok(changed > 20, `${changed} of 40`);
  assert.equal(maicAugmentation({ augmentation: null }, pictures), null);
});
