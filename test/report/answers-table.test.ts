import assert from "node:assert/strict";
import { test } from "node:test";
import { answersTable, intervalCell, sideOfZero } from "../../lib/report/answers-table";
import { macroF1Of } from "../../lib/training/class-scores";
import { compareAnswers } from "../../lib/training/compare-answers";
import { type Example, memoryDataset } from "../../lib/training/dataset";
import { ofClasses } from "../../lib/training/intervals";
import { accuracy } from "../../lib/training/metrics";
import { probabilities } from "../../lib/training/probabilities";

// Four sleepers with the same two windows each: resamples differ in nothing, so every interval is its estimate.
const CLASSES = ["W", "N2"];
const examples = Array.from({ length: 8 }, (_, i): Example => {
  const target = i % 2 === 0 ? Float32Array.of(1, 0) : Float32Array.of(0, 1);
  return { id: `w${i}`, input: new Float32Array(1), extras: {}, target, group: `s${i >> 1}`, weight: 1 };
});
const dataset = memoryDataset("four sleepers", CLASSES, [1], examples);
const says = (row: (i: number) => [number, number]) =>
  probabilities(dataset.ids, CLASSES, Float64Array.from(examples.flatMap((_, i) => row(i))));
const compared = compareAnswers(
  dataset,
  [
    { who: "network", scores: says((i) => (i % 2 === 0 ? [0.9, 0.1] : [0.2, 0.8])) },
    { who: "always W", scores: says(() => [1, 0]) },
  ],
  {
    measures: { "macro F1": macroF1Of(2), accuracy: ofClasses(accuracy, 2) },
    differences: [{ of: "network", minus: "always W" }],
    bootstrap: { samples: 20, seed: 1, level: 0.95 },
  },
);
/** The table's lines without head and rule, each as its cells. */
const lines = (text: unknown) =>
  String(text)
    .split("\n")
    .filter((line) => !line.startsWith("─"))
    .map((line) => line.trim().split(/ {2,}/));

test("a row an answer, then a row a difference, with intervals; F1 of each class where it is asked for", () => {
  const text = answersTable(compared, { perClass: true, caption: "Eight windows" }).bundle()["text/plain"];
  assert.deepEqual(lines(text), [
    ["Eight windows"],
    ["macro F1", "accuracy", "F1 W", "F1 N2"],
    ["network", "1.00 (1.00–1.00)", "1.00 (1.00–1.00)", "1.00", "1.00"],
    ["always W", "0.33 (0.33–0.33)", "0.50 (0.50–0.50)", "0.67", "0.00"],
    ["network minus always W", "0.67 (0.67–0.67)", "0.50 (0.50–0.50)", "–", "–"],
  ]);
});

test("answers or differences alone, with other digits and headings", () => {
  const options = { digits: 1, headings: { who: "what" } };
  assert.deepEqual(lines(answersTable(compared, { ...options, show: "answers" }).bundle()["text/plain"]), [
    ["what", "macro F1", "accuracy"],
    ["network", "1.0 (1.0–1.0)", "1.0 (1.0–1.0)"],
    ["always W", "0.3 (0.3–0.3)", "0.5 (0.5–0.5)"],
  ]);
  assert.deepEqual(lines(answersTable(compared, { ...options, show: "differences" }).bundle()["text/plain"]), [
    ["what", "macro F1", "accuracy"],
    ["network minus always W", "0.7 (0.7–0.7)", "0.5 (0.5–0.5)"],
  ]);
});

test("an interval as a cell, and on which side of 0 it lies", () => {
  assert.deepEqual(intervalCell({ estimate: 0.2, low: 0.1, high: 0.4 }), { value: 0.2, interval: [0.1, 0.4] });
  assert.equal(sideOfZero({ low: 0.1, high: 0.4 }), "above 0");
  assert.equal(sideOfZero({ low: -0.4, high: -0.1 }), "below 0");
  assert.equal(sideOfZero({ low: 0, high: 0.4 }), "not told apart from 0");
  assert.equal(sideOfZero({ low: -0.4, high: 0 }), "not told apart from 0");
});
