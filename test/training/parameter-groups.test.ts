import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { tf } from "../../lib/engine";
import { createModel } from "../../lib/models";
import {
  layerwiseRates,
  noDecayOnVectors,
  type ParameterGroup,
  settleGroups,
} from "../../lib/training/parameter-groups";

const shapes = {
  "stem.weight": [2, 3],
  "stem.bias": [2],
  "blocks.0.norm.weight": [3],
  "head.weight": [4, 3],
  "head.bias": [4],
};
const parameters = new Map(
  Object.entries(shapes).map(([name, shape]) => [name, tf.tidy(() => tf.variable(tf.zeros(shape)))]),
);
const settled = (groups: ParameterGroup[] | undefined): Record<string, [string, number, number]> =>
  Object.fromEntries(
    [...settleGroups(parameters, groups, 0.1)].map(([name, { name: group, rateFactor, weightDecay }]) => [
      name,
      [group, rateFactor, weightDecay],
    ]),
  );

test("without groups all weights are one", () => {
  assert.deepEqual(new Set(Object.values(settled(undefined)).map(String)), new Set(["all,1,0.1"]));
});

test("norms and biases do not decay", () => {
  assert.deepEqual(settled(noDecayOnVectors(0.05)), {
    "stem.weight": ["decay", 1, 0.05],
    "stem.bias": ["no decay", 1, 0],
    "blocks.0.norm.weight": ["no decay", 1, 0],
    "head.weight": ["decay", 1, 0.05],
    "head.bias": ["no decay", 1, 0],
  });
});

test("layer-wise rates, with decay for matrices only", () => {
  const layers = [["stem."], ["blocks."], ["head."]];
  assert.deepEqual(Object.values(settled(layerwiseRates({ layers, decay: 0.5 }))), [
    ["layer 0", 0.25, 0.1],
    ["layer 0", 0.25, 0.1],
    ["layer 1", 0.5, 0.1],
    ["layer 2", 1, 0.1],
    ["layer 2", 1, 0.1],
  ]);
  const some = settled([
    ...layerwiseRates({ layers: [["stem."], ["head."]], decay: 0.5, weightDecay: 0.3 }),
    { name: "norms", select: { pattern: "\\.norm\\." }, rateFactor: 2, weightDecay: 0 },
  ]);
  assert.deepEqual(some["stem.weight"], ["layer 0, decay", 0.5, 0.3]);
  assert.deepEqual(some["head.bias"], ["layer 1, no decay", 1, 0]);
  assert.deepEqual(some["blocks.0.norm.weight"], ["norms", 2, 0]);
});

test("layer-wise rates of a vision transformer cover each of its weights once", () => {
  const model = createModel("vit_tiny_patch16_224", { height: 32, width: 32, classes: 5 }, new Generator(1));
  const blocks = Array.from({ length: 12 }, (_, i) => [`blocks.${i}.`]);
  const layers = [["cls_token", "pos_embed", "patch_embed."], ...blocks, ["norm.", "head."]];
  const groups = settleGroups(model.parameters, layerwiseRates({ layers, decay: 0.75, weightDecay: 0.05 }), 0);
  assert.equal(groups.size, model.parameters.size);
  const factor = (name: string): number => groups.get(name)!.rateFactor;
  assert.equal(factor("head.weight"), 1);
  assert.equal(factor("blocks.11.norm1.weight"), 0.75);
  assert.equal(factor("pos_embed"), 0.75 ** 13);
  model.dispose();
});

test("a weight in no group or in two, and a group without weights, throw", () => {
  const rest = { name: "rest", select: "rest" } as const;
  assert.throws(() => settled([{ name: "a", select: { prefixes: ["stem."] } }]), /blocks.0.norm.weight is in no group/);
  assert.throws(
    () => settled([{ name: "a", select: { prefixes: ["stem."] } }, { name: "b", select: { pattern: "bias" } }, rest]),
    /stem.bias is in a and b/,
  );
  assert.throws(() => settled([{ name: "a", select: { prefixes: ["tail."] } }, rest]), /group a selects no weight/);
  assert.throws(() => settled([rest, { ...rest, name: "more" }]), /more than one/);
  assert.throws(() => settled([{ name: "rest", select: { vectors: true } }, rest]), /of one name/);
  assert.throws(() => settled([{ ...rest, rateFactor: -1 }]), /out of range/);
  assert.throws(() => layerwiseRates({ layers: [[""]], decay: 0 }), /layer-wise decay/);
});
