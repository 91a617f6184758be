import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readSafetensors } from "../../lib/formats/safetensors";
import type { Example } from "../../lib/training/dataset";
import { memoryDataset, subset, targetsOf } from "../../lib/training/dataset";
import { fit } from "../../lib/training/fit";
import type { TrainingProgress } from "../../lib/training/fit-options";
import { readMetricsFile } from "../../lib/training/metrics-file";
import { predict, predictLogits } from "../../lib/training/predict";
import { macroAuc } from "../../lib/training/ranking";
import { flatWeights, toyDataset, toyModel, toyRun } from "./toy";

const root = mkdtempSync(join(tmpdir(), "fit-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = (): string => join(root, String(folders++));

test("a run learns, tells how far it is, and ends with the weights of the best epoch", async () => {
  const model = toyModel();
  const events: TrainingProgress[] = [];
  const metricsFile = join(newFolder(), "metrics.jsonl");
  const options = toyRun(model, { progress: (event) => events.push(event), metricsFile, epochs: 12 });
  const result = await fit(options);
  assert.equal(result.stopped, "finished");
  assert.equal(result.steps, 72);
  const losses = result.history.map((record) => record.loss);
  assert.ok(losses.at(-1)! < 0.7 * losses[0]!, `losses ${losses}`);
  const aucs = result.history.map((record) => record.metrics.auc!);
  assert.deepEqual(result.best, { epoch: aucs.indexOf(Math.max(...aucs)) + 1, value: Math.max(...aucs) });
  assert.ok(result.best!.value > 0.85, `AUC ${result.best!.value}`);
  const { values } = await predict(model, options.validation!, { batchSize: 7, activation: "sigmoid" });
  assert.equal(
    macroAuc(targetsOf(options.validation!), values, 2),
    result.best!.value,
    "the best weights are in place",
  );
  assert.deepEqual(
    events.map(({ epoch, step }) => (epoch - 1) * 6 + step),
    Array.from({ length: 72 }, (_, i) => i + 1),
  );
  assert.ok(events.every(({ secondsLeft }) => secondsLeft! >= 0) && events.at(-1)!.secondsLeft! < 1);
  assert.equal(events.at(-1)!.metric!.name, "auc");
  assert.equal(result.ran.asked, "float32");
  assert.deepEqual(events.at(-1)!.ran, result.ran);
  const lines = readMetricsFile(metricsFile);
  assert.deepEqual(
    lines.map(({ kind, step }) => `${kind} ${step}`),
    ["run 0", ...Array.from({ length: 12 }, (_, i) => `epoch ${6 * (i + 1)}`), "end 72"],
  );
});

test("the same seed gives the same weights bit for bit, another seed others; timers fire meanwhile", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const train = async (seed: number): Promise<number[]> => {
    const model = toyModel();
    await fit(toyRun(model, { seed, epochs: 2 }));
    return flatWeights(model);
  };
  const one = await train(11);
  clearInterval(timer);
  assert.ok(ticks >= 5, `${ticks} ticks`);
  assert.deepEqual(await train(11), one);
  assert.notDeepEqual(await train(12), one);
});

test("an abort ends the run within one step; resumed, it ends with the same weights and no line twice", async () => {
  const whole = toyModel();
  await fit(toyRun(whole));
  const folder = newFolder();
  const metricsFile = join(folder, "metrics.jsonl");
  const stop = new AbortController();
  let steps = 0;
  const model = toyModel();
  const interrupted = await fit(
    toyRun(model, {
      checkpoint: { folder },
      metricsFile,
      logEverySteps: 1,
      signal: stop.signal,
      progress: () => {
        if (++steps === 9) stop.abort();
      },
    }),
  );
  assert.equal(interrupted.stopped, "aborted");
  assert.equal(interrupted.steps, 9);
  assert.equal(readMetricsFile(metricsFile).at(-1)!.kind, "end");
  const other = toyModel(99); // its first weights do not matter: the checkpoint's are loaded
  const resumed = await fit(toyRun(other, { checkpoint: { folder, resume: true }, metricsFile, logEverySteps: 1 }));
  assert.equal(resumed.stopped, "finished");
  assert.equal(resumed.history.length, 4);
  assert.deepEqual(flatWeights(other), flatWeights(whole));
  const lines = readMetricsFile(metricsFile).map(({ kind, step }) => `${kind} ${step}`);
  assert.equal(new Set(lines).size, lines.length, `a line twice: ${lines}`);
  assert.equal(lines.filter((line) => line.startsWith("steps")).length, 24);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith(".safetensors")).length,
    2,
    "old weights are removed",
  );

  const again = toyModel(99);
  const finished = await fit(toyRun(again, { checkpoint: { folder, resume: true } }));
  assert.equal(finished.steps, 24, "a finished run is not trained again");
  assert.deepEqual(flatWeights(again), flatWeights(whole));
});

