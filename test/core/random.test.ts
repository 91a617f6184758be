import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { type GoldenArray, readGolden } from "../support/golden";

interface StreamCase {
  seed: number;
  mt19937_raw: number[];
  legacy_random_sample: GoldenArray;
  legacy_permutation_20: number[];
  legacy_permutation_1000_first_10: number[];
  legacy_randint_0_100: number[];
  legacy_standard_normal: GoldenArray;
  legacy_shuffle_12: number[];
}

const { cases } = readGolden<{ cases: StreamCase[] }>("stats/rng");

for (const stream of cases) {
  test(`seed ${stream.seed} gives NumPy's RandomState streams`, () => {
    const draw = <T>(count: number, next: (generator: Generator) => T): T[] => {
      const generator = new Generator(stream.seed);
      return Array.from({ length: count }, () => next(generator));
    };
    assert.deepEqual(
      draw(stream.mt19937_raw.length, (g) => g.uint32()),
      stream.mt19937_raw,
    );
    assert.deepEqual(
      draw(stream.legacy_random_sample.data.length, (g) => g.random()),
      [...stream.legacy_random_sample.data],
    );
    assert.deepEqual([...new Generator(stream.seed).permutation(20)], stream.legacy_permutation_20);
    assert.deepEqual(
      [...new Generator(stream.seed).permutation(1000).slice(0, 10)],
      stream.legacy_permutation_1000_first_10,
    );
    assert.deepEqual(
      new Generator(stream.seed).shuffle(Array.from({ length: 12 }, (_, i) => i)),
      stream.legacy_shuffle_12,
    );
    assert.deepEqual(
      draw(stream.legacy_randint_0_100.length, (g) => g.below(100)),
      stream.legacy_randint_0_100,
    );
    const normals = draw(stream.legacy_standard_normal.data.length, (g) => g.normal());
    normals.forEach((value, i) => {
      const expected = stream.legacy_standard_normal.data[i]!;
      assert.ok(
        Math.abs(value - expected) <= 1e-15 * Math.max(1, Math.abs(expected)),
        `normal ${i}: ${value}, ${expected}`,
      );
    });
  });
}

test("a restored generator goes on where the state was taken, the spare normal included", () => {
  const generator = new Generator(5);
  for (let i = 0; i < 1001; i++) generator.normal();
  const state = JSON.parse(JSON.stringify(generator.state()));
  const rest = Array.from({ length: 2000 }, () => generator.normal());
  const restored = Generator.restore(state);
  assert.deepEqual(
    Array.from({ length: 2000 }, () => restored.normal()),
    rest,
  );
});

test("wrong seeds and bounds throw", () => {
  for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) assert.throws(() => new Generator(seed), /seed/);
  for (const bound of [0, -3, 1.5]) assert.throws(() => new Generator(1).below(bound), /bound/);
});
