/** Golden model files: the filled model, its inputs and targets, and the comparisons with the peer's numbers. */
import assert from "node:assert/strict";
import { sigmoidCrossEntropy, softmaxCrossEntropy, tf } from "../../lib/engine";
import { createModel, type Model, type ModelInputs } from "../../lib/models";
import { torchValues } from "../../lib/nn";
import { type FillKind, fill, type GoldenArray, readGolden, scaled } from "../support/golden";

interface Summary {
  mean: number;
  l2: number;
  first: number[];
}

interface Gradients {
  loss_f64: number;
  grad_l2_f64: Record<string, number | null>;
  grad_entries_f64: Record<string, [number, number][]>;
}

/** What a golden loss is taken against: one of the three, and which loss it is in words. */
export interface Target {
  loss: string;
  /** Labels of each example (or one a pair of windows), for binary cross entropy. */
  labels?: number[][] | number[];
  class?: number[];
  /** Soft targets of a Kullback-Leibler divergence. */
  probs?: number[][];
}

type Row = [name: string, shape: number[], kind: FillKind];

export interface GoldenCase {
  inputs: { name: string; shape?: number[]; scale?: number; one_hot_slot?: number[]; values?: number[] }[];
  eval: { logits_f64: GoldenArray; taps_f64: Record<string, Summary & { shape: number[] }> } & Partial<Gradients>;
  train?: Gradients & {
    target: Target;
    logits_f64: GoldenArray;
    running_after_f64: Record<string, Summary>;
  };
  measured: Record<string, number>;
}

export interface GoldenModel {
  fill: { prefix: string; gain: number };
  params_total: number;
  params: Row[];
  buffers: Row[];
  cases: GoldenCase[];
}

/** Float32 ports are allowed this many times the peer's own float32 deviation. */
const slack = 10;

export function readGoldenModel(file: string): GoldenModel {
  return readGolden<GoldenModel>(`models/${file}`);
}

/** The model with the golden fill as its weights. */
export function filledModel(name: string, options: Record<string, unknown>, golden: GoldenModel): Model {
  const kinds = new Map([...golden.params, ...golden.buffers].map(([tensor, , kind]) => [tensor, kind]));
  return createModel(name, options, (tensor, shape) => {
    const kind = kinds.get(tensor);
    assert.ok(kind !== undefined, `${name} makes a tensor ${tensor} that the golden table has not`);
    return fill(golden.fill.prefix + tensor, shape, kind, golden.fill.gain);
  });
}

/** Names, PyTorch shapes and order of parameters and buffers, and the total. */
export function checkTables(model: Model, golden: GoldenModel): void {
  const state = model.readState();
  const table = (names: Iterable<string>): [string, number[]][] =>
    Array.from(names, (name) => [name, [...state.get(name)!.shape]]);
  assert.deepEqual(
    table(model.parameters.keys()),
    golden.params.map(([name, shape]) => [name, shape]),
  );
  assert.deepEqual(
    table(model.buffers.keys()),
    golden.buffers.map(([name, shape]) => [name, shape]),
  );
  const total = [...model.parameters.values()].reduce((sum, variable) => sum + variable.size, 0);
  assert.equal(total, golden.params_total);
}

/** The case's inputs, channels last. The caller disposes them. */
export function inputsOf({ inputs }: Pick<GoldenCase, "inputs">): ModelInputs {
  const [main, age, sex] = inputs;
  const { name, shape, scale } = main!;
  const values = Float32Array.from(scaled(name, shape!, scale));
  const channelsLast = (): tf.Tensor => {
    const x = tf.tensor(values, shape!);
    return tf.transpose(x, [0, ...shape!.slice(2).map((_, i) => i + 2), 1]);
  };
  const input = tf.tidy(channelsLast);
  // An image of height 1 is a signal.
  if (input.rank === 4 && input.shape[1] === 1) return { signal: tf.squeeze(input, [1]) as tf.Tensor3D };
  if (input.rank === 4) return { image: input as tf.Tensor4D };
  const signal = input as tf.Tensor3D;
  if (age?.name === "input_b") return { signal, other: inputsOf({ inputs: [age] }).signal! };
  if (age === undefined) return { signal };
  const slots = age.one_hot_slot!;
  return {
    signal,
    age: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(slots, "int32"), 10), "float32") as tf.Tensor2D),
    sex: tf.tensor2d(sex!.values!, [slots.length, 1]),
  };
}

