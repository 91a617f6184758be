import assert from "node:assert/strict";
import { test } from "node:test";
import type { tf } from "../../lib/engine";
import type { Batch } from "../../lib/training/dataset";
import { binaryCrossEntropy } from "../../lib/training/losses";
import { adam } from "../../lib/training/optimizers";
import { createTrainStep, type StepResult, type TrainStep } from "../../lib/training/train-step";
import { readGolden } from "../support/golden";
import { batch, linearModel, stepOptions, valuesOf } from "./step-task";
import { toyModel } from "./toy";

interface Case {
  args: { init_scale: number; growth_factor: number; backoff_factor: number; growth_interval: number };
  pattern: string;
  steps: { scale_used: number; stepped: boolean; scale_after: number; growth_tracker: number }[];
}

const { cases } = readGolden<{ cases: Case[] }>("training/gradscaler");
const bad: Record<string, number | undefined> = { ".": undefined, i: Number.POSITIVE_INFINITY, n: Number.NaN };
const slot = (step: TrainStep, name: string): number => (step.slots.get(name) as tf.Variable).dataSync()[0]!;

test("the golden file holds two runs with infinities and NaN", () => {
  assert.equal(cases.length, 2);
  assert.ok(cases.every(({ pattern }) => pattern.includes("i") && pattern.includes("n")));
});

for (const batches of [1, 2])
  cases.forEach(({ args, pattern, steps }, index) => {
    test(`run ${index}, ${batches} batches a step: scale, growth and skipped steps exactly as PyTorch's`, async () => {
      const model = linearModel();
      const run = adam().create(model.parameters);
      const step = createTrainStep(
        stepOptions(model, run, {
          accumulate: { batches, reduce: "mean" },
          scaler: {
            ...{ scale: args.init_scale, growthFactor: args.growth_factor },
            ...{ backoffFactor: args.backoff_factor, growthInterval: args.growth_interval },
          },
        }),
      );
      const state = (): number[][] => valuesOf([...model.parameters.values(), ...run.slots.values()]);
      let made = 0;
      for (const [i, mark] of [...pattern].entries()) {
        const before = state();
        let result: StepResult | undefined;
        for (let part = 0; part < batches; part++) {
          // the first batch of a group is the one that overflows
          const one = batch(`scaled-${i}-${part}`, 4, part === 0 ? bad[mark] : undefined);
          result = await step.run(one, i * batches + part, 0.01);
          if (part < batches - 1) assert.equal(result.updated, false);
        }
        const expected = steps[i]!;
        assert.equal(result!.updated, expected.stepped);
        assert.equal(result!.skipped, !expected.stepped);
        assert.equal(result!.finite, expected.stepped);
        assert.equal(result!.scale, expected.scale_used);
        if (expected.stepped) assert.notDeepEqual(state(), before);
        else assert.deepEqual(state(), before);
        made += expected.stepped ? 1 : 0;
        assert.equal(slot(step, "scaler.scale"), expected.scale_after);
        assert.equal(slot(step, "scaler.growth"), expected.growth_tracker);
        assert.equal(slot(step, "scaler.steps"), made);
      }
      step.dispose();
      run.dispose();
      model.dispose();
    });
  });

test("skipped steps do not count in Adam's bias correction, and a scale of a power of 2 changes no bit", async () => {
  const [plain, scaledModel] = [linearModel(), linearModel()];
  const [plainRun, scaledRun] = [adam().create(plain.parameters), adam().create(scaledModel.parameters)];
  const reference = createTrainStep(stepOptions(plain, plainRun));
  const step = createTrainStep(stepOptions(scaledModel, scaledRun, { scaler: { growthInterval: 3 } }));
  let number = 0;
  for (let i = 0; i < 8; i++) {
    if (i % 3 === 1) await step.run(batch("overflow", 4, Number.POSITIVE_INFINITY), number++, 0.1);
    const found = await step.run(batch(`good-${i}`, 4), number++, 0.1);
    const expected = await reference.run(batch(`good-${i}`, 4), i, 0.1);
    assert.equal(found.loss, expected.loss);
    assert.ok(Math.abs(found.gradientNorm / expected.gradientNorm - 1) < 1e-6);
  }
  assert.deepEqual(valuesOf(scaledModel.parameters.values()), valuesOf(plain.parameters.values()));
  for (const each of [step, reference, plainRun, scaledRun, plain, scaledModel]) each.dispose();
});

test("not finite at the lowest scale is a failure, not an overflow", async () => {
  const model = linearModel();
  const run = adam().create(model.parameters);
  const step = createTrainStep(stepOptions(model, run, { scaler: { scale: 4, lowest: 1 } }));
  const results: StepResult[] = [];
  for (let i = 0; i < 3; i++) results.push(await step.run(batch("broken", 4, Number.NaN), i, 0.1));
  assert.deepEqual(
    results.map(({ scale, skipped, finite }) => [scale, skipped, finite]),
    [
      [4, true, false],
      [2, true, false],
      [1, false, false],
    ],
  );
  for (const each of [step, run, model]) each.dispose();
});

test("float16: too large a scale overflows and falls; then the network is trained as in float32", async () => {
  const noise: Batch = {
    ...batch("noise", 8),
    input: Float32Array.from({ length: 8 * 128 }, (_, i) => Math.sin(i * i) + (((i >> 7) % 2) * (i % 3)) / 2),
    target: Float32Array.from({ length: 16 }, (_, i) => ((i >> 1) + i) % 2),
  };
  const losses = async (precision: "float32" | "float16", scale: number, from: number): Promise<StepResult[]> => {
    const model = toyModel();
    const run = adam().create(model.parameters);
    const options = { loss: binaryCrossEntropy({ positives: "none" as const }), inputShape: [64, 2], precision };
    const step = createTrainStep(stepOptions(model, run, { ...options, scaler: { scale } }));
    const results: StepResult[] = [];
    for (let i = from; results.filter(({ updated }) => updated).length < 6; i++) {
      assert.ok(i < 40, "no scale was low enough");
      results.push(await step.run(noise, i, 0.003));
    }
    for (const each of [step, run, model]) each.dispose();
    return results;
  };
  const half = await losses("float16", 2 ** 28, 0);
  const skipped = half.filter((result) => result.skipped);
  assert.ok(skipped.length > 0, "the first scale did not overflow");
  assert.ok(skipped.every(({ finite, loss }) => !finite && Number.isFinite(loss)));
  assert.ok(half.findIndex(({ updated }) => updated) === skipped.length, "the scale fell until it fitted");
  // the number of the batch seeds dropout: begin with the first that float16 learnt from
  const full = await losses("float32", 1, skipped.length);
  const found = half.slice(skipped.length);
  // 11 bits beside 24: the true gradient comes out, whatever the scale, and weights move as they do in float32
  assert.ok(Math.abs(found[0]!.gradientNorm / full[0]!.gradientNorm - 1) < 0.01);
  found.forEach(({ loss }, i) => {
    const expected = full[i]!.loss;
    assert.ok(Math.abs(loss / expected - 1) < 0.05, `step ${i}: ${loss} in float16, ${expected} in float32`);
  });
  assert.ok(Math.abs(found[1]!.loss - found[0]!.loss) > 0.05, "the weights did not move");
});
