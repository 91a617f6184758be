import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Generator } from "../../lib/core/random";
import {
  applyContextRules,
  CONTEXT_RULES,
  compareSmoothers,
  fitStageChain,
  mostLikely,
  probabilities,
  SMOOTHERS,
  simulateStager,
  smoothStages,
  TYPICAL_STAGE_CONFUSION,
  viterbi,
} from "../../lib/ensembling";
import { type Hypnogram, SLEEP_STAGES, type SleepStage } from "../../lib/formats";
import { confusionMatrix } from "../../lib/training/metrics";
import { readGolden } from "../support/golden";

interface RuleCase {
  input: number[];
  output: number[];
}

test("the seven rules as published, by hand and on long lists", () => {
  const { sleep_context_rules: golden } = readGolden<{ sleep_context_rules: { hand: RuleCase[]; long: RuleCase[] } }>(
    "rules",
  );
  for (const { input, output } of [...golden.hand, ...golden.long])
    assert.deepEqual([...applyContextRules(input)], output, input.join(" "));
  assert.equal(CONTEXT_RULES.length, 7);
  assert.deepEqual([...applyContextRules([])], []);
  assert.throws(() => applyContextRules([1, 5]), /epoch 2: a class that is no stage/);
});

test("per exam no rule reaches over the break; over the whole list it does", () => {
  const stages = [4, 1, 4, 4];
  assert.deepEqual([...applyContextRules(stages)], [4, 4, 4, 4]);
  assert.deepEqual([...applyContextRules(stages, ["A", "A", "B", "B"])], [4, 1, 4, 4]);
  assert.deepEqual([...applyContextRules(stages, ["A", "B", "B", "B"])], [4, 4, 4, 4]);
  assert.throws(() => applyContextRules(stages, ["A", "B", "A", "A"]), /epochs do not follow each other/);
  assert.throws(() => applyContextRules(stages, ["A"]), /differ in number/);
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 }),
      (nights) => {
        const exams = nights.flatMap((night, n) => night.map(() => `exam ${n}`));
        assert.deepEqual(
          [...applyContextRules(nights.flat(), exams)],
          nights.flatMap((night) => [...applyContextRules(night)]),
        );
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});

test("Viterbi finds the best of all sequences", () => {
  const logs = fc.double({ min: -5, max: 0, noNaN: true });
  const chains = fc
    .record({ states: fc.integer({ min: 1, max: 3 }), times: fc.integer({ min: 1, max: 5 }) })
    .chain(({ states, times }) => {
      const list = (length: number) => fc.array(logs, { minLength: length, maxLength: length });
      return fc.record({
        emissions: list(states * times),
        initial: list(states),
        transitions: fc.array(list(states), { minLength: states, maxLength: states }),
      });
    });
  fc.assert(
    fc.property(chains, ({ emissions, initial, transitions }) => {
      const states = initial.length;
      const times = emissions.length / states;
      const score = (path: ArrayLike<number>): number => {
        let sum = initial[path[0]!]!;
        for (let t = 0; t < times; t++)
          sum += emissions[t * states + path[t]!]! + (t > 0 ? transitions[path[t - 1]!]![path[t]!]! : 0);
        return sum;
      };
      const best = Math.max(
        ...Array.from({ length: states ** times }, (_, code) =>
          score(Array.from({ length: times }, (_t, t) => Math.floor(code / states ** t) % states)),
        ),
      );
      assert.ok(Math.abs(score(viterbi(emissions, { initial, transitions })) - best) < 1e-9);
    }),
    { numRuns: 100, seed: 1 },
  );
  const never = Number.NEGATIVE_INFINITY;
  assert.throws(
    () =>
      viterbi([0, never, never, 0], {
        initial: [0, never],
        transitions: [
          [0, never],
          [0, 0],
        ],
      }),
    /no possible sequence/,
  );
  assert.throws(
    () =>
      viterbi([0, 0, 0], {
        initial: [0, 0],
        transitions: [
          [0, 0],
          [0, 0],
        ],
      }),
    /do not fit each other/,
  );
});

const night = (stages: readonly SleepStage[]): Hypnogram => ({
  source: "by hand",
  start: null,
  epochSeconds: 30,
  stages: [...stages],
});

test("a chain counted on hypnograms: breaks are not counted across, and unseen is not impossible", () => {
  const chain = fitStageChain([night(["?", "W", "N1", "?", "N2", "N2"]), night(["N1", "N2"])], 0.5);
  assert.equal(chain.epochs, 6);
  assert.deepEqual(
    chain.initial,
    [1.5, 1.5, 0.5, 0.5, 0.5].map((c) => c / 4.5),
  );
  assert.deepEqual(
    chain.transitions[1],
    [0.5, 0.5, 1.5, 0.5, 0.5].map((c) => c / 3.5),
  );
  assert.deepEqual(
    chain.transitions[2],
    [0.5, 0.5, 1.5, 0.5, 0.5].map((c) => c / 3.5),
  );
  assert.deepEqual(
    chain.priors,
    [1.5, 2.5, 3.5, 0.5, 0.5].map((c) => c / 8.5),
  );
  assert.throws(() => fitStageChain([night(["W", "N1"])], 0), /nothing follows/);
  assert.throws(() => fitStageChain([night(["?"])]), /without a scored epoch/);
});

