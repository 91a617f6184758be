import assert from "node:assert/strict";
import { test } from "node:test";
import { divergenceOf, macroF1Of } from "../../lib/training";
import { throwsProblem } from "../support/problems";

test("macro F1 counts the classes that occur or are given; divergence is that of shares", () => {
  const truth = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 1, 0);
  const said = Float64Array.of(0.9, 0.1, 0, 0.6, 0.4, 0, 0.2, 0.8, 0);
  // a: precision 1/2, recall 1; b: precision 1, recall 1/2; c neither occurs nor is given.
  assert.ok(Math.abs(macroF1Of(3)(truth, said)! - 2 / 3) < 1e-12);
  const expected = (Math.log(1 / 0.9) + Math.log(1 / 0.4) + Math.log(1 / 0.8)) / 3;
  assert.ok(Math.abs(divergenceOf(3)(truth, said)! - expected) < 1e-12);
  assert.equal(divergenceOf(2)(Float64Array.of(0.5, 0.5), Float64Array.of(0.5, 0.5)), 0);
  throwsProblem(() => divergenceOf(2)(Float64Array.of(0.5, 0.4), Float64Array.of(0.5, 0.5)), { what: /sum to 1/ });
});