/** The golden loss of the case's target. */
export function lossOf(logits: tf.Tensor2D, { loss, labels, class: classes, probs }: Target): tf.Scalar {
  if (labels !== undefined)
    return tf.mean(sigmoidCrossEntropy(tf.reshape(tf.tensor(labels.flat()), logits.shape), logits));
  if (probs !== undefined) {
    const entropy = probs.flat().reduce((sum, p) => sum + p * Math.log(p), 0) / probs.length;
    return tf.add(tf.mean(softmaxCrossEntropy(tf.tensor2d(probs), logits)), entropy);
  }
  const hot = tf.cast(tf.oneHot(tf.tensor1d(classes!, "int32"), logits.shape[1]), "float32") as tf.Tensor2D;
  const twice = loss.includes("softmax applied twice");
  return tf.mean(softmaxCrossEntropy(hot, twice ? tf.softmax(logits) : logits));
}

/** Logits in evaluation mode, and every tap: shape, mean, norm and first values (PyTorch's order). */
export function checkEval(model: Model, golden: GoldenCase): void {
  const inputs = inputsOf(golden);
  const seen = new Set<string>();
  tf.tidy(() => {
    const tap = (name: string, value: tf.Tensor): void => {
      const expected = golden.eval.taps_f64[name];
      assert.ok(expected !== undefined, `tap ${name} is not in the golden file`);
      seen.add(name);
      const torch = inTorchOrder(value, expected.shape);
      assert.deepEqual(torch.shape, expected.shape, name);
      const values = torch.dataSync() as Float32Array;
      const scale = expected.l2 / Math.sqrt(values.length);
      expected.first.forEach((x, i) => {
        assertClose(values[i]!, x, 1e-4 * scale, `tap ${name}, value ${i}`);
      });
      assertClose(norm(values), expected.l2, 1e-5 * expected.l2, `tap ${name}, norm`);
      assertClose(
        values.reduce((sum, x) => sum + x, 0) / values.length,
        expected.mean,
        1e-5 * scale,
        `tap ${name}, mean`,
      );
    };
    const logits = model.forward(inputs, { training: false, tap });
    const peer = golden.measured["eval_logits_f32_vs_f64_abs"]!;
    checkArray(logits.dataSync(), golden.eval.logits_f64, slack * peer, "logits");
  });
  assert.deepEqual([...seen].sort(), Object.keys(golden.eval.taps_f64).sort());
  tf.dispose({ ...inputs });
}

/** Images and signals have their channels second in PyTorch; sequences and maps of tokens have their features last too. */
function inTorchOrder(value: tf.Tensor, expected: readonly number[]): tf.Tensor {
  const last = value.rank - 1;
  if (last < 2) return value;
  const order = [0, last, ...Array.from({ length: last - 1 }, (_, i) => i + 1)];
  const channelsSecond = order.map((axis) => value.shape[axis]!).join() === expected.join();
  return channelsSecond ? tf.transpose(value, order) : value;
}

/**
 * Loss and gradients with running statistics. Rounding is not amplified there (peers agree to 1e-6 per tensor), but one
 * ReLU whose input is zero but for rounding may open on one side only: that moves the tensors before it by up to 2e-3.
 */
export function checkEvalGradients(model: Model, golden: GoldenCase): void {
  const { loss, gradients } = gradientsOf(model, golden, false);
  const { loss_f64, grad_l2_f64, grad_entries_f64 } = golden.eval as Gradients;
  assertClose(loss, loss_f64, Math.max(slack * golden.measured["eval_loss_rel"]!, 1e-6) * loss_f64, "loss");
  checkGradients(gradients, grad_l2_f64, { worst: 2e-3, median: 2e-4 }, "gradient");
  const total = totalNorm(grad_l2_f64);
  for (const [name, entries] of Object.entries(grad_entries_f64)) {
    const values = gradients.get(name)!;
    const allowed = 2e-3 * (grad_l2_f64[name]! + 1e-3 * total);
    for (const [at, expected] of entries) assertClose(values[at]!, expected, allowed, `gradient of ${name} at ${at}`);
  }
}

