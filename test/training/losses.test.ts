import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import {
  attnSleepClassWeights,
  binaryCrossEntropy,
  crossEntropy,
  doubleSoftmaxCrossEntropy,
  ecgLoss,
  klDivergence,
  type Loss,
  publishedClassWeights,
  sigmoidFocal,
  softmaxFocal,
} from "../../lib/training/losses";
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

const { cases, attnsleep_class_weights: attnSleep } = readGolden<{
  cases: LossCase[];
  attnsleep_class_weights: { counts: number[]; weights: number[]; official_rule_weights: number[] };
}>("training/losses");

/** What a loss and its gradient by the logits come to. */
function evaluate(
  loss: Loss,
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  shape: [number, number],
  weights?: readonly number[],
): { value: number; gradient: Float32Array } {
  const variable = tf.variable(tf.tensor2d(Float32Array.from(logits), shape));
  try {
    return tf.tidy(() => {
      const soft = tf.tensor2d(Float32Array.from(targets), shape);
      const counts = weights && tf.tensor1d([...weights]);
      const { value, grads } = tf.variableGrads(
        () => loss.compute(variable as unknown as tf.Tensor2D, soft, counts),
        [variable],
      );
      return { value: value.dataSync()[0]!, gradient: Object.values(grads)[0]!.dataSync() as Float32Array };
    });
  } finally {
    variable.dispose();
  }
}

/** The same, by a plain formula in float64 and differences of it. */
function byFormula(
  value: (logits: number[][]) => number,
  logits: Float32Array,
  [rows, classes]: [number, number],
): { value: number; gradient: number[] } {
  const table = (changed: number, by: number): number[][] =>
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: classes }, (_, k) => logits[i * classes + k]! + (i * classes + k === changed ? by : 0)),
    );
  const slope = (i: number): number => (value(table(i, 1e-5)) - value(table(i, -1e-5))) / 2e-5;
  return { value: value(table(0, 0)), gradient: Array.from(logits, (_, i) => slope(i)) };
}

/**
 * The references are float64, computed here is float32: 1e-6 of the value, and for each entry of the gradient 1e-6 of its
 * largest one, are 8 roundings.
 */
function assertClose(
  found: { value: number; gradient: ArrayLike<number> },
  expected: { value: number; gradient: ArrayLike<number> },
  tolerance = 1e-6,
): void {
  assert.ok(
    Math.abs(found.value - expected.value) <= tolerance * Math.abs(expected.value),
    `loss ${found.value}, expected ${expected.value}`,
  );
  const entries = Array.from(expected.gradient);
  const largest = Math.max(...entries.map(Math.abs));
  entries.forEach((slope, i) => {
    const own = found.gradient[i]!;
    assert.ok(Math.abs(own - slope) <= tolerance * largest, `gradient ${i}: ${own}, expected ${slope}`);
  });
}

function targetsOf({ target, target_probs }: LossCase, [rows, classes]: [number, number]): Float32Array {
  if (target_probs !== undefined) return Float32Array.from(target_probs.data);
  if (!Array.isArray(target)) return Float32Array.from(target!.data);
  const hard = new Float32Array(rows * classes);
  target.forEach((k, i) => {
    hard[i * classes + k] = 1;
  });
  return hard;
}

const losses: Record<string, (c: LossCase) => Loss> = {
  cross_entropy: () => crossEntropy(),
  label_smoothing_others: () => crossEntropy({ smoothing: 0.1, spread: "others" }),
  label_smoothing_torch: () => crossEntropy({ smoothing: 0.1 }),
  soft_target_cross_entropy: () => crossEntropy(),
  kl_batchmean: () => klDivergence(),
  weighted_cross_entropy: (c) => crossEntropy({ classWeights: [...c.weight!.data] }),
  double_softmax_cross_entropy: () => doubleSoftmaxCrossEntropy(),
  cross_entropy_saturated: () => crossEntropy(),
  bce_with_logits: () => binaryCrossEntropy({ positives: "none" }),
  bce_with_logits_saturated: () => binaryCrossEntropy({ positives: "none" }),
  ecg_weighted_bce: (c) => ecgLoss(publishedClassWeights(c.counts!, []), true),
  ecg_plain_bce: () => ecgLoss(undefined, true),
};

test("the golden file holds ten losses in three shapes, and two with saturated logits", () => {
  assert.equal(cases.length, 32);
  assert.deepEqual(new Set(cases.map((c) => c.name)), new Set(Object.keys(losses)));
});

