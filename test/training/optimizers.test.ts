import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, scaleOrZero, sumOfSquares, tf } from "../../lib/engine";
import { adam, adamP, adamW, type Optimizer, type OptimizerRun, rmsprop, sgd } from "../../lib/training/optimizers";
import { readGolden, scaled } from "../support/golden";

interface Start {
  name: string;
  shape: number[];
  scale: number;
}
type WeightName = "w1" | "b1" | "w2" | "b2";
interface RunArguments {
  lr: number;
  weight_decay?: number;
  amsgrad?: boolean;
  betas?: [number, number];
  eps?: number;
  nesterov?: boolean;
  momentum?: number;
  dampening?: number;
}
interface Run {
  name: "Adam" | "AdamW" | "AdamP" | "SGD" | "RMSprop";
  args: RunArguments;
  clip_grad_norm: number | null;
  steps: ({ loss: number; grad_l2: number[]; norm_before_clip?: number } & Record<WeightName, number[]>)[];
}

const { problem, cases } = readGolden<{
  problem: { x: Start; y: number[]; start: Record<WeightName, Start> };
  cases: Run[];
}>("training/optimisers");
const names: WeightName[] = ["w1", "b1", "w2", "b2"];
const values = ({ name, shape, scale }: Start): Float32Array => Float32Array.from(scaled(name, shape, scale));

/** The optimizers of the golden runs, with PyTorch's arguments. */
const make: Record<Run["name"], (args: RunArguments) => Optimizer> = {
  Adam: ({ weight_decay: weightDecay = 0, amsgrad = false }) => adam({ weightDecay, amsgrad }),
  AdamW: ({ betas, eps: epsilon, weight_decay: weightDecay }) =>
    adamW({ ...(betas && { betas }), ...(epsilon !== undefined && { epsilon }), weightDecay: weightDecay! }),
  AdamP: ({ weight_decay: weightDecay = 0, nesterov = false }) => adamP({ weightDecay, nesterov }),
  SGD: ({ momentum = 0, dampening = 0, nesterov = false, weight_decay: weightDecay = 0 }) =>
    sgd({ momentum, dampening, nesterov, weightDecay }),
  RMSprop: ({ momentum = 0 }) => rmsprop({ momentum }),
};

/** Two layers with a norm between them, so that the first weight is scale-invariant row by row. */
class Problem {
  readonly parameters = new Map<string, tf.Variable>(
    names.map((name) => {
      const start = problem.start[name];
      return [name, tf.tidy(() => tf.variable(tf.tensor(values(start), start.shape)))];
    }),
  );
  private readonly x = tf.tensor2d(values(problem.x), problem.x.shape as [number, number]);
  private readonly y = tf.oneHot(tf.tensor1d(problem.y, "int32"), 3).toFloat();

  loss = (): tf.Scalar => {
    const of = (name: WeightName): tf.Tensor2D => this.parameters.get(name) as unknown as tf.Tensor2D;
    let a: tf.Tensor = tf.matMul(this.x, of("w1"), false, true);
    const { mean, variance } = tf.moments(a, 0);
    a = tf.relu(tf.add(tf.div(tf.sub(a, mean), tf.sqrt(tf.add(variance, 1e-5))), of("b1")));
    const logits = tf.add(tf.matMul(a as tf.Tensor2D, of("w2"), false, true), of("b2"));
    return tf.neg(tf.mean(tf.sum(tf.mul(this.y, tf.logSoftmax(logits)), 1))) as tf.Scalar;
  };

