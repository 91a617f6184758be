import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { compile, sigmoidCrossEntropy, tensorRandom, tf, withPrecision } from "../../lib/engine";
import { createModel, listModels, type Model, type ModelInputs } from "../../lib/models";
import { gradientsByName, norm } from "./golden-model";

const options = { channels: 12, classes: 5, ageAndSex: true };
const small = (seed = 1, more: Record<string, unknown> = {}): Model =>
  createModel("ecg_resnet18_small", { ...options, ...more }, new Generator(seed));

function batch(
  seed: number,
  size = 4,
  time = 250,
): Required<Pick<ModelInputs, "signal" | "age" | "sex">> & { labels: tf.Tensor2D } {
  const generator = new Generator(seed);
  const values = (n: number): Float32Array => Float32Array.from({ length: n }, () => generator.normal());
  return {
    signal: tf.tensor3d(values(size * time * 12), [size, time, 12]),
    age: tf.tidy(
      () => tf.cast(tf.oneHot(tf.tensor1d([3, 0, 9, 5].slice(0, size), "int32"), 10), "float32") as tf.Tensor2D,
    ),
    sex: tf.tensor2d([1, 2, 0, 1].slice(0, size), [size, 1]),
    labels: tf.tensor2d(
      values(size * 5).map((x) => (x > 0 ? 1 : 0)),
      [size, 5],
    ),
  };
}

type Batch = ReturnType<typeof batch>;

/** Loss, logits and gradients of one training pass, the dropout drawn from `step`. */
function pass(
  model: Model,
  { labels, ...inputs }: Batch,
  step: tf.Scalar,
): { loss: tf.Scalar; grads: tf.NamedTensorMap } {
  const { value, grads } = tf.variableGrads(() => {
    const logits = model.forward(inputs, { training: true, random: tensorRandom(7, step) });
    return tf.mean(sigmoidCrossEntropy(labels, logits)) as tf.Scalar;
  }, [...model.parameters.values()]);
  return { loss: value, grads };
}

test("the registry lists each model with its vocabulary, and makes it", () => {
  const infos = listModels();
  assert.equal(new Set(infos.map(({ name }) => name)).size, infos.length);
  for (const { name, summary, source, options: known } of infos) {
    assert.ok(summary.length > 10 && source.length > 5 && known.includes("classes"), name);
  }
  const model = small();
  assert.equal(model.name, "ecg_resnet18_small");
  assert.deepEqual(model.config, { ...options, dropout: 0.2, width: 16 });
  model.dispose();
});

test("wrong names, options and values throw with what is expected", () => {
  const make = (name: string, given: Record<string, unknown>) => () => createModel(name, given, new Generator(0));
  assert.throws(make("ecg_resnet19", {}), /unknown model.*ecg_resnet19.*expected ecg_resnet50/);
  assert.throws(make("ecg_resnet18_small", { leads: 8 }), /unknown options.*leads.*expected channels, classes/);
  assert.throws(make("ecg_resnet18_small", { channels: 0 }), /channels out of range.*found 0.*1 \.\. 1024/);
  assert.throws(make("ecg_resnet18_small", { classes: 2.5 }), /classes out of range.*2\.5/);
  assert.throws(make("ecg_resnet18_small", { dropout: 1 }), /dropout out of range.*0 <= rate < 1/);
  assert.throws(make("resnet50", { channels: -3 }), /channels out of range/);
});

test("a model refuses inputs that are missing or misshapen", () => {
  const model = small();
  const { signal, age, sex } = batch(1);
  const eight = tf.zeros([4, 250, 8]) as tf.Tensor3D;
  const forward = (inputs: ModelInputs) => () => model.forward(inputs, { training: false });
  assert.throws(forward({ age, sex }), /not given its input "signal".*12 channels/);
  assert.throws(forward({ signal, sex }), /not given its input "age"/);
  assert.throws(forward({ signal: eight, age, sex }), /wrong shape.*\[4, 250, 8\].*12 channels/);
  assert.throws(() => model.forward({ signal, age, sex }, { training: true }), /dropout without random draws/);
  model.dispose();
});