/** Norms of all gradients, relative to their own norm and a little of the whole network's. */
function checkGradients(
  gradients: ReadonlyMap<string, Float32Array>,
  expected: Record<string, number | null>,
  allowed: { worst: number; median: number },
  what: string,
): void {
  const total = totalNorm(expected);
  const deviations = Object.entries(expected).flatMap(([name, l2]) => {
    if (l2 === null) {
      assert.equal(gradients.get(name), undefined, `${name} has no gradient in the peer`);
      return [];
    }
    const gradient = gradients.get(name);
    assert.ok(gradient !== undefined, `${name} has no gradient`);
    const deviation = Math.abs(norm(gradient) - l2) / (l2 + 1e-3 * total);
    assert.ok(deviation <= allowed.worst, `${what} of ${name} is off by ${deviation}, allowed ${allowed.worst}`);
    return deviation;
  });
  const median = deviations.sort((a, b) => a - b)[deviations.length >> 1]!;
  assert.ok(median <= allowed.median, `${what}s are off by ${median} in the median, allowed ${allowed.median}`);
}

/**
 * Logits, loss, gradients and running statistics in training mode. At batch 2 rounding flips ReLUs and batch norm
 * amplifies it, in the peer as well (1 to 5 % on gradients of the deep ReLU networks): so up to 10 % there, where eval
 * mode was checked tightly; elsewhere a multiple of what the peer itself deviates.
 */
export function checkTrain(model: Model, golden: GoldenCase): void {
  const { loss, logits, gradients } = gradientsOf(model, golden, true);
  const { loss_f64, logits_f64, grad_l2_f64, running_after_f64 } = golden.train!;
  const { measured } = golden;
  checkArray(logits, logits_f64, slack * measured["train_logits_abs"]!, "training logits");
  const lossAllowed = Math.max(slack * measured["train_loss_rel"]!, 1e-6) * loss_f64;
  assertClose(loss, loss_f64, lossAllowed, "training loss");
  const allowed = (peer: number, most: number): number => Math.min(most, Math.max(slack * peer, 1e-5));
  const worst = allowed(measured["train_grad_rel_max"]!, 0.1);
  const median = allowed(measured["train_grad_rel_median"]!, 0.02);
  checkGradients(gradients, grad_l2_f64, { worst, median }, "training gradient");
  const state = model.readState();
  for (const [name, expected] of Object.entries(running_after_f64)) {
    const { values } = state.get(name)!;
    const near = Math.max(slack * measured["train_running_rel"]!, 1e-6) * expected.l2;
    assertClose(norm(values), expected.l2, near, `norm of ${name}`);
    expected.first.forEach((x, i) => {
      assertClose(values[i]!, x, near, `${name}, value ${i}`);
    });
  }
}

interface Pass {
  loss: number;
  logits: Float32Array;
  /** By name, in PyTorch's element order. */
  gradients: Map<string, Float32Array>;
}

function gradientsOf(model: Model, golden: GoldenCase, training: boolean): Pass {
  const inputs = inputsOf(golden);
  let pass: Pass | undefined; // not returned from tidy, which would look into every array for tensors
  tf.tidy(() => {
    let logits: Float32Array = new Float32Array(0);
    const variables = [...model.parameters.values()];
    const { value, grads } = tf.variableGrads(() => {
      const y = model.forward(inputs, { training });
      logits = y.dataSync() as Float32Array;
      return lossOf(y, golden.train!.target);
    }, variables);
    pass = { loss: value.dataSync()[0]!, logits, gradients: gradientsByName(model, grads) };
  });
  tf.dispose({ ...inputs });
  return pass!;
}

/** In PyTorch's layout, by canonical name; parameters that the loss does not depend on are left out. */
export function gradientsByName(model: Model, grads: tf.NamedTensorMap): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  for (const { name, variable, layout, kind } of model.tensors) {
    const gradient: tf.Tensor | null | undefined = kind === "parameter" ? grads[variable.name] : undefined;
    if (gradient !== undefined && gradient !== null) found.set(name, torchValues(gradient, layout));
  }
  return found;
}

function totalNorm(norms: Record<string, number | null>): number {
  return Math.hypot(...Object.values(norms).map((n) => n ?? 0));
}

export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

function checkArray(found: ArrayLike<number>, expected: GoldenArray, tolerance: number, what: string): void {
  assert.equal(found.length, expected.data.length);
  expected.data.forEach((x, i) => {
    assertClose(found[i]!, x, tolerance, `${what} ${i}`);
  });
}

/** Fails on NaN too. */
export function assertClose(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, expected ${expected} within ${tolerance}`);
}
