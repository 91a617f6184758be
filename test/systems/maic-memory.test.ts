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
  maicParts,
  maicTarget,
  SLEEPINGDRAGON_PRESETS,
  sleepingdragonAugmentation,
  trainMaicInMemory,
} from "../../lib/systems";
import { type Augmentation, adam, crossEntropy, memoryDataset, warmupCosine } from "../../lib/training";
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

test("the sample preset mixes one picture in five with another of those learnt from; a preset without augmentation has none", () => {
  const augment = sleepingdragonAugmentation(SLEEPINGDRAGON_PRESETS.sample, pictures)!;
  const random = new Generator(4);
  const draws = 400;
  let mixed = 0;
  for (let draw = 0; draw < draws; draw++) {
    const { target } = augment(pictures.example(draw % pictures.length), pictures.inputShape, random);
    assert.ok(Math.abs(target.reduce((sum, share) => sum + share, 0) - 1) < 1e-5);
    if (!target.includes(1)) mixed++;
  }
  // One partner in five shows the same stage, and its mixture cannot be told from none.
  const expected = 0.2 * 0.8 * draws;
  assert.ok(Math.abs(mixed - expected) < 4 * Math.sqrt(expected), `${mixed} of ${draws}`);
  assert.equal(sleepingdragonAugmentation({ augmentation: null }, pictures), null);
});
