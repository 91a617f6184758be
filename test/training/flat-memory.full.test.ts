import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { tf } from "../../lib/engine";
import { fit } from "../../lib/training/fit";
import { workerLoader } from "../../lib/training/worker-loader";
import { scratchFolder } from "../support/problems";
import { toyModel, toyRun } from "./toy";
import { toySource } from "./toy-thread";

const STEPS = 2000;
/** A batch's tensors and arrays take 17 kB: one left behind a step would be 17 MB in a thousand steps. */
const ALLOWED = 4e6;

test("2,000 steps with a loader, accumulation, averages and checkpoints: resident memory stays flat", async (t) => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const folder = scratchFolder(t);
  const loader = workerLoader(toySource(1600), { workers: 1 });
  const samples: { step: number; resident: number; tensors: number }[] = [];
  try {
    const { train: _train, augment: _augment, ...rest } = toyRun(toyModel());
    const { steps } = await fit({
      ...rest,
      loader,
      epochs: STEPS / 100,
      accumulate: { batches: 4, reduce: "mean" },
      clipNorm: 1,
      ema: { decay: 0.99, rule: "capped", every: "step" },
      checkpoint: { folder, everySteps: 50 },
      metricsFile: join(folder, "metrics.jsonl"),
      eventFolder: join(folder, "events"),
      logEverySteps: 1,
      progress: ({ epoch, step }) => {
        if (step % 25 !== 10) return;
        collectGarbage();
        const { rss: resident } = process.memoryUsage();
        samples.push({ step: (epoch - 1) * 100 + step, resident, tensors: tf.memory().numTensors });
      },
    });
    assert.equal(steps, STEPS);
  } finally {
    await loader.close();
  }
  const between = (from: number, to: number): typeof samples =>
    samples.filter(({ step }) => step > from && step <= to).sort((a, b) => a.resident - b.resident);
  const [early, late] = [between(500, 1000), between(1500, 2000)].map((part) => part[part.length >> 1]!);
  t.diagnostic(`resident: ${(early!.resident / 1e6).toFixed(1)} MB, then ${(late!.resident / 1e6).toFixed(1)} MB`);
  assert.ok(late!.resident - early!.resident < ALLOWED, `grew by ${late!.resident - early!.resident} bytes`);
  const counts = new Set(samples.filter(({ step }) => step > 500).map(({ tensors }) => tensors));
  assert.ok(counts.size === 1, `tensors: ${[...counts].join(", ")}`);
});
