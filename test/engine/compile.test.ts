/** Compiled steps: equal to eager ones, cached by signature, with variables, randomness and errors as promised. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  batchNormTraining,
  castTo,
  compile,
  conv2d,
  dropout,
  relu,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  tensorRandom,
  tf,
  toFloat32,
  truePrecision,
  updateAdam,
  withPrecision,
} from "../../lib/engine";
import type { EngineBackend } from "../../lib/engine/backend";
import { DType } from "../../lib/engine/dtypes";
import { attribute } from "../../lib/engine/eager-binding";
import { engineState } from "../../lib/engine/state";

const values = (t: tf.Tensor): number[] => Array.from(t.dataSync());

describe("compile", () => {
  test("nested arguments and results; one trace for each signature", () => {
    let traced = 0;
    const step = compile((input: { a: tf.Tensor; list: tf.Tensor[] }, scale: tf.Tensor) => {
      traced++;
      return { sum: tf.add(input.a, input.list[0]!), scaled: [tf.mul(input.list[1]!, scale), input.a] };
    });
    const input = { a: tf.tensor1d([1, 2]), list: [tf.tensor1d([10, 20]), tf.tensor1d([3, 4])] };
    const first = step(input, tf.scalar(2));
    assert.deepEqual(values(first.sum), [11, 22]);
    assert.deepEqual(first.scaled.map(values), [[6, 8], [1, 2]]); // biome-ignore format: two rows
    step(input, tf.scalar(5));
    assert.equal(traced, 1);
    step({ ...input, a: tf.tensor2d([[1, 2]]) }, tf.scalar(5));
    step({ ...input, a: tf.tensor1d([1, 2], "int32") }, tf.scalar(5));
    assert.equal(traced, 3);
    assert.equal(step.traces, 3);
  });

  test("16-bit arguments have a trace of their own", () => {
    const step = compile((x: tf.Tensor) => tf.add(x, 1));
    const x = tf.tensor1d([1, 2]);
    for (const argument of [x, castTo(x, "bfloat16"), castTo(x, "float16"), x])
      assert.deepEqual(values(step(argument)), [2, 3]);
    assert.equal(step.traces, 3);
  });

  test("forward, gradients and variables in one graph: equal to eager, and the variables move", () => {
    const w = tf.variable(tf.tensor2d([[0.5, -0.3], [0.2, 0.8]])); // biome-ignore format: a matrix
    const x = tf.tensor2d([[1, 2], [3, 4], [-1, 0.5]]); // biome-ignore format: a matrix
    const y = tf.tensor2d([[1, 0], [0, 1], [1, 0]]); // biome-ignore format: a matrix
    const sgd = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
      const loss = (): tf.Scalar => tf.mean(softmaxCrossEntropy(y as tf.Tensor2D, tf.matMul(x, w) as tf.Tensor2D));
      const { value, grads } = tf.variableGrads(loss, [w]);
      w.assign(tf.sub(w, tf.mul(0.1, grads[w.name]!)) as tf.Tensor2D);
      return value;
    };
    const start = w.clone();
    const eager = [1, 2, 3].map(() => tf.tidy(() => sgd(x, y).dataSync()[0]!));
    const after = values(w);
    w.assign(start as tf.Tensor2D);
    const step = compile(sgd);
    const compiled = [1, 2, 3].map(() => step(x, y).dataSync()[0]!);
    eager.forEach((loss, i) => void assert.ok(Math.abs(loss - compiled[i]!) < 1e-6));
    values(w).forEach((v, i) => void assert.ok(Math.abs(v - after[i]!) < 1e-6));
  });

  test("a clone keeps its value when a step updates the variable in place", () => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    const step = compile((by: tf.Tensor) => {
      w.assign(tf.add(w, by) as tf.Tensor1D);
      return by;
    });
    step(tf.scalar(1));
    const kept = w.clone();
    step(tf.scalar(1));
    assert.deepEqual([values(kept), values(w)], [[2, 3], [3, 4]]); // biome-ignore format: two rows
    w.assign(tf.tensor1d([7, 8]));
    step(tf.scalar(1));
    assert.deepEqual(values(w), [8, 9], "assigning outside a step is seen by the next one");
  });

  test("a tensor captured from outside may be disposed after the trace", () => {
    const outside = tf.tensor1d([1, 2]);
    const step = compile((x: tf.Tensor) => tf.mul(x, outside));
    step(tf.scalar(1));
    outside.dispose();
    assert.deepEqual(values(step(tf.scalar(3))), [3, 6]);
  });

  test("Adam in place equals Adam by hand, eager and compiled", () => {
    const gradient = [0.5, -2, 1e-4];
    const byHand = { w: [1, 2, 3], m: [0, 0, 0], v: [0, 0, 0] };
    const [w, m, v] = [[1, 2, 3], [0, 0, 0], [0, 0, 0]].map((a) => tf.variable(tf.tensor1d(a))); // biome-ignore format: three rows
    const update = (rate: tf.Tensor, epsilon: tf.Tensor): tf.Tensor => {
      const betas = { beta1: tf.scalar(0.9), beta2: tf.scalar(0.999) };
      const scalars = { ...betas, rate: rate as tf.Scalar, epsilon: epsilon as tf.Scalar };
      updateAdam(w!, { m: m!, v: v! }, scalars, tf.tensor1d(gradient));
      return rate;
    };
    const step = compile(update);
    for (let t = 1; t <= 6; t++) {
      const correction = Math.sqrt(1 - 0.999 ** t);
      const [rate, epsilon] = [tf.scalar((0.01 * correction) / (1 - 0.9 ** t)), tf.scalar(1e-8 * correction)];
      (t % 2 === 0 ? step : update)(rate, epsilon);
      gradient.forEach((g, i) => {
        byHand.m[i] = 0.9 * byHand.m[i]! + 0.1 * g;
        byHand.v[i] = 0.999 * byHand.v[i]! + 0.001 * g * g;
        const denominator = Math.sqrt(byHand.v[i]! / (1 - 0.999 ** t)) + 1e-8;
        byHand.w[i]! -= (0.01 * (byHand.m[i]! / (1 - 0.9 ** t))) / denominator;
      });
    }
    values(w!).forEach((value, i) => void assert.ok(Math.abs(value - byHand.w[i]!) < 2e-6, `${value} ${byHand.w[i]}`));
  });

  test("no handle leaks over many runs, nor when a step fails", () => {
    const binding = engineState()!.native!.eager;
    const w = tf.variable(tf.ones([8, 8]));
    const step = compile((x: tf.Tensor) => {
      w.assign(tf.mul(w, 0.5) as tf.Tensor2D);
      return tf.matMul(x, w);
    });
    const x = tf.ones([8, 8]);
    tf.tidy(() => void step(x));
    const before = [binding.getNumOfTensors(), tf.memory().numTensors];
    for (let i = 0; i < 1000; i++) tf.tidy(() => void step(x));
    for (let i = 0; i < 20; i++) assert.throws(() => tf.tidy(() => step(tf.ones([3, 3]))), /MatMul/);
    assert.deepEqual([binding.getNumOfTensors(), tf.memory().numTensors], before);
    step.dispose();
    assert.throws(() => step(x), /disposed/);
  });

  test("lists of inputs and shapes that tfjs computes: concat, stack, split, pad, gather", () => {
    const f = (x: tf.Tensor): tf.Tensor => {
      const [a, b] = tf.split(x, 2, 1);
      const stacked = tf.stack([a!, b!, a!]);
      const joined = tf.concat([
        tf.reshape(stacked, [-1, 2]),
        tf.gather(x, tf.tensor1d([1, 0], "int32")).slice([0, 0], [2, 2]),
      ]);
      return tf.addN([tf.pad(joined, [[0, 0], [1, 0]]), tf.ones([8, 3])]); // biome-ignore format: short
    };
    const x = tf.tensor2d([[1, 2, 3, 4], [5, 6, 7, 8]]); // biome-ignore format: a matrix
    assert.deepEqual(values(compile(f)(x)), values(f(x)));
  });

  test("XLA compiles the same function", () => {
    const f = (x: tf.Tensor): tf.Tensor => tf.tanh(tf.matMul(x, x)).sum();
    const x = tf.tensor2d([[0.1, 0.2], [0.3, 0.4]]); // biome-ignore format: a matrix
    const [plain, xla] = [compile(f)(x), compile(f, { xla: true })(x)].map((t) => t.dataSync()[0]!);
    assert.ok(Math.abs(plain! - xla!) < 1e-6);
  });

  test("what cannot be traced is said", async () => {
    const x = tf.scalar(1);
    assert.throws(() => compile((t: tf.Tensor) => tf.mul(t, t.add(1).dataSync()[0]!))(x), /value was asked for/);
    assert.throws(() => compile((t: tf.Tensor) => tf.add(t, tf.randomNormal([2])))(x), /tf.randomNormal.*"step"/s);
    assert.throws(() => compile((t: tf.Tensor) => tf.dropout(t, 0.5, undefined, 7))(x), /tf.dropout/);
    assert.throws(() => compile((t: tf.Tensor) => tf.mul(t, Math.random()))(x), /Math.random/);
    assert.throws(() => compile((t: tf.Tensor) => tf.mul(t, tf.variable(tf.scalar(2))))(x), /made variables/);
    assert.throws(() => compile((async (t: tf.Tensor) => t) as never)(x as never), /a promise/);
    assert.throws(() => compile((t: tf.Tensor) => t)(3 as never), /argument 1.*no tensor/);
    assert.equal(typeof Math.random(), "number", "randomness is free again");
    assert.equal(tf.randomUniform([1]).shape[0], 1);
  });
});

describe("the event loop lives while a step runs", () => {
  const heavy = compile(
    (x: tf.Tensor) => {
      let y = x;
      for (let i = 0; i < 10; i++) y = tf.matMul(y, x).mul(1e-3);
      return y.sum();
    },
    { name: "heavy" },
  );

  test("timers fire during an asynchronous step", async () => {
    const x = tf.ones([1000, 1000]);
    heavy(x);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await heavy.async(x);
    clearInterval(timer);
    assert.ok(ticks >= 5, `${ticks} ticks`);
  });

  test("an AbortSignal ends a loop within one step", async () => {
    const x = tf.ones([800, 800]);
    heavy(x);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    let steps = 0;
    let startedAfterAbort = 0;
    while (!controller.signal.aborted && steps < 200) {
      if (controller.signal.aborted) startedAfterAbort++;
      (await heavy.async(x)).dispose();
      steps++;
    }
    assert.ok(steps < 200, `the loop ended after ${steps} steps`);
    assert.equal(startedAfterAbort, 0);
  });

  test("an error of an asynchronous step rejects", async () => {
    const checked = (x: tf.Tensor): tf.Tensor => {
      const attributes = [attribute.type("T", DType.float32), attribute.string("message", "the loss")];
      return (tf.backend() as unknown as EngineBackend).run("CheckNumerics", attributes, [x], 1)[0]!;
    };
    const step = compile(checked, { name: "check" });
    assert.deepEqual(values(await step.async(tf.scalar(1))), [1]);
    await assert.rejects(() => step.async(tf.scalar(Number.NaN)), /op check\(float32\[\]\).*the loss.*NaN/s);
  });
});

describe("random tensors in a step", () => {
  test("a new mask at each step, the same mask for the same seed and step", () => {
    const masks = compile((step: tf.Tensor) => {
      const random = tensorRandom(7, step as tf.Scalar);
      return [random.keep([64], 0.5), random.keep([64], 0.5)];
    });
    const at = (n: number): string[] => masks(tf.scalar(n, "int32")).map((m) => values(m).join());
    const [first, second] = [at(1), at(2)];
    assert.notEqual(first[0], second[0], "another step");
    assert.notEqual(first[0], first[1], "another draw of the step");
    assert.deepEqual(at(1), first, "the same step again");
    const eager = values(tensorRandom(7, tf.scalar(1, "int32")).keep([64], 0.5)).join();
    assert.equal(eager, first[0], "eager draws the same");
    assert.notEqual(values(tensorRandom(8, tf.scalar(1, "int32")).keep([64], 0.5)).join(), first[0], "another seed");
  });

  test("rates and moments", () => {
    const random = tensorRandom(3, tf.scalar(0, "int32"));
    const kept = values(random.keep([100_000], 0.2));
    assert.ok(Math.abs(kept.filter((k) => k === 0).length / 1e5 - 0.2) < 0.01);
    assert.ok(kept.every((k) => k === 0 || Math.abs(k - 1.25) < 1e-6));
    const normals = tf.moments(random.normal([100_000]));
    assert.ok(Math.abs(normals.mean.dataSync()[0]!) < 0.02 && Math.abs(normals.variance.dataSync()[0]! - 1) < 0.02);
    assert.throws(() => tensorRandom(1, tf.scalar(1)), /int32 scalar/);
    assert.throws(() => random.keep([2], 1), /0 <= rate < 1/);
  });
});

describe("precision policies", () => {
  for (const policy of ["bfloat16", "float16"] as const)
    test(`${policy}: activations in it, weights and gradients float32, results close to float32's`, () => {
      const x = tf.randomNormal([4, 8, 8, 3], 0, 1, "float32", 1) as tf.Tensor4D;
      const filter = tf.variable(tf.randomNormal([3, 3, 3, 5], 0, 0.3, "float32", 2)) as tf.Variable<tf.Rank.R4>;
      const gamma = tf.variable(tf.ones([5]));
      const beta = tf.variable(tf.zeros([5]));
      const y = tf.cast(tf.randomUniform([4, 5], 0, 1, "float32", 3).greater(0.5), "float32") as tf.Tensor2D;
      const seen: string[] = [];
      const lossOf = (image: tf.Tensor): tf.Scalar => {
        const c = conv2d(image as tf.Tensor4D, filter as unknown as tf.Tensor4D, { padding: [[1, 1], [1, 1]] }); // biome-ignore format: short
        const a = dropout(relu(batchNormTraining(c, gamma, beta, 1e-5).y), 0.1, tensorRandom(1, tf.scalar(1, "int32")));
        const sum = tf.add(a, tf.mul(a, 0.5));
        seen.push(truePrecision(c), truePrecision(a), truePrecision(sum));
        const logits = tf.mean(toFloat32(sum), [1, 2]) as tf.Tensor2D;
        return tf.mean(sigmoidCrossEntropy(y, logits));
      };
      const gradients = (p: "float32" | typeof policy) =>
        compile((image: tf.Tensor) => {
          const { value, grads } = withPrecision(p, () => tf.variableGrads(() => lossOf(image), [filter, gamma, beta]));
          return { value, filter: grads[filter.name]!, gamma: grads[gamma.name]! };
        })(x);
      const exact = gradients("float32");
      assert.deepEqual(new Set(seen), new Set(["float32"]));
      seen.length = 0;
      const rounded = gradients(policy);
      assert.deepEqual(new Set(seen), new Set([policy]));
      for (const part of ["value", "filter", "gamma"] as const) {
        const [a, b] = [values(exact[part]), values(rounded[part])];
        const norm = Math.hypot(...a);
        const difference = Math.hypot(...a.map((v, i) => v - b[i]!));
        assert.ok(difference < 0.03 * norm, `${part}: ${difference / norm}`);
        assert.ok(difference > 0, `${part} was really rounded`);
      }
    });
});

describe("NaN is not hidden", () => {
  for (const policy of ["float32", "bfloat16", "float16"] as const)
    test(`ReLU passes it on in ${policy}, whatever its sign`, () => {
      const f = (x: tf.Tensor): tf.Tensor => {
        const infinite = castTo(tf.div(1, x), policy);
        return toFloat32(relu(tf.sub(infinite, infinite)));
      };
      for (const run of [f, compile(f)]) assert.ok(values(run(tf.zeros([64]))).every(Number.isNaN));
    });
});
