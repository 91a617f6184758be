import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import type { Batch } from "../../lib/training/dataset";
import { binaryCrossEntropy } from "../../lib/training/losses";
import { adam, adamW, type Optimizer, sgd } from "../../lib/training/optimizers";
import { createTrainStep, type StepResult, type TrainStep, type TrainStepOptions } from "../../lib/training/train-step";
import { batch, furthest, joined, linearModel, stepOptions, valuesOf } from "./step-task";
import { toyModel } from "./toy";

interface Task {
  step: TrainStep;
  weights(): number[][];
  /** Weights, the optimizer's slots and the step's. */
  everything(): number[][];
  dispose(): void;
}

function task(optimizer: Optimizer, changes: Partial<TrainStepOptions> = {}): Task {
  const model = changes.model ?? linearModel();
  const run = optimizer.create(model.parameters);
  const step = createTrainStep(stepOptions(model, run, changes));
  return {
    step,
    weights: () => valuesOf(model.parameters.values()),
    everything: () =>
      valuesOf([
        ...model.parameters.values(),
        ...model.buffers.values(),
        ...run.slots.values(),
        ...step.slots.values(),
      ]),
    dispose() {
      step.dispose();
      run.dispose();
      model.dispose();
    },
  };
}

const batches = Array.from({ length: 12 }, (_, i) => batch(`batch-${i}`, 4));

async function runAll(step: TrainStep, some: readonly Batch[], rate: number): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const [i, one] of some.entries()) results.push(await step.run(one, i, rate));
  return results;
}

test("the mean over three batches is one step with all of them", async () => {
  for (const optimizer of [adam(), adamW(), sgd({ momentum: 0.9 })]) {
    const parts = task(optimizer, { accumulate: { batches: 3, reduce: "mean" } });
    const whole = task(optimizer);
    const results = await runAll(parts.step, batches, 0.05);
    const groups = [0, 3, 6, 9].map((i) => joined(batches.slice(i, i + 3)));
    const expected = await runAll(whole.step, groups, 0.05);
    assert.deepEqual(
      results.map(({ updated }) => updated),
      batches.map((_, i) => i % 3 === 2),
    );
    expected.forEach(({ gradientNorm, loss }, i) => {
      const own = results.slice(3 * i, 3 * i + 3);
      assert.ok(Math.abs(own[2]!.gradientNorm - gradientNorm) < 1e-6);
      assert.ok(Math.abs(own.reduce((sum, result) => sum + result.loss, 0) / 3 - loss) < 1e-6);
    });
    assert.ok(furthest(parts.weights(), whole.weights()) < 1e-6, `${optimizer.name}`);
    parts.dispose();
    whole.dispose();
  }
});

test("the sum over three batches is the mean with three times the rate", async () => {
  const sum = task(sgd(), { accumulate: { batches: 3, reduce: "sum" } });
  const mean = task(sgd(), { accumulate: { batches: 3, reduce: "mean" } });
  const sums = await runAll(sum.step, batches, 0.05);
  const means = await runAll(mean.step, batches, 0.15);
  assert.ok(Math.abs(sums[2]!.gradientNorm / means[2]!.gradientNorm - 3) < 1e-5);
  assert.ok(furthest(sum.weights(), mean.weights()) < 1e-6);
  sum.dispose();
  mean.dispose();
});

test("clipping: a step of gradient descent is as long as the rate times the norm; shorter ones stay", async () => {
  for (const clipNorm of [0.01, 100]) {
    const clipped = task(sgd(), { accumulate: { batches: 2, reduce: "sum" }, clipNorm });
    const before = clipped.weights();
    const [, { gradientNorm }] = (await runAll(clipped.step, batches.slice(0, 2), 0.5)) as [StepResult, StepResult];
    const length = Math.hypot(...clipped.weights().flatMap((row, i) => row.map((value, j) => value - before[i]![j]!)));
    assert.ok(gradientNorm > 0.1, "measured before clipping");
    const expected = 0.5 * Math.min(clipNorm, gradientNorm);
    assert.ok(Math.abs(length - expected) < 1e-3 * expected, `${length} ${expected}`);
    clipped.dispose();
  }
});

test("a batch that is not finite changes nothing, wherever in its group, and the next one goes on", async () => {
  for (const bad of [0, 1, 2]) {
    const broken = task(adam({ weightDecay: 0.1 }), {
      ...{ accumulate: { batches: 3, reduce: "mean" }, clipNorm: 1 },
      ema: { decay: 0.9, rule: "capped", every: "step" },
    });
    const sound = task(adam({ weightDecay: 0.1 }), {
      ...{ accumulate: { batches: 3, reduce: "mean" }, clipNorm: 1 },
      ema: { decay: 0.9, rule: "capped", every: "step" },
    });
    for (let i = 0; i < 6; i++) {
      if (i === 3 + bad) {
        const before = broken.everything();
        const failed = await broken.step.run(batch("broken", 4, Number.NaN), i, 0.1);
        assert.deepEqual([failed.finite, failed.updated, failed.skipped], [false, false, false]);
        assert.deepEqual(broken.everything(), before);
      }
      await broken.step.run(batches[i]!, i, 0.1);
      await sound.step.run(batches[i]!, i, 0.1);
    }
    assert.deepEqual(broken.everything(), sound.everything());
    broken.dispose();
    sound.dispose();
  }
});

