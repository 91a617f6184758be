/** The attention map, beside what the model itself makes of the same block. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { gelu, layerNorm, tf } from "../../lib/engine";
import { attentionRollout, classTokenAttention, createModel } from "../../lib/models";
import { linear, splitHeads } from "../../lib/nn";
import { fill, scaled } from "../support/golden";
import { throwsProblem } from "../support/problems";

const vit = (name = "vit_tiny_patch16_224"): ReturnType<typeof createModel> =>
  createModel(name, { height: 64, width: 48, channels: 1, classes: 3 }, (name, shape) =>
    fill(
      name,
      shape,
      name.includes("norm") && /weight|running_var/.test(name) ? "norm_weight" : shape.length === 1 ? "bias" : "weight",
    ),
  );

for (const [name, features, blocks] of [
  ["vit_tiny_patch16_224", 192, [1, 11]],
  ["vit_patch16_small", 96, [1, 3]],
] as const)
  test(`${name}: attention, values and the rest of the block give what the model's block gave the class token`, () =>
    checkAttention(name, features, blocks));

/** Blocks whose results are made anew from the map; the last one is what is asked when none is named. */
function checkAttention(name: string, features: number, blocks: readonly number[]): void {
  const model = vit(name);
  const image = tf.tensor4d(Float32Array.from(scaled("image", [2, 64, 48, 1], 2)), [2, 64, 48, 1]);
  for (const block of blocks) {
    const taps = new Map<string, tf.Tensor>();
    model.forward({ image }, { training: false, tap: (name, x) => void taps.set(name, tf.keep(tf.clone(x))) });
    tf.tidy(() => {
      const map = classTokenAttention(model, image, block === blocks.at(-1) ? undefined : block);
      assert.deepEqual(map.shape, [2, 3, 4, 3]);
      const at = (name: string): tf.Variable => model.parameters.get(`blocks.${block}.${name}`)!;
      const x = taps.get(`blocks.${block - 1}`) as tf.Tensor3D;
      const normal = layerNorm(x, at("norm1.weight"), at("norm1.bias"), 1e-6);
      const value = splitHeads(
        tf.slice(
          linear(normal, at("attn.qkv.weight"), at("attn.qkv.bias"), "float32"),
          [0, 0, 2 * features],
          [2, 13, features],
        ),
        3,
      );
      const toPatches = tf.reshape(map, [2, 3, 12]);
      const toItself = tf.sub(1, tf.sum(toPatches, 2, true));
      assert.ok((tf.min(toItself).dataSync()[0] as number) > 0);
      const weights = tf.reshape(tf.concat([toItself, toPatches], 2), [2, 3, 1, 13]);
      const heads = tf.reshape(tf.matMul(weights, value), [2, features]);
      const token = tf.reshape(tf.slice(x, [0, 0, 0], [2, 1, features]), [2, features]);
      const attended = tf.add(token, linear(heads, at("attn.proj.weight"), at("attn.proj.bias"), "float32"));
      const wide = gelu(
        linear(
          layerNorm(attended, at("norm2.weight"), at("norm2.bias"), 1e-6),
          at("mlp.fc1.weight"),
          at("mlp.fc1.bias"),
          "float32",
        ),
      );
      const found = tf.add(attended, linear(wide, at("mlp.fc2.weight"), at("mlp.fc2.bias"), "float32"));
      const expected = tf.slice(taps.get(`blocks.${block}`) as tf.Tensor3D, [0, 0, 0], [2, 1, features]);
      const error = tf.max(tf.abs(tf.sub(found, tf.reshape(expected, [2, features])))).dataSync()[0]!;
      const size = tf.max(tf.abs(expected)).dataSync()[0]!;
      assert.ok(error < 1e-5 * size, `block ${block}: ${error} of ${size}`);
    });
    tf.dispose([...taps.values()]);
  }
  const before = tf.memory().numTensors;
  classTokenAttention(model, image).dispose();
  assert.equal(tf.memory().numTensors, before);
  tf.dispose(image);
  model.dispose();
}

test("models without a class token, and blocks that are not there, are refused", () => {
  const model = vit();
  const image = tf.zeros([1, 64, 48, 1]) as tf.Tensor4D;
  assert.throws(() => classTokenAttention(model, image, 12), /block of a vision transformer.*found 12.*1 \.\. 11/);
  const other = createModel("blanco2020", {}, new Generator(0));
  assert.throws(() => classTokenAttention(other, image), /class token.*found blanco2020/);
  model.dispose();
  other.dispose();
});

test("rollout: even attention spreads half of the token block by block; what one block prefers comes through halved", () => {
  const model = createModel("vit_patch16_small", { height: 64, width: 48, channels: 1, classes: 3 }, new Generator(2));
  const image = tf.tensor4d(Float32Array.from(scaled("image", [2, 64, 48, 1], 2)), [2, 64, 48, 1]);
  const [depth, tokens] = [4, 13];
  const rolled = (): number[] => [...tf.tidy(() => attentionRollout(model, image).dataSync() as Float32Array)];
  const weight = (block: number): tf.Variable => model.parameters.get(`blocks.${block}.attn.qkv.weight`)!;
  const untouched = tf.clone(weight(depth - 1) as tf.Tensor);
  // Without queries every token is attended to alike.
  for (let block = 0; block < depth; block++) weight(block).assign(tf.zeros(weight(block).shape));
  for (const share of rolled()) assert.ok(Math.abs(share - (1 - 0.5 ** depth) / tokens) < 1e-6);

  weight(depth - 1).assign(tf.mul(untouched, 20));
  const preferred = [...tf.tidy(() => tf.mean(classTokenAttention(model, image), 1).dataSync() as Float32Array)];
  assert.ok(Math.max(...preferred) > 1.05 * Math.min(...preferred), "the last block has a preference");
  const before = tf.memory().numTensors;
  rolled().forEach((share, i) => {
    const expected = 0.5 ** depth * preferred[i]! + (1 - 0.5 ** (depth - 1)) / tokens;
    assert.ok(Math.abs(share - expected) < 1e-6, `${share} for ${expected}`);
  });
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
  const other = createModel("efficientnet_small", { channels: 1 }, new Generator(0));
  throwsProblem(() => attentionRollout(other, image), { found: "efficientnet_small" });
  other.dispose();
});
