/**
 * A run with all that has a state: accumulation over the ends of epochs, averages, momenta, augmentation, early
 * stopping, a checkpoint after every step. It goes on from the folder's checkpoint where there is one, says "ready" after
 * each step, and when it is done leaves the weights it ended with.
 */
import { join } from "node:path";
import { writeSafetensors } from "../../lib/formats/safetensors";
import { hasCheckpoint } from "../../lib/training/checkpoint";
import { takeModel } from "../../lib/training/checkpoint-weights";
import { fit } from "../../lib/training/fit";
import type { FitOptions } from "../../lib/training/fit-options";
import { toyModel, toyRun } from "./toy";

/** The file it leaves at its end, in its folder. */
export const FINAL = "final.safetensors";
export function longRun(folder: string, changes: Partial<FitOptions>): FitOptions {
  return toyRun(toyModel(), {
    epochs: 60,
    // an epoch has 6 batches
    accumulate: { batches: 4, reduce: "mean" },
    clipNorm: 1,
    ema: { decay: 0.9, rule: "capped", every: "step" },
    checkpoint: { folder, everySteps: 1, resume: hasCheckpoint(folder) },
    metricsFile: join(folder, "metrics.jsonl"),
    eventFolder: join(folder, "events"),
    logEverySteps: 1,
    ...changes,
  });
}

/** Waits for a line, then runs. */
export function waitAndRun(folder: string): void {
  const run = async (): Promise<void> => {
    const options = longRun(folder, { progress: () => process.stdout.write("ready\n") });
    await fit(options);
    writeSafetensors(join(folder, FINAL), takeModel(options.model));
  };
  process.stdin.once("data", () => void run().finally(() => process.stdin.destroy()));
}
