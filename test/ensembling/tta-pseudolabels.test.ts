import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asItIs,
  backwards,
  clampProbabilities,
  dropRecordings,
  HMS_DROP_LEVEL,
  leftRight,
  logits,
  meanOfPresent,
  predictViews,
  probabilities,
  secondStage,
  splitByVotes,
  viewOf,
} from "../../lib/ensembling";
import type { HmsRow } from "../../lib/formats";
import { createPredictor } from "../../lib/training";
import { type Dataset, memoryDataset } from "../../lib/training/dataset";
import { toyDataset, toyModel } from "../training/toy";

function small(name: string, ids: readonly string[], target = [0.5, 0.5]): Dataset {
  return memoryDataset(
    name,
    ["a", "b"],
    [2, 3],
    ids.map((id, i) => ({
      id,
      input: Float32Array.from([1, 2, 3, 4, 5, 6], (value) => value + 10 * i),
      extras: {},
      target: Float32Array.from(target),
      group: `patient ${id}`,
      weight: 1,
    })),
  );
}

test("views: an axis reversed, everything else as it is, the original untouched", () => {
  const data = small("two", ["x", "y"]);
  assert.deepEqual([...viewOf(data, backwards).example(1).input], [14, 15, 16, 11, 12, 13]);
  assert.deepEqual([...viewOf(data, leftRight).example(0).input], [3, 2, 1, 6, 5, 4]);
  assert.deepEqual([...viewOf(data, asItIs).example(0).input], [1, 2, 3, 4, 5, 6]);
  const image = { ...data, inputShape: [1, 3, 2] };
  assert.deepEqual([...viewOf(image, leftRight).example(0).input], [5, 6, 3, 4, 1, 2]);
  const twice = viewOf(viewOf(image, leftRight), leftRight);
  assert.deepEqual(twice.example(1), image.example(1));
  assert.throws(() => viewOf({ ...data, inputShape: [6] }, leftRight).example(0), /axis to mirror/);
});

test("the mean over views is that of probabilities, not of logits", async () => {
  const data = small("two", ["x", "y"]);
  const predictor = {
    logits: async (dataset: Dataset) =>
      logits(
        dataset.ids,
        dataset.classes,
        Float64Array.from(dataset.ids.flatMap((_, i) => [dataset.example(i).input[0]!, 0])),
      ),
  };
  const mean = await predictViews(predictor, data, [asItIs, backwards], { activation: "sigmoid" });
  const s = (z: number): number => 1 / (1 + Math.exp(-z));
  assert.ok(Math.abs(mean.values[0]! - (s(1) + s(4)) / 2) < 1e-15);
  assert.equal(mean.values[1], 0.5);
  await assert.rejects(predictViews(predictor, data, [], { activation: "sigmoid" }), /without views/);
});

test("with a real model: a view of both directions no longer depends on the direction", async () => {
  const [model, data] = [toyModel(), toyDataset("toy", 9, 4)];
  const predictor = createPredictor(model, { batchSize: 4 });
  try {
    const options = { activation: "sigmoid" } as const;
    const one = await predictViews(predictor, data, [asItIs, backwards], options);
    const other = await predictViews(predictor, viewOf(data, backwards), [asItIs, backwards], options);
    const plain = await predictViews(predictor, data, [asItIs], options);
    assert.ok(one.values.every((value, i) => Math.abs(value - other.values[i]!) < 1e-6));
    assert.ok(
      one.values.some((value, i) => Math.abs(value - plain.values[i]!) > 1e-4),
      "the views differ",
    );
  } finally {
    predictor.dispose();
    model.dispose();
  }
});

test("probabilities kept off 0 and 1", () => {
  const p = probabilities(["x"], ["a", "b", "c"], Float64Array.of(0, 0.5, 1));
  assert.deepEqual([...clampProbabilities(p).values], [1e-7, 0.5, 1 - 1e-7]);
  assert.throws(() => clampProbabilities(p, 0.5), /margin out of range/);
});