test("a step that is not finite keeps running statistics too", async () => {
  const model = toyModel();
  const changes = { model, loss: binaryCrossEntropy({ positives: "none" as const }), inputShape: [64, 2] };
  const convolutions = task(adam(), changes);
  const noise = (value?: number): Batch => ({
    ...batch("noise", 8),
    input: Float32Array.from({ length: 8 * 128 }, (_, i) => (i === 5 && value !== undefined ? value : Math.sin(i * i))),
    target: Float32Array.from({ length: 16 }, (_, i) => i % 2),
  });
  await convolutions.step.run(noise(), 0, 0.01);
  const before = convolutions.everything();
  assert.equal((await convolutions.step.run(noise(Number.POSITIVE_INFINITY), 1, 0.01)).finite, false);
  assert.deepEqual(convolutions.everything(), before);
  convolutions.dispose();
});

test("a step taken up from its slots goes on bit for bit", async () => {
  const changes: Partial<TrainStepOptions> = {
    accumulate: { batches: 2, reduce: "sum" },
    ema: { decay: 0.9, rule: "capped", every: "step" },
    scaler: { growthInterval: 2 },
  };
  const [first, second] = [task(adam(), changes), task(adam(), changes)];
  const names = [...first.step.slots.keys()];
  assert.ok(
    ["accumulated.head.weight", "ema.head.bias", "ema.updates", "scaler.scale"].every((n) => names.includes(n)),
  );
  const model = linearModel();
  const run = adam().create(model.parameters);
  for (let i = 0; i < 5; i++) await first.step.run(batches[i]!, i, 0.1);
  for (let i = 0; i < 5; i++) await second.step.run(batches[i]!, i, 0.1);
  const third = createTrainStep(stepOptions(model, run, changes));
  const values = second.everything();
  [...model.parameters.values(), ...run.slots.values(), ...third.slots.values()].forEach((variable, i) => {
    tf.tidy(() => variable.assign(tf.tensor(values[i]!, variable.shape)));
  });
  for (let i = 5; i < 12; i++) {
    await first.step.run(batches[i]!, i, 0.1);
    await third.run(batches[i]!, i, 0.1);
  }
  const now = valuesOf([...model.parameters.values(), ...run.slots.values(), ...third.slots.values()]);
  assert.deepEqual(now, first.everything());
  third.dispose();
  run.dispose();
  model.dispose();
  first.dispose();
  second.dispose();
});

test("a step leaves no tensor behind", async () => {
  const all = task(adam(), {
    accumulate: { batches: 2, reduce: "mean" },
    ema: { decay: 0.9, rule: "constant", every: "epoch" },
    scaler: {},
  });
  await runAll(all.step, batches, 0.1);
  all.step.endEpoch();
  const before = tf.memory().numTensors;
  await runAll(all.step, batches, 0.1);
  all.step.endEpoch();
  all.step.ema!.swapIn();
  all.step.ema!.swapOut();
  assert.equal(tf.memory().numTensors, before);
  all.dispose();
});

test("a weight that the loss does not depend on stays as it is, decay or not; without any such weight it throws", async () => {
  const model = linearModel();
  const unused = tf.tidy(() => tf.variable(tf.ones([3])));
  const withUnused = { ...model, parameters: new Map([...model.parameters, ["unused", unused]]) };
  const run = adamW({ weightDecay: 0.5 }).create(withUnused.parameters);
  const step = createTrainStep(stepOptions(withUnused, run, { accumulate: { batches: 2, reduce: "mean" } }));
  const before = valuesOf(model.parameters.values());
  await runAll(step, batches.slice(0, 4), 0.1);
  assert.deepEqual(Array.from(unused.dataSync()), [1, 1, 1]);
  assert.notDeepEqual(valuesOf(model.parameters.values()), before);
  const alone = { ...model, parameters: new Map([["unused", unused]]) };
  const idle = createTrainStep(stepOptions(alone, run));
  await assert.rejects(idle.run(batches[0]!, 0, 0.1), /depends on no weight/);
  for (const each of [step, idle, run, unused, model]) each.dispose();
});

test("numbers out of range throw", () => {
  assert.throws(() => task(adam(), { clipNorm: 0 }), /norm to clip to/);
  assert.throws(() => task(adam(), { accumulate: { batches: 0, reduce: "sum" } }), /batches to accumulate/);
  assert.throws(() => task(adam(), { ema: { decay: 1.1, rule: "constant", every: "step" } }), /decay of averaged/);
  assert.throws(() => task(adam(), { scaler: { backoffFactor: 1 } }), /loss scaler/);
});