test("a model that cannot be built leaves no tensors behind", () => {
  const before = tf.memory().numTensors;
  let made = 0;
  const failing = (_: string, shape: readonly number[]): Float32Array => {
    if (++made > 10) throw new Error("no such weight");
    return new Float32Array(shape.reduce((product, n) => product * n, 1));
  };
  assert.throws(() => createModel("ecg_resnet18_small", options, failing), /no such weight/);
  assert.throws(
    () => createModel("ecg_resnet18_small", options, () => new Float32Array(3)),
    /conv1\.weight: initial values.*found 3.*2880/,
  );
  assert.equal(tf.memory().numTensors, before);
});

test("every weight gets a finite, non-zero gradient, and no tensor leaks", () => {
  const model = small();
  const data = batch(2);
  const step = tf.scalar(1, "int32");
  const run = (): void => {
    tf.tidy(() => {
      const gradients = gradientsByName(model, pass(model, data, step).grads);
      assert.deepEqual([...gradients.keys()], [...model.parameters.keys()]);
      for (const [name, gradient] of gradients) {
        const size = norm(gradient);
        assert.ok(Number.isFinite(size) && size > 0, `gradient of ${name}: norm ${size}`);
      }
    });
  };
  run();
  const before = tf.memory().numTensors;
  run();
  model.forward(data, { training: false }).dispose();
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});

