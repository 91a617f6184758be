import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { createModel, type Model } from "../../lib/models";
import { transferWeights } from "../../lib/training/transfer";

const ecg = (classes: number, seed: number): Model =>
  createModel("ecg_resnet18_small", { channels: 2, classes, ageAndSex: false, width: 4 }, new Generator(seed));

test("everything but the head, from a model of other classes; the head stays", () => {
  const [source, target] = [ecg(6, 1), ecg(5, 2)];
  const before = target.readState();
  const { loaded, kept, unused } = transferWeights(target, source.readState(), { exclude: ["fc"] });
  assert.deepEqual(kept, ["fc.weight", "fc.bias"]);
  assert.deepEqual(unused, ["fc.weight", "fc.bias"]);
  assert.equal(loaded.length, target.tensors.length - 2);
  const [from, to] = [source.readState(), target.readState()];
  for (const name of loaded) assert.deepEqual(to.get(name), from.get(name));
  for (const name of kept) assert.deepEqual(to.get(name), before.get(name));
});

test("a pair model's embedder becomes a model of its own, by renaming", () => {
  const options = { channels: 2, sampleRate: 20, windowSeconds: 10, classes: 12 };
  const pairs = createModel("relative_positioning", options, new Generator(1));
  const embedder = createModel("chambon2018", options, new Generator(2));
  const transfer = transferWeights(embedder, pairs.readState(), {
    rename: (name) => (name.startsWith("emb.") ? name.slice("emb.".length) : null),
  });
  assert.deepEqual(transfer.unused, ["clf.1.weight", "clf.1.bias"]);
  assert.equal(transfer.loaded.length, embedder.tensors.length);
  const from = pairs.readState();
  for (const [name, { values }] of embedder.readState()) assert.deepEqual(values, from.get(`emb.${name}`)!.values);
});

test("every difference that was not excluded is listed, and nothing is loaded", () => {
  const [source, target] = [ecg(6, 1), ecg(5, 2)];
  const before = target.readState();
  const state = source.readState();
  state.delete("conv1.weight");
  state.set("extra", { shape: [1], values: Float32Array.of(1) });
  assert.throws(
    () => transferWeights(target, state, { exclude: ["fc.bias", "nothing"] }),
    (error: Error) => {
      assert.match(error.message, /nothing excludes nothing; extra is nowhere in the model/);
      assert.match(error.message, /conv1.weight is not in the source; fc.weight has shape \[6, 32\], not \[5, 32\]/);
      return true;
    },
  );
  assert.deepEqual(target.readState(), before);
  const twice = new Map([...state, ["copy", state.get("bn1.weight")!]]);
  assert.throws(
    () => transferWeights(target, twice, { rename: (name) => (name === "copy" ? "bn1.weight" : name) }),
    /copy is a second tensor for bn1.weight/,
  );
});
