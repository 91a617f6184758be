/**
 * A contract over all layers: on TensorFlow, on plain JavaScript and in a compiled step the same numbers come out, the
 * gradients of inputs and parameters included, and they are the slopes that finite differences show.
 */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Generator } from "../../lib/core/random";
import {
  compile,
  type Precision,
  tensorRandom,
  tf,
  toFloat32,
  toPolicy,
  truePrecision,
  withPrecision,
} from "../../lib/engine";
import {
  averagePoolImage,
  convNorm2d,
  Embedding,
  GroupNorm,
  MultiHeadAttention,
  Parameters,
  type Scope,
} from "../../lib/nn";
import { type ModuleCase, modules } from "./modules";

type Values = Float32Array | Int32Array;

/** Values of the inputs, the same on each backend. */
function drawInputs({ inputs }: ModuleCase): Values[] {
  const generator = new Generator(7);
  return inputs.map(({ shape, entries }) => {
    const length = shape.reduce((a, b) => a * b, 1);
    if (entries !== undefined) return Int32Array.from({ length }, () => Math.floor(generator.uniform(0, entries)));
    // Evenly spread: no two values so near that a small step changes which is the larger.
    return Float32Array.from(generator.permutation(length), (place) => (4 * (place + 0.5)) / length - 2);
  });
}

interface Run {
  /** The output, then the gradients of sum(output * slopes) by the float inputs and the parameters. */
  step: (...inputs: tf.Tensor[]) => tf.Tensor[];
  tensors: (values: readonly Values[]) => tf.Tensor[];
  parameters: Parameters;
}

/** The layer made anew on the current backend. */
function prepare(module: ModuleCase): Run {
  const parameters = new Parameters(new Generator(3));
  const pass = module.make(parameters.root());
  // Away from the start: scales of 1 and shifts of 0 would hide mistakes.
  const moving = new Generator(5);
  for (const { variable } of parameters.tensors)
    tf.tidy(() => {
      const by = Float32Array.from({ length: variable.size }, () => 0.2 * moving.uniform(0, 1));
      variable.assign(tf.add(variable, tf.tensor(by, variable.shape)));
    });
  const learned = parameters.tensors.filter(({ kind }) => kind === "parameter").map(({ variable }) => variable);
  const floats = module.inputs.flatMap(({ entries }, i) => (entries === undefined ? [i] : []));
  const step = (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const forward = (given: tf.Tensor[]): tf.Tensor => {
      const all = [...inputs];
      floats.forEach((place, i) => {
        all[place] = given[i]!;
      });
      return pass(all, { training: true, random: tensorRandom(11, tf.scalar(2, "int32")) });
    };
    const given = floats.map((place) => inputs[place]!);
    const output = forward(given);
    const slopes = tf.cos(tf.reshape(tf.range(0, output.size, 1, "float32"), output.shape));
    const loss = (...x: tf.Tensor[]): tf.Scalar => tf.sum(tf.mul(forward(x), slopes));
    const byInputs = given.length === 0 ? [] : tf.grads(loss)(given);
    const byParameters = learned.length === 0 ? {} : tf.variableGrads(() => loss(...given), learned).grads;
    return [output, ...byInputs, ...learned.map(({ name }) => byParameters[name]!)];
  };
  const tensors = (values: readonly Values[]): tf.Tensor[] =>
    module.inputs.map(({ shape, entries }, i) =>
      tf.tensor(values[i]!, shape, entries === undefined ? "float32" : "int32"),
    );
  return { step, tensors, parameters };
}

function read(module: ModuleCase, backend: "tensorflow" | "cpu", compiled = false): Float32Array[] {
  tf.setBackend(backend);
  const { step, tensors, parameters } = prepare(module);
  const traced = compiled ? compile(step) : undefined;
  const run = traced ?? step;
  const values: Float32Array[] = [];
  tf.tidy(() => values.push(...run(...tensors(drawInputs(module))).map((t) => t.dataSync() as Float32Array)));
  traced?.dispose();
  parameters.dispose();
  return values;
}