  /** A step, compiled on TensorFlow. Gives the loss and the gradients' norm before clipping. */
  step(
    optimizer: OptimizerRun,
    clip: number | null,
  ): (number: number, rate: number, proceed?: number) => { loss: number; norm: number } {
    const work = (scalars: Record<string, tf.Tensor>, proceed: tf.Tensor): tf.Tensor[] => {
      const { value, grads } = tf.variableGrads(this.loss, [...this.parameters.values()]);
      const gradients = names.map((name): [string, tf.Tensor] => [name, grads[this.parameters.get(name)!.name]!]);
      const norm = tf.sqrt(tf.addN(gradients.map(([, gradient]) => sumOfSquares(gradient))));
      const clipping = clip === null ? tf.scalar(1) : tf.minimum(tf.div(clip, tf.add(norm, 1e-6)), 1);
      const factor = tf.mul(clipping, proceed) as tf.Scalar;
      optimizer.apply(
        new Map(gradients.map(([name, gradient]) => [name, scaleOrZero(gradient, factor)])),
        scalars as Record<string, tf.Scalar>,
        { proceed: proceed as tf.Scalar, channelAxis: () => 0 },
      );
      return [value, norm];
    };
    const compiled = tf.getBackend() === "tensorflow" ? compile(work) : work;
    return (number, rate, proceed = 1) =>
      tf.tidy(() => {
        const scalars = Object.entries(optimizer.scalars(number, rate)).map(([k, v]) => [k, tf.scalar(v)]);
        const [loss, norm] = compiled(Object.fromEntries(scalars), tf.scalar(proceed));
        return { loss: loss!.dataSync()[0]!, norm: norm!.dataSync()[0]! };
      });
  }
}

test("the golden file holds 16 runs of five optimizers", () => {
  assert.equal(cases.length, 16);
  assert.deepEqual([...new Set(cases.map(({ name }) => name))].sort(), Object.keys(make).sort());
});

/**
 * The references are float64, the engine is float32. Weights are below 1 and losses below 2: after ten steps they differ
 * by up to 1.4e-7, about one rounding.
 */
const WEIGHTS = 4e-7;
const LOSSES = 5e-7;

const onEachBackend = (run: (backend: string) => void): void => {
  for (const backend of ["tensorflow", "cpu"]) {
    tf.setBackend(backend);
    try {
      run(backend);
    } finally {
      tf.setBackend("tensorflow");
    }
  }
};

cases.forEach(({ name, args, clip_grad_norm, steps }, index) => {
  test(`run ${index}, ${name} ${JSON.stringify(args)}: ten steps as in PyTorch`, () => {
    onEachBackend((backend) => {
      const task = new Problem();
      const optimizer = make[name](args).create(task.parameters);
      const step = task.step(optimizer, clip_grad_norm);
      steps.forEach((expected, i) => {
        const { loss, norm } = step(i, args.lr);
        assert.ok(Math.abs(loss - expected.loss) <= LOSSES, `${backend}, loss of step ${i}: ${loss} ${expected.loss}`);
        if (expected.norm_before_clip !== undefined)
          assert.ok(Math.abs(norm / expected.norm_before_clip - 1) < 1e-5, `norm ${norm} ${expected.norm_before_clip}`);
        for (const weight of names) {
          const found = task.parameters.get(weight)!.dataSync();
          expected[weight].forEach((value, j) => {
            const off = Math.abs(found[j]! - value);
            assert.ok(off <= WEIGHTS, `${backend}, ${weight}[${j}], step ${i}: ${found[j]} ${value}`);
          });
        }
      });
      optimizer.dispose();
    });
  });
});

/** Every optimizer, with all it can keep and do. */
const everything: Optimizer[] = [
  adam({ weightDecay: 0.1, amsgrad: true }),
  adamW({ weightDecay: 0.1 }),
  adamP({ weightDecay: 0.1 }),
  sgd({ momentum: 0.9, dampening: 0.2, weightDecay: 0.1 }),
  sgd({ momentum: 0.9, nesterov: true }),
  sgd({ weightDecay: 0.1 }),
  rmsprop({ momentum: 0.5, weightDecay: 0.1 }),
];

everything.forEach((kind) => {
  test(`${kind.name} ${JSON.stringify(kind.config)}: a step that must not be made changes no bit`, () => {
    onEachBackend((backend) => {
      const task = new Problem();
      const optimizer = kind.create(task.parameters);
      const step = task.step(optimizer, null);
      const all = [...task.parameters.values(), ...optimizer.slots.values()];
      const now = (): number[][] => all.map((variable) => Array.from(variable.dataSync()));
      step(0, 0.01);
      step(1, 0.01);
      const before = now();
      step(2, 0.01, 0);
      assert.deepEqual(now(), before, backend);
      step(2, 0.01);
      assert.notDeepEqual(now(), before, backend);
      optimizer.dispose();
    });
  });
});

