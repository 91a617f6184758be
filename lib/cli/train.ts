/** `signalbook train`: a system's networks, each fold of each, restartable. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { takeLock } from "../core/lock-file";
import { Generator } from "../core/random";
import type { Model } from "../models";
import { progressDisplay } from "../report";
import type { PipelineTraining } from "../systems";
import {
  type FitResult,
  hasCheckpoint,
  precisionText,
  type RanPrecision,
  subset,
  trainTest,
  writeWeights,
} from "../training";
import { type OptionValues, UsageError } from "./command";
import { commandFor, stageOptions } from "./stage-options";
import { engineVersions, type RunName, runFolder, Stage } from "./stage-record";
import {
  begunPreset,
  claimRun,
  dataRecord,
  leakWarning,
  requirePublished,
  requireRecord,
  requireThreads,
  splitOf,
} from "./stage-run";

/** Exit code of a process that an interrupt ended. */
const INTERRUPTED = 130;

/** Names in a training's folder. */
export const WEIGHTS_FILE = "weights.safetensors";
const METRICS_FILE = "metrics.jsonl";

export async function trainCommand(values: OptionValues): Promise<number> {
  const given = stageOptions("train", values);
  const presetName = given.preset ?? begunPreset(given) ?? "sample";
  const { pipeline, data, seed = 0 } = given;
  const preset = pipeline.preset(presetName);
  requireThreads(given, preset);
  if (given.folds === "published") requirePublished(given, preset);
  const members = only("member", preset.members, given.member);
  const folds = only("fold", preset.folds, given.fold);

  const source = preset.labelled(data);
  const labelled = dataRecord("labelled", data, source);
  const foldsName = claimRun(given, presetName, { labelled, classes: source.classes });
  const options = { ...given, preset: presetName, folds: foldsName };
  const dataset = source.dataset();
  const { split, record } = splitOf(options, preset, dataset);
  const leak = leakWarning(split);
  if (leak !== null) process.stdout.write(`train: ${leak}\n`);
  const interrupt = onInterrupt();
  try {
    for (const run of members.flatMap((member) => folds.map((fold): RunName => ({ member, seed, fold })))) {
      const stage = new Stage(options, { preset: presetName, run, data: labelled, split: record, reads: [] });
      const parts = trainTest(split, run.fold);
      const train = (training: Training): Promise<Trained> =>
        preset.train(run.member, {
          train: subset(dataset, parts.train, `all but fold ${run.fold}`),
          validation: subset(dataset, parts.test, `fold ${run.fold}`),
          seed: seedOfFold(seed, run.fold),
          ...(options.precision && { precision: options.precision }),
          ...(options.workers !== undefined && { workers: options.workers }),
          ...training,
        });
      if (!(await trainOne(stage, run, interrupt.signal, train))) return INTERRUPTED;
    }
  } finally {
    interrupt.release();
  }
  return 0;
}

/** Every fold begins with weights of its own, and draws nothing that another seed's fold draws. */
function seedOfFold(seed: number, fold: number): number {
  const random = new Generator(seed);
  for (let i = 0; i < fold; i++) random.uint32();
  return random.uint32();
}

type Training = Pick<PipelineTraining, "checkpoint" | "metricsFile" | "signal" | "progress">;
type Trained = { model: Model; result: FitResult };

/** @returns whether it came to its end, rather than being interrupted */
async function trainOne(
  stage: Stage,
  run: RunName,
  signal: AbortSignal,
  train: (training: Training) => Promise<Trained>,
): Promise<boolean> {
  const { options } = stage;
  const name = runFolder(run);
  const state = stage.state();
  if (state === "done") {
    requirePrecision(stage, run);
    process.stdout.write(`train ${name}: done before, nothing to do\n`);
    return true;
  }
  const resumeCommand = commandFor("train", { ...options, resume: true });
  if (state === "half" && !options.resume)
    throw new SignalbookError("a training that was interrupted", {
      file: stage.path(""),
      fix: `go on with: ${resumeCommand}`,
    });
  const giveBack = takeLock(stage.path("running.lock"), "a training");
  try {
    return await trainHere(stage, name, signal, resumeCommand, train);
  } finally {
    giveBack();
  }
}

async function trainHere(
  stage: Stage,
  name: string,
  signal: AbortSignal,
  resumeCommand: string,
  train: (training: Training) => Promise<Trained>,
): Promise<boolean> {
  const { options } = stage;
  const folder = stage.path("checkpoint");
  const resume = hasCheckpoint(folder);
  const started = new Date();
  stage.write("running", started, [], {});
  process.stdout.write(`train ${name}: ${resume ? "goes on from its checkpoint" : "begins"}\n`);
  const display = progressDisplay({ title: name });
  const { model, result } = await train({
    checkpoint: { folder, resume },
    metricsFile: stage.path(METRICS_FILE),
    signal,
    // Told below, also of a training whose checkpoint was its end.
    progress: ({ ran: _, ...event }) => display.update(event),
  });
  try {
    display.finish(result.stopped);
    if (result.stopped === "aborted") {
      process.stdout.write(`train ${name}: interrupted after ${result.steps} steps; go on with: ${resumeCommand}\n`);
      return false;
    }
    writeWeights(stage.path(WEIGHTS_FILE), model.readState(), { model: model.name, config: model.config });
    const { history, best, steps, seconds, ran, workers, stopped } = result;
    process.stdout.write(`train ${name}: ${precisionText(ran)}; examples made by ${threadsText(workers)}\n`);
    stage.write("done", started, [WEIGHTS_FILE, METRICS_FILE], {
      model: { name: model.name, ...model.config },
      stopped,
      steps,
      seconds,
      best,
      last: history[history.length - 1],
      precision: ran,
      workers: { asked: options.workers ?? null, ran: workers },
      engine: engineVersions(),
    });
    return true;
  } finally {
    model.dispose();
  }
}

function threadsText(workers: number): string {
  if (workers === 0) return "the thread that trains";
  return workers === 1 ? "1 thread" : `${workers} threads`;
}

/** @throws SignalbookError for a training that was done in another precision than is asked for now */
function requirePrecision({ options }: Stage, run: RunName): void {
  const record = requireRecord(options, "train", run);
  const { asked } = record.results["precision"] as RanPrecision;
  if (options.precision === undefined || options.precision === asked) return;
  throw new SignalbookError("a training that was done in another precision", {
    file: join(options.out, "train", runFolder(run)),
    found: asked,
    expected: options.precision,
    fix: "give another --out, or another --seed",
  });
}

/** The one chosen, or all. */
function only<T extends string | number>(option: string, known: readonly T[], wanted: T | undefined): readonly T[] {
  if (wanted === undefined) return known;
  if (known.includes(wanted)) return [wanted];
  throw new UsageError(`--${option} takes ${known.join(", ")} with this preset; found "${wanted}"`);
}

/** A signal that Ctrl-C, or the end of a job's time, sets; a second Ctrl-C ends the process at once. */
function onInterrupt(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.once(name, abort);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.removeListener(name, abort);
    },
  };
}
