import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { cellCheckpoints, checkpointsOf } from "../../lib/training/cell-checkpoints";
import { hasCheckpoint, readCheckpoint } from "../../lib/training/checkpoint";
import { fit } from "../../lib/training/fit";
import type { TrainingProgress } from "../../lib/training/fit-options";
import { scratchOutputs } from "../support/problems";
import { flatWeights, toyModel, toyRun } from "./toy";

const NOTEBOOK = "99_test/cell";

/** Trains two networks as a notebook's cell does; stopped after so many steps of the second. */
async function runCell(stopAfter = Number.POSITIVE_INFINITY, batchSize = 16) {
  const controller = new AbortController();
  const kept = cellCheckpoints(NOTEBOOK, controller.signal);
  const shown: number[][] = [];
  const weights: number[][] = [];
  for (const [index, name] of ["first", "second"].entries()) {
    const steps: number[] = [];
    shown.push(steps);
    const model = toyModel(index);
    const progress = ({ epoch, steps: each, step }: TrainingProgress): void => {
      steps.push((epoch - 1) * each + step);
      if (index === 1 && steps.length >= stopAfter) controller.abort(new Error("stopped by the reader"));
    };
    const { signal } = controller;
    await fit(toyRun(model, { checkpoint: kept.of(name), signal, progress, seed: index, batchSize, epochs: 2 }));
    weights.push(flatWeights(model));
    model.dispose();
  }
  kept.done();
  return { shown, weights };
}

test("a cell that was stopped goes on where it was, with the same numbers; one that ended starts anew", async (t) => {
  scratchOutputs(t);
  const whole = await runCell();
  assert.ok(!existsSync(checkpointsOf(NOTEBOOK)), "nothing is left of a cell that ended");

  await assert.rejects(runCell(9), /stopped by the reader/);
  const { state } = readCheckpoint(`${checkpointsOf(NOTEBOOK)}/second`);
  assert.equal(state.step, 9);
  assert.ok(hasCheckpoint(`${checkpointsOf(NOTEBOOK)}/first`));

  const again = await runCell();
  assert.deepEqual(again.shown[0], [], "the first network was trained already");
  assert.equal(again.shown[1]![0], 10);
  assert.deepEqual(again.weights, whole.weights);
  assert.ok(!existsSync(checkpointsOf(NOTEBOOK)));
});

test("settings changed since it was stopped: it starts anew", async (t) => {
  scratchOutputs(t);
  await assert.rejects(runCell(9), /stopped by the reader/);
  const { shown } = await runCell(undefined, 20);
  assert.deepEqual([shown[0]![0], shown[1]![0]], [1, 1]);
});

test("once the cell was stopped no further network is begun, and nothing is removed", (t) => {
  scratchOutputs(t);
  const controller = new AbortController();
  const kept = cellCheckpoints(NOTEBOOK, controller.signal);
  assert.throws(() => kept.of("../elsewhere"), /can't have this name; found "\.\.\/elsewhere"/);
  controller.abort(new Error("stopped by the reader"));
  assert.throws(() => kept.of("first"), /stopped by the reader/);
  assert.throws(() => kept.done(), /stopped by the reader/);
});
