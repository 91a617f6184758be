import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { Generator } from "../../lib/core/random";
import { tf } from "../../lib/engine";
import { FIVE_CLASSES, readEdfHypnogram, SLEEP_STAGES } from "../../lib/formats";
import { createModel } from "../../lib/models";
import { trimWake } from "../../lib/preprocessing";
import { type Dataset, type Example, memoryDataset, subset } from "../../lib/training/dataset";
import { extractFeatures, fitProbe, predictProbe } from "../../lib/training/features";
import { fit } from "../../lib/training/fit";
import { binaryCrossEntropy } from "../../lib/training/losses";
import { accuracy, argmax, balancedAccuracy } from "../../lib/training/metrics";
import { adam } from "../../lib/training/optimizers";
import { pairDataset, pairModel, redrawPairs } from "../../lib/training/pair-dataset";
import { predict } from "../../lib/training/predict";
import { pairSampler, type WindowPlace } from "../../lib/training/relative-positioning";
import { constantRate } from "../../lib/training/schedules";
import { transferWeights } from "../../lib/training/transfer";

const [RATE, SECONDS] = [20, 10];
const SAMPLES = RATE * SECONDS;
/** Amplitude of waves of 0.8, 2.5, 5 and 8 Hz in each stage: invented, in the order W, N1, N2, N3, REM. */
const WAVES = [
  [0.2, 0.2, 0.4, 1.6],
  [0.3, 0.4, 1.2, 0.6],
  [0.8, 1.0, 0.8, 0.2],
  [2.2, 1.2, 0.3, 0.1],
  [0.2, 0.5, 1.4, 0.3],
];

interface Night {
  windows: Dataset;
  places: WindowPlace[];
  labels: number[];
}

/** The real stages of nights of Sleep-EDF, with simulated signals for them: no recording is in the sample. */
function nights(files: readonly string[], epochs: number, seed: number): Night {
  const random = new Generator(seed);
  const examples: Example[] = [];
  const places: WindowPlace[] = [];
  const labels: number[] = [];
  for (const file of files) {
    const { stages } = trimWake(readEdfHypnogram(join(projectRoot, "data", "sample", "sleep-edf", file)), 30);
    const gain = random.uniform(0.8, 1.25);
    stages.slice(0, epochs).forEach((stage, epoch) => {
      const label = FIVE_CLASSES[stage];
      if (label < 0) return;
      const input = new Float32Array(SAMPLES * 2);
      const phases = WAVES[0]!.map(() => random.uniform(0, 2 * Math.PI));
      for (let t = 0; t < SAMPLES; t++)
        for (let c = 0; c < 2; c++) {
          const waves = WAVES[label]!.map((amplitude, w) => {
            const cycles = [0.8, 2.5, 5, 8][w]! * (t / RATE);
            return amplitude * Math.sin(2 * Math.PI * cycles + phases[w]! + c);
          });
          input[t * 2 + c] = gain * (waves.reduce((total, wave) => total + wave, 0) + random.normal());
        }
      const target = Float32Array.from(SLEEP_STAGES, (_, k) => Number(k === label));
      examples.push({ id: `${file} ${epoch}`, input, extras: {}, target, group: file.slice(0, 5), weight: 1 });
      places.push({ recording: file, onsetSeconds: epoch * 30 });
      labels.push(label);
    });
  }
  return { windows: memoryDataset("nights", SLEEP_STAGES, [SAMPLES, 2], examples), places, labels };
}

const rules = { tauPosSeconds: 60, tauNegSeconds: 900, partnerless: "leave out" } as const;
const options = { channels: 2, sampleRate: RATE, windowSeconds: SECONDS, classes: 16 };
const files = readdirSync(join(projectRoot, "data", "sample", "sleep-edf"))
  .filter((name) => name.endsWith(".edf"))
  .sort();

