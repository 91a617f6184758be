/** Short training runs of whole networks beside PyTorch's: the real step, loss and optimizer, on the golden inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import type { Model, ModelInputs } from "../../lib/models";
import type { Batch } from "../../lib/training/dataset";
import {
  binaryCrossEntropy,
  crossEntropy,
  doubleSoftmaxCrossEntropy,
  klDivergence,
  type Loss,
} from "../../lib/training/losses";
import { adam, adamP, adamW, type Optimizer, sgd } from "../../lib/training/optimizers";
import { createTrainStep } from "../../lib/training/train-step";
import {
  assertClose,
  filledModel,
  type GoldenCase,
  inputsOf,
  norm,
  readGoldenModel,
  type Target,
} from "../models/golden-model";
import { type GoldenArray, readGolden } from "../support/golden";

interface Loop {
  id: string;
  inputs: GoldenCase["inputs"];
  target: Target;
  optimizer: string;
  args: { lr: number; weight_decay?: number; momentum?: number };
  steps: number;
  losses_f64: number[];
  eval_logits_after_f64: GoldenArray;
  param_l2_after_f64: Record<string, number>;
  measured: { loss_rel_by_step: number[]; eval_logits_after_abs: number };
}

const { cases } = readGolden<{ cases: Loop[] }>("training/loops");

/** The loops of the golden file. */
export const loopIds: readonly string[] = cases.map(({ id }) => id);

/** How a loop's network is called here, and the golden file that lists its tensors. */
export interface LoopModel {
  id: string;
  model: string;
  file: string;
  options: Record<string, unknown>;
  /** Steps that float32 can be held to: behind them rounding alone makes another run. Default all. */
  steps?: number;
}

export const smallLoops: readonly LoopModel[] = [
  { id: "blanco_sgd", model: "blanco2020", file: "blanco2020_c6", options: { dropout: 0 } },
  { id: "attnsleep_adam", model: "attnsleep", file: "attnsleep_c6", options: { dropout: 0, attentionDropout: 0 } },
  { id: "relpos_adam", model: "relative_positioning", file: "beetl_relpos", options: { dropout: 0 } },
  {
    ...{ id: "vit_tiny_64_adam", model: "vit_tiny_patch16_224", file: "vit_tiny_patch16_64_c5" },
    options: { classes: 5, height: 64, width: 64 },
  },
];

export const largeLoops: readonly LoopModel[] = [
  { id: "effnet_b0_64_adamp", model: "tf_efficientnet_b0", file: "tf_efficientnet_b0_c5", options: { classes: 5 } },
  { id: "iitnet21_adamw", model: "iitnet_strip", file: "iitnet_strip21_c5", options: { dropout: 0 } },
  {
    ...{ id: "tiny_vit_21m_adamw_kl", model: "tiny_vit_21m_512", file: "tiny_vit_21m_512_in1_c6" },
    options: { channels: 1, classes: 6, dropPath: 0 },
  },
  {
    ...{ id: "ecg_resnext_meta_adam", model: "ecg_resnext50_2x64d", file: "ecg_resnext50_2x64d_meta" },
    options: { ageAndSex: true },
  },
  {
    ...{ id: "resnext50_64_sgd", model: "resnext50_32x4d", file: "resnext50_32x4d_c5", options: { classes: 5 } },
    // PyTorch's own float32 run differs by 35 % at the third step
    steps: 2,
  },
];

const optimizers: Record<string, (args: Loop["args"]) => Optimizer> = {
  Adam: ({ weight_decay: weightDecay = 0 }) => adam({ weightDecay }),
  AdamW: ({ weight_decay }) => adamW({ weightDecay: weight_decay! }),
  AdamP: ({ weight_decay: weightDecay = 0 }) => adamP({ weightDecay }),
  SGD: ({ momentum = 0, weight_decay: weightDecay = 0 }) => sgd({ momentum, weightDecay }),
};

function lossNamed(words: string): Loss {
  const [, weights] = /^weighted cross entropy, weights \[(.*)\]$/.exec(words) ?? [];
  if (weights !== undefined) return crossEntropy({ classWeights: weights.split(", ").map(Number) });
  if (words.startsWith("label smoothing 0.1 spread over the other"))
    return crossEntropy({ smoothing: 0.1, spread: "others" });
  if (words.includes("softmax applied twice")) return doubleSoftmaxCrossEntropy();
  if (words.startsWith("cross_entropy(logits")) return crossEntropy();
  if (words.includes("KL, batchmean")) return klDivergence();
  assert.match(words, /^binary cross entropy/);
  return binaryCrossEntropy({ positives: "none" });
}

