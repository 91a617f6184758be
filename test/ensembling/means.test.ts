import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  effectiveSquareRootWeights,
  foldClasses,
  generalisedMean,
  logits,
  type MeanRule,
  meanOfTransformed,
  mostLikely,
  type Probabilities,
  PUBLISHED_SQUARE_ROOTS,
  probabilities,
  toProbabilities,
  toShares,
  weightedMean,
  weightedSquareRoots,
} from "../../lib/ensembling";
import { type GoldenArray, readGolden, scaled } from "../support/golden";

const STAGES = ["Wake", "N1", "N2", "N3", "REM"];

/** Members of some examples in two classes, and shares of theirs. */
const blends = fc
  .record({ members: fc.integer({ min: 1, max: 4 }), examples: fc.integer({ min: 1, max: 5 }) })
  .chain(({ members, examples }) =>
    fc.record({
      values: fc.array(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2 * examples, maxLength: 2 * examples }),
        { minLength: members, maxLength: members },
      ),
      weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: members, maxLength: members }),
    }),
  )
  .map(({ values, weights }) => ({
    members: values.map((list) =>
      probabilities(
        Array.from({ length: list.length / 2 }, (_, i) => `r${i}`),
        ["a", "b"],
        Float64Array.from(list),
      ),
    ),
    shares: weights.map((weight) => weight / weights.reduce((a, b) => a + b)),
  }));
const runs = { numRuns: 60, seed: 1 };

test("system 000: 1,000 outputs folded to five, square roots weighted 0.06 and 0.94", () => {
  const { fold_and_blend: golden } = readGolden<{
    fold_and_blend: { n: number; folded: GoldenArray; vit: GoldenArray; score: GoldenArray; argmax: number[] };
  }>("rules");
  const { n } = golden;
  const ids = Array.from({ length: n }, (_, i) => `image ${i}`);
  const outputs = Array.from({ length: 1000 }, (_, k) => `output ${k}`);
  const close = (found: ArrayLike<number>, expected: GoldenArray): void => {
    assert.equal(found.length, expected.data.length);
    expected.data.forEach((value, i) => {
      assert.ok(Math.abs(found[i]! - value) < 1e-15, `value ${i}: ${found[i]}, expected ${value}`);
    });
  };
  const wide = toProbabilities(logits(ids, outputs, scaled("fold", [n, 1000], 4)), "softmax");
  const folded = foldClasses(wide, STAGES);
  const vit = toProbabilities(logits(ids, STAGES, scaled("vit", [n, 5], 3)), "softmax");
  close(folded.values, golden.folded);
  close(vit.values, golden.vit);
  const quarter = (p: Probabilities): Probabilities =>
    probabilities(
      p.ids,
      p.classes,
      p.values.map((v) => v / 4),
    );
  const blend = weightedSquareRoots([quarter(vit), quarter(folded)], PUBLISHED_SQUARE_ROOTS.weights);
  close(blend.values, golden.score);
  assert.deepEqual([...mostLikely(blend)], golden.argmax);

  // The same order, from probabilities that sum to 1, by the weights that those factors amount to.
  const weights = effectiveSquareRootWeights(PUBLISHED_SQUARE_ROOTS.weights, PUBLISHED_SQUARE_ROOTS.factors);
  assert.deepEqual(
    weights.map((weight) => weight.toFixed(2)),
    ["0.47", "0.53"],
  );
  assert.deepEqual([...mostLikely(weightedSquareRoots([vit, toShares(folded)], weights))], golden.argmax);
  assert.throws(() => foldClasses(wide, ["a", "b", "c"]), /1000 outputs/);
  assert.throws(() => effectiveSquareRootWeights([0.5, 0.5], [1, 0]), /factors out of range/);
});

test("named means by hand", () => {
  const of = (value: number): Probabilities => probabilities(["x"], ["a"], Float64Array.of(value));
  const members = [of(0.04), of(0.64)];
  const mean = (rule: MeanRule): number => generalisedMean(members, rule).values[0]!;
  const near = (found: number, expected: number): void =>
    assert.ok(Math.abs(found - expected) < 1e-15, `${found} ${expected}`);
  near(meanOfTransformed(members, "sqrt").values[0]!, 0.5);
  near(mean("sqrt"), 0.25);
  near(mean({ power: 0.5 }), 0.25);
  near(mean("arithmetic"), 0.34);
  near(mean({ power: 0 }), 0.16);
  near(mean({ power: -1 }), 2 / (1 / 0.04 + 1 / 0.64));
  near(mean("log1p"), Math.sqrt(1.04 * 1.64) - 1);
  near(mean("expm1"), Math.log((Math.exp(0.04) + Math.exp(0.64)) / 2));
  assert.equal(generalisedMean([of(0), of(1)], { power: 0 }).values[0], 0, "geometric: 0 wins");
  assert.equal(generalisedMean([of(0), of(1)], { power: -1 }).values[0], 0, "harmonic: 0 wins");
  assert.equal(generalisedMean([of(0), of(1)], { power: 0 }, [0, 1]).values[0], 1, "a share of 0 does not count");
  assert.equal(meanOfTransformed(members, { power: 0.25 }).rule, "weighted mean of powers of 0.25");
});

test("a generalised mean lies between the members' extremes, grows with the power, and orders as its transform", () => {
  fc.assert(
    fc.property(blends, ({ members, shares }) => {
      const values = (rule: MeanRule): Float64Array => Float64Array.from(generalisedMean(members, rule, shares).values);
      const growing = [-2, 0, 0.25, 0.5, 1, 3].map((power) => values({ power }));
      const all = [...growing, ...(["log1p", "expm1", "sqrt", "arithmetic"] as const).map(values)];
      for (let i = 0; i < growing[0]!.length; i++) {
        const given = members.map((member) => member.values[i]!);
        for (const list of all)
          assert.ok(list[i]! >= Math.min(...given) - 1e-12 && list[i]! <= Math.max(...given) + 1e-12, `${list[i]}`);
        growing.forEach((list, p) => {
          if (p > 0) assert.ok(list[i]! >= growing[p - 1]![i]! - 1e-12);
        });
        assert.ok(Math.abs(all[9]![i]! - weightedMean(members, shares).values[i]!) < 1e-12);
      }
      const transformed = meanOfTransformed(members, "sqrt", shares).values;
      assert.ok(values("sqrt").every((value, i) => Math.abs(value - transformed[i]! ** 2) < 1e-12));
    }),
    runs,
  );
});

test("powers that reverse the order, and scores without shares, are refused", () => {
  const zero = probabilities(["x"], ["a", "b"], Float64Array.of(0, 0));
  assert.throws(() => meanOfTransformed([zero], { power: 0 }), /power out of range/);
  assert.throws(() => meanOfTransformed([zero], { power: -1 }), /power out of range/);
  assert.throws(() => generalisedMean([zero], { power: Number.NaN }), /no number/);
  assert.throws(() => toShares(zero), /example x: scores that give no shares/);
  assert.deepEqual(
    [...toShares(probabilities(["x"], ["a", "b"], Float64Array.of(0.1, 0.3))).values].map((v) => v.toFixed(9)),
    ["0.250000000", "0.750000000"],
  );
});