for (const backend of ["tensorflow", "cpu"])
  cases.forEach((c, index) => {
    test(`case ${index}: ${c.name} equals PyTorch on ${backend}`, () => {
      const loss = losses[c.name]!(c);
      const shape = c.logits?.shape ?? [c.logits_values!.length, c.logits_values![0]!.length];
      const logits = c.logits === undefined ? c.logits_values!.flat() : scaled(c.logits.name, shape, c.logits.scale);
      tf.setBackend(backend);
      try {
        const found = evaluate(loss, logits, targetsOf(c, shape as [number, number]), shape as [number, number]);
        assertClose(found, { value: c.value, gradient: c.grad_logits.data });
      } finally {
        tf.setBackend("tensorflow");
      }
    });
  });

test("the class weights of system 004 and of AttnSleep equal the published ones", () => {
  for (const c of cases.filter(({ name }) => name === "ecg_weighted_bce"))
    publishedClassWeights(c.counts!, []).forEach((weight, k) => {
      assert.ok(Math.abs(weight - c.weight!.data[k]!) < 1e-12 * weight);
    });
  const { counts, weights, official_rule_weights } = attnSleep;
  const importance = [1.5, 2, 1.5, 1, 1.5, 1.5];
  assert.deepEqual(attnSleepClassWeights(counts, [], { importance, rule: "team" }), weights);
  assert.deepEqual(attnSleepClassWeights(counts, [], { importance, rule: "official" }), official_rule_weights);
});

const shape: [number, number] = [4, 5];
const someLogits = Float32Array.from(scaled("focal_logits", shape, 8));
const hard = targetsOf({ name: "", value: 0, grad_logits: { shape, data: someLogits }, target: [1, 4, 0, 1] }, shape);
const soft = [0.2, 0.8, 0, 0, 0, 0.1, 0.1, 0.5, 0.3, 0, 0, 0, 0, 0, 1, 0.25, 0.25, 0.25, 0.25, 0];

test("the focal loss of a softmax equals its formula, for hard and soft targets and with class weights", () => {
  for (const targets of [hard, soft])
    for (const gamma of [0, 1, 2, 3.5])
      for (const classWeights of [undefined, [1, 0.5, 2, 0, 3]]) {
        const expected = byFormula(
          (logits) =>
            logits.reduce((sum, row, i) => {
              const total = row.reduce((s, z) => s + Math.exp(z), 0);
              return row.reduce((s, z, k) => {
                const p = Math.exp(z) / total;
                return s - targets[i * 5 + k]! * (classWeights?.[k] ?? 1) * (1 - p) ** gamma * Math.log(p);
              }, sum);
            }, 0) / 4,
          someLogits,
          shape,
        );
        const loss = softmaxFocal({ gamma, ...(classWeights && { classWeights }) });
        assertClose(evaluate(loss, someLogits, targets, shape), expected, 2e-6);
      }
});

test("the focal loss of sigmoids equals its formula, for hard and soft targets", () => {
  for (const targets of [hard, soft])
    for (const gamma of [0, 1, 2, 3.5])
      for (const alpha of [null, 0.25]) {
        const expected = byFormula(
          (logits) =>
            logits.reduce(
              (sum, row, i) =>
                row.reduce((s, z, k) => {
                  const [p, t] = [1 / (1 + Math.exp(-z)), targets[i * 5 + k]!];
                  const entropy = -t * Math.log(p) - (1 - t) * Math.log(1 - p);
                  const away = 1 - (p * t + (1 - p) * (1 - t));
                  return s + (alpha === null ? 1 : alpha * t + (1 - alpha) * (1 - t)) * entropy * away ** gamma;
                }, sum),
              0,
            ) / 20,
          someLogits,
          shape,
        );
        assertClose(evaluate(sigmoidFocal({ gamma, alpha }), someLogits, targets, shape), expected, 2e-6);
      }
});

test("without an exponent the focal losses are the cross entropies", () => {
  const same = (a: Loss, b: Loss): void =>
    assertClose(evaluate(a, someLogits, soft, shape), evaluate(b, someLogits, soft, shape));
  same(softmaxFocal({ gamma: 0 }), crossEntropy());
  same(sigmoidFocal({ gamma: 0, alpha: null }), binaryCrossEntropy({ positives: "none" }));
});

