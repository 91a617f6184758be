import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { tensorRandom, tf } from "../../lib/engine";
import {
  Conv1d,
  constant,
  dropout,
  globalAveragePool,
  heNormal,
  Linear,
  maxPool1d,
  Parameters,
  uniformByFanIn,
  xavierUniform,
} from "../../lib/nn";

const deviation = (values: Float32Array): number => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
};

test("initial values have the spread of their rule, and come from the generator alone", () => {
  const he = heNormal([64, 8, 15], new Generator(1));
  assert.ok(Math.abs(deviation(he) / Math.sqrt(2 / (64 * 15)) - 1) < 0.03);
  const xavier = xavierUniform([34, 2059], new Generator(1));
  const bound = Math.sqrt(6 / (34 + 2059));
  assert.ok(xavier.every((x) => Math.abs(x) <= bound));
  assert.ok(Math.abs(deviation(xavier) / (bound / Math.sqrt(3)) - 1) < 0.02);
  assert.ok(uniformByFanIn(100)([50, 100], new Generator(1)).every((x) => Math.abs(x) <= 0.1));
  assert.deepEqual([...constant(0.25)([2], new Generator(1))], [0.25, 0.25]);
  assert.deepEqual(heNormal([4, 4], new Generator(5)), heNormal([4, 4], new Generator(5)));
  assert.notDeepEqual(heNormal([4, 4], new Generator(5)), heNormal([4, 4], new Generator(6)));
});

test("layers name their tensors by place, in order; a name twice throws", () => {
  const parameters = new Parameters(new Generator(0));
  const scope = parameters.root().at("layer1.0");
  new Conv1d(scope.at("conv1"), { inputs: 4, outputs: 6, kernel: 3, groups: 2, bias: true });
  new Linear(parameters.root().at("fc"), { inputs: 6, outputs: 2 });
  const names = parameters.tensors.map(({ name }) => name);
  assert.deepEqual(names, ["layer1.0.conv1.weight", "layer1.0.conv1.bias", "fc.weight", "fc.bias"]);
  assert.deepEqual(parameters.tensors[0]!.variable.shape, [1, 3, 2, 6]);
  assert.throws(
    () => new Conv1d(scope.at("conv1"), { inputs: 1, outputs: 1, kernel: 1 }),
    /two tensors.*conv1\.weight/,
  );
  parameters.dispose();
});

test("layers refuse sizes out of range", () => {
  const at = () => new Parameters(new Generator(0)).root();
  assert.throws(() => new Conv1d(at(), { inputs: 5, outputs: 4, kernel: 3, groups: 2 }), /input channels.*2\.5/);
  assert.throws(() => new Conv1d(at(), { inputs: 4, outputs: 4, kernel: 0 }), /kernel.*found 0.*>= 1/);
  assert.throws(() => new Conv1d(at(), { inputs: 4, outputs: 4, kernel: 3, padding: -1 }), /padding/);
  assert.throws(() => new Linear(at(), { inputs: 4, outputs: 0 }), /outputs/);
});

test("a linear layer is x W^T + b", () => {
  const parameters = new Parameters((name) => Float32Array.from(name === "weight" ? [1, 2, 3, 4, 5, 6] : [10, 20]));
  const layer = new Linear(parameters.root(), { inputs: 3, outputs: 2 });
  const y = layer.forward(tf.tensor2d([[1, 0, -1]]));
  assert.deepEqual([...y.dataSync()], [1 - 3 + 10, 4 - 6 + 20]);
  parameters.dispose();
});

test("padding never wins in max-pooling, and averages are over all but batch and channels", () => {
  const x = tf.tensor3d([-5, -3, -4, -9], [1, 4, 1]);
  assert.deepEqual([...maxPool1d(x, { kernel: 3, stride: 2, padding: 1 }).dataSync()], [-3, -3]);
  assert.deepEqual([...globalAveragePool(tf.tensor4d([1, 10, 3, 20], [1, 1, 2, 2])).dataSync()], [2, 15]);
});

test("dropout: none outside training, the rate and the mean kept inside", () => {
  const x = tf.ones([100, 100]);
  const random = tensorRandom(1, tf.scalar(3, "int32"));
  assert.equal(dropout(x, 0.4, { training: false }), x);
  assert.equal(dropout(x, 0, { training: true }), x);
  const values = dropout(x, 0.4, { training: true, random }).dataSync() as Float32Array;
  const kept = values.filter((value) => value !== 0);
  assert.ok(kept.every((value) => Math.abs(value - 1 / 0.6) < 1e-6));
  assert.ok(Math.abs(kept.length / values.length - 0.6) < 0.02);
  assert.throws(() => dropout(x, 0.4, { training: true }), /dropout without random draws.*tensorRandom/);
});
