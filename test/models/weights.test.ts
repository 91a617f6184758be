/** Pretrained weights: names, adaptation and refusals, beside timm's and torchvision's own numbers. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { tf } from "../../lib/engine";
import { writeSafetensors } from "../../lib/formats";
import { createModel, loadWeights, type Model } from "../../lib/models";
import { adaptFirstConvolution } from "../../lib/models/weights";
import type { State, StoredTensor } from "../../lib/nn";
import { loadPretrained, positionAdapter, weightsFromSafetensors, writeWeights } from "../../lib/training";
import { type FillKind, fill, type GoldenArray, readGolden } from "../support/golden";
import { maxDifference, scratchFolder, throwsProblem } from "../support/problems";
import { checkEval, filledModel, type GoldenCase, inputsOf, readGoldenModel } from "./golden-model";
import { goldenWeights, halves, safe, unfilled } from "./weight-files";

interface Pretrained {
  adapt_input_conv: { name: string; shape: number[]; made: { channels: number; weight: GoldenArray }[] };
  resample_abs_pos_embed: {
    name: string;
    features: number;
    from: number[];
    made: Resampled[];
    oblong: Resampled & { from: number[] };
  };
  torchvision_vit: {
    tensors: [name: string, shape: number[], kind: FillKind][];
    inputs: GoldenCase["inputs"];
    logits_f64: GoldenArray;
    logits_f32_vs_f64_abs: number;
  };
  torchvision_resnets_are_timm_s: Record<string, boolean>;
  torchvision_efficientnet_b0: [name: string, shape: number[]][];
}

interface Resampled {
  grid: number[];
  first_features: GoldenArray;
  l2: number;
}

const pretrained = readGolden<Pretrained>("models/pretrained");
const vit = { name: "vit_tiny_patch16_224", options: { classes: 5, height: 64, width: 64 } };
const efficientNet = { name: "tf_efficientnet_b0", options: { classes: 5 } };

for (const [{ name, options }, file] of [
  [vit, "vit_tiny_patch16_64_c5"],
  [efficientNet, "tf_efficientnet_b0_c5"],
] as const)
  test(`${name}: timm's names from a file, logits equal to timm's`, (t) => {
    const golden = readGoldenModel(file);
    const path = join(scratchFolder(t), "weights.safetensors");
    const weights = goldenWeights(golden);
    // What PyTorch's files hold beside: counters of batches, as integers.
    const counters = [...weights.keys()].filter((key) => key.endsWith("running_mean"));
    const tensors = safe(weights);
    for (const key of counters)
      tensors.set(key.replace("running_mean", "num_batches_tracked"), {
        dtype: "I64",
        shape: [],
        data: BigInt64Array.of(7n),
      });
    writeSafetensors(path, tensors);
    const model = unfilled(name, options);
    const { loaded, adapted, left } = loadPretrained(model, path);
    assert.deepEqual([loaded, adapted, left], [[...model.readState().keys()], [], []]);
    checkEval(model, golden.cases[0]!);
    model.dispose();
  });

test("torchvision's vision transformer under its own names: logits equal to torchvision's", () => {
  const { tensors, inputs, logits_f64, logits_f32_vs_f64_abs } = pretrained.torchvision_vit;
  const state: State = new Map(tensors.map(([key, shape, kind]) => [key, { shape, values: fill(key, shape, kind) }]));
  const model = unfilled(vit.name, vit.options);
  assert.equal(loadWeights(model, state).loaded.length, tensors.length);
  const images = inputsOf({ inputs });
  const logits = tf.tidy(() => model.forward(images, { training: false }).dataSync());
  assert.ok(maxDifference(logits, logits_f64.data) <= 10 * logits_f32_vs_f64_abs);
  // torchvision 0.12 called the perceptron's layers otherwise.
  const older = renamed(state, (key) => key.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."));
  assert.ok(older.has("encoder.layers.encoder_layer_11.mlp.linear_2.bias"));
  const before = model.readState();
  loadWeights(model, older);
  assert.deepEqual(model.readState(), before);
  older.set("blocks.0.mlp.fc1.bias", older.get("encoder.layers.encoder_layer_0.mlp.linear_1.bias")!);
  throwsProblem(() => loadWeights(model, older), { what: /two tensors that are one/, found: "blocks.0.mlp.fc1.bias" });
  tf.dispose({ ...images });
  model.dispose();
});

test("torchvision's EfficientNet is refused as another network", () => {
  const { torchvision_efficientnet_b0: tensors, torchvision_resnets_are_timm_s: resNets } = pretrained;
  const state = new Map(tensors.map(([key, shape]) => [key, zeros(shape)]));
  const model = unfilled(efficientNet.name, efficientNet.options);
  throwsProblem(() => loadWeights(model, state, { file: "b0.safetensors" }), {
    what: /another network/,
    file: "b0.safetensors",
    fix: /tf_efficientnet weights/,
  });
  model.dispose();
  assert.deepEqual(resNets, { resnet50: true, resnext50_32x4d: true }, "the peers' ResNets need no rule");
});

test("half precision and bfloat16 are widened exactly; other types are named", (t) => {
  const path = join(scratchFolder(t), "halves.safetensors");
  writeSafetensors(path, halves());
  const state = weightsFromSafetensors(path);
  const expected = [1, -2, 0.5, 65504, 2 ** -24, 0];
  assert.deepEqual([...state.get("half")!.values], expected);
  assert.deepEqual([...state.get("brain")!.values], [1, -2, 0.5, 2 ** 100, -(2 ** -100), 0]);
  assert.deepEqual(state.get("half")!.shape, [2, 3]);
  writeSafetensors(path, new Map([...halves(), ["wide", { dtype: "F64", shape: [1], data: Float64Array.of(1) }]]));
  throwsProblem(() => weightsFromSafetensors(path), { file: path, found: "wide F64", expected: "F32, F16 or BF16" });
});

test("first filters for other channel counts equal timm's adapt_input_conv", () => {
  const { name, shape, made } = pretrained.adapt_input_conv;
  const stored = { shape, values: fill(name, shape, "weight") };
  for (const { channels, weight } of made) {
    const model = fakeModel("conv.weight", weight.shape, { channels });
    const adapted = adaptFirstConvolution("conv.weight", stored, weight.shape, model)!;
    assert.ok(maxDifference(adapted.values, weight.data) <= 3e-7, `${channels} channels`);
    assert.equal(adaptFirstConvolution("other.weight", stored, weight.shape, model), undefined);
  }
  const one = fakeModel("conv.weight", [2, 1, 2, 2], { channels: 1 });
  // Only from 3 channels, and only where all else is equal.
  assert.equal(adaptFirstConvolution("conv.weight", zeros([2, 4, 2, 2]), [2, 1, 2, 2], one), undefined);
  assert.equal(adaptFirstConvolution("conv.weight", stored, [2, 1, 3, 3], one), undefined);
});

test("a grey image through summed filters is what its three equal channels give", () => {
  const golden = readGoldenModel("vit_tiny_patch16_64_c5");
  const colour = filledModel(vit.name, vit.options, golden);
  const grey = unfilled(vit.name, { ...vit.options, channels: 1 });
  const { adapted, loaded } = loadWeights(grey, goldenWeights(golden));
  assert.deepEqual(adapted, [{ name: "patch_embed.proj.weight", how: "the sum of the weights of 3 channels" }]);
  assert.equal(loaded.length, colour.tensors.length - 1);
  const difference = tf.tidy(() => {
    const image = tf.randomUniform([2, 64, 64, 1], -1, 1, "float32", 5) as tf.Tensor4D;
    const [a, b] = [tf.tile(image, [1, 1, 1, 3]), image];
    const logits = [colour.forward({ image: a }, { training: false }), grey.forward({ image: b }, { training: false })];
    return maxDifference(logits[0]!.dataSync(), logits[1]!.dataSync());
  });
  assert.ok(difference < 1e-5, String(difference));
  colour.dispose();
  grey.dispose();
});

test("position embeddings for other images equal timm's", () => {
  const { name, features, from, made, oblong } = pretrained.resample_abs_pos_embed;
  for (const { grid, first_features, l2, ...rest } of [...made, oblong]) {
    const source = "from" in rest ? (rest as typeof oblong).from : from;
    const shape = [1, source[0]! * source[1]! + 1, features];
    const stored = { shape, values: fill(name, shape, "table") };
    const model = fakeModel(name, shape, { height: grid[0]! * 16, width: grid[1]! * 16 }, "vit_tiny_patch16_224");
    const adapter = positionAdapter({ height: source[0]! * 16, width: source[1]! * 16 });
    const wanted = [1, grid[0]! * grid[1]! + 1, features];
    const { values, how } = adapter(name, stored, wanted, model)!;
    assert.match(how, new RegExp(`${source.join(" x ")} patches made ones of ${grid.join(" x ")}`));
    const [rows, columns] = first_features.shape.slice(1) as [number, number];
    const first = Array.from({ length: rows * columns }, (_, i) => values[Math.floor(i / columns) * features + (i % columns)]!); // biome-ignore format: one line reads better
    assert.ok(maxDifference(first, first_features.data) < 1e-6, how);
    assert.ok(Math.abs(Math.hypot(...values) - l2) < 1e-5 * l2, how);
  }
});

test("a file says which images its weights are for: an oblong grid is not taken for a square one", (t) => {
  const path = join(scratchFolder(t), "oblong.safetensors");
  const oblong = unfilled(vit.name, { ...vit.options, height: 32, width: 128 });
  writeWeights(path, oblong.readState(), { model: oblong.name, config: oblong.config });
  const again = unfilled(vit.name, { ...vit.options, height: 32, width: 128 }, 8);
  assert.deepEqual(loadPretrained(again, path).adapted, []);
  assert.deepEqual(again.readState(), oblong.readState());
  const square = unfilled(vit.name, vit.options);
  const [{ name, how } = assert.fail()] = loadPretrained(square, path).adapted;
  assert.deepEqual([name, how], ["pos_embed", "positions of 2 x 8 patches made ones of 4 x 4, bicubic"]);
  // Somebody else's "options" say nothing of a size: then the grid is square.
  for (const words of ["adam, 3 epochs", "null", '"4"', '{"height":"64"}']) {
    writeSafetensors(path, safe(square.readState()), { options: words });
    assert.deepEqual(loadPretrained(square, path).adapted, [], words);
  }
  // Without its size, and with a number of patches that makes no square, it is refused.
  const state: State = new Map(square.readState()).set("pos_embed", zeros([1, 19, 192]));
  throwsProblem(() => loadWeights(square, state, { adapters: [positionAdapter()] }), {
    found: "1 misshapen: pos_embed [1, 19, 192] of 3648 values, not [1, 17, 192]",
  });
  for (const model of [oblong, again, square]) model.dispose();
});

test("a new head stays as the model made it; an old one of other classes is refused", () => {
  const weights = goldenWeights(readGoldenModel("vit_tiny_patch16_64_c5"));
  const model = unfilled(vit.name, { ...vit.options, classes: 7 });
  const before = model.readState();
  throwsProblem(() => loadWeights(model, weights), {
    place: vit.name,
    found:
      /^2 misshapen: head.weight \[5, 192\] of 960 values, not \[7, 192\], head.bias \[5\] of 5 values, not \[7\]$/,
    fix: /nothing was loaded/,
  });
  assert.deepEqual(model.readState(), before);
  const { loaded, left } = loadWeights(model, weights, { head: "new" });
  assert.deepEqual(left, ["head.weight", "head.bias"]);
  assert.equal(loaded.length, model.tensors.length - 2);
  const after = model.readState();
  for (const name of left) assert.deepEqual(after.get(name), before.get(name));
  assert.deepEqual(after.get("norm.weight")!.values, weights.get("norm.weight")!.values);
  // Weights without any head will do as well.
  for (const name of left) weights.delete(name);
  assert.deepEqual(loadWeights(model, weights, { head: "new" }).left, left);
  throwsProblem(() => loadWeights(model, weights), { found: "2 missing: head.weight [7, 192], head.bias [7]" });
  model.dispose();
});

test("every missing, unexpected and misshapen tensor is listed, and nothing is half-loaded", (t) => {
  const weights = goldenWeights(readGoldenModel("tf_efficientnet_b0_c5"));
  const model = unfilled(efficientNet.name, efficientNet.options);
  const before = model.readState();
  const names = [...weights.keys()];
  const missing = names.filter((_, i) => i % 17 === 5);
  const misshapen = names.filter((_, i) => i % 19 === 2 && i % 17 !== 5);
  for (const name of missing) weights.delete(name);
  for (const name of misshapen) weights.set(name, zeros([3, 2]));
  for (let i = 0; i < 12; i++) weights.set(`extra.${i}`, zeros([1]));
  const path = join(scratchFolder(t), "broken.safetensors");
  writeSafetensors(path, safe(weights));
  throwsProblem(() => loadPretrained(model, path), { file: path, place: efficientNet.name, found: /./ });
  try {
    loadPretrained(model, path);
  } catch (error) {
    const { message } = error as Error;
    for (const name of missing) assert.ok(message.includes(` ${name} [`), name);
    for (const name of misshapen) assert.ok(message.includes(` ${name} [3, 2] of 6 values, not [`), name);
    for (let i = 0; i < 12; i++) assert.ok(message.includes(` extra.${i}`));
    assert.ok(message.includes(`${missing.length} missing: `) && message.includes("12 unexpected: "));
    assert.ok(!message.includes("\n"));
  }
  assert.deepEqual(model.readState(), before);
  // Values that do not fill their shape are no tensor.
  const short = before.get("classifier.weight")!;
  const cut: State = new Map(before).set("classifier.weight", { ...short, values: short.values.subarray(1) });
  throwsProblem(() => loadWeights(model, cut), { found: /1 misshapen: classifier.weight .* of 6399 values/ });
  model.dispose();
});

test("a model whose last layer is not one of its classes cannot have a new one", () => {
  const model = fakeModel("last.weight", [3, 4], { classes: 5 });
  throwsProblem(() => loadWeights(model, new Map(), { head: "new" }), {
    found: "last.weight",
    fix: "load all of its weights",
  });
});

test("what is written loads as it is, and no half-written file is left", (t) => {
  const folder = scratchFolder(t);
  const golden = readGoldenModel("vit_tiny_patch16_64_c5");
  const model = filledModel(vit.name, vit.options, golden);
  const path = join(folder, "out.safetensors");
  writeWeights(path, model.readState(), { model: model.name, config: model.config });
  assert.deepEqual(weightsFromSafetensors(path), model.readState());
  assert.deepEqual(readdirSync(folder), ["out.safetensors"]);
  model.dispose();
});

function renamed(state: State, rule: (name: string) => string): State {
  return new Map(Array.from(state, ([name, tensor]) => [rule(name), tensor]));
}

function zeros(shape: readonly number[]): StoredTensor {
  return { shape, values: new Float32Array(shape.reduce((product, n) => product * n, 1)) };
}

/** A model of one tensor, as adapters look at it. */
function fakeModel(name: string, shape: readonly number[], config: Record<string, unknown>, model = "one"): Model {
  const real = createModel("chambon2018", {}, new Generator(0)); // for the methods that no adapter calls
  real.dispose();
  const layout = shape.length === 4 ? "conv2d" : "same";
  const ours = layout === "conv2d" ? [shape[2]!, shape[3]!, shape[1]!, shape[0]!] : shape;
  const variable = { shape: ours, size: 0 } as unknown as tf.Variable;
  const tensors = [{ name, variable, layout, kind: "parameter" }] as const;
  return { ...real, name: model, config, tensors, parameters: new Map([[name, variable]]) };
}
