import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  givenFolds,
  groupFolds,
  type Label,
  readSplit,
  requireNoLeak,
  stratifiedGroupFolds,
  trainTest,
  writeSplit,
} from "../../lib/training/folds";
import { readGolden } from "../support/golden";

interface SplitCase {
  n: number;
  labels: Label[];
  groups?: Label[];
  results: {
    splitter: string;
    n_splits: number;
    shuffle_seed: number | null;
    fold?: number[];
    fold_with_stable_sort?: number[];
    error?: string;
  }[];
}

const { cases } = readGolden<{ cases: SplitCase[] }>("stats/splits");
let compared = 0;
cases.forEach(({ labels, groups, results }, index) => {
  if (groups === undefined) return;
  for (const { splitter, n_splits: folds, shuffle_seed: seed, fold, error } of results) {
    if (seed !== null) continue; // a shuffled split is repeatable here, but not the peer's
    compared++;
    test(`case ${index}: ${splitter}(${folds}) equals scikit-learn`, () => {
      const run = () =>
        splitter === "GroupKFold" ? groupFolds(groups, folds) : stratifiedGroupFolds({ groups, labels, folds });
      if (error !== undefined) assert.throws(run, /number of folds/);
      else assert.deepEqual(run().foldOf, fold);
    });
  }
});

test("the golden file holds grouped, unshuffled splits", () => {
  assert.ok(compared >= 9, String(compared));
});

test("a seed shuffles, repeatably, and no group is torn", () => {
  const { labels, groups } = cases[3]!;
  const options = { groups: groups!, labels, folds: 5 };
  const one = stratifiedGroupFolds({ ...options, seed: 1 });
  assert.deepEqual(stratifiedGroupFolds({ ...options, seed: 1 }), one);
  assert.notDeepEqual(stratifiedGroupFolds({ ...options, seed: 2 }).foldOf, one.foldOf);
  let held = 0;
  for (let fold = 0; fold < 5; fold++) held += trainTest(one, fold).test.length; // throws on a leak
  assert.equal(held, labels.length);
});

test("examples with several labels: every class is spread over the folds", () => {
  const labels = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? ["MI", "STTC"] : i % 3 === 1 ? ["NORM"] : ["MI"]));
  const groups = labels.map((_, i) => `p${i >> 1}`);
  const split = stratifiedGroupFolds({ groups, labels, folds: 5, seed: 0 });
  for (let fold = 0; fold < 5; fold++) {
    const { test: held } = trainTest(split, fold);
    for (const name of ["MI", "STTC", "NORM"]) {
      const count = held.filter((i) => labels[i]!.includes(name)).length;
      const expected = labels.filter((list) => list.includes(name)).length / 5;
      assert.ok(Math.abs(count - expected) <= 2, `${name} in fold ${fold}: ${count}`);
    }
  }
});

test("a leak throws and names the patient", () => {
  const groups = ["7", "7", "8"];
  assert.throws(() => requireNoLeak(groups, { train: [0, 2], test: [1] }), /group 7: a leak/);
  assert.throws(() => givenFolds("strat_fold", [0, 1, 1], groups, 2), /group 7: a leak: one group lies in two folds/);
  assert.throws(() => givenFolds("strat_fold", [0, 0, 2], groups, 2), /fold out of range/);
  const split = { ...givenFolds("strat_fold", [0, 0, 1], groups, 2), foldOf: [0, 1, 1] };
  assert.throws(() => trainTest(split, 0), /leak/);
});

test("a split survives the file, in any order of ids, with its seed", () => {
  const folder = mkdtempSync(join(tmpdir(), "folds-"));
  try {
    const file = join(folder, "split.json");
    const split = stratifiedGroupFolds({
      groups: ["a", "b", "c", "d"],
      labels: [0, 1, 0, 1],
      folds: 2,
      seed: 9,
    });
    writeSplit(file, split, ["r1", "r2", "r3", "r4"]);
    assert.deepEqual(readSplit(file, ["r1", "r2", "r3", "r4"]), split);
    assert.deepEqual(readSplit(file, ["r4", "r1"]).foldOf, [split.foldOf[3], split.foldOf[0]]);
    assert.throws(() => readSplit(file, ["r5"]), /no r5/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("wrong numbers of folds throw", () => {
  for (const folds of [1, 0, 2.5, 4]) assert.throws(() => groupFolds(["a", "b", "c"], folds), /number of folds/);
  assert.throws(() => stratifiedGroupFolds({ groups: ["a", "b"], labels: [1], folds: 2 }), /differ in number/);
});
