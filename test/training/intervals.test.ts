import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { type Example, memoryDataset } from "../../lib/training/dataset";
import { classAuc, f1Above, gain, meanAuc, ofClasses, scoreInterval } from "../../lib/training/intervals";
import { cohenKappa } from "../../lib/training/kappa";
import { accuracy, argmax, balancedAccuracy } from "../../lib/training/metrics";
import { probabilities } from "../../lib/training/probabilities";
import { macroAuc, rocAuc } from "../../lib/training/ranking";

const random = new Generator(8);
const targets = Array.from({ length: 80 }, () => Float32Array.of(random.below(2), random.below(2)));
const examples = targets.map(
  (target, i): Example => ({
    id: `r${i}`,
    input: new Float32Array(1),
    extras: {},
    target,
    group: `p${i >> 1}`,
    weight: 1,
  }),
);
const dataset = memoryDataset("toy", ["a", "b"], [1], examples);
const noisy = (noise: number) =>
  probabilities(
    dataset.ids,
    dataset.classes,
    Float64Array.from(
      targets.flatMap((t) => [...t]),
      (t) => 1 / (1 + Math.exp(-(t - 0.5 + noise * random.normal()))),
    ),
  );
const weak = noisy(2);
const strong = noisy(0.3);
const truth = targets.flatMap((t) => [...t]);
const options = { samples: 300, seed: 0, level: 0.95 };

test("estimates are the scores themselves, intervals lie around them", () => {
  const mean = scoreInterval(dataset, [weak], meanAuc(2), options);
  assert.equal(mean.estimate, macroAuc(truth, weak.values, 2));
  assert.ok(mean.low < mean.estimate && mean.estimate < mean.high);
  assert.equal(mean.groups, 40);
  const second = scoreInterval(dataset, [weak], classAuc(1, 2), options);
  const column = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => i % 2 === 1);
  assert.equal(second.estimate, rocAuc(column(truth), column(weak.values)));
});

test("the gain of one prediction over another is taken on the same resamples", () => {
  const better = scoreInterval(dataset, [weak, strong], gain(meanAuc(2)), options);
  assert.ok(better.low > 0, `${better.low}`);
  const same = scoreInterval(dataset, [weak, weak], gain(f1Above("micro", 2)), options);
  assert.deepEqual([same.low, same.estimate, same.high], [0, 0, 0]);
});

test("metrics of classes: any of them, with the truth as the largest share; several labels are refused", () => {
  const soft = examples.map(
    (example, i): Example => ({
      ...example,
      target: i % 3 === 0 ? Float32Array.of(0.3, 0.7) : Float32Array.of(1, 0),
    }),
  );
  const data = memoryDataset("soft", ["a", "b"], [1], soft);
  const labels = soft.map((_, i) => Number(i % 3 === 0));
  const given = argmax(weak.values, 2);
  for (const metric of [accuracy, balancedAccuracy, cohenKappa]) {
    const { estimate, low, high } = scoreInterval(data, [weak], ofClasses(metric, 2), options);
    assert.equal(estimate, metric(labels, given, 2));
    assert.ok(low <= estimate && estimate <= high);
  }
  assert.throws(
    () => scoreInterval(dataset, [weak], ofClasses(accuracy, 2), options),
    /no one class; found [01], [01]/,
  );
});

test("predictions of other examples are refused", () => {
  const other = probabilities([...dataset.ids].reverse(), dataset.classes, weak.values);
  assert.throws(() => scoreInterval(dataset, [other], meanAuc(2), options), /other examples/);
});
