import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { bootstrapInterval, bootstrapIntervals } from "../../lib/training/bootstrap";

const mean =
  (values: number[]) =>
  (indices: Int32Array): number =>
    indices.reduce((total, i) => total + values[i]!, 0) / indices.length;

test("the interval of a mean is the one of theory, and repeats for a seed", () => {
  const random = new Generator(1);
  const values = Array.from({ length: 400 }, () => random.normal());
  const groups = values.map((_, i) => `patient ${i}`);
  const options = { samples: 2000, seed: 3, level: 0.95 };
  const interval = bootstrapInterval(groups, mean(values), options);
  assert.ok(Math.abs((interval.high - interval.low) / 2 - 1.96 / Math.sqrt(400)) < 0.01);
  assert.ok(interval.low < interval.estimate && interval.estimate < interval.high);
  assert.deepEqual(bootstrapInterval(groups, mean(values), options), interval);
  assert.notEqual(bootstrapInterval(groups, mean(values), { ...options, seed: 4 }).low, interval.low);
});

test("copies of a patient's recordings do not narrow the interval: groups are drawn, not examples", () => {
  const random = new Generator(2);
  const values = Array.from({ length: 60 }, () => random.normal());
  const options = { samples: 1000, seed: 0, level: 0.9 };
  const once = bootstrapInterval(values.map(String), mean(values), options);
  const copied = values.flatMap((value) => [value, value, value, value]);
  const fourTimes = bootstrapInterval(copied.map(String), mean(copied), options);
  assert.ok(Math.abs(fourTimes.low - once.low) < 1e-12 && Math.abs(fourTimes.high - once.high) < 1e-12);
  assert.equal(fourTimes.groups, 60);
});

test("resamples without a defined statistic are counted; too many of them throw", () => {
  const groups = ["a", "b", "c", "d"];
  const needsFirst = (indices: Int32Array): number | null => (indices.includes(0) ? 1 : null);
  const interval = bootstrapInterval(groups, needsFirst, { samples: 500, seed: 1, level: 0.95 });
  // the chance that one group of four is never drawn is (3/4)^4 = 0.316
  assert.ok(Math.abs(interval.undefinedSamples / 500 - 0.316) < 0.08, String(interval.undefinedSamples));
  const needsAll = (indices: Int32Array): number | null => (new Set(indices).size === 4 ? 1 : null);
  assert.throws(() => bootstrapInterval(groups, needsAll, { samples: 500, seed: 1, level: 0.95 }), /too few resamples/);
  assert.throws(() => bootstrapInterval([], () => 1, { samples: 10, seed: 1, level: 0.95 }), /not defined/);
  assert.throws(() => bootstrapInterval(groups, () => 1, { samples: 10, seed: 1, level: 1.5 }), /level/);
});

test("several statistics from the same resamples: each as alone", () => {
  const random = new Generator(9);
  const values = Array.from({ length: 40 }, () => random.normal());
  const groups = values.map((_, i) => `patient ${i >> 2}`);
  const options = { samples: 300, seed: 5, level: 0.95 };
  const squares = values.map((value) => value * value);
  const { first, second } = bootstrapIntervals(
    groups,
    (indices) => ({ first: mean(values)(indices), second: mean(squares)(indices) }),
    options,
  );
  assert.deepEqual(first, bootstrapInterval(groups, mean(values), options));
  assert.deepEqual(second, bootstrapInterval(groups, mean(squares), options));
  assert.throws(() => bootstrapIntervals(groups, () => ({ a: 1, b: null }), options), /b: the statistic to bootstrap/);
});
