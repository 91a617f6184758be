/** Activations, norms, attention and memory against PyTorch's single operations: output and gradients of all inputs. */
import { test } from "node:test";
import { gelu, layerNorm, silu, tf } from "../../lib/engine";
import { attend, BiLstm, DeviationNorm, Parameters } from "../../lib/nn";
import { uniform } from "../support/golden";
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