test("embedder trained on pairs alone, then scaler and logistic regression: stages are found, shuffled ones are not", async () => {
  const train = nights([files[0]!, files[2]!, files[4]!], 300, 1);
  const held = nights([files[6]!, files[8]!], 300, 2); // of other subjects
  const model = createModel("relative_positioning", options, new Generator(5));
  const sampler = pairSampler(train.places, rules);
  const heldPairs = pairDataset("held pairs", held.windows, pairSampler(held.places, rules).sample(300, 9));
  const before = await pairAccuracy(heldPairs);
  await fit({
    model: pairModel(model),
    train: pairDataset("pairs", train.windows, sampler.sample(960, 7)),
    augment: redrawPairs(train.windows, sampler),
    loss: binaryCrossEntropy({ positives: "none" }),
    optimizer: adam(),
    schedule: constantRate(3e-3),
    batchSize: 64,
    epochs: 4,
    seed: 3,
  });
  const after = await pairAccuracy(heldPairs);
  assert.ok(after > 0.6 && after > before, `accuracy of held pairs ${before}, trained ${after}`);

  const embedder = createModel("chambon2018", options, new Generator(6));
  /** Balanced accuracy on the held subjects of a regression on the embedder's features. */
  async function score(labels: readonly number[]): Promise<number> {
    const features = await extractFeatures(embedder, train.windows, { batchSize: 64 });
    assert.deepEqual([features.length, features[0]!.length], [labels.length, 16]);
    const probe = fitProbe(features, labels, 5, { classWeight: "balanced" });
    const rows = predictProbe(probe, await extractFeatures(embedder, held.windows, { batchSize: 64 }));
    return balancedAccuracy(
      held.labels,
      argmax(
        rows.flatMap((row) => [...row]),
        5,
      ),
      5,
    );
  }
  const untrained = await score(train.labels);
  transferWeights(embedder, model.readState(), {
    rename: (name) => (name.startsWith("emb.") ? name.slice("emb.".length) : null),
  });
  const found = await score(train.labels);
  const control = await score(new Generator(8).shuffle([...train.labels]));
  assert.ok(found > 0.7 && found > untrained + 0.1, `balanced accuracy ${found}, untrained ${untrained}`);
  assert.ok(control < 0.35, `balanced accuracy with shuffled labels ${control}; chance is 0.2`);

  async function pairAccuracy(pairs: Dataset): Promise<number> {
    const { values } = await predict(pairModel(model), pairs, { batchSize: 64, activation: "sigmoid" });
    const truth = Array.from({ length: pairs.length }, (_, i) => pairs.example(i).target[0]!);
    return accuracy(
      truth,
      Array.from(values, (p) => Number(p > 0.5)),
    );
  }
});

test("an example is the pair's two windows; a redrawn one is another pair, the same for the same draws", () => {
  const { windows, places } = nights([files[0]!, files[2]!], 80, 4);
  const sampler = pairSampler(places, rules);
  const pairs = sampler.sample(20, 1);
  const data = pairDataset("pairs", windows, pairs);
  assert.equal(new Set(data.ids).size, 20);
  assert.deepEqual([data.classes, data.extraLengths, data.inputShape], [["close"], { other: 400 }, [200, 2]]);
  pairs.forEach(({ first, second, close }, i) => {
    const example = data.example(i);
    assert.equal(example.input, windows.example(first).input);
    assert.equal(example.extras.other, windows.example(second).input);
    assert.equal(example.target[0], Number(close));
    assert.equal(example.group, windows.groups[second]);
    assert.equal(example.id, data.ids[i]);
  });
  const redraw = redrawPairs(windows, sampler);
  const [one, same, another] = [2, 2, 3].map((seed) =>
    redraw(data.example(0), data.inputShape, new Generator(seed)),
  ) as [Example, Example, Example];
  assert.deepEqual(one, same);
  assert.notEqual(one.id, another.id);
  assert.throws(() => pairDataset("none", windows, []), /without examples/);
  assert.throws(() => data.example(20), /out of range/);
  assert.throws(() => pairDataset("twice", data, pairs), /further inputs cannot be paired; found other/);
});

test("features are the model's outputs, example by example", async () => {
  const { windows } = nights([files[0]!], 80, 4);
  const embedder = createModel("chambon2018", options, new Generator(6));
  const few = subset(windows, [3, 50, 7]);
  const rows = await extractFeatures(embedder, few, { batchSize: 2 });
  const signal = tf.tensor3d(few.example(1).input, [1, SAMPLES, 2]);
  const alone = embedder.forward({ signal }, { training: false }).dataSync();
  rows[1]!.forEach((value, k) => {
    assert.ok(Math.abs(value - alone[k]!) < 1e-5 * Math.max(1, Math.abs(alone[k]!)));
  });
});
