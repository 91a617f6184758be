/** What is kept of a step that ends a run, its loss or gradients being not finite or the run diverging from there. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { projectRoot, writeFileAtomic } from "../core/files";
import { type SafeTensor, writeSafetensors } from "../formats/safetensors";
import type { Model } from "../models";
import { takeModel, type Weights } from "./checkpoint-weights";
import type { Batch } from "./dataset";
import type { DivergenceOptions } from "./divergence";
import type { StepResult } from "./train-step";

export interface FailedStep {
  batch: Batch;
  result: StepResult;
  /** From 1. */
  epoch: number;
  /** Within the epoch, from 1. */
  step: number;
  /** Steps done before, since the start of the run. */
  runStep: number;
  learningRate: number;
}

/** The run that it ends. */
export interface FailedRun {
  model: Model;
  /** The run's checkpoints; without one, a folder of its own is made under .signalbook/. */
  folder: string | undefined;
  run: Record<string, unknown>;
}

/** A batch that outlives its loader's memory. */
export function copyBatch(batch: Batch): Batch {
  const extras = Object.entries(batch.extras).map(([name, values]) => [name, values.slice()]);
  const { ids, size, input, target, weight } = batch;
  const copies = { input: input.slice(), target: target.slice(), weight: weight.slice() };
  return { ids: [...ids], size, ...copies, extras: Object.fromEntries(extras) };
}

/** Saves the batch, and the weights as they were before the step, and gives the error to throw. */
export function saveNonFinite(failed: FailedStep, run: FailedRun): SignalbookError {
  const { loss, gradientNorm } = failed.result;
  const suspects = examplesWithNonFiniteInput(failed.batch);
  const folder = save(failed, run, { kind: "not-finite", weights: "weights-before", suspects });
  const cause = suspects.length > 0 ? `; not finite in the input of ${named(suspects)}` : "";
  return new SignalbookError("training stopped: the loss or a gradient is not finite", {
    place: placeOf(failed),
    found: `loss ${loss}, gradient norm ${gradientNorm}${cause}`,
    expected: "finite numbers",
    fix:
      suspects.length > 0
        ? `repair or leave out these recordings (batch and weights before the step: ${folder})`
        : `lower the learning rate, or look into the batch (batch and weights before the step: ${folder})`,
  });
}

/** Saves the batch that the loss was first too high on, and the weights as they are now, and gives the error to throw. */
export function saveDiverged(
  first: FailedStep,
  run: FailedRun,
  rule: DivergenceOptions,
  best: number,
): SignalbookError {
  const folder = save(first, run, { kind: "diverged", weights: "weights-at-end", suspects: [] });
  return new SignalbookError("training stopped: the loss diverges", {
    place: `from ${placeOf(first)}`,
    found: `loss ${first.result.loss}, and ${rule.steps} steps above ${rule.factor} times the best running mean, ${best}`,
    fix: `lower the learning rate, clip gradients, or look into the batch (that batch and the last weights: ${folder})`,
  });
}

/** Examples named in a message; step.json names all. */
const MOST_NAMED = 5;

const placeOf = ({ epoch, step, batch }: FailedStep): string =>
  `epoch ${epoch}, step ${step}, examples ${named(batch.ids)}`;

function named(ids: readonly string[]): string {
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : "";
  return `${ids.slice(0, MOST_NAMED).join(", ")}${more}`;
}

/** @returns the folder. */
function save(
  { batch, result, epoch, step, runStep, learningRate }: FailedStep,
  { model, run, folder: checkpoints }: FailedRun,
  { kind, weights, suspects }: { kind: string; weights: string; suspects: string[] },
): string {
  const parent = checkpoints ?? join(projectRoot, ".signalbook", "failed-runs");
  const stamp = new Date().toISOString().replace(/[:.]/g, "-");
  const folder = join(parent, `${kind}-${stamp}`);
  const tensors: Weights = new Map<string, SafeTensor>([
    ["input", { dtype: "F32", shape: [batch.size, batch.input.length / batch.size], data: batch.input }],
    ["target", { dtype: "F32", shape: [batch.size, batch.target.length / batch.size], data: batch.target }],
    ["weight", { dtype: "F32", shape: [batch.size], data: batch.weight }],
  ]);
  for (const [name, data] of Object.entries(batch.extras))
    tensors.set(`extra/${name}`, { dtype: "F32", shape: [batch.size, data.length / batch.size], data });
  writeSafetensors(join(folder, "batch.safetensors"), tensors);
  writeSafetensors(join(folder, `${weights}.safetensors`), takeModel(model));
  const { loss, gradientNorm } = result;
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
  return folder;
}

function examplesWithNonFiniteInput({ ids, input, extras, target, size }: Batch): string[] {
  const bad = (values: Float32Array, row: number): boolean => {
    const width = values.length / size;
    return values.subarray(row * width, (row + 1) * width).some((value) => !Number.isFinite(value));
  };
  return ids.filter((_, row) => [input, target, ...Object.values(extras)].some((values) => bad(values, row)));
}
