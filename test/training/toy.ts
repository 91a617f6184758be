/** A small learning task and run, shared by the tests of the training loop and the process that they kill. */
import { Generator } from "../../lib/core/random";
import { createModel, type Model } from "../../lib/models";
import { type Dataset, type Example, memoryDataset, targetsOf } from "../../lib/training/dataset";
import type { FitOptions } from "../../lib/training/fit-options";
import { binaryCrossEntropy } from "../../lib/training/losses";
import { adam } from "../../lib/training/optimizers";
import { macroAuc } from "../../lib/training/ranking";
import { warmupCosine } from "../../lib/training/schedules";

const SAMPLES = 64;

/** Two classes of two-channel noise: a wave in the first channel, a wave in the second; any, both or none. */
export function toyDataset(name: string, length: number, seed: number): Dataset {
  const random = new Generator(seed);
  const examples = Array.from({ length }, (_, i): Example => {
    const target = Float32Array.of(random.below(2), random.below(2));
    const input = new Float32Array(SAMPLES * 2);
    const phase = random.uniform(0, 2 * Math.PI);
    for (let t = 0; t < SAMPLES; t++) {
      for (let c = 0; c < 2; c++)
        input[t * 2 + c] = random.normal() + 2 * target[c]! * Math.sin(phase + (t * (c + 1)) / 3);
    }
    return { id: `${name}-${i}`, input, extras: {}, target, group: `${name}-${i}`, weight: 1 };
  });
  return memoryDataset(name, ["first", "second"], [SAMPLES, 2], examples);
}

export function toyModel(seed = 1): Model {
  const options = { channels: 2, classes: 2, ageAndSex: false, width: 4 };
  return createModel("ecg_resnet18_small", options, new Generator(seed));
}

/** A run of 4 epochs of 6 steps. */
export function toyRun(model: Model, changes: Partial<FitOptions> = {}): FitOptions {
  return {
    model,
    train: toyDataset("train", 100, 1),
    validation: toyDataset("validation", 50, 2),
    loss: binaryCrossEntropy({ positives: "none" }),
    optimizer: adam({ weightDecay: 1e-5 }),
    schedule: warmupCosine({ rate: 0.03, warmupEpochs: 0.5 }),
    batchSize: 16,
    epochs: 4,
    seed: 11,
    augment: (example, _shape, random) => ({
      ...example,
      input: example.input.map((value) => value + 0.05 * random.normal()),
    }),
    earlyStopping: { metric: "auc", mode: "max", patience: 20 },
    evaluate: ({ values, classes }, validation) => ({
      auc: macroAuc(targetsOf(validation), values, classes.length),
    }),
    ...changes,
  };
}

/** All weights and statistics in one array. */
export function flatWeights(model: Model): number[] {
  return [...model.readState().values()].flatMap(({ values }) => [...values]);
}