function targetOf({ class: classes, probs, labels }: Target, width: number): Float32Array {
  if (classes === undefined) return Float32Array.from((probs ?? labels)!.flat());
  return Float32Array.from({ length: classes.length * width }, (_, i) =>
    classes[Math.floor(i / width)] === i % width ? 1 : 0,
  );
}

const valuesOf = (x: tf.Tensor): Float32Array => Float32Array.from(x.dataSync());

function batchOf(inputs: ModelInputs, target: Float32Array): Batch {
  const { signal, image, ...extras } = inputs;
  const size = (signal ?? image)!.shape[0];
  return {
    ids: Array.from({ length: size }, (_, i) => `example ${i}`),
    size,
    input: valuesOf((signal ?? image)!),
    extras: Object.fromEntries(Object.entries(extras).map(([name, x]) => [name, valuesOf(x as tf.Tensor)])),
    target,
    weight: new Float32Array(size).fill(1),
  };
}

/** In evaluation mode, behind the last step. */
function logitsOf(model: Model, inputs: ModelInputs): Float32Array {
  let values: Float32Array = new Float32Array(0);
  tf.tidy(() => {
    values = valuesOf(model.forward(inputs, { training: false }));
  });
  return values;
}

/**
 * Losses of each step and logits behind the last, within ten times what PyTorch's own float32 run differed from its
 * float64 run up to there (a step where the two happen to meet binds nobody), at least a few roundings; and norms of
 * weights behind the last step.
 */
export function testLoop({ id, model: name, file, options, steps }: LoopModel): void {
  const loop = cases.find((one) => one.id === id)!;
  const held = steps ?? loop.steps;
  test(`${id}: ${held} steps as in PyTorch`, async () => {
    const model = filledModel(name, options, readGoldenModel(file));
    const inputs = inputsOf(loop);
    const optimizer = optimizers[loop.optimizer]!(loop.args).create(model.parameters);
    const width = loop.eval_logits_after_f64.shape[1] ?? 1;
    const step = createTrainStep({
      ...{ model, optimizer, loss: lossNamed(loop.target.loss), seed: 1, precision: "float32", weighted: false },
      inputShape: (inputs.signal ?? inputs.image)!.shape.slice(1),
    });
    const batch = batchOf(inputs, targetOf(loop.target, width));
    let peer = 0;
    for (let i = 0; i < held; i++) {
      const { loss } = await step.run(batch, i, loop.args.lr);
      const expected = loop.losses_f64[i]!;
      peer = Math.max(peer, loop.measured.loss_rel_by_step[i]!);
      assertClose(loss, expected, Math.max(10 * peer, 1e-6) * expected, `loss of step ${i}`);
    }
    if (held === loop.steps) {
      const found = logitsOf(model, inputs);
      const allowed = Math.max(10 * loop.measured.eval_logits_after_abs, 1e-6);
      loop.eval_logits_after_f64.data.forEach((x, i) => {
        assertClose(found[i]!, x, allowed, `logit ${i}`);
      });
      checkNorms(model, loop, peer);
    }
    step.dispose();
    optimizer.dispose();
    model.dispose();
    tf.dispose({ ...inputs });
  });
}

/**
 * Half of the norms to the rounding of the loss or better. All of them within a fifth of what an optimizer that goes by
 * signs can have moved: the gradient of a bias before a batch norm is rounding alone, and Adam follows it.
 */
function checkNorms(model: Model, { param_l2_after_f64, steps, args }: Loop, peer: number): void {
  const state = model.readState();
  const deviations = Object.entries(param_l2_after_f64).map(([weight, l2]) => {
    const { values } = state.get(weight)!;
    const found = norm(values);
    assertClose(found, l2, 0.2 * steps * args.lr * Math.sqrt(values.length), `norm of ${weight}`);
    return Math.abs(found / l2 - 1);
  });
  const median = deviations.sort((a, b) => a - b)[deviations.length >> 1]!;
  assertClose(median, 0, Math.max(0.01 * peer, 2e-7), "the median deviation of the weights' norms");
}
