import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { meanOverRuns } from "../../lib/training/over-runs";

test("the mean over runs first, then over runs drawn with replacement; undefined where one run's score is", () => {
  const runs = [1, 2, 6].map((value) => Float64Array.of(value));
  const score = meanOverRuns((_truth, values) => values![0]!, new Generator(3));
  const truth = new Float64Array(1);
  assert.equal(score(truth, ...runs), 3);
  const drawn = Array.from({ length: 300 }, () => score(truth, ...runs)!);
  assert.ok(drawn.includes(1) && drawn.includes(6), "all of one run comes up");
  const possible = [1, 2, 6].flatMap((a) => [1, 2, 6].flatMap((b) => [1, 2, 6].map((c) => (a + b + c) / 3)));
  assert.ok(drawn.every((value) => possible.includes(value)));
  assert.ok(Math.abs(drawn.reduce((a, b) => a + b, 0) / drawn.length - 3) < 0.3);
  const again = meanOverRuns((_truth, values) => values![0]!, new Generator(3));
  assert.deepEqual([again(truth, ...runs), ...Array.from({ length: 300 }, () => again(truth, ...runs))], [3, ...drawn]);
  assert.equal(meanOverRuns((_truth, values) => (values![0] === 2 ? null : 1), new Generator(3))(truth, ...runs), null);
});