test("smoothing mends a lone error, leaves certain epochs alone, and takes exams apart", () => {
  const chain = fitStageChain([night([...Array(30).fill("N2"), ...Array(30).fill("REM")] as SleepStage[])]);
  const sure = (k: number, p: number): number[] => SLEEP_STAGES.map((_, i) => (i === k ? p : (1 - p) / 4));
  const table = (rows: number[][]) =>
    probabilities(
      rows.map((_, i) => `e${i}`),
      SLEEP_STAGES,
      Float64Array.from(rows.flat()),
    );
  const doubtful = [sure(2, 0.8), sure(2, 0.8), sure(4, 0.5), sure(2, 0.8), sure(2, 0.8)];
  assert.deepEqual([...mostLikely(table(doubtful))], [2, 2, 4, 2, 2]);
  assert.deepEqual([...smoothStages(table(doubtful), chain)], [2, 2, 2, 2, 2]);
  const certain = doubtful.map((row, i) => (i === 2 ? sure(4, 0.9999999) : row));
  assert.equal(smoothStages(table(certain), chain)[2], 4);
  const apart = smoothStages(table(doubtful), chain, { exams: ["A", "A", "B", "C", "C"] });
  assert.deepEqual([...apart.slice(3)], [2, 2]);
  assert.equal(apart[2], mostLikely(table([doubtful[2]!.map((p, k) => p * chain.initial[k]!)]))[0]);
  const even = table([sure(2, 0.2)]);
  const priors = [0.2, 0.2, 0.1, 0.2, 0.3];
  const initial = SLEEP_STAGES.map((_, k) => chain.initial[k]! / priors[k]!);
  assert.equal(smoothStages(even, chain, { divideBy: priors })[0], initial.indexOf(Math.max(...initial)));
  assert.throws(() => smoothStages(table(doubtful), chain, { divideBy: [1, 1, 1, 1, 0] }), /priors above 0/);
});

test("the simulated classifier errs as its confusion matrix says, independently or in runs", () => {
  const random = new Generator(3);
  const truth = Int32Array.from({ length: 40_000 }, (_, t) => Math.floor(t / 40) % 5);
  const ids = Array.from(truth, (_, t) => String(t));
  const sums = TYPICAL_STAGE_CONFUSION.map((row) => row.reduce((a, b) => a + b, 0));
  for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-12);
  const errorRuns = (persistence: number): number => {
    const given = mostLikely(simulateStager(ids, truth, { persistence, noise: 0 }, random));
    confusionMatrix(truth, given, 5).forEach((row, k) => {
      row.forEach((count, j) => {
        const share = count / 8000;
        assert.ok(Math.abs(share - TYPICAL_STAGE_CONFUSION[k]![j]!) < 0.03, `${k} taken for ${j}: ${share}`);
      });
    });
    return given.filter((k, t) => k !== truth[t] && t > 0 && given[t - 1] === truth[t - 1]).length;
  };
  assert.ok(errorRuns(0.7) < 0.5 * errorRuns(0), "persistent errors come in fewer, longer runs");
  const options = { persistence: 0, noise: 1 };
  assert.throws(() => simulateStager(["a"], [0], { ...options, confusion: [[1]] }, random), /none of five stages/);
  assert.throws(() => simulateStager(["a"], [7], options, random), /no stage/);
  assert.throws(() => simulateStager(["a"], [0], { ...options, persistence: 1 }, random), /out of range/);
});

test("the comparison: seeded, by subject, every way on every epoch", () => {
  const stages = (shift: number) =>
    Array.from({ length: 200 }, (_, t) => SLEEP_STAGES[Math.floor((t + shift) / 20) % 5]!);
  const nights = [0, 7, 11].map((shift, n) => ({ name: `n${n}`, subject: `s${n}`, hypnogram: night(stages(shift)) }));
  const options = { seed: 5, persistence: 0, noise: 0.5 };
  const compared = compareSmoothers(nights, options);
  assert.deepEqual(compareSmoothers(nights, options), compared);
  const right = (smoother: (typeof SMOOTHERS)[number]): number =>
    compared.reduce((sum, { confusion }) => sum + confusion[smoother].reduce((s, row, k) => s + row[k]!, 0), 0);
  for (const { confusion, truth } of compared)
    for (const smoother of SMOOTHERS)
      assert.equal(
        confusion[smoother].flat().reduce((a, b) => a + b),
        truth.length,
      );
  assert.ok(right("Viterbi") > right("as predicted") + 20, "stages that last are what it knows");
  assert.throws(() => compareSmoothers(nights.slice(0, 1), options), /one subject only/);
  assert.throws(
    () => compareSmoothers([...nights, { name: "x", subject: "x", hypnogram: night(["?"]) }], options),
    /not scored/,
  );
});