test("all losses are finite, with finite slopes, at saturated logits and at perfect predictions", () => {
  const all = [
    ...[crossEntropy(), crossEntropy({ smoothing: 0.1 }), klDivergence(), doubleSoftmaxCrossEntropy()],
    ...[softmaxFocal(), softmaxFocal({ gamma: 1.5 }), sigmoidFocal(), binaryCrossEntropy({ positives: "batch" })],
    ...[sigmoidFocal({ gamma: 1.5 }), crossEntropy({ classWeights: [1, 2, 3] })],
  ];
  for (const loss of all) {
    assert.deepEqual(JSON.parse(JSON.stringify(loss.config)), loss.config);
    const { value, gradient } = evaluate(loss, [90, -90, 0, -1e4, 1e4, 0], [1, 0, 0, 1, 0, 0], [2, 3]);
    assert.ok(Number.isFinite(value), `${loss.name}: ${value}`);
    assert.ok(gradient.every(Number.isFinite), `${loss.name}: ${gradient.join()}`);
  }
});

test("votes are made into shares: the divergence does not change with their number", () => {
  const votes = [3, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0, 12, 0, 0, 0, 7, 0, 0, 0, 2];
  const shares = votes.map((vote, i) => {
    const row = votes.slice(i - (i % 5), i - (i % 5) + 5);
    return vote / row.reduce((sum, other) => sum + other, 0);
  });
  const found = evaluate(klDivergence({ targets: "votes" }), someLogits, votes, shape);
  assertClose(found, evaluate(klDivergence(), someLogits, shares, shape));
  const same = evaluate(klDivergence(), [Math.log(0.75), Math.log(0.25)], [0.75, 0.25], [1, 2]);
  assert.ok(Math.abs(same.value) < 1e-7 && same.gradient.every((slope) => Math.abs(slope) < 1e-7));
});

test("smoothing keeps a row's sum, of hard and of soft targets", () => {
  // the loss of uniform logits is the targets' sum times ln K, whatever the targets
  for (const spread of ["all", "others"] as const)
    for (const targets of [hard, soft]) {
      const { value } = evaluate(crossEntropy({ smoothing: 0.3, spread }), new Float32Array(20), targets, shape);
      assert.ok(Math.abs(value - Math.log(5)) < 1e-6, `${spread}: ${value}`);
    }
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
  const all = [
    ...[crossEntropy(), crossEntropy({ smoothing: 0.1, classWeights: [1, 3] }), klDivergence()],
    ...[binaryCrossEntropy({ positives: "element" }), softmaxFocal(), sigmoidFocal(), doubleSoftmaxCrossEntropy()],
  ];
  for (const loss of all) {
    const weighted = loss.compute(logits, targets, tf.tensor1d([2, 1, 0])).dataSync()[0]!;
    const rows = tf.tensor1d([0, 0, 1], "int32");
    const repeated = loss.compute(tf.gather(logits, rows), tf.gather(targets, rows)).dataSync()[0]!;
    assert.ok(Math.abs(weighted - repeated) < 1e-6, `${loss.name}: ${weighted} ${repeated}`);
  }
});

test("class weights of too rare classes throw and say why", () => {
  assert.throws(() => publishedClassWeights([5, 1], ["AF", "WPW"]), /class WPW: .*1 training examples.*1e5/);
  assert.throws(() => publishedClassWeights([0, 7], ["AF", "WPW"]), /class AF: .*negative for none/);
  const options = { importance: [1, 1], rule: "official" } as const;
  assert.throws(() => attnSleepClassWeights([0, 7], ["N1", "N2"], options), /class N1/);
  assert.throws(() => attnSleepClassWeights([3, 7, 9], [], options), /importances/);
});

test("a model of another number of classes throws", () => {
  assert.throws(() => crossEntropy().compute(tf.zeros([2, 3]), tf.zeros([2, 4])), /differ in shape/);
  const others = crossEntropy({ smoothing: 0.1, spread: "others" });
  assert.throws(() => others.compute(tf.zeros([2, 1]), tf.ones([2, 1])), /other classes where there are none/);
  const loss = binaryCrossEntropy({ positives: "none", classWeights: [1, 2] });
  assert.throws(() => loss.compute(tf.zeros([2, 3]), tf.zeros([2, 3])), /2 and 3/);
});

test("constants of losses out of range throw", () => {
  assert.throws(() => crossEntropy({ smoothing: 1.1 }), /label smoothing out of range/);
  assert.throws(() => crossEntropy({ classWeights: [1, Number.NaN] }), /class weight/);
  assert.throws(() => softmaxFocal({ gamma: 0.5 }), /focal exponent/);
  assert.throws(() => sigmoidFocal({ alpha: -1 }), /weight of positives/);
});
