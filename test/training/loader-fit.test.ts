import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { memoryDataset, subset } from "../../lib/training/dataset";
import { fit } from "../../lib/training/fit";
import { memoryLoader } from "../../lib/training/loader";
import { predictLogits } from "../../lib/training/predict";
import { sourceDataset } from "../../lib/training/source-dataset";
import { type WorkerSource, workerLoader } from "../../lib/training/worker-loader";
import { goldenFolder } from "../support/golden";
import { rejectsProblem, throwsProblem } from "../support/problems";
import { noise, wave } from "./loader-waves";
import { flatWeights, toyModel, toyRun } from "./toy";

const count = 40;
const examples = memoryDataset(
  "waves",
  ["long", "short"],
  [64, 2],
  Array.from({ length: count }, (_, i) => wave(i)),
);
const { example: _, ...dataset } = examples;
const source: WorkerSource = { dataset, weighted: false, module: join(__dirname, "loader-waves.ts"), shared: null };

test("training on batches of threads ends with the same weights, bit for bit, as on those of this thread", async () => {
  const { train, augment, validation, earlyStopping, evaluate, ...rest } = toyRun(toyModel(), { epochs: 2 });
  await fit({ ...rest, train: examples, augment: noise });
  const expected = flatWeights(rest.model);
  for (const workers of [0, 2]) {
    const loader = workerLoader(source, { workers });
    const model = toyModel();
    try {
      await fit({ ...rest, model, loader });
    } finally {
      await loader.close();
    }
    assert.equal(loader.stats.batches, 4);
    assert.deepEqual(flatWeights(model), expected, `${workers} threads`);
  }
});

test("a source is a data set whose examples are the same every time", () => {
  const data = sourceDataset(source);
  assert.deepEqual(data.example(3), data.example(3));
  assert.notDeepEqual(data.example(3).input, examples.example(3).input, "augmented");
  assert.deepEqual(data.example(3).target, examples.example(3).target);
  throwsProblem(() => data.example(count), { what: /out of range/ });
});

test("sharp decodes in threads, one image at a time in each, the same as here", async () => {
  const folder = join(goldenFolder, "formats");
  const paths = readdirSync(folder)
    .filter((name) => name.endsWith(".png"))
    .map((name) => join(folder, name));
  const ids = paths.map((_, i) => String(i));
  const pictures: WorkerSource = {
    dataset: { ...dataset, ids, groups: ids, length: ids.length, inputShape: [8, 8], classes: ["any"] },
    weighted: false,
    module: join(__dirname, "loader-pictures.ts"),
    shared: { paths },
  };
  const plans = [1, 2, 3, 4].map((seed) => ({ indices: Int32Array.from(ids, Number), seed }));
  const read = async (workers: number): Promise<number[][]> => {
    const loader = workerLoader(pictures, { workers });
    const inputs: number[][] = [];
    for await (const { input } of loader.batches(plans)) inputs.push([...input]);
    await loader.close();
    return inputs;
  };
  const [here, threads] = [await read(0), await read(2)];
  assert.deepEqual(threads, here);
  assert.ok(
    here.flat().every((value) => value <= 1255),
    "sharp.concurrency is 1",
  );
  throwsProblem(() => sourceDataset(pictures).example(0), { what: /asynchronously/ });
});

test("validation through threads measures what this thread does, number for number, and leaves the loader open", async () => {
  const still: WorkerSource = { ...source, module: join(__dirname, "loader-still-waves.ts") };
  const validation = sourceDataset(still);
  const { train, augment, earlyStopping, evaluate, ...rest } = toyRun(toyModel(), { epochs: 2 });
  const { history, workers } = await fit({ ...rest, train: examples, validation });
  assert.equal(workers, 0);
  const loader = workerLoader(still, { workers: 2 });
  try {
    const model = toyModel();
    const threaded = await fit({ ...rest, model, train: examples, validation, validationLoader: loader });
    assert.deepEqual(
      threaded.history.map(({ metrics }) => metrics),
      history.map(({ metrics }) => metrics),
    );
    // 40 examples in batches of 16: three, the last filled up.
    assert.equal(loader.stats.batches, 6);
    const here = await predictLogits(model, validation, { batchSize: 7 });
    const there = await predictLogits(model, loader, { batchSize: 7 });
    assert.deepEqual(there, here);
    const other = memoryLoader(subset(examples, [0, 1]));
    await rejectsProblem(fit({ ...rest, train: examples, validation, validationLoader: other }), {
      what: /a loader of other examples than the validation data/,
    });
  } finally {
    await loader.close();
  }
});
