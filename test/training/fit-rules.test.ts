import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSafetensors } from "../../lib/formats/safetensors";
import { type EpochRecord, readCheckpoint } from "../../lib/training/checkpoint";
import { fit } from "../../lib/training/fit";
import type { FitOptions } from "../../lib/training/fit-options";
import { memoryLoader } from "../../lib/training/loader";
import { readMetricsFile } from "../../lib/training/metrics-file";
import { adam } from "../../lib/training/optimizers";
import { type RunPlan, warmupCosine } from "../../lib/training/schedules";
import { rejectsProblem, scratchFolder } from "../support/problems";
import { readScalars } from "./events";
import { flatWeights, toyDataset, toyModel, toyRun } from "./toy";

/** What learns, without running statistics. */
function learnt(model: ReturnType<typeof toyModel>): number[] {
  return [...model.parameters.values()].flatMap((variable) => [...variable.dataSync()]);
}

/** The toy run without early stopping: it ends with the last weights. */
function lastWeights(model: ReturnType<typeof toyModel>, changes: Partial<FitOptions>): FitOptions {
  const { earlyStopping: _, ...run } = toyRun(model, { epochs: 2, ...changes });
  return run;
}

test("accumulation: schedules count steps of the optimizer and see the finished epochs", async () => {
  const model = toyModel();
  const asked: { step: number; plan: RunPlan; epochs: number[] }[] = [];
  const schedule = {
    name: "halving",
    config: {},
    rate: (step: number, plan: RunPlan, history: readonly EpochRecord[]) => {
      asked.push({ step, plan, epochs: history.map(({ epoch }) => epoch) });
      return 0.02 / 2 ** history.length;
    },
  };
  const options = lastWeights(model, {
    schedule,
    epochs: 3,
    accumulate: { batches: 4, reduce: "mean" },
    clipNorm: 0.5,
  });
  const { steps, updates, skipped, history } = await fit(options);
  assert.deepEqual({ steps, updates, skipped }, { steps: 18, updates: 4, skipped: 0 });
  assert.deepEqual(
    history.map(({ learningRate }) => learningRate),
    [0.02, 0.01, 0.005],
  );
  const inRun = asked.slice(1); // the first asks whether the schedule fits the run
  const inSteps = inRun.filter((_, i) => (i + 1) % 7 !== 0); // after six batches, the epoch's record asks once more
  assert.deepEqual(
    inSteps.map(({ step }) => step),
    Array.from({ length: 18 }, (_, i) => Math.floor(i / 4)),
  );
  assert.deepEqual(asked[0]!.plan, { stepsPerEpoch: 1.5, epochs: 3 });
  assert.deepEqual(asked.at(-1)!.epochs, [1, 2]);
});

test("examples are shuffled anew each epoch, unless they are to keep their order", async () => {
  const orders = async (shuffle?: boolean): Promise<number[][]> => {
    const model = toyModel();
    const { train, augment: _, ...run } = lastWeights(model, {});
    const loader = memoryLoader(train!);
    const seen: number[] = [];
    await fit({
      ...run,
      ...(shuffle !== undefined && { shuffle }),
      loader: {
        ...loader,
        batches: (plans, signal) => {
          seen.push(...plans.flatMap(({ indices }) => [...indices]));
          return loader.batches(plans, signal);
        },
      },
    });
    return [seen.slice(0, 96), seen.slice(96)];
  };
  const inOrder = Array.from({ length: 96 }, (_, i) => i);
  assert.deepEqual(await orders(false), [inOrder, inOrder]);
  const [first, second] = (await orders()) as [number[], number[]];
  assert.notDeepEqual(first, second);
  assert.equal(new Set(first).size, 96);
  assert.deepEqual(await orders(true), [first, second]);
});

test("averaged weights are what validation measures and what the model ends with", async () => {
  const [plain, current, first] = [toyModel(), toyModel(), toyModel()];
  await fit(lastWeights(plain, {}));
  const ema = (decay: number): Partial<FitOptions> => ({ ema: { decay, rule: "constant", every: "step" } });
  await fit(lastWeights(current, ema(0)));
  assert.deepEqual(flatWeights(current), flatWeights(plain), "averages that forget at once are the weights");
  // A schedule of rate 0 leaves weights as they are, and moves the statistics: as averages that never move do.
  const still = toyModel();
  const schedule = { name: "still", config: {}, rate: () => 0 };
  await fit(lastWeights(first, ema(1)));
  await fit(lastWeights(still, { schedule, optimizer: adam() }));
  assert.deepEqual(learnt(first), learnt(still));
  assert.notDeepEqual(learnt(first), learnt(plain));

  const best = toyModel();
  const { history } = await fit(toyRun(best, { epochs: 3, ...ema(0.5) }));
  const other = await fit(toyRun(toyModel(), { epochs: 3 }));
  assert.notDeepEqual(history.map(({ metrics }) => metrics), other.history.map(({ metrics }) => metrics)); // biome-ignore format: short
  assert.deepEqual(
    history.map(({ loss }) => loss),
    other.history.map(({ loss }) => loss),
    "the training itself is the same",
  );
});

