/** What every model of the registry promises, checked on a small input: contract.test.ts and contract.full.test.ts. */
import assert from "node:assert/strict";
import { Generator } from "../../lib/core/random";
import { compile, softmaxCrossEntropy, tensorRandom, tf } from "../../lib/engine";
import { createModel, type Model, type ModelInputs, type ModelName } from "../../lib/models";
import { gradientsByName, norm } from "./golden-model";

export interface Subject {
  options: Record<string, unknown>;
  /** Shapes of the inputs, batch first. */
  inputs: Partial<Record<keyof ModelInputs, number[]>>;
  classes: number;
  /** Parameters that get no gradient, as published. */
  unused?: RegExp;
  /** Parameters whose gradient is zero by the architecture. */
  flat?: RegExp;
  /** Parameters taken without their sign: chains of single filters without norms often die of their first weights. */
  positive?: RegExp;
}

const batch = 4;
const image = (height: number, width: number, channels = 3): Subject["inputs"] => ({
  image: [batch, height, width, channels],
});
const ecg: Subject = {
  options: { channels: 8, classes: 5, ageAndSex: true },
  inputs: { signal: [batch, 256, 8], age: [batch, 10], sex: [batch, 1] },
  classes: 5,
};
const photo: Subject = { options: { classes: 5 }, inputs: image(64, 64), classes: 5 };
const patches: Subject = { options: { classes: 5, height: 32, width: 48 }, inputs: image(32, 48), classes: 5 };
const strip: Subject = {
  options: { width: 780 },
  inputs: image(21, 780, 1),
  classes: 5,
  flat: /^lstm2\.weight_hh_l0_reverse$/, // of the backward LSTM the first step is read, which has no past
};
const night = { sampleRate: 100, windowSeconds: 30 };
const epochs: Subject = { options: { ...night, epochs: 2 }, inputs: { signal: [batch, 6000, 1] }, classes: 5 };
const attention: Subject = {
  options: night,
  inputs: { signal: [batch, 3000, 1] },
  classes: 6,
  unused: /self_attn\.convs\.0\.|sublayer_output\.0\.norm\./,
};

/** Each model on the smallest input that shows it; none may be missing. */
export const subjects: Record<ModelName, Subject> = {
  ecg_resnet50: ecg,
  ecg_resnet101: ecg,
  ecg_resnext50_2x64d: ecg,
  ecg_resnet18_small: ecg,
  resnet50: photo,
  resnext50_32x4d: photo,
  resnet14_small: photo,
  resnext14_small: photo,
  vit_tiny_patch16_224: patches,
  vit_small_patch16_224: patches,
  vit_base_patch16_224: patches,
  vit_patch16_small: patches,
  tf_efficientnet_b0: { ...photo, options: { classes: 5, dropout: 0.2, dropPath: 0.1 } },
  tf_efficientnet_b4: photo,
  efficientnet_small: { options: { channels: 1, classes: 5, dropout: 0.2 }, inputs: image(64, 96, 1), classes: 5 },
  tiny_vit_5m_224: photo,
  tiny_vit_21m_512: { options: { channels: 1, classes: 6 }, inputs: image(64, 96, 1), classes: 6 },
  tiny_vit_small: { options: { channels: 2, classes: 5, dropPath: 0.1 }, inputs: image(64, 192, 2), classes: 5 },
  chambon2018: { options: { ...night, classes: 10 }, inputs: { signal: [batch, 3000, 2] }, classes: 10 },
  relative_positioning: {
    options: night,
    inputs: { signal: [batch, 3000, 2], other: [batch, 3000, 2] },
    classes: 1,
    flat: /^emb\.final_layer\.1\.bias$/, // it cancels in the difference of both windows
  },
  blanco2020: {
    options: night,
    inputs: { signal: [batch, 3000, 2] },
    classes: 6,
    positive: /^feature_extractor\./,
  },
  attnsleep: attention,
  attnsleep_small: attention,
  iitnet: epochs,
  iitnet_small: epochs,
  iitnet_strip: strip,
  iitnet_strip_small: strip,
};

/** Models too large for the quick tests, where their small relatives are. */
export const large: ReadonlySet<string> = new Set<ModelName>([
  ...(["ecg_resnet50", "ecg_resnet101", "ecg_resnext50_2x64d", "resnet50", "resnext50_32x4d"] as const),
  ...(["vit_small_patch16_224", "vit_base_patch16_224", "tf_efficientnet_b4", "tiny_vit_21m_512"] as const),
  ...(["tiny_vit_5m_224", "iitnet", "iitnet_strip"] as const),
]);

function inputsOf({ inputs }: Subject, seed: number): ModelInputs {
  const generator = new Generator(seed);
  const tensors = Object.entries(inputs).map(([name, shape]) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => generator.normal());
    return [name, tf.tensor(values, shape)];
  });
  return Object.fromEntries(tensors) as ModelInputs;
}

