/** lib/models/summary.csv: written by `signalbook models --count`, complete, and true. The large models: summary.full.test.ts. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { summaryFile } from "../../lib/cli/models";
import { tf } from "../../lib/engine";
import { listModels, multiplyAddsOf } from "../../lib/models";
import { summarizeModel, summaryCsv } from "../../lib/models/summary";
import { large } from "./contract";

const lines = readFileSync(summaryFile, "utf8").trim().split("\n");

test("the summary has a line for each model of the registry, in its order", () => {
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(",")[0]),
    listModels().map(({ name }) => name),
  );
});

test("what the summary says of the small models is what they are", () => {
  for (const info of listModels().filter(({ name }) => !large.has(name))) {
    const [, counted] = summaryCsv([summarizeModel(info)])
      .trim()
      .split("\n");
    assert.ok(
      lines.includes(counted!),
      `summary.csv has not "${counted}": write it anew with signalbook models --count`,
    );
  }
});

test("multiply-adds of single operations", () => {
  const count = (op: string, inputs: number[][], output: number[]): number =>
    multiplyAddsOf({ op, inputs, outputs: [output] });
  // [2, 5, 6, 7] outputs of 3 x 4 x 8 taps each
  assert.equal(count("Conv2D", [[2, 7, 9, 8], [3, 4, 8, 7]], [2, 5, 6, 7]), 2 * 5 * 6 * 7 * 3 * 4 * 8); // biome-ignore format: one line reads better
  assert.equal(count("DepthwiseConv2dNative", [[1, 7, 7, 8], [3, 3, 8, 1]], [1, 5, 5, 8]), 5 * 5 * 8 * 9); // biome-ignore format: one line reads better
  assert.equal(count("MatMul", [[3, 5], [7, 5]], [3, 7]), 3 * 5 * 7); // biome-ignore format: one line reads better
  assert.equal(count("BatchMatMulV2", [[2, 4, 3, 5], [2, 4, 5, 7]], [2, 4, 3, 7]), 8 * 3 * 5 * 7); // biome-ignore format: one line reads better
  assert.equal(count("BlockLSTMV2", [[], [6, 2, 5], [], [], [9, 16]], [6, 2, 4]), 6 * 2 * 9 * 16); // biome-ignore format: one line reads better
  assert.equal(count("Relu", [[5]], [5]), 0);
  assert.equal(tf.getBackend(), "tensorflow");
});
