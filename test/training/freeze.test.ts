import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { compile, tensorRandom, tf } from "../../lib/engine";
import { createModel, type Model, type ModelName } from "../../lib/models";
import { fit } from "../../lib/training/fit";
import { freeze, frozenParameters, matches } from "../../lib/training/freeze";
import { toyModel, toyRun } from "./toy";

/** Names of parameters and statistics of which a bit changed between two states. */
function changed(before: ReturnType<Model["readState"]>, after: ReturnType<Model["readState"]>): string[] {
  return [...before].flatMap(([name, { values }]) =>
    Buffer.compare(bytes(values), bytes(after.get(name)!.values)) === 0 ? [] : [name],
  );
}

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

async function changedByTraining(view: Model): Promise<string[]> {
  const before = view.readState();
  await fit(toyRun(view, { epochs: 1, validation: undefined, earlyStopping: undefined, evaluate: undefined }));
  return changed(before, view.readState());
}

test("all but the last layer frozen: only it learns; weights and statistics of the others stay bit for bit", async () => {
  const model = toyModel();
  const view = freeze(model, { except: "last layer" });
  assert.deepEqual([...view.parameters.keys()], ["fc.weight", "fc.bias"]);
  assert.equal(view.buffers.size, 0);
  assert.deepEqual(await changedByTraining(view), ["fc.weight", "fc.bias"]);
});

test("frozen by name: below, the statistics stay; what learns changes, its statistics too", async () => {
  const model = toyModel();
  const all = model.tensors.map(({ name }) => name);
  const below = /^(conv1|bn1|layer1|layer2)\b/;
  const view = freeze(model, { names: [below] });
  assert.deepEqual(
    frozenParameters(view),
    [...model.parameters.keys()].filter((name) => below.test(name)),
  );
  const moved = new Set(await changedByTraining(view));
  assert.deepEqual(
    all.filter((name) => below.test(name) && moved.has(name)),
    [],
  );
  assert.deepEqual(
    all.filter((name) => !below.test(name) && !moved.has(name)),
    [],
  );
});

test("the whole model trained moves everything, so that the tests above could fail", async () => {
  const model = toyModel();
  assert.deepEqual(
    await changedByTraining(model),
    model.tensors.map(({ name }) => name),
  );
});

/** Operations of a compiled training step's forward and gradients, counted by name. */
function workOf(model: Model, shape: [number, number, number]): Map<string, number> {
  const step = compile((signal: tf.Tensor) => {
    const random = tensorRandom(1, tf.scalar(0, "int32"));
    const loss = (): tf.Scalar =>
      tf.mean(model.forward({ signal: signal as tf.Tensor3D }, { training: true, random })) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, [...model.parameters.values()]);
    assert.equal(Object.keys(grads).length, model.parameters.size);
    return Object.values(grads);
  });
  tf.dispose(tf.tidy(() => step(tf.zeros(shape))));
  const counts = new Map<string, number>();
  for (const { op } of step.work) counts.set(op, (counts.get(op) ?? 0) + 1);
  step.dispose();
  return counts;
}

test("no gradient is computed for what is frozen, nor passed below the lowest layer that learns", () => {
  const model = toyModel();
  const backwards = (view: Model): number => {
    const counts = [...workOf(view, [4, 64, 2])].filter(([op]) => /Conv.*Backprop|BatchNormGrad|ReluGrad/.test(op));
    return counts.reduce((total, [, count]) => total + count, 0);
  };
  const whole = backwards(model);
  const top = backwards(freeze(model, { except: [/^layer4/, "fc"] }));
  assert.ok(whole > 20, String(whole));
  assert.ok(top > 0 && top < whole / 2, `${top} of ${whole}`);
  assert.equal(backwards(freeze(model, { except: "last layer" })), 0);
});

test("a frozen batch norm answers in training as in inference, and gradients pass through it", () => {
  const options = { channels: 2, sampleRate: 20, windowSeconds: 10, classes: 6 }; // without dropout
  const model = createModel("chambon2018", options, new Generator(3));
  const view = freeze(model, { except: ["spatial_conv", "final_layer"] });
  const signal = tf.randomNormal([3, 200, 2], 1, 3, "float32", 1) as tf.Tensor3D;
  const answer = (m: Model, training: boolean): Float32Array =>
    m.forward({ signal }, { training }).dataSync() as Float32Array;
  const inference = answer(model, false);
  assert.deepEqual(answer(view, true), inference);
  assert.notDeepEqual(answer(model, true), inference);
  const { grads } = tf.variableGrads(
    () => tf.mean(view.forward({ signal }, { training: true })) as tf.Scalar,
    [...view.parameters.values()],
  );
  const first = grads[view.parameters.get("spatial_conv.weight")!.name]!.dataSync();
  assert.ok(
    first.every((value) => value !== 0 && Number.isFinite(value)),
    String(first),
  );
});

test("views of views freeze more", () => {
  const model = toyModel();
  const once = freeze(model, { names: ["conv1", "bn1"] });
  const twice = freeze(once, { names: ["layer1"] });
  const frozen = frozenParameters(twice);
  assert.ok(frozen.includes("conv1.weight") && frozen.some((name) => name.startsWith("layer1.")));
  const before = model.readState();
  tf.tidy(() => {
    const random = tensorRandom(1, tf.scalar(0, "int32"));
    twice.forward({ signal: tf.ones([2, 64, 2]) }, { training: true, random });
  });
  const moved = changed(before, model.readState());
  assert.ok(moved.length > 0 && moved.every((name) => /^layer[234]\..*running/.test(name)), moved.join());
});

test("the last layer is found in a model of every kind", () => {
  const lasts: [ModelName, string][] = [
    ["vit_tiny_patch16_224", "head"],
    ["tiny_vit_5m_224", "head.fc"],
    ["attnsleep", "fc"],
    ["iitnet_strip", "classifier"],
    ["relative_positioning", "clf.1"],
  ];
  for (const [name, layer] of lasts) {
    const model = createModel(name, {}, new Generator(1));
    const { parameters } = freeze(model, { except: "last layer" });
    assert.deepEqual([...parameters.keys()], [`${layer}.weight`, `${layer}.bias`]);
    model.dispose();
  }
});

test("patterns take whole parts of names; what names nothing, or freezes nothing or everything, throws", () => {
  assert.ok(matches("layer4", "layer4.0.conv1.weight") && !matches("layer", "layer4.0.conv1.weight"));
  assert.ok(matches("layer*.0.conv1", "layer4.0.conv1.weight") && !matches("*.conv1", "layer4.0.conv1.weight"));
  assert.ok(matches(/conv/g, "conv1") && matches(/conv/g, "conv1"));
  const model = toyModel();
  assert.throws(() => freeze(model, { names: ["conv9"] }), /names no parameter; found conv9; expected one of conv1/);
  assert.throws(() => freeze(model, { names: [] }), /everything to learn; found 0 of/);
  assert.throws(() => freeze(model, { names: [/./] }), /nothing to learn/);
  assert.throws(() => freeze(model, { except: [] }), /nothing to learn/);
});
