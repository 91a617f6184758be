import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, readGolden, uniform, walk } from "./golden";

test("the fill gives the values that the golden models were computed with", () => {
  // fill_probe of models/ecg_resnet50_meta: the first three values of some tensors
  const weight = fill("conv1.weight", [64, 8, 15], "weight");
  assert.deepEqual(
    [...weight.slice(0, 3)].map(Math.fround),
    [-0.05644765, -0.00030786035, -0.0036107379].map(Math.fround),
  );
  assert.deepEqual([...fill("fc.bias", [34], "bias").slice(0, 2)], [0.054776736, -0.071445584].map(Math.fround));
  assert.equal(fill("layer4.2.bn3.running_var", [2048], "running_var")[0], Math.fround(0.92045224));
  assert.equal(fill("bn1.running_mean", [64], "running_mean")[1], Math.fround(0.06080341));
});

test("a walk is a boxcar sum of the fill", () => {
  const u = uniform("signal", 6);
  const s = walk("signal", 6, 2, 3);
  assert.ok(Math.abs(s[0]! - 2 * u[0]!) < 1e-15);
  assert.ok(Math.abs(s[5]! - 2 * (u[3]! + u[4]! + u[5]!)) < 1e-15);
});

test("golden arrays are decoded with their shape", () => {
  const { cases } = readGolden<{ cases: { x: { shape: number[]; data: Float64Array } }[] }>("stats/logistic");
  assert.deepEqual(cases[0]!.x.shape, [160, 6]);
  assert.ok(cases[0]!.x.data instanceof Float64Array);
  assert.equal(cases[0]!.x.data.length, 960);
  assert.throws(() => readGolden("stats/no_such_file"), /no golden file/);
});
