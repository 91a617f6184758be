import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readCheckpoint } from "../../lib/training/checkpoint";
import { fit } from "../../lib/training/fit";
import { freeze } from "../../lib/training/freeze";
import { readMetricsFile } from "../../lib/training/metrics-file";
import { rejectsProblem } from "../support/problems";
import { flatWeights, toyModel, toyRun } from "./toy";

/** Starts the toy run in a process of its own and kills it (SIGKILL) when it has told of a step. */
function killAt(folder: string, told: string): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["-r", "ts-node/register", join(__dirname, "killed-run.ts"), folder]);
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(told)) child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("error", reject);
    child.on("exit", (_code, signal) =>
      signal === "SIGKILL" ? resolve(signal) : reject(new Error(`the run ended by itself: ${errors}`)),
    );
  });
}

test("kill -9 in the middle of an epoch, resume: the same final weights, bit for bit", async () => {
  const whole = toyModel();
  await fit(toyRun(whole));
  const expected = flatWeights(whole);
  const folder = mkdtempSync(join(tmpdir(), "resume-"));
  try {
    await killAt(folder, "epoch 3 step 5\n");
    const { state } = readCheckpoint(folder);
    assert.ok(state.step > 0 && state.step < 24, `checkpoint at step ${state.step}`);
    const model = toyModel(99);
    const metricsFile = join(folder, "metrics.jsonl");
    const result = await fit(
      toyRun(model, { checkpoint: { folder, everySteps: 2, resume: true }, metricsFile, logEverySteps: 1 }),
    );
    assert.equal(result.steps, 24);
    assert.deepEqual(flatWeights(model), expected);
    const steps = readMetricsFile(metricsFile).filter((line) => line.kind === "steps");
    assert.deepEqual(
      steps.map((line) => line.step),
      Array.from({ length: 24 }, (_, i) => i + 1),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a run that trained some of the weights does not go on with all of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "frozen-"));
  try {
    const checkpoint = { folder };
    await fit(toyRun(freeze(toyModel(), { except: "last layer" }), { checkpoint, epochs: 1 }));
    await rejectsProblem(fit(toyRun(toyModel(), { checkpoint: { folder, resume: true }, epochs: 1 })), {
      file: folder,
      found: /frozen/,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
