import assert from "node:assert/strict";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Dataset, type Example, labelsOf, memoryDataset, targetsOf } from "../../lib/training/dataset";
import { fit } from "../../lib/training/fit";
import type { FitOptions } from "../../lib/training/fit-options";
import { imageSource } from "../../lib/training/image-source";
import { sampled } from "../../lib/training/learnt-from";
import { memoryLoader } from "../../lib/training/loader";
import { workerLoader } from "../../lib/training/worker-loader";
import { rejectsProblem, scratchFolder } from "../support/problems";
import { toyDataset, toyModel, toyRun } from "./toy";

/** The data set with one example changed, its id the same. */
function changed(dataset: Dataset, index: number, change: (example: Example) => Partial<Example>): Dataset {
  return {
    ...dataset,
    example: (i) => (i === index ? { ...dataset.example(i), ...change(dataset.example(i)) } : dataset.example(i)),
  };
}

const flipped = ({ target }: Example): Partial<Example> => ({ target: target.map((value) => 1 - value) });

test("a run does not go on with changed targets, weights, inputs or augmentation, and says which", async (t) => {
  const folder = scratchFolder(t);
  const run = (changes: Partial<FitOptions>): FitOptions =>
    toyRun(toyModel(), { epochs: 1, checkpoint: { folder, resume: true }, ...changes });
  await fit({ ...run({}), checkpoint: { folder } });
  const train = toyDataset("train", 100, 1);
  const validation = toyDataset("validation", 50, 2);
  const shape = { ...train, inputShape: [32, 4] };
  const cases: [changes: Partial<FitOptions>, found: RegExp][] = [
    [{ train: changed(train, 41, flipped) }, /^train\.labels "\w{16}"$/],
    [{ train: changed(train, 57, () => ({ weight: 2 })) }, /^train\.labels/],
    [{ train: changed(train, 99, ({ input }) => ({ input: input.map((v) => v * 2) })) }, /^train\.inputs/],
    [{ train: shape, validation: { ...validation, inputShape: [32, 4] } }, /^train\.inputShape/],
    [{ augment: (example) => example }, /^train\.augmented "\w{16}"$/],
    [{ validation: changed(validation, 3, flipped) }, /^validation\.labels "\w{16}"$/],
  ];
  for (const [changes, found] of cases)
    await rejectsProblem(fit(run(changes)), { what: /another run/, found, fix: /the same data/ });
  assert.equal((await fit(run({}))).steps, 6, "with nothing changed it goes on, here to nothing");
});

test("a sample of inputs: the first, the last, and between them", () => {
  assert.deepEqual(sampled(1), [0]);
  assert.deepEqual(sampled(3), [0, 1, 2]);
  assert.deepEqual(sampled(71), [0, 10, 20, 30, 40, 50, 60, 70]);
});

test("labels are read once, from examples whose inputs are not looked at; targetsOf gives copies", () => {
  let [examples, inputs] = [0, 0];
  const made = memoryDataset(
    "counted",
    ["a"],
    [2],
    [0, 1, 2].map((i) => ({
      id: String(i),
      input: new Float32Array(2),
      extras: {},
      target: Float32Array.of(i),
      group: "g",
      weight: i,
    })),
  );
  const dataset: Dataset = {
    ...made,
    example(i) {
      examples++;
      return {
        ...made.example(i),
        get input() {
          inputs++;
          return made.example(i).input;
        },
      };
    },
  };
  assert.ok(memoryLoader(dataset).weighted);
  assert.deepEqual([...labelsOf(dataset).weights], [0, 1, 2]);
  targetsOf(dataset).fill(9);
  assert.deepEqual([...targetsOf(dataset)], [0, 1, 2]);
  assert.deepEqual([examples, inputs], [3, 0]);
});

test("a loader is described by what changes numbers: files may move, caches too; not sizes, augmentation or content", async (t) => {
  const root = scratchFolder(t);
  const [before, after] = [join(root, "before"), join(root, "after")];
  mkdirSync(before);
  const names = ["a.png", "b.png"];
  for (const name of names) writeFileSync(join(before, name), `pixels of ${name}`);
  const describe = async (folder: string, options: Parameters<typeof imageSource>[3] = {}, label = 1) => {
    const files = names.map((name, i) => ({ id: name, path: join(folder, name), group: name, target: [i, label] }));
    const loader = workerLoader(imageSource("pictures", ["x", "y"], files, options), { workers: 2 });
    await loader.close();
    return JSON.stringify(loader.describe());
  };
  const size = { height: 8, width: 8 };
  const first = await describe(before, size);
  const cached = { ...size, cache: { folder: join(root, "cache") } };
  assert.equal(await describe(before, cached), first);
  const others = [
    await describe(before, { ...size, height: 16 }),
    await describe(before, { ...size, augmentation: "system 000, intended" }),
    await describe(before, { ...size, augmentation: "system 000, CutMix" }),
    await describe(before, { ...size, scale: { mean: [0], deviation: [1] } }),
    await describe(before, size, 0),
  ];
  assert.equal(new Set([first, ...others]).size, 6);
  renameSync(before, after);
  assert.equal(await describe(after, size), first);
  writeFileSync(join(after, "b.png"), "other pixels");
  assert.notEqual(await describe(after, size), first);
});
