import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, tf } from "../../lib/engine";
import { adam } from "../../lib/training/optimizers";
import { readGolden, scaled } from "../support/golden";

interface Start {
  name: string;
  shape: number[];
  scale: number;
}
type WeightName = "w1" | "b1" | "w2" | "b2";
interface Run {
  name: string;
  args: { lr: number; weight_decay?: number; amsgrad?: boolean };
  clip_grad_norm: number | null;
  steps: ({ loss: number; grad_l2: number[] } & Record<WeightName, number[]>)[];
}

const { problem, cases } = readGolden<{
  problem: { x: Start; y: number[]; start: Record<WeightName, Start> };
  cases: Run[];
}>("training/optimisers");
const names: WeightName[] = ["w1", "b1", "w2", "b2"];
const runs = cases.filter((c) => c.name === "Adam" && c.clip_grad_norm === null && c.args.amsgrad !== true);

const values = ({ name, shape, scale }: Start): Float64Array => scaled(name, shape, scale);

test("the golden file holds three runs of Adam", () => {
  assert.equal(runs.length, 3);
});

runs.forEach(({ args, steps }) => {
  test(`Adam with lr ${args.lr}, weight decay ${args.weight_decay ?? 0}: ten compiled steps as in PyTorch`, () => {
    const parameters = new Map<string, tf.Variable>(
      names.map((name) => {
        const start = problem.start[name];
        return [name, tf.variable(tf.tensor(Float32Array.from(values(start)), start.shape))];
      }),
    );
    const optimizer = adam({ weightDecay: args.weight_decay ?? 0 }).create(parameters);
    const x = tf.tensor2d(Float32Array.from(values(problem.x)), problem.x.shape as [number, number]);
    const y = tf.oneHot(tf.tensor1d(problem.y, "int32"), 3).toFloat();
    const of = (name: WeightName) => parameters.get(name) as unknown as tf.Tensor2D;
    const loss = (): tf.Scalar => {
      let a: tf.Tensor = tf.matMul(x, of("w1"), false, true);
      const { mean, variance } = tf.moments(a, 0);
      a = tf.relu(tf.add(tf.div(tf.sub(a, mean), tf.sqrt(tf.add(variance, 1e-5))), of("b1")));
      const logits = tf.add(tf.matMul(a as tf.Tensor2D, of("w2"), false, true), of("b2"));
      return tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1))) as tf.Scalar;
    };
    const step = compile((scalars: Record<string, tf.Scalar>) => {
      const { value, grads } = tf.variableGrads(loss, [...parameters.values()]);
      optimizer.apply(new Map(names.map((name) => [name, grads[parameters.get(name)!.name]!])), scalars);
      return value;
    });
    steps.forEach((expected, i) => {
      const numbers = Object.entries(optimizer.scalars(i, args.lr)).map(([k, v]) => [k, tf.scalar(v)]);
      const value = step(Object.fromEntries(numbers)).dataSync()[0]!;
      assert.ok(Math.abs(value - expected.loss) < 3e-6, `loss of step ${i}: ${value}, expected ${expected.loss}`);
      for (const name of names) {
        const found = parameters.get(name)!.dataSync();
        expected[name].forEach((weight, j) => {
          // a gradient near 0 makes Adam's quotient sensitive to rounding: a hundredth of a step of the rate
          assert.ok(
            Math.abs(found[j]! - weight) < 0.01 * args.lr + 1e-6,
            `${name}[${j}], step ${i}: ${found[j]} ${weight}`,
          );
        });
      }
    });
    step.dispose();
    optimizer.dispose();
  });
});

test("wrong constants throw", () => {
  assert.throws(() => adam({ betas: [0.9, 1] }), /out of range/);
  assert.throws(() => adam({ epsilon: 0 }), /out of range/);
  assert.throws(() => adam({ weightDecay: -1 }), /out of range/);
});
