import assert from "node:assert/strict";
import { test } from "node:test";
import { fit } from "../../lib/training/fit";
import { workerLoader } from "../../lib/training/worker-loader";
import { scratchFolder } from "../support/problems";
import { flatWeights, toyModel, toyRun } from "./toy";
import { toySource } from "./toy-thread";

test("batches made in threads: aborted and resumed with other numbers of threads, the same weights", async (t) => {
  const folder = scratchFolder(t);
  const train = async (workers: number, changes: object): Promise<{ weights: number[]; steps: number }> => {
    const model = toyModel();
    const { train: _train, augment: _augment, ...rest } = toyRun(model, { epochs: 2 });
    const loader = workerLoader(toySource(100), { workers });
    try {
      const { steps } = await fit({ ...rest, loader, ...changes });
      return { weights: flatWeights(model), steps };
    } finally {
      await loader.close();
    }
  };
  const whole = await train(0, {});
  const stop = new AbortController();
  const progress = ({ step }: { step: number }): void => {
    if (step === 4) stop.abort();
  };
  const part = await train(1, { checkpoint: { folder }, signal: stop.signal, progress });
  assert.equal(part.steps, 4);
  const resumed = await train(2, { checkpoint: { folder, resume: true } });
  assert.deepEqual(resumed, whole);
});
