import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, tf } from "../../lib/engine";
import { createEma, type EmaOptions } from "../../lib/training/ema";
import { sgd } from "../../lib/training/optimizers";
import { createTrainStep } from "../../lib/training/train-step";
import { readGolden, scaled } from "../support/golden";
import { batch, furthest, linearModel, stepOptions, valuesOf } from "./step-task";

const { params, cases } = readGolden<{
  params: { name: string; shape: [number, number]; scale: number };
  cases: { decay: number; "capped_by_(1+n)/(10+n)": boolean; shadow_after_each_update: number[][] }[];
}>("training/ema");
const [rows, width] = params.shape;
const values = Float32Array.from(scaled(params.name, params.shape, params.scale));
const row = (k: number): Float32Array => values.slice(k * width, (k + 1) * width);
const rule = (capped: boolean): EmaOptions["rule"] => (capped ? "capped" : "constant");

test("the golden file holds four runs", () => {
  assert.equal(cases.length, 4);
});

for (const compiled of [false, true])
  cases.forEach(({ decay, shadow_after_each_update: shadows, ...rest }) => {
    const capped = rest["capped_by_(1+n)/(10+n)"];
    test(`decay ${decay}${capped ? ", capped" : ""}, ${compiled ? "compiled" : "eager"}: averages as torch_ema's`, () => {
      const weight = tf.tidy(() => tf.variable(tf.tensor1d(row(0))));
      const ema = createEma({ decay, rule: rule(capped), every: "step" }, new Map([["w", weight]]));
      const step = compile((proceed: tf.Tensor) => {
        ema.update(proceed as tf.Scalar);
        return proceed;
      });
      assert.equal(shadows.length, rows - 1);
      shadows.forEach((expected, i) => {
        tf.tidy(() => {
          weight.assign(tf.tensor1d(row(i + 1)));
          if (compiled) {
            step(tf.scalar(0)); // changes nothing
            step(tf.scalar(1));
          } else ema.update();
        });
        const found = Array.from(ema.slots.get("ema.w")!.dataSync());
        // float32 beside float64: values below 1
        assert.ok(furthest([found], [expected]) < 2e-7, `update ${i + 1}: ${found} ${expected}`);
      });
      assert.equal(ema.slots.get("ema.updates")!.dataSync()[0], rows - 1);
      step.dispose();
    });
  });

const batches = Array.from({ length: 6 }, (_, i) => batch(`average-${i}`, 4));

test("in the compiled step: the averages take the weights behind each step of the optimizer", async () => {
  const model = linearModel();
  const run = sgd({ momentum: 0.9 }).create(model.parameters);
  const options = stepOptions(model, run, {
    accumulate: { batches: 2, reduce: "mean" },
    ema: { decay: 0.7, rule: "capped", every: "step" },
  });
  const step = createTrainStep(options);
  const expected = valuesOf(model.parameters.values());
  let updates = 0;
  for (const [i, one] of batches.entries()) {
    const { updated } = await step.run(one, i, 0.3);
    if (!updated) continue;
    updates++;
    const decay = Math.min(0.7, (1 + updates) / (10 + updates));
    valuesOf(model.parameters.values()).forEach((weights, k) => {
      expected[k] = weights.map((value, j) => decay * expected[k]![j]! + (1 - decay) * value);
    });
  }
  const averages = [...model.parameters.keys()].map((name) => step.slots.get(`ema.${name}`)!);
  assert.equal(updates, 3);
  assert.ok(furthest(valuesOf(averages), expected) < 3e-7);
  step.dispose();
  run.dispose();
  model.dispose();
});

test("by the epoch: only endEpoch averages; swapping shows the averages, and gives the weights back", async () => {
  const model = linearModel();
  const run = sgd().create(model.parameters);
  const step = createTrainStep(stepOptions(model, run, { ema: { decay: 0.8, rule: "constant", every: "epoch" } }));
  const start = valuesOf(model.parameters.values());
  for (const [i, one] of batches.entries()) await step.run(one, i, 0.3);
  const trained = valuesOf(model.parameters.values());
  const averages = (): number[][] => valuesOf([...model.parameters.keys()].map((n) => step.slots.get(`ema.${n}`)!));
  assert.deepEqual(averages(), start);
  step.endEpoch();
  const mixed = start.map((weights, k) => weights.map((value, j) => 0.8 * value + 0.2 * trained[k]![j]!));
  assert.ok(furthest(averages(), mixed) < 1e-7);
  const averaged = averages();
  step.ema!.swapIn();
  assert.deepEqual(valuesOf(model.parameters.values()), averaged);
  await assert.rejects(step.run(batches[0]!, 6, 0.3), /averaged weights/);
  assert.throws(() => step.endEpoch(), /averaged weights/);
  assert.throws(() => step.ema!.swapIn(), /swapped in twice/);
  step.ema!.swapOut();
  assert.deepEqual(valuesOf(model.parameters.values()), trained);
  assert.deepEqual(averages(), averaged);
  // the compiled step still writes to the weights, not to what they were exchanged with
  await step.run(batches[0]!, 6, 0.3);
  assert.notDeepEqual(valuesOf(model.parameters.values()), trained);
  assert.deepEqual(averages(), averaged);
  step.dispose();
  run.dispose();
  model.dispose();
});