function labelsOf(classes: number): tf.Tensor2D {
  if (classes === 1) return tf.ones([batch, 1]);
  const rows = Int32Array.from({ length: batch }, (_, i) => i % classes);
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(rows, "int32"), classes), "float32") as tf.Tensor2D);
}

/** Loss and gradients of one training pass; dropout and drop path are drawn from `step`. */
function pass(
  model: Model,
  inputs: ModelInputs,
  labels: tf.Tensor2D,
  step: tf.Scalar,
): { value: tf.Scalar; grads: tf.NamedTensorMap } {
  const loss = (): tf.Scalar => {
    const logits = model.forward(inputs, { training: true, random: tensorRandom(7, step) });
    // One logit: a second class whose logit is zero.
    if (logits.shape[1] === 1) return tf.mean(tf.softplus(tf.neg(logits)));
    return tf.mean(softmaxCrossEntropy(labels, logits));
  };
  return tf.variableGrads(loss, [...model.parameters.values()]);
}

const logitsOf = (model: Model, inputs: ModelInputs): Float32Array =>
  model.forward(inputs, { training: false }).dataSync() as Float32Array;

function near(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void {
  const difference = norm(Array.from(a, (x, i) => x - b[i]!));
  const allowed = tolerance * norm(b) + 1e-6;
  assert.ok(difference <= allowed, `${what}: differs by ${difference}, allowed ${allowed}`);
}

/** Moves every parameter a little. */
function shake(model: Model, positive?: RegExp): void {
  const generator = new Generator(5);
  const state = model.readState();
  for (const name of model.parameters.keys()) {
    const { values } = state.get(name)!;
    for (let i = 0; i < values.length; i++) {
      const moved = values[i]! + 0.05 * generator.normal();
      values[i] = positive?.test(name) ? Math.abs(moved) : moved;
    }
  }
  model.loadState(state);
}

/** Shape of the logits; a gradient for every weight; saving and loading; no tensor left; the seed; the compiled step. */
export function checkContract(name: ModelName): void {
  const subject = subjects[name];
  const make = (seed: number): Model => createModel(name, subject.options, new Generator(seed));
  const before = tf.memory().numTensors;
  const [model, same, other] = [make(1), make(1), make(2)];
  const inputs = inputsOf(subject, 3);
  const labels = labelsOf(subject.classes);
  const step = tf.scalar(1, "int32");

  tf.tidy(() => {
    const logits = model.forward(inputs, { training: false });
    assert.deepEqual(logits.shape, [batch, subject.classes], "shape of the logits");
    near(logitsOf(same, inputs), logits.dataSync(), 0, "logits of the same seed");
    assert.notDeepEqual(logitsOf(other, inputs), logits.dataSync());
    other.loadState(model.readState());
    assert.deepEqual(logitsOf(other, inputs), logits.dataSync(), "logits after loading");
  });

  // Some norms start at zero, and then nothing before them learns in the first step.
  shake(model, subject.positive);
  same.loadState(model.readState());
  const held = tf.memory().numTensors;
  tf.tidy(() => {
    const { value, grads } = pass(model, inputs, labels, step);
    const gradients = gradientsByName(model, grads);
    for (const parameter of model.parameters.keys()) {
      if (subject.unused?.test(parameter)) {
        assert.equal(gradients.get(parameter), undefined, `${parameter} is unused as published`);
        continue;
      }
      const size = norm(gradients.get(parameter) ?? []);
      if (subject.flat?.test(parameter)) assert.equal(size, 0, `gradient of ${parameter}`);
      else assert.ok(Number.isFinite(size) && size > 0, `gradient of ${parameter}: norm ${size}`);
    }
    const order = [...same.parameters].filter(([parameter]) => gradients.has(parameter));
    const traced = compile((given: Record<string, tf.Tensor>, classes: tf.Tensor2D, number: tf.Scalar) => {
      const result = pass(same, given as ModelInputs, classes, number);
      return [result.value, ...order.map(([, variable]) => result.grads[variable.name]!)];
    });
    const [loss, ...compiled] = traced({ ...inputs }, labels, step);
    near(loss!.dataSync(), value.dataSync(), 1e-4, "loss of the compiled step");
    // Batch norm on four examples turns the order of sums into a visible difference (1 to 5 % in the peers as well).
    const squares = (x: tf.Tensor): number => tf.sum(tf.square(x)).dataSync()[0]!;
    const eager = order.map(([parameter]) => grads[model.parameters.get(parameter)!.name]!);
    const total = eager.reduce((sum, gradient) => sum + squares(gradient), 0);
    const apart = eager.reduce((sum, gradient, i) => sum + squares(tf.sub(gradient, compiled[i]!)), 0);
    assert.ok(Math.sqrt(apart / total) <= 0.05, `gradients of the compiled step differ by ${Math.sqrt(apart / total)}`);
    traced.dispose();
  });
  assert.equal(tf.memory().numTensors, held, "tensors left behind by a step");

  for (const made of [model, same, other]) made.dispose();
  tf.dispose([...Object.values(inputs), labels, step]);
  assert.equal(tf.memory().numTensors, before, "tensors left behind by the models");
}
