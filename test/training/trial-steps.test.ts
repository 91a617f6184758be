import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { collate } from "../../lib/training/dataset";
import { binaryCrossEntropy } from "../../lib/training/losses";
import { adam } from "../../lib/training/optimizers";
import { createTrainStep } from "../../lib/training/train-step";
import { trialSteps } from "../../lib/training/trial-steps";
import { rejectsProblem } from "../support/problems";
import { flatWeights, toyDataset, toyModel } from "./toy";

const train = toyDataset("trial", 5, 3);
const how = { loss: binaryCrossEntropy({ positives: "none" }), optimizer: adam(), seed: 2, rate: 0.01 };

test("steps are those of the training loop, on the first examples, and nothing but the model is left", async () => {
  const [tried, expected] = [toyModel(), toyModel()];
  const tensors = tf.memory().numTensors;
  const { steps, memory, ran } = await trialSteps({ ...how, model: tried, train, batchSize: 2, steps: 2 });
  assert.equal(tf.memory().numTensors, tensors);
  const run = how.optimizer.create(expected.parameters);
  const step = createTrainStep({
    ...{ ...how, model: expected, optimizer: run, inputShape: train.inputShape },
    ...{ precision: "float32", weighted: false },
  });
  for (const [number, indices] of [
    [0, 1],
    [2, 3],
  ].entries()) {
    const { loss, gradientNorm } = await step.run(
      collate(
        train,
        indices.map((i) => train.example(i)),
      ),
      number,
      how.rate,
    );
    assert.deepEqual([steps[number]!.loss, steps[number]!.gradientNorm], [loss, gradientNorm]);
    assert.ok(steps[number]!.seconds > 0 && steps[number]!.updated);
  }
  assert.deepEqual(flatWeights(tried), flatWeights(expected));
  assert.ok(memory.before > 0 && memory.peak >= memory.before);
  assert.deepEqual([ran.asked, ran.multiplyAdds], ["float32", { float32: 1 }]);
  step.dispose();
  run.dispose();
  for (const model of [tried, expected]) model.dispose();
});

test("fewer examples than the steps need", async () => {
  const model = toyModel();
  await rejectsProblem(trialSteps({ ...how, model, train, batchSize: 2, steps: 3 }), {
    expected: "6",
    found: /5/,
  });
  model.dispose();
});