test("any length and number of classes; gone when disposed", () => {
  const before = tf.memory().numTensors;
  const model = createModel("ecg_resnet18_small", { channels: 2, classes: 3, ageAndSex: false }, new Generator(3));
  for (const time of [32, 187, 1000]) {
    const signal = tf.zeros([1, time, 2]) as tf.Tensor3D;
    const logits = model.forward({ signal }, { training: false });
    assert.deepEqual(logits.shape, [1, 3]);
    tf.dispose([signal, logits]);
  }
  model.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test("save and load: identical logits; what does not fit is listed and nothing is loaded", () => {
  const [saved, other] = [small(1), small(2)];
  const data = batch(3);
  const logits = (model: Model): Float32Array => model.forward(data, { training: false }).dataSync() as Float32Array;
  const state = saved.readState();
  assert.notDeepEqual(logits(other), logits(saved));
  const untouched = other.readState();
  const broken = new Map(state);
  broken.delete("bn1.bias");
  broken.set("fc.weight", { shape: [2, 2], values: new Float32Array(4) });
  broken.set("extra", { shape: [1], values: new Float32Array(1) });
  assert.throws(() => other.loadState(broken), /missing bn1\.bias.*fc\.weight has shape \[2, 2\].*unexpected extra/);
  assert.deepEqual(other.readState(), untouched);
  other.loadState(new Map([...state, ["bn1.num_batches_tracked", { shape: [], values: new Float32Array(1) }]]));
  assert.deepEqual(logits(other), logits(saved));
  saved.dispose();
  other.dispose();
});

test("same seed: same weights, same loss, same dropout; another step: other dropout", () => {
  const data = batch(4);
  const losses = [1, 1, 2].map((number) => {
    const model = small(5);
    const step = tf.scalar(number, "int32");
    const loss = tf.tidy(() => pass(model, data, step).loss.dataSync()[0]!);
    model.dispose();
    return loss;
  });
  assert.equal(losses[0], losses[1]);
  assert.notEqual(losses[0], losses[2]);
});

test("a compiled pass equals the eager one: loss, gradients, running statistics", () => {
  const [eager, traced] = [small(6), small(6)];
  const data = batch(5);
  const order = [...traced.parameters.values()].map((variable) => variable.name);
  const step = compile((inputs: Batch, number: tf.Scalar) => {
    const { loss, grads } = pass(traced, inputs, number);
    return [loss, ...order.map((name) => grads[name]!)];
  });
  for (const number of [1, 2]) {
    const stepNumber = tf.scalar(number, "int32");
    tf.tidy(() => {
      const [loss, ...gradients] = step(data, stepNumber);
      const expected = pass(eager, data, stepNumber);
      assert.ok(Math.abs(loss!.dataSync()[0]! - expected.loss.dataSync()[0]!) < 1e-5);
      [...eager.parameters.values()].forEach((variable, i) => {
        const [a, b] = [gradients[i]!, expected.grads[variable.name]!];
        const difference = tf.norm(tf.sub(a, b)).dataSync()[0]!;
        assert.ok(difference <= 1e-3 * tf.norm(b).dataSync()[0]! + 1e-6, `gradient ${i}: ${difference}`);
      });
    });
  }
  assert.equal(step.traces, 1);
  const [a, b] = [eager.readState(), traced.readState()];
  for (const name of eager.buffers.keys())
    a.get(name)!.values.forEach((x, i) => {
      assert.ok(Math.abs(x - b.get(name)!.values[i]!) < 1e-5, name);
    });
  step.dispose();
  eager.dispose();
  traced.dispose();
});

test("bfloat16: logits close to float32's, weights and gradients float32", () => {
  const model = small(8, { dropout: 0 });
  const data = batch(6);
  const [full, half] = (["float32", "bfloat16"] as const).map((policy) =>
    withPrecision(policy, () => model.forward(data, { training: false }).dataSync()),
  );
  const scale = Math.max(...full!.map(Math.abs));
  full!.forEach((x, i) => {
    assert.ok(Math.abs(x - half![i]!) < 0.03 * scale, `logit ${i}: ${half![i]}, in float32 ${x}`);
  });
  assert.notDeepEqual(full, half);
  const variables = [...model.parameters.values()];
  const flatGradients = (): number[] => {
    let flat: number[] = [];
    tf.tidy(() => {
      // with running statistics: a batch of 4 would make batch norm amplify the rounding
      const logits = (): tf.Tensor2D => model.forward(data, { training: false });
      const { grads } = tf.variableGrads(() => tf.mean(sigmoidCrossEntropy(data.labels, logits())), variables);
      flat = [...gradientsByName(model, grads).values()].flatMap((gradient) => [...gradient]);
    });
    return flat;
  };
  const exact = flatGradients();
  const rounded = withPrecision("bfloat16", flatGradients);
  assert.ok(rounded.every(Number.isFinite));
  const cosine = exact.reduce((sum, x, i) => sum + x * rounded[i]!, 0) / (norm(exact) * norm(rounded));
  assert.ok(cosine > 0.99 && cosine < 1 - 1e-7, `cosine of the gradients ${cosine}`);
  model.dispose();
});

test("the plain JavaScript backend gives the same logits, loss and gradients", () => {
  const run = (): { logits: Float32Array; loss: number; gradients: Map<string, Float32Array> } => {
    const model = small(9, { dropout: 0 });
    const data = batch(7, 2, 96);
    const step = tf.scalar(1, "int32");
    const logits = model.forward(data, { training: false }).dataSync() as Float32Array;
    let result: ReturnType<typeof run> | undefined;
    tf.tidy(() => {
      const { loss, grads } = pass(model, data, step);
      result = { logits, loss: loss.dataSync()[0]!, gradients: gradientsByName(model, grads) };
    });
    model.dispose();
    return result!;
  };
  const native = run();
  assert.equal(tf.getBackend(), "tensorflow");
  tf.setBackend("cpu");
  try {
    const plain = run();
    plain.logits.forEach((x, i) => {
      assert.ok(Math.abs(x - native.logits[i]!) < 1e-5, `logit ${i}`);
    });
    assert.ok(Math.abs(plain.loss - native.loss) < 1e-5);
    for (const [name, gradient] of plain.gradients) {
      const other = native.gradients.get(name)!;
      const difference = norm(gradient.map((x, i) => x - other[i]!));
      assert.ok(difference < 0.02 * norm(other) + 1e-5, `gradient of ${name}: ${difference} of ${norm(other)}`);
    }
  } finally {
    tf.setBackend("tensorflow");
  }
});