test("the mean of what is there", () => {
  const none = Number.NaN;
  const classes = ["a", "b"];
  const mean = meanOfPresent([
    { ids: ["x", "y"], classes, values: Float64Array.of(0.2, 0.8, none, 0.4) },
    { ids: ["y", "z"], classes, values: Float64Array.of(0.6, 0.2, 1, 0) },
  ]);
  assert.deepEqual(mean.ids, ["x", "y", "z"]);
  assert.deepEqual(
    [...mean.values].map((v) => Number(v.toFixed(12))),
    [0.2, 0.8, 0.6, 0.3, 1, 0],
  );
  assert.throws(
    () => meanOfPresent([{ ids: ["x"], classes, values: Float64Array.of(none, 1) }]),
    /example x, class a: a value that no model gives/,
  );
  assert.throws(() => meanOfPresent([{ ids: ["x", "x"], classes, values: new Float64Array(4) }]), /occurs twice/);
  assert.throws(() => meanOfPresent([]), /no models/);
});

test("rows by votes, and recordings that are mostly other", () => {
  const row = (eegId: string, eegSubId: number, votes: number[] | null): HmsRow => ({
    line: 2,
    eegId,
    eegSubId,
    eegOffset: 0,
    spectrogramId: "1",
    spectrogramSubId: 0,
    spectrogramOffset: 0,
    patientId: "p",
    expertConsensus: null,
    votes,
  });
  const rows = [row("1", 0, [7, 0, 0, 0, 0, 0]), row("1", 1, [0, 4, 0, 0, 0, 4]), row("2", 0, [0, 0, 0, 0, 0, 3])];
  const { high, low } = splitByVotes(rows);
  assert.deepEqual([high, low], [[rows[1]], [rows[0], rows[2]]]);
  assert.throws(() => splitByVotes([row("3", 0, null)]), /line 2: a row without votes/);
  assert.throws(() => splitByVotes([...rows, row("3", 0, [0, 0, 0, 0, 0, 0])]), /line 2: a row whose votes sum to 0/);

  const labels = probabilities(
    ["1_0", "1_1", "2_0", "3_0"],
    ["seizure", "other"],
    Float64Array.of(0.9, 0.1, 0.2, 0.8, 0.3, 0.7, 0.21, 0.79),
  );
  const options = { recordingOf: (id: string) => id.split("_")[0]!, className: "other", level: HMS_DROP_LEVEL };
  const { kept, dropped } = dropRecordings(labels, options);
  assert.deepEqual([kept.ids, dropped], [["2_0", "3_0"], ["1"]]);
  assert.deepEqual([...kept.values], [0.3, 0.7, 0.21, 0.79]);
  assert.throws(() => dropRecordings(labels, { ...options, className: "none" }), /unknown class/);
});

test("the second stage: high rows as they were, low rows with soft targets, both inputs untouched", () => {
  const [high, low] = [small("high", ["h1", "h2"], [1, 0]), small("low", ["l1", "l2", "l3"])];
  const labels = probabilities(["l3", "l1"], ["a", "b"], Float64Array.of(0.25, 0.75, 0.5, 0.5));
  const both = secondStage(high, low, labels);
  assert.deepEqual(both.ids, ["h1", "h2", "l3", "l1"]);
  assert.deepEqual(both.groups, ["patient h1", "patient h2", "patient l3", "patient l1"]);
  assert.deepEqual(
    both.ids,
    both.ids.map((_, i) => both.example(i).id),
  );
  assert.deepEqual([...both.example(0).target], [1, 0]);
  assert.deepEqual([...both.example(2).target], [0.25, 0.75]);
  assert.deepEqual([...both.example(2).input], [...low.example(2).input]);
  assert.deepEqual([...low.example(2).target], [0.5, 0.5]);
  for (const index of [-1, 4, 1.5]) assert.throws(() => both.example(index), /out of range/);
  assert.throws(() => secondStage(high, low, { ...labels, ids: ["l9", "l1"] }), /not there/);
  assert.throws(() => secondStage(high, small("low", ["h1"]), { ...labels, ids: ["h1", "l1"] }), /both data sets/);
  assert.throws(() => secondStage(high, { ...low, inputShape: [6] }, labels), /differ in kind/);
});
