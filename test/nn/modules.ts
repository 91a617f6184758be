/** Every layer as the contract of modules.test.ts tries it: made at a scope, given some inputs. */
import { relu, tf } from "../../lib/engine";
import {
  averagePoolImage,
  BatchNorm,
  BiLstm,
  Conv1d,
  Conv2d,
  convNorm1d,
  convNorm2d,
  DeviationNorm,
  dropout,
  dropPath,
  Embedding,
  type ForwardContext,
  GroupNorm,
  gelu,
  globalAveragePool,
  LayerNorm,
  Linear,
  Lstm,
  MultiHeadAttention,
  maxPoolImage,
  type Scope,
  SelfAttention,
  SqueezeExcitation,
  silu,
  WindowAttention,
} from "../../lib/nn";

type Pass = (inputs: tf.Tensor[], context: ForwardContext) => tf.Tensor;

export interface ModuleCase {
  /** Shapes of its inputs; or, of indices, how many different ones there are. */
  inputs: { shape: number[]; entries?: number }[];
  make: (scope: Scope) => Pass;
}

const of = (shape: number[], make: (scope: Scope) => (x: never, context: ForwardContext) => tf.Tensor): ModuleCase => ({
  inputs: [{ shape }],
  make: (scope) => {
    const forward = make(scope) as (x: tf.Tensor, context: ForwardContext) => tf.Tensor;
    return ([x], context) => forward(x!, context);
  },
});

interface Layer {
  forward(x: never, context: ForwardContext): tf.Tensor;
}

const layer = (shape: number[], make: (scope: Scope) => Layer): ModuleCase =>
  of(shape, (scope) => {
    const made = make(scope);
    return (x, context) => made.forward(x, context);
  });

const image = [2, 6, 7, 4];
const signal = [2, 20, 4];
const sizes = { inputs: 4, outputs: 6, kernel: 3 };

export const modules: Readonly<Record<string, ModuleCase>> = {
  linear: layer([3, 5, 4], (scope) => new Linear(scope, { inputs: 4, outputs: 6 })),
  "1-D convolution, stride and bias": layer(
    signal,
    (s) => new Conv1d(s, { ...sizes, stride: 2, padding: 1, bias: true }),
  ),
  "1-D convolution, causal, dilated": layer(signal, (s) => new Conv1d(s, { ...sizes, padding: "causal", dilation: 3 })),
  "1-D convolution, groups": layer(signal, (s) => new Conv1d(s, { ...sizes, groups: 2 })),
  "2-D convolution, TensorFlow's padding": layer(image, (s) => new Conv2d(s, { ...sizes, stride: 2, padding: "same" })),
  "2-D convolution, dilated": layer(image, (s) => new Conv2d(s, { ...sizes, dilation: 2, padding: 2 })),
  "2-D convolution, depthwise": layer(image, (s) => new Conv2d(s, { ...sizes, outputs: 4, groups: 4, padding: 1 })),
  "1-D convolution and norm": of(signal, (s) => convNorm1d(s, ["conv", "bn"], sizes)),
  "2-D convolution and norm": of(image, (s) => convNorm2d(s, ["conv", "bn"], { ...sizes, norm: { epsilon: 1e-3 } })),
  "batch norm": layer(image, (scope) => new BatchNorm(scope, { channels: 4 })),
  "layer norm": layer([3, 5, 8], (scope) => new LayerNorm(scope, { features: 8 })),
  "norm by the deviation": layer([3, 5, 8], (scope) => new DeviationNorm(scope, { features: 8 })),
  "group norm": layer(image, (scope) => new GroupNorm(scope, { channels: 4, groups: 2 })),
  "group norm without parameters": layer(signal, (s) => new GroupNorm(s, { channels: 4, groups: 1, affine: false })),
  "max pooling": of(image, () => (x) => maxPoolImage(x, { kernel: 3, stride: 2, padding: 1, ceil: true })),
  "average pooling": of(
    image,
    () => (x) => averagePoolImage(x, { kernel: 3, stride: 2, padding: 1, countPadding: false }),
  ),
  "global pooling": of(image, () => (x) => globalAveragePool(x)),
  ReLU: of(image, () => (x) => relu(x)),
  GELU: of(image, () => (x) => gelu(x)),
  SiLU: of(image, () => (x) => silu(x)),
  "squeeze and excitation": layer(image, (s) => new SqueezeExcitation(s, { channels: 4, squeezed: 2 })),
  dropout: of(image, () => (x: tf.Tensor, context) => dropout(x, 0.4, context)),
  "drop path": of([6, 5, 4], () => (x: tf.Tensor, context) => dropPath(x, 0.4, context)),
  "self-attention": layer([2, 5, 8], (scope) => new SelfAttention(scope, { features: 8, heads: 2 })),
  "window attention": layer([1, 6, 5, 8], (s) => new WindowAttention(s, { features: 8, heads: 2, window: 4 })),
  LSTM: layer([2, 6, 4], (scope) => new Lstm(scope, { inputs: 4, hidden: 3 })),
  "bidirectional LSTM": layer([2, 6, 4], (scope) => new BiLstm(scope, { inputs: 4, hidden: 3 })),
  "multi-head attention, to others": {
    inputs: [{ shape: [2, 3, 8] }, { shape: [2, 5, 8] }],
    make: (scope) => {
      const attention = new MultiHeadAttention(scope, { features: 8, heads: 4, dropout: 0.2 });
      return ([query, key], context) => {
        const keyPadding = tf.tensor2d([0, 0, 0, 1, 1, 0, 0, 0, 0, 0], [2, 5], "bool");
        return attention.forward(query as tf.Tensor3D, { key: key as tf.Tensor3D, keyPadding }, context);
      };
    },
  },
  "multi-head attention, causal": layer([2, 5, 8], (scope) => {
    const attention = new MultiHeadAttention(scope, { features: 8, heads: 2, bias: false });
    return { forward: (x: tf.Tensor3D, context) => attention.forward(x, { causal: true }, context) };
  }),
  embedding: {
    inputs: [{ shape: [3, 4], entries: 5 }],
    make: (scope) => {
      const table = new Embedding(scope, { entries: 5, features: 3 });
      return ([indices]) => table.forward(indices!);
    },
  },
};
