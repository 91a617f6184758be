import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { type Augmentation, type Batch, collate, memoryDataset, subset } from "../../lib/training/dataset";
import { type BatchPlan, memoryLoader } from "../../lib/training/loader";
import { toyDataset } from "./toy";

const noise: Augmentation = (example, _shape, random) => ({
  ...example,
  input: example.input.map((value) => value + 0.05 * random.normal()),
});
const plans: BatchPlan[] = [
  { indices: Int32Array.of(4, 0, 9), seed: 17 },
  { indices: Int32Array.of(1, 2), seed: 18 },
];

test("a batch's examples are augmented in their order by one generator of the plan's seed", async () => {
  const dataset = toyDataset("toy", 10, 3);
  const loader = memoryLoader(dataset, noise);
  const batches: Batch[] = [];
  for await (const batch of loader.batches(plans)) batches.push(batch);
  const random = new Generator(17);
  const expected = [4, 0, 9].map((i) => noise(dataset.example(i), dataset.inputShape, random));
  assert.deepEqual(batches[0], collate(dataset, expected));
  assert.deepEqual(batches[1]!.ids, ["toy-1", "toy-2"]);
  assert.equal(loader.stats.batches, 2);
  assert.ok(loader.stats.workingSeconds > 0);
  assert.equal(loader.weighted, false);
  await loader.close();
});

test("weights other than 1 are told; a signal ends the walk before the next batch", async () => {
  const dataset = toyDataset("toy", 4, 3);
  const heavy = Array.from({ length: 4 }, (_, i) => ({ ...dataset.example(i), weight: i === 3 ? 2 : 1 }));
  const weighted = memoryDataset("heavy", dataset.classes, dataset.inputShape, heavy);
  assert.equal(memoryLoader(weighted).weighted, true);
  assert.equal(memoryLoader(subset(weighted, [0, 1])).weighted, false);
  const stop = new AbortController();
  const walk = async (): Promise<void> => {
    const some = plans.map(({ seed }) => ({ indices: Int32Array.of(0), seed }));
    for await (const _ of memoryLoader(weighted).batches(some, stop.signal)) stop.abort(new Error("enough"));
  };
  await assert.rejects(walk, /enough/);
});
