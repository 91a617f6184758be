/** Each layer against PyTorch's single operations: output and gradients of all inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { relu, tf } from "../../lib/engine";
import {
  averagePool1d,
  averagePoolImage,
  BatchNorm,
  Conv1d,
  Conv2d,
  type ConvOptions,
  GroupNorm,
  maxPool1d,
  maxPoolImage,
  Parameters,
  type Sides,
  torchValues,
} from "../../lib/nn";
import { scaled, uniform } from "../support/golden";
import { assertEqual, input, type Operation, operation } from "./golden-operation";

/** PyTorch's [batch, channels, ...] to [batch, ..., channels], and back. */
function channelsLast(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);
}
function channelsFirst(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, x.rank - 1, ...x.shape.slice(2).map((_, i) => i + 1)]);
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
  "conv2d_tall_kernel",
  "conv2d_1x2_s2",
  "conv2d_same_odd_s2",
  "conv2d_same_even_s2",
  "conv2d_same_5x5_depthwise_s2",
  "conv2d_patch",
  "conv1d_k15_s2",
  "conv1d_k50_s6",
  "conv1d_groups2",
  "conv1d_even_k8",
]) {
  test(`${name} equals PyTorch's`, () => {
    const op = operation(name);
    const [outputs, perGroup, ...taps] = input(op, "w").shape as [number, number, number, number?];
    const groups = (op.args["groups"] as number | undefined) ?? 1;
    const bias = op.inputs.some((entry) => entry.name.endsWith("/b"));
    const padding = op.args["padding"] === "TF same" ? "same" : op.args["padding"];
    const options = { ...op.args, padding, inputs: perGroup * groups, outputs, groups, bias };
    const parameters = parametersOf(op);
    if (name.startsWith("conv1d")) {
      const layer = new Conv1d(parameters.root(), { ...(options as ConvOptions), kernel: taps[0] });
      check(op, parameters, (x) => layer.forward(x as tf.Tensor3D));
    } else {
      const kernel = taps as [number, number];
      const layer = new Conv2d(parameters.root(), { ...(options as ConvOptions<Sides>), kernel });
      check(op, parameters, (x) => layer.forward(x as tf.Tensor4D));
    }
  });
}

interface PoolArguments {
  kernel_size: number;
  stride?: number;
  padding?: number;
  ceil_mode?: boolean;
  count_include_pad?: boolean;
}

for (const name of [
  "maxpool1d_8_2_4",
  "maxpool1d_3_2_1",
  "maxpool1d_ceil",
  "maxpool2d_3_2_1",
  "maxpool2d_1x13",
  "avgpool1d_3_2_1",
  "avgpool1d_3_2_1_without_padding",
  "avgpool2d_2",
  "avgpool2d_3_2_1",
  "avgpool2d_2x3_1x2_0x1_without_padding",
]) {
  test(`${name} equals PyTorch's`, () => {
    const op = operation(name);
    const given = op.args as unknown as PoolArguments;
    const { kernel_size: kernel, stride = kernel, padding = 0 } = given;
    const most = { kernel, stride, padding, ceil: given.ceil_mode ?? false };
    const average = { kernel, stride, padding, countPadding: given.count_include_pad ?? true };
    const [one, two] = name.startsWith("max")
      ? [(x: tf.Tensor3D) => maxPool1d(x, most), (x: tf.Tensor4D) => maxPoolImage(x, most)]
      : [(x: tf.Tensor3D) => averagePool1d(x, average), (x: tf.Tensor4D) => averagePoolImage(x, average)];
    check(op, new Parameters(() => new Float32Array(0)), (x) =>
      x.rank === 3 ? one(x as tf.Tensor3D) : two(x as tf.Tensor4D),
    );
  });
}

for (const name of ["image", "signal", "one", "instance", "plain"]) {
  test(`group normalisation, ${name}, equals PyTorch's`, () => {
    const op = operation(`groupnorm_${name}`);
    const { groups, eps: epsilon, affine } = op.args as { groups: number; eps: number; affine: boolean };
    const [, channels] = input(op, "x").shape as [number, number];
    const parameters = parametersOf(op);
    const layer = new GroupNorm(parameters.root(), { channels, groups, epsilon, affine });
    assert.equal(parameters.tensors.length, affine ? 2 : 0);
    check(op, parameters, (x) => layer.forward(x));
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
