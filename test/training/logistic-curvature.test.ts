import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { addCurvature } from "../../lib/training/logistic-curvature";

test("any number of rows: the Hessian's lower triangle is the plain sum", () => {
  const random = new Generator(2);
  const [width, outputs] = [5, 3];
  const size = width * outputs;
  for (const rows of [1, 2, 3, 4, 5, 11]) {
    const draw = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
    const design = Array.from({ length: rows }, () => draw(width));
    const probabilities = Float64Array.from({ length: rows * outputs }, () => random.random());
    const weights = Float64Array.from({ length: rows }, () => random.random());
    const hessian = new Float64Array(size * size).fill(1);
    addCurvature(hessian, design, probabilities, weights);
    for (let j = 0; j < size; j++)
      for (let i = 0; i <= j; i++) {
        const [k, f, l, g] = [Math.floor(j / width), j % width, Math.floor(i / width), i % width];
        let expected = 1;
        design.forEach((row, r) => {
          const [p, q] = [probabilities[r * outputs + k]!, probabilities[r * outputs + l]!];
          expected += weights[r]! * (k === l ? p - p * q : -p * q) * row[f]! * row[g]!;
        });
        assert.ok(Math.abs(hessian[j * size + i]! - expected) < 1e-12, `${rows} rows, ${j}, ${i}`);
      }
  }
});
