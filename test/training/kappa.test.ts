import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cohenKappa, fleissKappa, kappaOf, matthewsCorrelation } from "../../lib/training/kappa";

test("perfect agreement is 1, none beyond chance 0, and one class on both sides is not defined", () => {
  for (const weights of ["none", "linear", "quadratic"] as const) {
    assert.equal(cohenKappa([0, 1, 2], [0, 1, 2], 3, weights), 1);
    assert.equal(cohenKappa([0, 0, 1, 1], [0, 1, 0, 1], 3, weights), 0);
    assert.equal(cohenKappa([1, 1], [1, 1], 3, weights), null);
  }
  assert.equal(matthewsCorrelation([1, 1], [1, 1], 2), 0);
  assert.equal(matthewsCorrelation([0, 1], [1, 0], 2), -1);
});

test("Fleiss (1971): ten subjects, fourteen raters, five classes: 0.210", () => {
  const votes = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
  ];
  assert.equal(fleissKappa(votes)!.toFixed(3), "0.210");
  assert.equal(
    fleissKappa([
      [3, 0],
      [3, 0],
    ]),
    null,
  );
});

test("two classes: kappa with any weights is the same; scaling all weights of examples changes nothing", () => {
  const labels = fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: 4, maxLength: 60 });
  fc.assert(
    fc.property(labels, (pairs) => {
      const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
      const plain = cohenKappa(a, b, 2);
      for (const weights of ["linear", "quadratic"] as const) assert.equal(cohenKappa(a, b, 2, weights), plain);
      const doubled = [0, 1].map((t) => [0, 1].map((p) => 2 * pairs.filter(([x, y]) => x === t && y === p).length));
      const scaled = kappaOf(doubled);
      if (plain === null) assert.equal(scaled, null);
      else assert.ok(Math.abs(scaled! - plain) < 1e-12 && plain <= 1 && plain >= -1);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("what cannot be scored throws", () => {
  assert.throws(() => cohenKappa([], [], 2), /no example/);
  assert.throws(() => matthewsCorrelation([], [], 2), /no example/);
  assert.throws(() => fleissKappa([[1, 0]]), /2 raters or more/);
  assert.throws(() => fleissKappa([]), /2 raters or more/);
  assert.throws(
    () =>
      fleissKappa([
        [2, 1],
        [2, 0],
      ]),
    /row 1: rows of votes that differ; found 2 votes/,
  );
});