test("averages by the epoch are taken once, though the run is ended within a validation", async (t) => {
  const folder = scratchFolder(t);
  const ema = { decay: 0.5, rule: "constant", every: "epoch" } as const;
  const whole = toyModel();
  await fit(lastWeights(whole, { ema, epochs: 3 }));
  const stop = new AbortController();
  const model = toyModel();
  const stopping = lastWeights(model, {
    ...{ ema, epochs: 3, checkpoint: { folder }, signal: stop.signal },
    progress: ({ epoch, step }) => {
      if (epoch === 2 && step === 6) stop.abort(); // the last step: what is left of the epoch is its validation
    },
  });
  const { stopped, history } = await fit(stopping);
  assert.deepEqual([stopped, history.length], ["aborted", 1]);
  const { signal: _signal, progress: _progress, ...again } = stopping;
  await fit({ ...again, checkpoint: { folder, resume: true } });
  assert.deepEqual(flatWeights(model), flatWeights(whole));
});

test("float16 with a loss scaler: skipped steps are counted everywhere, and what really ran is told", async (t) => {
  const folder = scratchFolder(t);
  const model = toyModel();
  const metricsFile = join(folder, "metrics.jsonl");
  const told = { metricsFile, eventFolder: join(folder, "events"), logEverySteps: 1 };
  const scaler = { scale: 2 ** 24 };
  const result = await fit(lastWeights(model, { precision: "float16", scaler, ...told }));
  assert.ok(result.skipped > 0 && result.updates > 0, `${result.skipped} of ${result.steps} skipped`);
  assert.equal(result.skipped + result.updates, result.steps);
  assert.equal(
    result.history.reduce((sum, { skipped }) => sum + skipped, 0),
    result.skipped,
  );
  const lines = readMetricsFile(metricsFile);
  assert.equal(lines.filter(({ kind, skipped }) => kind === "steps" && skipped).length, result.skipped);
  const [begun, end] = [lines[0]!, lines.at(-1)!];
  assert.deepEqual(begun["ran"], result.ran);
  assert.deepEqual([end["skipped"], end["updates"]], [result.skipped, result.updates]);
  const scales = readScalars(told.eventFolder)["train/loss_scale"]!;
  assert.deepEqual([scales.length, scales[0]], [12, [1, 2 ** 24]]);
  assert.ok(result.ran.multiplyAdds["float16"]! > 0.9, JSON.stringify(result.ran));
  assert.equal(result.ran.asked, "float16");
});

test("a loader takes the place of examples: the same numbers; not both", async () => {
  const [direct, loaded] = [toyModel(), toyModel()];
  const { train, augment, ...rest } = toyRun(direct, { epochs: 2 });
  await fit({ ...rest, train: train!, augment: augment! });
  const loader = memoryLoader(train!, augment);
  await fit({ ...rest, model: loaded, loader });
  assert.deepEqual(flatWeights(loaded), flatWeights(direct));
  assert.equal(loader.stats.batches, 12);
  await assert.rejects(fit({ ...rest, train: train!, loader }), /not one source of batches; found train, loader/);
  await assert.rejects(fit({ ...rest, loader, augment: augment! }), /found loader, augment/);
  await assert.rejects(fit(rest), /not one source of batches/);
});

test("the time is accounted for, by epochs and in all; progress tells rates", async (t) => {
  const folder = scratchFolder(t);
  const rates: number[] = [];
  const progress: FitOptions["progress"] = ({ learningRate, examplesPerSecond }) => {
    assert.ok(examplesPerSecond > 0 && Number.isFinite(examplesPerSecond));
    rates.push(learningRate);
  };
  const { timing, history, seconds } = await fit(toyRun(toyModel(), { checkpoint: { folder }, progress, epochs: 2 }));
  const { total, ...parts } = timing;
  assert.equal(seconds, total);
  assert.ok(Object.values(parts).every((part) => part >= 0) && parts.engine > 0 && parts.checkpoint > 0);
  const sum = Object.values(parts).reduce((all, part) => all + part, 0);
  assert.ok(Math.abs(sum - total) < 1e-6, `${sum} of ${total} s`);
  const engine = history.reduce((all, epoch) => all + epoch.timing.engine, 0);
  assert.ok(Math.abs(engine - parts.engine) < 1e-6);
  assert.equal(rates.length, 12);
  assert.equal(rates.at(-1), history.at(-1)!.learningRate);
});

