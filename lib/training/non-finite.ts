/** What is kept of a step whose loss or gradients are not finite, so that the cause can be found. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { projectRoot, writeFileAtomic } from "../core/files";
import { type SafeTensor, writeSafetensors } from "../formats/safetensors";
import type { Model } from "../models";
import { takeModel, type Weights } from "./checkpoint-weights";
import type { Batch } from "./dataset";
import type { StepResult } from "./train-step";

export interface NonFiniteStep {
  model: Model;
  batch: Batch;
  result: StepResult;
  /** From 1. */
  epoch: number;
  /** Within the epoch, from 1. */
  step: number;
  /** Steps done before, since the start of the run. */
  runStep: number;
  learningRate: number;
  /** The run's checkpoints; without one, a folder of its own is made under .signalbook/. */
  folder: string | undefined;
  run: Record<string, unknown>;
}

/** Saves the batch, and the weights as they were before the step, and gives the error to throw. */
export function saveNonFinite(failure: NonFiniteStep): SignalbookError {
  const { model, batch, result, epoch, step, runStep, learningRate, run } = failure;
  const parent = failure.folder ?? join(projectRoot, ".signalbook", "failed-runs");
  const stamp = new Date().toISOString().replace(/[:.]/g, "-");
  const folder = join(parent, `not-finite-${stamp}`);
  const tensors: Weights = new Map<string, SafeTensor>([
    ["input", { dtype: "F32", shape: [batch.size, batch.input.length / batch.size], data: batch.input }],
    ["target", { dtype: "F32", shape: [batch.size, batch.target.length / batch.size], data: batch.target }],
    ["weight", { dtype: "F32", shape: [batch.size], data: batch.weight }],
  ]);
  for (const [name, data] of Object.entries(batch.extras))
    tensors.set(`extra/${name}`, { dtype: "F32", shape: [batch.size, data.length / batch.size], data });
  writeSafetensors(join(folder, "batch.safetensors"), tensors);
  writeSafetensors(join(folder, "weights-before.safetensors"), takeModel(model));
  const { loss, gradientNorm } = result;
  const suspects = examplesWithNonFiniteInput(batch);
  const report = {
    epoch,
    step,
    runStep,
    learningRate,
    loss: String(loss),
    gradientNorm: String(gradientNorm),
    examples: batch.ids,
    examplesWithNonFiniteInput: suspects,
    run,
  };
  writeFileAtomic(join(folder, "step.json"), `${JSON.stringify(report, null, 1)}\n`);
  const cause = suspects.length > 0 ? `; not finite in the input of ${suspects.join(", ")}` : "";
  return new SignalbookError("training stopped: the loss or a gradient is not finite", {
    place: `epoch ${epoch}, step ${step}, examples ${batch.ids.join(", ")}`,
    found: `loss ${loss}, gradient norm ${gradientNorm}${cause}`,
    expected: "finite numbers",
    fix:
      suspects.length > 0
        ? `repair or leave out these recordings (batch and weights before the step: ${folder})`
        : `lower the learning rate, or look into the batch (batch and weights before the step: ${folder})`,
  });
}

function examplesWithNonFiniteInput({ ids, input, extras, target, size }: Batch): string[] {
  const bad = (values: Float32Array, row: number): boolean => {
    const width = values.length / size;
    return values.subarray(row * width, (row + 1) * width).some((value) => !Number.isFinite(value));
  };
  return ids.filter((_, row) => [input, target, ...Object.values(extras)].some((values) => bad(values, row)));
}
