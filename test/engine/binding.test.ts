/** The binding that tfjs-node's kernels talk to, on TensorFlow's C library. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError, startEngine, tf } from "../../lib/engine";
import type { EngineBackend } from "../../lib/engine/backend";
import { attribute } from "../../lib/engine/eager-binding";
import { engineState } from "../../lib/engine/state";

const backend = tf.backend() as unknown as EngineBackend;
const binding = engineState()!.native!.eager;

test("the engine says what it runs on", () => {
  const info = startEngine();
  assert.equal(info.backend, "tensorflow");
  assert.match(info.tensorflowVersion!, /^2\./);
  assert.equal(startEngine(), info, "starting again gives the same engine");
  assert.throws(() => startEngine({ backend: "cpu" }), /another backend already runs/);
});

test("values go in and come back: floats, integers, booleans, strings, complex numbers", () => {
  assert.deepEqual([...tf.tensor1d([1.5, -2]).dataSync()], [1.5, -2]);
  assert.deepEqual([...tf.tensor1d([1, -2], "int32").add(tf.scalar(1, "int32")).dataSync()], [2, -1]);
  assert.deepEqual([...tf.logicalNot(tf.tensor1d([true, false], "bool")).dataSync()], [0, 1]);
  const words = ["", "N3", "Schlafstadium – ungewiß", "x".repeat(100)];
  const strings = tf.tensor1d(words, "string");
  const [joined] = backend.run("Identity", [attribute.type("T", binding.TF_STRING)], [strings], 1);
  assert.deepEqual((joined as tf.Tensor1D).dataSync<"string">(), words);
  const z = tf.complex(tf.tensor1d([1, 2]), tf.tensor1d([3, 4]));
  assert.deepEqual([...tf.imag(z).dataSync()], [3, 4]);
  assert.equal(tf.zeros([0, 3]).dataSync().length, 0);
});

test("int64 results arrive as int32, and one that does not fit is an error", () => {
  const attributes = [attribute.type("SrcT", binding.TF_INT32), attribute.type("DstT", binding.TF_INT64)];
  const cast = (value: number): tf.Tensor =>
    backend.run("Cast", [...attributes, attribute.bool("Truncate", false)], [tf.scalar(value, "int32")], 1)[0]!;
  assert.equal(cast(-7).dataSync()[0], -7);
  const big = backend.run("Mul", [attribute.type("T", binding.TF_INT64)], [cast(2 ** 30), cast(2 ** 30)], 1)[0]!;
  assert.throws(() => big.dataSync(), /does not fit into int32/);
});

test("an op that fails says its name, its inputs' shapes and TensorFlow's words", () => {
  const attributes = [
    attribute.type("T", binding.TF_FLOAT),
    attribute.bool("transpose_a", false),
    attribute.bool("transpose_b", false),
  ];
  assert.throws(
    () => backend.run("MatMul", attributes, [tf.zeros([2, 3]), tf.zeros([4, 5])], 1),
    (error: unknown) => {
      assert.ok(error instanceof EngineError);
      assert.match(error.message, /^op MatMul\(float32\[2,3\], float32\[4,5\]\): .*size-incompatible/s);
      return true;
    },
  );
  assert.throws(() => backend.run("NoSuchOp", [], [tf.scalar(1)], 1), /NoSuchOp/);
  assert.throws(
    () => backend.run("Relu", [{ name: "T", type: 4, value: "text" }], [tf.scalar(1)], 1),
    /attribute T.*wrong kind.*found "text"/,
  );
  assert.throws(() => binding.createTensor([2], binding.TF_INT32, new Int32Array(3)), /do not fill the shape/);
  assert.throws(() => binding.createTensor([1], 1000, new Int32Array(1)), /type 1000/);
  assert.throws(() => binding.loadSavedModel("some/folder"), /some\/folder.*not supported/);
});

test("no handle leaks: not after 10,000 ops, not after exceptions", () => {
  const x = tf.ones([4, 4]);
  tf.tidy(() => void x.add(1));
  const before = { handles: binding.getNumOfTensors(), tensors: tf.memory().numTensors };
  for (let i = 0; i < 2500; i++) tf.tidy(() => void tf.matMul(x, x).add(1).relu().sum());
  for (let i = 0; i < 500; i++) assert.throws(() => tf.tidy(() => backend.run("NoSuchOp", [], [x.add(1)], 1)));
  for (let i = 0; i < 500; i++)
    assert.throws(() => tf.tidy(() => backend.run("Relu", [attribute.type("T", binding.TF_INT64)], [x.add(1)], 1)));
  assert.deepEqual({ handles: binding.getNumOfTensors(), tensors: tf.memory().numTensors }, before);
});

test("memory stays flat over 10,000 ops that make 1 MB each", () => {
  const x = tf.ones([512, 512]);
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) tf.tidy(() => void tf.add(x, 1));
  };
  run(500);
  const before = process.memoryUsage().rss;
  run(10_000);
  const grown = (process.memoryUsage().rss - before) / 1e6;
  assert.ok(grown < 200, `resident memory grew by ${grown.toFixed(0)} MB`);
});

test("tfjs' own operations and gradients run: a small network learns", () => {
  const x = tf.tensor2d([[0, 0], [0, 1], [1, 0], [1, 1]]); // biome-ignore format: a truth table
  const y = tf.tensor2d([[0], [1], [1], [0]]);
  const model = tf.sequential();
  model.add(
    tf.layers.dense({
      units: 8,
      activation: "tanh",
      inputShape: [2],
      kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
    }),
  );
  model.add(tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotNormal({ seed: 4 }) }));
  const optimizer = tf.train.adam(0.05);
  const loss = (): tf.Scalar => tf.losses.meanSquaredError(y, model.apply(x) as tf.Tensor2D) as tf.Scalar;
  for (let i = 0; i < 300; i++) optimizer.minimize(loss);
  assert.ok(loss().dataSync()[0]! < 0.02);
});
