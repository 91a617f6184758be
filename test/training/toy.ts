/** A small learning task and run, shared by the tests of the training loop and the process that they kill. */
import { Generator } from "../../lib/core/random";
import { createModel, type Model } from "../../lib/models";
import { targetsOf } from "../../lib/training/dataset";
import type { FitOptions } from "../../lib/training/fit-options";
import { binaryCrossEntropy } from "../../lib/training/losses";
import { adam } from "../../lib/training/optimizers";
import { macroAuc } from "../../lib/training/ranking";
import { warmupCosine } from "../../lib/training/schedules";
import { toyDataset } from "./toy-dataset";

export { toyDataset };

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