function assertNear(found: readonly Float32Array[], expected: readonly Float32Array[], what: string): void {
  assert.equal(found.length, expected.length);
  found.forEach((values, a) => {
    const other = expected[a]!;
    assert.equal(values.length, other.length);
    const largest = Math.max(1, ...other.map(Math.abs));
    values.forEach((x, i) => {
      assert.ok(Math.abs(x - other[i]!) <= 2e-5 * largest, `${what}: array ${a}, value ${i}: ${x}, ${other[i]}`);
    });
  });
}

/** A compiled step draws its dropout as the eager one does, plain JavaScript otherwise. */
const random = ["dropout", "drop path", "multi-head attention, to others"];

describe("every layer", () => {
  after(() => void tf.setBackend("tensorflow"));

  for (const [name, module] of Object.entries(modules)) {
    test(`${name}: the same on TensorFlow, compiled, and on plain JavaScript`, () => {
      const eager = read(module, "tensorflow");
      assertNear(read(module, "tensorflow", true), eager, "compiled");
      if (!random.includes(name)) assertNear(read(module, "cpu"), eager, "plain JavaScript");
    });

    test(`${name}: gradients are the slopes of finite differences`, () => {
      tf.setBackend("tensorflow");
      const { step, tensors, parameters } = prepare(module);
      const values = drawInputs(module);
      const learned = parameters.tensors.filter(({ kind }) => kind === "parameter").map(({ variable }) => variable);
      const analytic: Float32Array[] = [];
      tf.tidy(() =>
        analytic.push(
          ...step(...tensors(values))
            .slice(1)
            .map((t) => t.dataSync() as Float32Array),
        ),
      );
      // The slope along one random direction through all inputs and parameters at once.
      const generator = new Generator(13);
      const directions = analytic.map(({ length }) => Float32Array.from({ length }, () => generator.uniform(-1, 1)));
      const floats = module.inputs.flatMap(({ entries }, i) => (entries === undefined ? [i] : []));
      const starts = learned.map((variable) => Float32Array.from(variable.dataSync()));
      const moved = (from: Values, direction: Float32Array, by: number): Float32Array =>
        Float32Array.from(from, (x, i) => x + by * direction[i]!);
      const lossAt = (by: number): number => {
        const all = [...values];
        floats.forEach((place, i) => {
          all[place] = moved(values[place]!, directions[i]!, by);
        });
        let loss = 0;
        tf.tidy(() => {
          learned.forEach((variable, i) => {
            const direction = directions[floats.length + i]!;
            variable.assign(tf.tensor(moved(starts[i]!, direction, by), variable.shape));
          });
          const output = step(...tensors(all))[0]!.dataSync();
          output.forEach((y, i) => {
            loss += y * Math.cos(i);
          });
        });
        return loss;
      };
      const h = 2e-3;
      const numerical = (lossAt(h) - lossAt(-h)) / (2 * h);
      const expected = analytic.reduce(
        (sum, slopes, a) => slopes.reduce((s, slope, i) => s + slope * directions[a]![i]!, sum),
        0,
      );
      parameters.dispose();
      assert.ok(Math.abs(numerical) > 1e-3, `a slope of ${numerical} shows nothing`);
      const error = Math.abs(numerical - expected) / Math.max(1, Math.abs(expected));
      assert.ok(error < 5e-3, `${numerical} by differences, ${expected} by gradients`);
    });
  }
});

test("a convolution and its norm carry the names they are given, in PyTorch's order", () => {
  const parameters = new Parameters(new Generator(0));
  const at = parameters.root().at("layer1.0");
  convNorm2d(at, ["downsample.0", "downsample.1"], { inputs: 2, outputs: 3, kernel: 1, norm: { scale: 0 } });
  assert.deepEqual(
    parameters.tensors.map(({ name, kind }) => `${kind} ${name}`),
    [
      "parameter layer1.0.downsample.0.weight",
      "parameter layer1.0.downsample.1.weight",
      "parameter layer1.0.downsample.1.bias",
      "buffer layer1.0.downsample.1.running_mean",
      "buffer layer1.0.downsample.1.running_var",
    ],
  );
  assert.deepEqual([...parameters.tensors[1]!.variable.dataSync()], [0, 0, 0]);
  parameters.dispose();
});