test("a checkpoint of another run, in the way, or damaged: refused, and said why", async () => {
  const folder = newFolder();
  const model = toyModel();
  const small = { epochs: 1, checkpoint: { folder } };
  await fit(toyRun(model, small));
  await assert.rejects(fit(toyRun(model, small)), /holds a checkpoint already/);
  const resume = { ...small, checkpoint: { folder, resume: true } };
  await assert.rejects(
    fit(toyRun(model, { ...resume, seed: 12, batchSize: 8 })),
    /another run; found batchSize 16, seed 11/,
  );
  await assert.rejects(
    fit(toyRun(model, { ...resume, checkpoint: { folder: join(folder, "none"), resume: true } })),
    /no checkpoint to go on from/,
  );
  const file = readdirSync(folder).find((name) => name.startsWith("weights-"))!;
  const bytes = readFileSync(join(folder, file));
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(join(folder, file), bytes);
  await assert.rejects(fit(toyRun(model, resume)), /weights that are not the checkpoint's/);
});

test("NaN in a loss: the error names epoch, step and recording; batch and weights before it are kept", async () => {
  const train = toyDataset("train", 100, 1);
  const examples = Array.from({ length: train.length }, (_, i): Example => train.example(i));
  const input = Float32Array.from(examples[33]!.input);
  input[5] = Number.NaN;
  examples[33] = { ...examples[33]!, input };
  const folder = newFolder();
  const model = toyModel();
  const run = toyRun(model, {
    train: memoryDataset("train", train.classes, train.inputShape, examples),
    batchSize: 25,
    checkpoint: { folder, everySteps: 1 },
  });
  await assert.rejects(fit(run), (error: Error) => {
    assert.match(error.message, /epoch 1, step [1-4], examples train-\d+, .* and 20 more/);
    assert.match(error.message, /gradient norm NaN; not finite in the input of train-33/);
    return true;
  });
  const saved = join(folder, readdirSync(folder).find((name) => name.startsWith("not-finite-"))!);
  const { examplesWithNonFiniteInput, examples: ids } = JSON.parse(readFileSync(join(saved, "step.json"), "utf8"));
  assert.deepEqual(examplesWithNonFiniteInput, ["train-33"]);
  const batch = readSafetensors(join(saved, "batch.safetensors")).tensors;
  assert.deepEqual(batch.get("input")!.shape, [25, 128]);
  assert.ok(Number.isNaN(batch.get("input")!.data[ids.indexOf("train-33") * 128 + 5]));
  assert.ok(flatWeights(model).every(Number.isFinite), "no weight and no running statistic took the NaN up");
  const before = readSafetensors(join(saved, "weights-before.safetensors")).tensors;
  assert.deepEqual(
    [...before.values()].flatMap(({ data }) => [...(data as Float32Array)]),
    flatWeights(model),
  );
});

test("a rate that is far too high diverges with an error, not with NaN weights", async () => {
  const model = toyModel();
  const { rate } = { rate: 1e30 };
  const schedule = { name: "wild", config: {}, rate: () => rate };
  await assert.rejects(fit(toyRun(model, { schedule, epochs: 2, checkpoint: { folder: newFolder() } })), /not finite/);
});

test("early stopping ends the run when patience is used up", async () => {
  const model = toyModel();
  const worse = { value: 1 };
  const result = await fit(
    toyRun(model, {
      evaluate: () => ({ auc: worse.value-- }),
      earlyStopping: { metric: "auc", mode: "max", patience: 2 },
    }),
  );
  assert.equal(result.stopped, "early");
  assert.equal(result.history.length, 3);
  assert.deepEqual(result.best, { epoch: 1, value: 1 });
});

test("examples of weight 0 teach nothing", async () => {
  const train = toyDataset("train", 64, 1);
  const part = (weights: number[], spoil: boolean) =>
    memoryDataset(
      "train",
      train.classes,
      train.inputShape,
      weights.map((weight, i) => {
        const example = train.example(i);
        return { ...example, weight, target: spoil && weight === 0 ? Float32Array.of(1, 1) : example.target };
      }),
    );
  const weights = Array.from({ length: 64 }, (_, i) => (i % 4 === 0 ? 0 : 1));
  const train2 = async (spoil: boolean): Promise<number[]> => {
    const model = toyModel();
    await fit(toyRun(model, { train: part(weights, spoil), epochs: 1 }));
    return flatWeights(model);
  };
  assert.deepEqual(await train2(true), await train2(false));
});

test("predictions do not depend on the batch they are in, nor on padding", async () => {
  const model = toyModel();
  await fit(toyRun(model, { epochs: 1 }));
  const data = toyDataset("held", 10, 5);
  const all = await predictLogits(model, data, { batchSize: 10 });
  const padded = await predictLogits(model, data, { batchSize: 4 });
  const one = await predictLogits(model, subset(data, [7]), { batchSize: 4 });
  padded.values.forEach((value, i) => {
    assert.ok(Math.abs(value - all.values[i]!) < 1e-4 * Math.max(1, Math.abs(value)), `${value} ${all.values[i]}`);
  });
  assert.ok(Math.abs(one.values[1]! - all.values[15]!) < 1e-4 * Math.max(1, Math.abs(one.values[1]!)));
  assert.deepEqual(padded.ids, data.ids);
});

test("options that do not fit each other throw", async () => {
  const model = toyModel();
  await assert.rejects(fit(toyRun(model, { epochs: 0 })), /number of epochs/);
  const { validation: _, ...without } = toyRun(model);
  await assert.rejects(fit(without), /early stopping without validation/);
  await assert.rejects(fit(toyRun(model, { batchSize: 101 })), /not one batch/);
  await assert.rejects(
    fit(toyRun(model, { accumulate: { batches: 25, reduce: "mean" } })),
    /without one step of the optimizer; found 24 batches in all, 25 to accumulate/,
  );
  const other = { ...toyDataset("v", 5, 1), classes: ["x", "y"] };
  await assert.rejects(fit(toyRun(model, { validation: other })), /differ in kind/);
});