test("a loss that gets worse for good ends the run; the batch that it began with and the last weights are kept", async (t) => {
  const folder = scratchFolder(t);
  const model = toyModel();
  const losses: number[] = [];
  const rate = (step: number): number => (step < 9 ? 0.01 : 3);
  const run = lastWeights(model, {
    ...{ epochs: 4, checkpoint: { folder }, divergence: { factor: 2, steps: 3 }, logEverySteps: 1 },
    schedule: { name: "wild", config: {}, rate },
    metricsFile: join(folder, "metrics.jsonl"),
  });
  await assert.rejects(fit(run), /the loss diverges; found loss .*, and 3 steps above 2 times the best running mean/);
  losses.push(
    ...readMetricsFile(run.metricsFile!).flatMap(({ kind, loss }) => (kind === "steps" ? [loss as number] : [])),
  );
  const saved = readdirSync(folder).find((name) => name.startsWith("diverged-"))!;
  const { runStep, loss, examples } = JSON.parse(readFileSync(join(folder, saved, "step.json"), "utf8"));
  assert.equal(runStep, losses.length - 2, "the first of the three, of which the last one is not told any more");
  assert.equal(Number(loss), losses[runStep]);
  assert.equal(examples.length, 16);
  const batch = readSafetensors(join(folder, saved, "batch.safetensors")).tensors;
  assert.deepEqual(batch.get("input")!.shape, [16, 128]);
  const last = readSafetensors(join(folder, saved, "weights-at-end.safetensors")).tensors;
  assert.deepEqual(
    [...last.values()].flatMap(({ data }) => [...(data as Float32Array)]),
    flatWeights(model),
  );
  await assert.rejects(fit({ ...run, checkpoint: { folder: join(folder, "b") }, divergence: { factor: 1, steps: 0 } }), /divergence out of range/); // biome-ignore format: short
});

test("a warm-up that is longer than the run is told before the first example is looked at", async () => {
  const run = toyRun(toyModel(), { epochs: 2, schedule: warmupCosine({ rate: 0.01, warmupEpochs: 3 }) });
  const { train, augment, ...rest } = run;
  let walks = 0;
  const inner = memoryLoader(train!, augment);
  const loader = {
    ...inner,
    batches(...given: Parameters<typeof inner.batches>) {
      walks++;
      return inner.batches(...given);
    },
  };
  await rejectsProblem(fit({ ...rest, loader }), {
    what: /a warm-up as long as the run/,
    found: "3 epochs of warm-up",
  });
  assert.equal(walks, 0);
});

test("a metric that is NaN ends the run, and keeps the epoch that it is of: the run goes on once it is mended", async (t) => {
  const checkpoint = { folder: scratchFolder(t) };
  let measured = 0;
  const broken = toyRun(toyModel(), {
    checkpoint,
    epochs: 3,
    evaluate: () => ({ auc: ++measured === 2 ? Number.NaN : 0.5 + measured / 10 }),
  });
  await rejectsProblem(fit(broken), { what: /the metric to stop by is NaN/, place: "auc, epoch 2" });
  const { state } = readCheckpoint(checkpoint.folder);
  assert.deepEqual([state.epoch, state.position, state.averaged, state.history.length], [1, 6, true, 1]);
  const model = toyModel();
  const rest = { epochs: 3, evaluate: () => ({ auc: 0.9 }) };
  const { steps, history } = await fit(toyRun(model, { ...rest, checkpoint: { ...checkpoint, resume: true } }));
  assert.deepEqual([steps, history.length], [18, 3]);
});

test("a message names a few of a batch's examples and counts the others", async (t) => {
  const folder = scratchFolder(t);
  const train = toyDataset("train", 100, 1);
  const input = train.example(0).input.fill(Number.NaN);
  const broken = { ...train, example: (i: number) => ({ ...train.example(i), input }) };
  const {
    augment: _,
    validation: _v,
    earlyStopping: _e,
    ...run
  } = toyRun(toyModel(), { train: broken, checkpoint: { folder } });
  await rejectsProblem(fit(run), {
    place: /^epoch 1, step 1, examples (train-\d+, ){4}train-\d+ and 11 more$/,
    found: /not finite in the input of (train-\d+, ){4}train-\d+ and 11 more$/,
    fix: /repair or leave out/,
  });
});
