/** `signalbook profile`: every operation of the step is in it, as often as it was traced; nothing is dropped silently. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { main } from "../../lib/cli/main";
import { type Profile, profileModel, profileText } from "../../lib/cli/profile";
import { makeStep, type ProfileOptions } from "../../lib/cli/profile-step";
import { compile, tf } from "../../lib/engine";
import type { TracedOperation } from "../../lib/engine/graph-binding";
import { byKind, distinctOperations, profileWork, totalOf } from "../../lib/engine/profile";

/** Two derivations of five seconds. */
const tiny: ProfileOptions = { model: "chambon2018", batch: 2, mode: "train", precision: "float32", samples: 500 };

function countsOf(operations: readonly { op: string; count: number }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op, count } of operations) counts[op] = (counts[op] ?? 0) + count;
  return counts;
}

const once = ({ op }: TracedOperation): { op: string; count: number } => ({ op, count: 1 });

async function profile(t: TestContext, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const write = (key: keyof typeof said) => (text: string) => {
    said[key] += text;
    return true;
  };
  const kept = [
    t.mock.method(process.stdout, "write", write("out")),
    t.mock.method(process.stderr, "write", write("err")),
  ];
  try {
    return { code: await main(["profile", ...args]), ...said };
  } finally {
    for (const { mock } of kept) mock.restore();
  }
}

test("a training step: counts are those of the traced step, all of it is timed, gradients and updates too", async () => {
  const made = makeStep(tiny);
  await made.run();
  const { work } = made;
  const traced = countsOf(work.map(once));
  made.dispose();
  const found = await profileModel(tiny);
  assert.equal(found.operations, work.length);
  assert.deepEqual(countsOf(found.instances), traced);
  assert.deepEqual(countsOf(found.kinds), traced);
  assert.deepEqual(
    found.instances.filter(({ failure }) => failure !== null),
    [],
  );
  for (const op of ["Conv2D", "Conv2DBackpropFilter", "MaxPoolGrad", "FusedBatchNormGradV3", "ResourceApplyAdam"])
    assert.ok(traced[op]! > 0, op);
  // What only training's own step has: a batch that is not finite is kept out.
  assert.ok(traced["IsFinite"]! > 0 && traced["MulNoNan"]! > 0, Object.keys(traced).join());
  assert.deepEqual(found.inputs, { signal: [2, 500, 2] });
  const sum = found.instances.reduce((total, { count, seconds }) => total + count * seconds!, 0);
  assert.ok(Math.abs(sum - found.accountedSeconds) < 1e-9 && found.stepSeconds > 0);
  const totals = found.instances.map(({ count, seconds }) => count * seconds!);
  assert.deepEqual(
    totals,
    [...totals].sort((a, b) => b - a),
  );
});

test("operations are one where attributes, shapes, types and constants are one", () => {
  const step = compile((x: tf.Tensor) => [
    tf.sum(x, 0),
    tf.sum(x, 1), // another axis
    tf.sum(tf.add(x, 1), 0), // as the first
    tf.sum(tf.cast(x, "int32"), 0), // another type
  ]);
  tf.tidy(() => step(tf.ones([3, 3])));
  const sums = distinctOperations(step.work).filter(({ operation }) => operation.op === "Sum");
  assert.deepEqual(
    sums.map(({ count }) => count),
    [2, 1, 1],
  );
  step.dispose();
});

test("an operation that cannot run by itself is listed with its reason, after the others", () => {
  const step = compile((x: tf.Tensor) => tf.relu(tf.neg(x)));
  tf.tidy(() => step(tf.ones([8])));
  const [neg, relu] = step.work as [TracedOperation, TracedOperation];
  const before = tf.memory().numTensors;
  const costs = profileWork([{ ...neg, op: "NoSuchOperation" }, relu, { ...relu, inputTypes: [7] }, relu]);
  assert.equal(tf.memory().numTensors, before, "no tensor is left behind");
  assert.deepEqual(
    costs.map(({ operation: { op }, count, seconds }) => [op, count, seconds !== null]),
    [
      ["Relu", 2, true],
      ["NoSuchOperation", 1, false],
      ["Relu", 1, false],
    ],
  );
  assert.match(costs[1]!.failure!, /NoSuchOperation/);
  assert.match(costs[2]!.failure!, /type 7/);
  assert.deepEqual(byKind(costs), [{ op: "Relu", count: 2, seconds: totalOf(costs[0]!) }]);
  const instance = { op: "Odd", shapes: "3 -> 3", type: "float32", count: 4, seconds: null, failure: "no such thing" };
  const told: Profile = {
    ...{ ...tiny, inputs: {}, stepSeconds: 1, accountedSeconds: 0, operations: 4, kinds: [], instances: [instance] },
  };
  assert.match(profileText(told), /\nnot timed:\n {2}Odd \(4 times\), 3 -> 3: no such thing\n$/);
  step.dispose();
});

test("the command: inference as text, and as JSON", async (t) => {
  const args = ["chambon2018", "--mode", "infer", "--samples", "300", "--channels", "1", "--classes", "3"];
  const { code, out, err } = await profile(t, ...args);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^chambon2018, an inference, float32, batch 1: signal 1x300x1\n/);
  assert.match(out, /\nConv2D +\d/);
  assert.match(out, /\nnot timed: none\n$/);
  assert.doesNotMatch(out, /Backprop|ResourceApply/);
  const document = JSON.parse((await profile(t, ...args, "--json")).out) as Profile;
  assert.equal(
    document.instances.reduce((n, { count }) => n + count, 0),
    document.operations,
  );
});

test("mistakes of the command line", async (t) => {
  const cases: [args: string[], code: number, said: RegExp][] = [
    [[], 2, /profile needs MODEL/],
    [["vit", "other"], 2, /one MODEL/],
    [["vit_tiny_patch16_224", "--size", "224"], 2, /--size takes HEIGHTxWIDTH/],
    [["chambon2018", "--batch", "0"], 2, /--batch takes an integer/],
    [["chambon2018", "--mode", "test"], 2, /--mode takes train or infer/],
    [["no_such_model"], 1, /unknown model/],
    [["chambon2018", "--size", "64x64"], 1, /looks at signals.*expected --samples/],
    [["resnet50", "--samples", "64"], 1, /looks at images.*expected --size/],
  ];
  for (const [args, code, said] of cases) {
    const ended = await profile(t, ...args);
    assert.equal(ended.code, code, args.join(" "));
    assert.match(ended.err, said);
  }
});