test("sizes and inputs out of range are refused", () => {
  const at = () => new Parameters(new Generator(0)).root();
  assert.throws(() => new GroupNorm(at(), { channels: 6, groups: 4 }), /channels in each of 4 groups.*1\.5/);
  assert.throws(() => new MultiHeadAttention(at(), { features: 6, heads: 4 }), /features per head.*1\.5/);
  assert.throws(() => new Embedding(at(), { entries: 0, features: 4 }), /entries of an embedding/);
  const table = new Embedding(at(), { entries: 3, features: 4 });
  assert.throws(() => table.forward(tf.tensor1d([0, 1])), /no integers.*found float32.*int32/);
  assert.throws(() => table.forward(tf.tensor1d([0, 3], "int32")).dataSync(), /3 is not in \[0, 3\)/);
  const attention = new MultiHeadAttention(at(), { features: 4, heads: 2 });
  const context = { training: false };
  assert.throws(
    () => attention.forward(tf.zeros([2, 3, 4]), { key: tf.zeros([1, 3, 4]) }, context),
    /keys of the wrong shape; found \[1, 3, 4\]; expected \[2, 3, 4\]/,
  );
  const keyPadding = tf.zeros([2, 4], "bool") as tf.Tensor2D;
  assert.throws(() => attention.forward(tf.zeros([2, 3, 4]), { keyPadding }, context), /padded keys.*\[2, 3\]/);
});

describe("in bfloat16", () => {
  const context = { training: false };
  const cases: Record<string, { shape: number[]; make: (scope: Scope) => (x: tf.Tensor) => tf.Tensor }> = {
    "group norm gives its input's type back": {
      shape: [2, 6, 7, 4],
      make: (scope) => {
        const norm = new GroupNorm(scope, { channels: 4, groups: 2 });
        return (x) => norm.forward(toPolicy(x));
      },
    },
    "multi-head attention stays in the policy's type": {
      shape: [2, 5, 8],
      make: (scope) => {
        const attention = new MultiHeadAttention(scope, { features: 8, heads: 2 });
        return (x) => attention.forward(x as tf.Tensor3D, { causal: true }, context);
      },
    },
    "average pooling gives its input's type back": {
      shape: [2, 6, 7, 4],
      make: () => (x) => averagePoolImage(toPolicy(x) as tf.Tensor4D, { kernel: 3, padding: 1, stride: 2 }),
    },
  };
  for (const [name, { shape, make }] of Object.entries(cases))
    test(name, () => {
      tf.setBackend("tensorflow");
      const parameters = new Parameters(new Generator(3));
      const pass = make(parameters.root());
      const size = shape.reduce((product, n) => product * n, 1);
      const generator = new Generator(1);
      const values = Float32Array.from({ length: size }, () => generator.normal());
      tf.tidy(() => {
        const x = tf.tensor(values, shape);
        const slope = (policy: Precision): tf.Tensor =>
          tf.grad((input) =>
            withPrecision(policy, () => {
              const y = toFloat32(pass(input));
              return tf.sum(tf.mul(y, tf.cos(tf.reshape(tf.range(0, y.size, 1, "float32"), y.shape))));
            }),
          )(x);
        const half = withPrecision("bfloat16", () => pass(x));
        assert.equal(truePrecision(half), "bfloat16");
        for (const [found, expected] of [
          [toFloat32(half), pass(x)],
          [slope("bfloat16"), slope("float32")],
        ] as const) {
          const [ours, wide] = [found.dataSync(), expected.dataSync()] as [Float32Array, Float32Array];
          const largest = Math.max(...wide.map(Math.abs));
          ours.forEach((y, i) => {
            assert.ok(Math.abs(y - wide[i]!) < 0.04 * largest, `${i}: ${y}, ${wide[i]}`);
          });
        }
      });
      parameters.dispose();
    });
});
