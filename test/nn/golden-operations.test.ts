/** Activations, norms, attention and memory against PyTorch's single operations: output and gradients of all inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gelu, layerNorm, silu, tf } from "../../lib/engine";
import {
  type AttentionTokens,
  attend,
  BiLstm,
  DeviationNorm,
  Embedding,
  Lstm,
  MultiHeadAttention,
  Parameters,
} from "../../lib/nn";
import { scaled, uniform } from "../support/golden";
import { assertEqual, input, type Operation, operation } from "./golden-operation";

type Tensors = Record<string, tf.Tensor>;

/** Runs `forward` on the case's inputs by tag; the layers' own parameters are handed over as variables by tag too. */
function check(op: Operation, forward: (inputs: Tensors) => tf.Tensor | tf.Tensor[], parameters?: Parameters): void {
  tf.tidy(() => {
    const inputs: Record<string, tf.Variable> = {};
    for (const { name } of op.inputs) {
      const tag = name.slice(name.indexOf("/") + 1);
      const own = parameters?.tensors.find((tensor) => tensor.name === tag)?.variable;
      const { shape, values } = input(op, tag);
      inputs[tag] = own ?? tf.variable(tf.tensor(values, shape));
    }
    const { grads } = tf.variableGrads(() => {
      const outputs = [forward(inputs)].flat();
      const losses = op.outputs.map((expected, i) => {
        assertEqual(outputs[i]!.dataSync() as Float32Array, expected, `${op.case}, output ${i}`);
        const slope = uniform(`${op.case}/dy${i === 0 ? "" : i}`, expected.data.length);
        return tf.sum(tf.mul(outputs[i]!, tf.tensor(Float32Array.from(slope), expected.shape)));
      });
      return tf.addN(losses) as tf.Scalar;
    }, Object.values(inputs));
    for (const [tag, variable] of Object.entries(inputs)) {
      const gradient = grads[variable.name]!;
      assertEqual(gradient.dataSync() as Float32Array, op.grads[tag]!, `${op.case}, gradient of ${tag}`);
      variable.dispose();
    }
  });
}

test("GELU and SiLU equal PyTorch's", () => {
  check(operation("gelu_erf"), ({ x }) => gelu(x!));
  check(operation("silu"), ({ x }) => silu(x!));
});

test("layer normalisation equals PyTorch's", () =>
  check(operation("layernorm"), ({ x, w, b }) => layerNorm(x!, w!, b!, 1e-6)));

test("the norm by the unbiased deviation equals PyTorch's", () => {
  const op = operation("std_layernorm");
  // Its parameters are a_2 and b_2; the golden case calls them w and b.
  const tags: Record<string, string> = { a_2: "w", b_2: "b" };
  const parameters = new Parameters((name) => input(op, tags[name]!).values);
  const norm = new DeviationNorm(parameters.root(), { features: 6 });
  for (const tensor of parameters.tensors) tensor.name = tags[tensor.name]!;
  check(op, ({ x }) => norm.forward(x!), parameters);
});

test("attention equals PyTorch's", () =>
  check(operation("attention"), ({ q, k, v, bias }) =>
    attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { bias: bias! }),
  ));

test("a bidirectional LSTM equals PyTorch's", () => {
  const op = operation("lstm_bidirectional");
  const parameters = new Parameters((name) => input(op, name).values);
  const layer = new BiLstm(parameters.root(), { inputs: 5, hidden: 4 });
  const run = ({ x }: Tensors): tf.Tensor[] => {
    const { sequence, hidden, cell } = layer.run(x as tf.Tensor3D);
    return [sequence, hidden, cell];
  };
  check(op, run, parameters);
});

test("one direction is half of both, and the last step alone is the last of all", () => {
  const op = operation("lstm_bidirectional");
  const [one, both] = [Lstm, BiLstm].map((Layer) => {
    const parameters = new Parameters((name) => input(op, name).values);
    return new Layer(parameters.root(), { inputs: 5, hidden: 4 });
  }) as [Lstm, BiLstm];
  tf.tidy(() => {
    const { shape, values } = input(op, "x");
    const x = tf.tensor3d(Float32Array.from(values), shape as [number, number, number]);
    const sequence = both.forward(x);
    const [batch, steps] = sequence.shape;
    const equal = (a: tf.Tensor, b: tf.Tensor): void =>
      assert.ok(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]! < 1e-6, `[${a.shape.join(", ")}]`);
    equal(one.forward(x), tf.slice(sequence, [0, 0, 0], [batch, steps, 4]));
    equal(both.last(x), tf.reshape(tf.slice(sequence, [0, steps - 1, 0], [batch, 1, 8]), [batch, 8]));
  });
});

test("an embedding equals PyTorch's: repeated indices add up, unused rows get nothing", () => {
  const op = operation("embedding");
  const parameters = new Parameters((name) => input(op, name).values);
  const layer = new Embedding(parameters.root(), { entries: 7, features: 5 });
  const indices = op.args["indices"] as number[][];
  check(op, () => layer.forward(tf.tensor2d(indices, undefined, "int32")), parameters);
});

const attentions: Record<string, (op: Operation) => AttentionTokens> = {
  mha_self: () => ({}),
  mha_self_no_bias: () => ({}),
  mha_causal: () => ({ causal: true }),
  mha_cross: (op) => ({
    keyPadding: tf.tensor2d(op.args["key_padding_mask"] as number[][], undefined, "bool"),
    mask: tf.tensor2d(Float32Array.from(scaled("mha_cross/attn_mask", [3, 4], 2)), [3, 4]),
  }),
};

for (const [name, tokensOf] of Object.entries(attentions)) {
  test(`multi-head attention, ${name.slice(4)}, equals PyTorch's`, () => {
    const op = operation(name);
    const { heads, bias } = op.args as { heads: number; bias: boolean };
    const parameters = new Parameters((tag) => input(op, tag).values);
    const features = op.outputs[0]!.shape[2]!;
    const layer = new MultiHeadAttention(parameters.root(), { features, heads, bias });
    const run = ({ x, q, k, v }: Tensors): tf.Tensor => {
      const others = x === undefined ? { key: k as tf.Tensor3D, value: v as tf.Tensor3D } : {};
      return layer.forward((x ?? q) as tf.Tensor3D, { ...others, ...tokensOf(op) }, { training: false });
    };
    check(op, run, parameters);
  });
}

test("a mask of booleans closes as the causal one does", () => {
  const op = operation("mha_causal");
  const parameters = new Parameters((tag) => input(op, tag).values);
  const layer = new MultiHeadAttention(parameters.root(), { features: 8, heads: 2 });
  const above = Array.from({ length: 25 }, (_, i) => i % 5 > Math.floor(i / 5));
  check(
    op,
    ({ x }) => layer.forward(x as tf.Tensor3D, { mask: tf.tensor2d(above, [5, 5], "bool") }, { training: false }),
    parameters,
  );
});

test("what softmax, sigmoid, tanh and softplus make equals PyTorch's", () => {
  check(operation("softmax_last"), ({ x }) => tf.softmax(x!));
  check(operation("log_softmax_last"), ({ x }) => tf.logSoftmax(x!));
  check(operation("sigmoid"), ({ x }) => tf.sigmoid(x!));
  check(operation("tanh"), ({ x }) => tf.tanh(x!));
  check(operation("softplus"), ({ x }) => tf.softplus(x!));
});
