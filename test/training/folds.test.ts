import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { groupFolds, kFolds, orderedGroupFolds, stratifiedFolds } from "../../lib/training/fold-rules";
import { givenFolds, type Label, requireNoLeak, type Split, trainTest } from "../../lib/training/folds";
import { holdOutGroups, holdOutShare } from "../../lib/training/hold-out";
import { readSplit, writeSplit } from "../../lib/training/split-file";
import { stratifiedGroupFolds } from "../../lib/training/stratified-groups";
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
cases.forEach(({ labels, groups, results }, index) => {
  const own = groups ?? labels.map((_, i) => i); // without groups each example is one of its own
  const leak = "as published"; // the peer's example-level splitters do not look at groups
  for (const { splitter, n_splits: folds, shuffle_seed, fold, error } of results) {
    const seed = shuffle_seed ?? undefined;
    const rules: Record<string, () => Split> = {
      KFold: () => kFolds({ groups: own, folds, seed, leak }),
      StratifiedKFold: () => stratifiedFolds({ groups: own, labels, folds, seed, leak }),
      GroupKFold: () => groupFolds(own, folds, seed),
      StratifiedGroupKFold: () => stratifiedGroupFolds({ groups: own, labels, folds, seed }),
    };
    test(`case ${index}: ${splitter}(${folds}), seed ${shuffle_seed}, equals scikit-learn`, () => {
      if (error === undefined) assert.deepEqual(rules[splitter]!().foldOf, fold);
      else assert.throws(rules[splitter]!, /number of folds out of range; found 7; expected .* 6 groups/);
    });
  }
});

test("the golden file holds every splitter, shuffled and not", () => {
  const kinds = cases.flatMap(({ results }) =>
    results.map(({ splitter, shuffle_seed }) => `${splitter} ${shuffle_seed === null ? "in order" : "shuffled"}`),
  );
  assert.equal(new Set(kinds).size, 8, [...new Set(kinds)].join());
  assert.equal(kinds.length, 27);
});

const { cases: holdOuts } = readGolden<{
  cases: { groups: Label[]; share: number; seed: number; test: number[] }[];
}>("stats/holdout");
holdOuts.forEach(({ groups, share, seed, test: expected }, index) => {
  test(`hold-out ${index}: GroupShuffleSplit(${share}), seed ${seed}, equals scikit-learn`, () => {
    const { train, test: held } = trainTest(holdOutShare(groups, share, seed), 0);
    assert.deepEqual(held, expected);
    assert.equal(train.length + held.length, groups.length);
  });
});

test("hold-out by name: those subjects and no others; nonsense throws", () => {
  const groups = ["a", "b", "a", "c"];
  assert.deepEqual(trainTest(holdOutGroups(groups, ["a"]), 0), { train: [1, 3], test: [0, 2] });
  assert.throws(() => trainTest(holdOutGroups(groups, ["a"]), 1), /fold out of range/);
  assert.throws(() => holdOutGroups(groups, ["a", "z"]), /no example has; found z/);
  assert.throws(() => holdOutGroups(groups, ["a", "b", "c"]), /nothing on one side/);
  assert.throws(() => holdOutGroups(groups, []), /nothing on one side/);
  for (const share of [0, 1, 0.99, Number.NaN]) assert.throws(() => holdOutShare(groups, share, 0), /share to hold/);
});

test("folds by exam order: exams as they come, from 20 k % to 20 (k + 1) %", () => {
  // 12 exams of 1 to 4 images; cut at 2, 4, 7 and 9 exams
  const groups = Array.from({ length: 12 }, (_, e) => new Array<string>(1 + (e % 4)).fill(`exam ${(e * 7) % 12}`));
  const { foldOf } = orderedGroupFolds(groups.flat(), 5);
  const expected = [0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4];
  assert.deepEqual(
    foldOf,
    groups.flatMap((images, e) => images.map(() => expected[e]!)),
  );
  assert.throws(() => orderedGroupFolds(["a", "b"], 3), /2 groups/);
});

test("image-level folds tear exams: only where asked for, and the split says how many", () => {
  const folder = mkdtempSync(join(tmpdir(), "folds-"));
  try {
    const groups = Array.from({ length: 40 }, (_, i) => `exam ${i >> 2}`);
    const labels = groups.map((_, i) => i % 2);
    const options = { groups, labels, folds: 5, seed: 42 };
    assert.throws(() => stratifiedFolds(options), /group exam \d: a leak: one group lies in two folds/);
    assert.throws(() => kFolds(options), /a leak/);
    const split = stratifiedFolds({ ...options, leak: "as published" });
    assert.ok(split.leak!.groups > 5 && split.leak!.of === 10, JSON.stringify(split.leak));
    assert.equal(trainTest(split, 0).test.length, 8);
    const ids = groups.map((_, i) => `image ${i}`);
    const file = join(folder, "split.json");
    writeSplit(file, split, ids);
    assert.match(readFileSync(file, "utf8"), /"seed": 42, "leak": \{"groups":/);
    assert.throws(() => readSplit(file, ids), /a leak/);
    assert.deepEqual(readSplit(file, ids, "as published"), split);
    // groups that the rule happens to leave whole are no leak
    assert.equal(kFolds({ groups, folds: 5 }).leak, undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
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
  assert.throws(() => givenFolds("strat_fold", [0, 0, -1], groups, 2), /fold out of range; found -1; expected 0 .. 1/);
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
    const held = holdOutShare(["a", "b", "c", "a"], 0.3, 4);
    writeSplit(file, held, ["r1", "r2", "r3", "r4"]);
    assert.deepEqual(readSplit(file, ["r1", "r2", "r3", "r4"]), held);
    assert.equal(new Set(held.foldOf).size, 2);
    for (const [text, said] of [
      ['{"kind": "group", ', /split\.json: no JSON; .*expected a split/],
      ["[]", /JSON of another kind/],
      ['{"kind": "group"}', /no split; found kind/],
    ] as const) {
      writeFileSync(file, text);
      assert.throws(() => readSplit(file, ["r1"]), said);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("wrong numbers of folds throw", () => {
  for (const folds of [1, 0, 2.5, 4]) assert.throws(() => groupFolds(["a", "b", "c"], folds), /number of folds/);
  assert.throws(() => stratifiedGroupFolds({ groups: ["a", "b"], labels: [1], folds: 2 }), /differ in number/);
  assert.throws(() => stratifiedFolds({ groups: [1, 2, 3], labels: [0, 1, 0], folds: 3 }), /fewer examples than/);
  assert.throws(() => kFolds({ groups: [1, 2], folds: 3 }), /2 examples/);
});
