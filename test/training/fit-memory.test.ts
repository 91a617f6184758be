import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { fit } from "../../lib/training/fit";
import { flatWeights, toyModel, toyRun } from "./toy";

test("a run leaves no tensor behind but the model's", async () => {
  const model = toyModel();
  await fit(toyRun(model, { epochs: 1 })); // whatever is made once a process is made now
  const before = tf.memory().numTensors;
  await fit(toyRun(model, { epochs: 3 }));
  assert.equal(tf.memory().numTensors, before);
  const ema = { decay: 0.9, rule: "capped", every: "step" } as const;
  await fit(toyRun(model, { epochs: 1, ema, accumulate: { batches: 2, reduce: "sum" }, clipNorm: 1, scaler: {} }));
  assert.equal(tf.memory().numTensors, before, "with all that a step can keep");
  model.dispose();
});

test("a run that fails leaves no tensor behind either", async () => {
  const model = toyModel();
  const before = tf.memory().numTensors;
  const failing = toyRun(model, {
    evaluate: () => {
      throw new Error("no score");
    },
  });
  await assert.rejects(fit(failing), /no score/);
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});

test("in bfloat16 a run learns too, its weights stay float32", async () => {
  const model = toyModel();
  const { history } = await fit(toyRun(model, { epochs: 6, precision: "bfloat16" }));
  assert.ok(history.at(-1)!.loss < 0.8 * history[0]!.loss, history.map((epoch) => epoch.loss).join(" "));
  assert.ok([...model.parameters.values()].every((variable) => variable.dtype === "float32"));
  assert.ok(flatWeights(model).some((value) => Math.fround(value) === value && !isBfloat16(value)));
  model.dispose();
});

/** Whether the lower half of the float32's mantissa is empty. */
function isBfloat16(value: number): boolean {
  return (new Uint32Array(Float32Array.of(value).buffer)[0]! & 0xffff) === 0;
}