test("a group's rate factor and decay: as a run of its own with that rate and decay", () => {
  const groups = [
    { name: "first", select: { prefixes: ["w1", "b1"] }, rateFactor: 0.1, weightDecay: 0 },
    { name: "others", select: "rest" as const },
  ];
  const kinds: ((shared: { weightDecay: number; groups?: typeof groups }) => Optimizer)[] = [adam, adamW, adamP, sgd];
  for (const kind of [...kinds, rmsprop]) {
    const after = (optimizer: Optimizer, rate: number): Map<string, Float32Array> => {
      const task = new Problem();
      const run = optimizer.create(task.parameters);
      task.step(run, null)(0, rate);
      run.dispose();
      return new Map([...task.parameters].map(([name, weight]) => [name, weight.dataSync() as Float32Array]));
    };
    const grouped = after(kind({ weightDecay: 0.2, groups }), 0.05);
    const slow = after(kind({ weightDecay: 0 }), 0.005);
    const fast = after(kind({ weightDecay: 0.2 }), 0.05);
    for (const name of names) {
      const expected = (name.endsWith("1") ? slow : fast).get(name)!;
      grouped.get(name)!.forEach((value, j) => {
        assert.ok(Math.abs(value - expected[j]!) < 1e-7, `${kind.name} ${name}: ${value} ${expected[j]}`);
      });
    }
  }
});

test("AdamP projects along the axis that it is told", () => {
  const gradient = tf.tensor2d([1, 0, 0, -1, 0, 0], [3, 2]);
  const start = [0, 1, 1, 0, 0.5, 2];
  const weightAfter = (transposed: boolean): number[] =>
    tf.tidy(() => {
      const laid = (x: tf.Tensor2D): tf.Tensor2D => (transposed ? tf.transpose(x) : x);
      const weight = tf.variable(laid(tf.tensor2d(start, [3, 2])));
      const run = adamP().create(new Map([["w", weight]]));
      const scalars = Object.entries(run.scalars(0, 0.1)).map(([k, v]): [string, tf.Scalar] => [k, tf.scalar(v)]);
      const context = { proceed: tf.scalar(1), channelAxis: () => (transposed ? 1 : 0) };
      run.apply(new Map([["w", laid(gradient)]]), Object.fromEntries(scalars), context);
      const result = Array.from(laid(weight as unknown as tf.Tensor2D).dataSync());
      run.dispose();
      weight.dispose();
      return result;
    });
  assert.deepEqual(weightAfter(true), weightAfter(false));
  // each row's gradient is perpendicular to it, so each row's step is too, and of the rate's length
  const expected = [-0.1, 1, 1, 0.1, 0.5, 2];
  weightAfter(false).forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-6, `${i}: ${value} ${expected[i]}`);
  });
});

test("the configuration of every optimizer is plain JSON", () => {
  for (const { config } of everything) assert.deepEqual(JSON.parse(JSON.stringify(config)), config);
});

test("wrong constants throw", () => {
  assert.throws(() => adam({ betas: [0.9, 1] }), /out of range; found beta 2 1/);
  assert.throws(() => adam({ epsilon: 0 }), /out of range/);
  assert.throws(() => adam({ weightDecay: -1 }), /out of range/);
  assert.throws(() => adamW({ weightDecay: Number.NaN }), /out of range/);
  assert.throws(() => adamP({ delta: -1 }), /out of range/);
  assert.throws(() => sgd({ momentum: 1 }), /out of range/);
  assert.throws(() => sgd({ nesterov: true }), /without momentum/);
  assert.throws(() => sgd({ nesterov: true, momentum: 0.9, dampening: 0.1 }), /dampening/);
  assert.throws(() => rmsprop({ alpha: 1 }), /out of range/);
});
