import assert from "node:assert/strict";
import { test } from "node:test";
import {
  accuracy,
  crossValidate,
  type Dataset,
  foldSpread,
  groupFolds,
  memoryDataset,
  ofClasses,
  probabilities,
  stratifiedFolds,
  withTargets,
} from "../../lib/training";
import { rejectsProblem, throwsProblem } from "../support/problems";

/** Twelve examples of six people; the class is written in the input. */
const classes = ["a", "b"];
const dataset = memoryDataset(
  "twelve",
  classes,
  [1],
  Array.from({ length: 12 }, (_, i) => ({
    id: `e${i}`,
    input: Float32Array.of(i % 2),
    extras: {},
    target: Float32Array.of(1 - (i % 2), i % 2),
    group: `g${Math.floor(i / 2)}`,
    weight: 1,
  })),
);
/** Right, but for those ids. */
const read = (held: Dataset, wrong: readonly string[] = []) =>
  probabilities(
    held.ids,
    held.classes,
    Float64Array.from(
      held.ids.flatMap((id, i) => {
        const said = wrong.includes(id) ? 1 - held.example(i).input[0]! : held.example(i).input[0]!;
        return [1 - said, said];
      }),
    ),
  );

test("every example is answered once, by what did not learn from its fold, and put in the data set's order", async () => {
  const split = groupFolds(dataset.groups, 3, 1);
  const seen: string[] = [];
  const validated = await crossValidate(dataset, split, ({ train, held }) => {
    assert.ok(held.ids.every((id) => !train.ids.includes(id)) && train.length + held.length === 12);
    seen.push(...held.ids);
    return read(held, ["e4"]);
  });
  assert.deepEqual([...seen].sort(), [...dataset.ids].sort());
  assert.deepEqual(validated.pooled.ids, dataset.ids);
  assert.deepEqual([...validated.pooled.values.slice(6, 12)], [0, 1, 0, 1, 0, 1], "e3, e4 (wrong) and e5");
  assert.equal(validated.leak, undefined);
  const { scores, mean, deviation } = foldSpread(validated, ofClasses(accuracy, 2));
  assert.deepEqual([...scores].sort(), [0.75, 1, 1]);
  assert.ok(Math.abs(mean - 11 / 12) < 1e-12);
  assert.ok(Math.abs(deviation - 0.25 / Math.sqrt(3)) < 1e-12);
});

test("a leak that was asked for is told; other answers than asked for, and a spread of nothing, are refused", async () => {
  const { groups } = dataset;
  const labels = groups.map((_, i) => i % 2);
  const leaky = stratifiedFolds({ groups, labels, folds: 3, seed: 1, leak: "as published" });
  const { leak } = await crossValidate(dataset, leaky, ({ held }) => read(held));
  assert.ok(leak !== undefined && leak.groups > 0 && leak.of === 6);
  await rejectsProblem(
    crossValidate(dataset, groupFolds(groups, 2), ({ train }) => read(train)),
    { what: /other examples/, place: "fold 1 of 2" },
  );
  const folds = (await crossValidate(dataset, groupFolds(groups, 3), ({ held }) => read(held))).folds;
  throwsProblem(() => foldSpread({ folds }, () => null), { found: "0 folds with a score" });
});

test("targets from elsewhere replace an example's own; its input is not read for them", () => {
  let looked = 0;
  const lazy: Dataset = {
    ...dataset,
    example: (i) => ({
      ...dataset.example(i),
      get input() {
        looked++;
        return dataset.example(i).input;
      },
    }),
  };
  const targets = new Map(dataset.ids.map((id) => [id, Float32Array.of(0.25, 0.75)]));
  const given = withTargets(lazy, targets, "given");
  assert.deepEqual([...given.example(3).target], [0.25, 0.75]);
  assert.equal(given.example(3).group, "g1");
  assert.equal(looked, 0);
  assert.deepEqual([...given.example(3).input], [1]);
  targets.delete("e7");
  throwsProblem(() => withTargets(dataset, targets, "given"), { place: /e7/, found: "0 values" });
});
