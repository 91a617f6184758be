/** Each layer against PyTorch's single operations: output and gradients of all inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { relu, tf } from "../../lib/engine";
import { BatchNorm, Conv1d, Conv2d, maxPool1d, maxPoolImage, Parameters, torchValues } from "../../lib/nn";
import { type GoldenArray, readGolden, scaled, uniform } from "../support/golden";

interface Operation {
  case: string;
  args: Record<string, unknown>;
  inputs: { name: string; shape: number[]; scale: number; offset: number }[];
  outputs: GoldenArray[];
  grads: Record<string, GoldenArray>;
  running_after?: GoldenArray[];
}

const { cases } = readGolden<{ cases: Operation[] }>("models/ops");

function operation(name: string): Operation {
  const found = cases.find((entry) => entry.case === name);
  assert.ok(found !== undefined, `no golden operation ${name}`);
  return found;
}

/** The input with tag "x", "w" or "b", in PyTorch's layout. */
function input(op: Operation, tag: string): { shape: number[]; values: Float32Array } {
  const found = op.inputs.find(({ name }) => name.endsWith(`/${tag}`))!;
  return {
    shape: found.shape,
    values: Float32Array.from(scaled(found.name, found.shape, found.scale, found.offset)),
  };
}

/** PyTorch's [batch, channels, ...] to [batch, ..., channels], and back. */
function channelsLast(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);
}
function channelsFirst(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, x.rank - 1, ...x.shape.slice(2).map((_, i) => i + 1)]);
}

function assertEqual(found: ArrayLike<number>, expected: GoldenArray, what: string): void {
  assert.equal(found.length, expected.data.length, what);
  const largest = Math.max(1, ...Array.from(expected.data, Math.abs));
  expected.data.forEach((x, i) => {
    assert.ok(Math.abs(found[i]! - x) <= 3e-6 * largest, `${what}, value ${i}: ${found[i]}, expected ${x}`);
  });
}

/** Output and gradients of a layer, whose parameters are the case's "w" and "b". */
function check(op: Operation, parameters: Parameters, forward: (x: tf.Tensor) => tf.Tensor): void {
  tf.tidy(() => {
    const { shape, values } = input(op, "x");
    const x = tf.variable(channelsLast(tf.tensor(values, shape)));
    const [expected] = op.outputs;
    const slope = channelsLast(
      tf.tensor(Float32Array.from(uniform(`${op.case}/dy`, expected!.data.length)), expected!.shape),
    );
    const learned = parameters.tensors.filter(({ kind }) => kind === "parameter");
    const { grads } = tf.variableGrads(() => {
      const y = forward(x);
      assertEqual(channelsFirst(y).dataSync() as Float32Array, expected!, `${op.case}, output`);
      return tf.sum(tf.mul(y, slope));
    }, [x, ...learned.map(({ variable }) => variable)]);
    assertEqual(channelsFirst(grads[x.name]!).dataSync() as Float32Array, op.grads["x"]!, `${op.case}, gradient of x`);
    for (const { name, variable, layout } of learned) {
      const tag = name === "weight" ? "w" : "b";
      assertEqual(torchValues(grads[variable.name]!, layout), op.grads[tag]!, `${op.case}, gradient of ${tag}`);
    }
    x.dispose();
  });
  parameters.dispose();
}

function parametersOf(op: Operation, buffers: Record<string, Float32Array> = {}): Parameters {
  return new Parameters((name) => buffers[name] ?? input(op, name === "weight" ? "w" : "b").values);
}

for (const name of [
  "conv2d_plain",
  "conv2d_stride2",
  "conv2d_7x7_s2",
  "conv2d_groups",
  "conv2d_depthwise_s2",
  "conv2d_dilated",
  "conv2d_patch",
  "conv1d_k15_s2",
  "conv1d_k50_s6",
  "conv1d_groups2",
  "conv1d_even_k8",
]) {
  test(`${name} equals PyTorch's`, () => {
    const op = operation(name);
    const [outputs, perGroup, kernel] = input(op, "w").shape as [number, number, number];
    const groups = (op.args["groups"] as number | undefined) ?? 1;
    const bias = op.inputs.some((entry) => entry.name.endsWith("/b"));
    const options = { ...op.args, inputs: perGroup * groups, outputs, kernel, groups, bias };
    const parameters = parametersOf(op);
    if (name.startsWith("conv1d")) {
      const layer = new Conv1d(parameters.root(), options);
      check(op, parameters, (x) => layer.forward(x as tf.Tensor3D));
    } else {
      const layer = new Conv2d(parameters.root(), options);
      check(op, parameters, (x) => layer.forward(x as tf.Tensor4D));
    }
  });
}

for (const name of ["maxpool1d_8_2_4", "maxpool1d_3_2_1", "maxpool2d_3_2_1"]) {
  test(`${name} equals PyTorch's`, () => {
    const op = operation(name);
    const {
      kernel_size: kernel,
      stride,
      padding,
    } = op.args as { kernel_size: number; stride: number; padding: number };
    const options = { kernel, stride, padding };
    check(op, new Parameters(() => new Float32Array(0)), (x) =>
      x.rank === 3 ? maxPool1d(x as tf.Tensor3D, options) : maxPoolImage(x as tf.Tensor4D, options),
    );
  });
}

for (const epsilon of [1e-5, 1e-3]) {
  for (const training of [true, false]) {
    test(`batch norm in ${training ? "training" : "evaluation"}, epsilon ${epsilon}, equals PyTorch's`, () => {
      const op = operation(`batchnorm_${training ? "train" : "eval"}_${epsilon === 1e-5 ? "1e-05" : "0.001"}`);
      const [, channels] = input(op, "x").shape as [number, number];
      const parameters = parametersOf(op, {
        running_mean: Float32Array.from(scaled("bn/mean", [channels], 0.2)),
        running_var: Float32Array.from(scaled("bn/var", [channels], 0.5, 1)),
      });
      const layer = new BatchNorm(parameters.root(), { channels, epsilon });
      const running = parameters.tensors.filter(({ kind }) => kind === "buffer").map(({ variable }) => variable);
      const kept = { ...op, running_after: op.running_after! };
      const after: Float32Array[] = [];
      check(op, parameters, (x) => {
        const y = layer.forward(x, { training });
        after.push(...running.map((variable) => variable.dataSync() as Float32Array));
        return y;
      });
      after.forEach((values, i) => {
        assertEqual(values, kept.running_after[i]!, `running ${i === 0 ? "mean" : "variance"}`);
      });
      assert.equal(after.length, 2);
    });
  }
}

test("relu equals PyTorch's", () => {
  const op = operation("relu");
  tf.tidy(() => {
    const { shape, values } = input(op, "x");
    const slope = tf.tensor(Float32Array.from(uniform("relu/dy", values.length)), shape);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => tf.sum(tf.mul(relu(x), slope)))(tf.tensor(values, shape));
    assertEqual(grad.dataSync() as Float32Array, op.grads["x"]!, "gradient");
    const u = uniform("relu/dy", values.length);
    const expected = Array.from(op.outputs[0]!.data).reduce((sum, y, i) => sum + y * u[i]!, 0);
    assert.ok(Math.abs(value.dataSync()[0]! - expected) < 1e-4);
  });
});
