import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { binaryCrossEntropy, crossEntropy, ecgLoss, type Loss, publishedClassWeights } from "../../lib/training/losses";
import { type GoldenArray, readGolden, scaled } from "../support/golden";

interface LossCase {
  name: string;
  value: number;
  grad_logits: GoldenArray;
  logits?: { name: string; shape: [number, number]; scale: number };
  logits_values?: number[][];
  target?: number[] | GoldenArray;
  target_probs?: GoldenArray;
  counts?: number[];
  weight?: GoldenArray;
}

const { cases } = readGolden<{ cases: LossCase[] }>("training/losses");

/** The float64 value and gradient were computed by PyTorch; here they are computed in float32. */
function check(c: LossCase, loss: Loss): void {
  const shape = c.logits?.shape ?? ([c.logits_values!.length, c.logits_values![0]!.length] as [number, number]);
  const values = c.logits === undefined ? c.logits_values!.flat() : [...scaled(c.logits.name, shape, c.logits.scale)];
  const logits = tf.variable(tf.tensor2d(values, shape, "float32"));
  const targets = targetsOf(c, shape);
  const { value, grads } = tf.variableGrads(() => loss.compute(logits as unknown as tf.Tensor2D, targets), [logits]);
  const gradient = Object.values(grads)[0]!.dataSync();
  const found = value.dataSync()[0]!;
  assert.ok(Math.abs(found - c.value) <= 2e-6 * Math.max(1, Math.abs(c.value)), `loss ${found}, expected ${c.value}`);
  c.grad_logits.data.forEach((expected, i) => {
    assert.ok(Math.abs(gradient[i]! - expected) <= 1e-6, `gradient ${i}: ${gradient[i]}, expected ${expected}`);
  });
}

function targetsOf({ target, target_probs }: LossCase, shape: [number, number]): tf.Tensor2D {
  if (target_probs !== undefined) return tf.tensor2d(Float32Array.from(target_probs.data), shape);
  if (Array.isArray(target)) return tf.oneHot(tf.tensor1d(target, "int32"), shape[1]).toFloat() as tf.Tensor2D;
  return tf.tensor2d(Float32Array.from(target!.data), shape);
}

const losses: Record<string, (c: LossCase) => Loss> = {
  cross_entropy: crossEntropy,
  soft_target_cross_entropy: crossEntropy,
  cross_entropy_saturated: crossEntropy,
  bce_with_logits: () => binaryCrossEntropy({ positives: "none" }),
  bce_with_logits_saturated: () => binaryCrossEntropy({ positives: "none" }),
  ecg_weighted_bce: (c) => ecgLoss(publishedClassWeights(c.counts!, []), true),
  ecg_plain_bce: () => ecgLoss(undefined, true),
};

cases.forEach((c, index) => {
  const make = losses[c.name];
  if (make === undefined) return;
  test(`case ${index}: ${c.name} equals PyTorch`, () => {
    const loss = make(c);
    if (c.name === "ecg_weighted_bce") {
      const { classWeights } = loss.config as { classWeights: number[] };
      classWeights.forEach((weight, k) => {
        assert.ok(Math.abs(weight - c.weight!.data[k]!) < 1e-12 * weight);
      });
    }
    check(c, loss);
  });
});

test("per element, positives count four times as much as negatives; as published, the same", () => {
  const slope = (loss: Loss, target: number): number => {
    const logits = tf.variable(tf.tensor2d([[0, 0]]));
    const { grads } = tf.variableGrads(
      () => loss.compute(logits as unknown as tf.Tensor2D, tf.tensor2d([[target, 0]])),
      [logits],
    );
    return Math.abs(Object.values(grads)[0]!.dataSync()[0]!);
  };
  const intended = ecgLoss(undefined, false);
  assert.ok(Math.abs(slope(intended, 1) / slope(intended, 0) - 4) < 1e-5);
  const logits = tf.variable(tf.tensor2d([[0, 0]]));
  const published = ecgLoss(undefined, true);
  const { grads } = tf.variableGrads(
    () => published.compute(logits as unknown as tf.Tensor2D, tf.tensor2d([[1, 0]])),
    [logits],
  );
  const [positive, negative] = Object.values(grads)[0]!.dataSync();
  assert.ok(Math.abs(Math.abs(positive!) - Math.abs(negative!)) < 1e-7);
});

test("example weights: a weight of 2 is the example twice, a weight of 0 leaves it out", () => {
  const logits = tf.tensor2d([
    [1, -2],
    [0.5, 3],
    [9, 9],
  ]);
  const targets = tf.tensor2d([
    [1, 0],
    [0, 1],
    [0, 0],
  ]);
  for (const loss of [crossEntropy(), binaryCrossEntropy({ positives: "element" })]) {
    const weighted = loss.compute(logits, targets, tf.tensor1d([2, 1, 0])).dataSync()[0]!;
    const rows = tf.tensor1d([0, 0, 1], "int32");
    const repeated = loss.compute(tf.gather(logits, rows), tf.gather(targets, rows)).dataSync()[0]!;
    assert.ok(Math.abs(weighted - repeated) < 1e-6, `${loss.name}: ${weighted} ${repeated}`);
  }
});

test("class weights of too rare classes throw and say why", () => {
  assert.throws(() => publishedClassWeights([5, 1], ["AF", "WPW"]), /class WPW: .*1 training examples.*1e5/);
  assert.throws(() => publishedClassWeights([0, 7], ["AF", "WPW"]), /class AF: .*negative for none/);
});

test("a model of another number of classes throws", () => {
  assert.throws(() => crossEntropy().compute(tf.zeros([2, 3]), tf.zeros([2, 4])), /differ in shape/);
  const loss = binaryCrossEntropy({ positives: "none", classWeights: [1, 2] });
  assert.throws(() => loss.compute(tf.zeros([2, 3]), tf.zeros([2, 3])), /2 and 3/);
});
