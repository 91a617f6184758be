import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applySteps,
  ecgSteps,
  type LeadSignal,
  noisyLeads,
  normalAbove,
  offsetLeads,
  oneOf,
  PUBLISHED_ECG_AUGMENTATION,
  reverseTime,
  scaleLeads,
  step,
  withProbability,
} from "../../lib/augmentation";
import { Generator } from "../../lib/core/random";
import { throwsProblem } from "../support/problems";

const add = (name: string, probability: number, amount: number) =>
  step(name, probability, (value: number, parameters: { amount: number }) => value + parameters.amount, { amount });

test("steps follow one another, each as often as its probability says", () => {
  const steps = [add("a", 0.5, 1), add("b", 0.2, 10), add("never", 0, 1000), add("always", 1, 10_000)];
  const random = new Generator(0);
  const counts = { a: 0, b: 0 };
  for (let i = 0; i < 4000; i++) {
    const value = applySteps(0, steps, random);
    assert.ok(value >= 10_000 && value < 11_000);
    counts.a += value % 10;
    counts.b += Math.floor(value / 10) % 10;
  }
  assert.ok(Math.abs(counts.a / 4000 - 0.5) < 0.03 && Math.abs(counts.b / 4000 - 0.2) < 0.03, JSON.stringify(counts));
  const first = (seed: number): number => applySteps(0, steps, new Generator(seed));
  assert.equal(first(1), first(1));
  assert.deepEqual(steps[0]!.parameters, { amount: 1 });
});

test("one of several: chosen by the probabilities among them", () => {
  const choice = oneOf(0.4, [add("a", 0.5, 1), add("b", 0.25, 100)]);
  assert.deepEqual(choice.parameters, { a: 2 / 3, b: 1 / 3 });
  const random = new Generator(2);
  const counts = new Map<number, number>();
  for (let i = 0; i < 6000; i++) {
    const value = applySteps(0, [choice], random);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  assert.deepEqual(
    [...counts.keys()].sort((a, b) => a - b),
    [0, 1, 100],
  );
  assert.ok(Math.abs(counts.get(0)! / 6000 - 0.6) < 0.02);
  assert.ok(Math.abs(counts.get(100)! / 2400 - 1 / 3) < 0.03);
  throwsProblem(() => oneOf(0.4, []), { what: /choice of no steps/ });
  throwsProblem(() => withProbability(1.5), { found: "1.5" });
});

test("a normal draw above 0.5 is a probability of 0.309", () => {
  // Tails of the standard normal distribution, from SciPy: norm.sf.
  for (const [threshold, tail] of [
    [0.5, 0.3085375387259869],
    [0, 0.5],
    [-1, 0.8413447460685429],
    [3, 0.0013498980316300933],
    [-100, 1],
    [9, 0],
  ] as const)
    assert.ok(Math.abs(normalAbove(threshold).probability - tail) < 1e-15, String(threshold));
  assert.deepEqual(
    ecgSteps(PUBLISHED_ECG_AUGMENTATION).map(({ name, chance }) => [name, chance.probability.toFixed(3)]),
    [
      ["gain of each lead", "0.309"],
      ["time reversal", "0.309"],
      ["offset of each lead", "0.309"],
    ],
  );
});

test("changes of leads leave their input as it is, and keep its size", () => {
  const signal: LeadSignal = { samples: Float32Array.of(1, 10, 2, 20, 3, 30), leads: 2 };
  const before = signal.samples.slice();
  const changes: ((random: Generator) => LeadSignal)[] = [
    (random) => scaleLeads(signal, { deviation: 0.1 }, random),
    (random) => offsetLeads(signal, { offset: 20, unit: 0.5 }, random),
    (random) => noisyLeads(signal, { deviation: 0.1 }, random),
    () => reverseTime(signal),
  ];
  for (const change of changes) {
    const changed = change(new Generator(3));
    assert.deepEqual(change(new Generator(3)), changed);
    assert.equal(changed.samples.length, 6);
    assert.equal(changed.leads, 2);
    assert.deepEqual(signal.samples, before);
    assert.notDeepEqual(changed.samples, before);
  }
  assert.deepEqual(reverseTime(reverseTime(signal)), signal);
  const moved = offsetLeads(signal, { offset: 20, unit: 0.5 }, new Generator(4)).samples;
  assert.ok(Number.isInteger((moved[0]! - 1) / 0.5));
  assert.equal(moved[2]! - moved[0]!, 1);
});
