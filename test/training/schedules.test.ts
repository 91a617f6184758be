import assert from "node:assert/strict";
import { test } from "node:test";
import { EarlyStopping } from "../../lib/training/early-stopping";
import {
  constantRate,
  cosineAnnealing,
  cosineWarmRestarts,
  oneCycle,
  type RunPlan,
  reduceOnPlateau,
  type Schedule,
  warmupCosine,
} from "../../lib/training/schedules";
import { plateauStates } from "../../lib/training/schedules-plateau";
import { readGolden } from "../support/golden";

interface Sequence {
  lr_sequence: number[];
}
interface CosineCase extends Sequence {
  lr: number;
  eta_min: number;
  steps: number;
}
interface PlateauArguments {
  mode: "min" | "max";
  factor: number;
  patience: number;
  threshold?: number;
  threshold_mode?: "abs" | "rel";
  cooldown?: number;
  min_lr?: number;
}

const golden = readGolden<{
  cosine_warm_restarts: (CosineCase & {
    T_0: number;
    T_mult: number;
    epochs?: number;
    iters?: number;
    times: number[];
  })[];
  cosine_annealing: (CosineCase & { T_max: number })[];
  reduce_on_plateau: (Sequence & { lr: number; args: PlateauArguments; metrics: number[]; num_bad_epochs: number[] })[];
  ecg_warmup_cosine: (Sequence & { base_lr: number; epochs: number; warmup_epochs: number; iters_per_epoch: number })[];
  linear_warmup_cosine: (Sequence & { base_lr: number; total_steps: number; warm_up_steps: number })[];
}>("training/schedules");

const { one_cycle: cycles } = readGolden<{
  one_cycle: (Sequence & {
    total_steps: number;
    args: {
      max_lr: number;
      pct_start?: number;
      div_factor?: number;
      final_div_factor?: number;
      anneal_strategy?: "linear";
    };
  })[];
}>("training/one-cycle");

function assertRates(rates: number[], expected: number[]): void {
  assert.equal(rates.length, expected.length);
  expected.forEach((value, step) => {
    assert.ok(
      Math.abs(rates[step]! - value) <= 1e-12 * Math.abs(value) + 1e-20,
      `step ${step}: ${rates[step]}, ${value}`,
    );
  });
}

const ratesOf = (schedule: Schedule, steps: number, plan: RunPlan): number[] =>
  Array.from({ length: steps }, (_, step) => schedule.rate(step, plan, []));

test("warm restarts by the step, equal to PyTorch's", () => {
  const byStep = golden.cosine_warm_restarts.filter(({ iters }) => iters === undefined);
  assert.equal(byStep.length, 2);
  for (const { lr, T_0, T_mult, eta_min, lr_sequence } of byStep) {
    const schedule = cosineWarmRestarts({ rate: lr, period: T_0, periodFactor: T_mult, minimum: eta_min });
    assertRates(ratesOf(schedule, lr_sequence.length, { stepsPerEpoch: 7, epochs: 10 }), lr_sequence);
  }
});

test("warm restarts by fractions of epochs, equal to PyTorch's", () => {
  const byFraction = golden.cosine_warm_restarts.filter(({ iters }) => iters !== undefined);
  assert.equal(byFraction.length, 2);
  for (const { lr, T_0, T_mult, eta_min, epochs, iters, lr_sequence } of byFraction) {
    const unit = "fraction";
    const schedule = cosineWarmRestarts({ rate: lr, period: T_0, periodFactor: T_mult, minimum: eta_min, unit });
    // the first of the sequence is the rate before any call
    const plan = { stepsPerEpoch: iters!, epochs: epochs! };
    assertRates(ratesOf(schedule, lr_sequence.length - 1, plan), lr_sequence.slice(1));
  }
});

test("warm restarts by the epoch; moved on twice an epoch, a period of 10 is 5 epochs, as in system 000", () => {
  const { lr: rate, T_0: period, eta_min: minimum, lr_sequence } = golden.cosine_warm_restarts[0]!;
  const plan = { stepsPerEpoch: 3, epochs: 16 };
  for (const movesPerEpoch of [1, 2]) {
    const schedule = cosineWarmRestarts({ rate, period, minimum, unit: "epoch", movesPerEpoch });
    const expected = Array.from({ length: 48 }, (_, step) => lr_sequence[Math.floor(step / 3) * movesPerEpoch]!);
    assertRates(ratesOf(schedule, 48, plan), expected);
  }
});

test("half a cosine, and up again beyond its period, equal to PyTorch's; by default over the run", () => {
  for (const { lr: rate, T_max: period, eta_min: minimum, lr_sequence } of golden.cosine_annealing) {
    const plan = { stepsPerEpoch: 4, epochs: 3 };
    const rates = ratesOf(cosineAnnealing({ rate, period, minimum }), lr_sequence.length, plan);
    assertRates(rates, lr_sequence);
    assertRates(ratesOf(cosineAnnealing({ rate, minimum }), 12, plan), lr_sequence.slice(0, 12));
    const byEpoch = cosineAnnealing({ rate, minimum, unit: "epoch" });
    assertRates(
      ratesOf(byEpoch, 24, { stepsPerEpoch: 2, epochs: 12 }),
      Array.from({ length: 24 }, (_, step) => lr_sequence[step >> 1]!),
    );
  }
});

test("a rate that falls on a plateau, equal to PyTorch's with its counts of bad epochs", () => {
  assert.equal(golden.reduce_on_plateau.length, 2);
  for (const { lr, args, metrics, lr_sequence, num_bad_epochs } of golden.reduce_on_plateau) {
    const { mode, factor, patience, threshold, threshold_mode, cooldown, min_lr } = args;
    const options = {
      ...{ rate: lr, metric: "kappa", mode, factor, patience },
      ...(threshold !== undefined && { threshold }),
      ...(threshold_mode === "abs" && { thresholdMode: "absolute" as const }),
      ...(cooldown !== undefined && { cooldown }),
      ...(min_lr !== undefined && { minimum: min_lr }),
    };
    const states = plateauStates(metrics, options);
    assertRates(
      states.map(({ rate }) => rate),
      lr_sequence,
    );
    assert.deepEqual(
      states.map(({ badEpochs }) => badEpochs),
      num_bad_epochs,
    );
    // as a run asks for it: the rate of an epoch follows from the epochs before
    const schedule = reduceOnPlateau(options);
    const history = metrics.map((kappa, i) => ({ epoch: i + 1, metrics: { kappa, loss: 1 } }));
    const asked = metrics.map((_, i) => schedule.rate(5 * i, { stepsPerEpoch: 5, epochs: 99 }, history.slice(0, i)));
    assertRates(asked, [lr, ...lr_sequence.slice(0, -1)]);
    assert.throws(
      () => reduceOnPlateau({ ...options, metric: "f1" }).rate(9, { stepsPerEpoch: 5, epochs: 9 }, history),
      /epoch 1: .*expected f1/,
    );
  }
});

test("one cycle, equal to PyTorch's", () => {
  assert.equal(cycles.length, 3);
  for (const { total_steps: epochs, args, lr_sequence } of cycles) {
    const schedule = oneCycle({
      rate: args.max_lr,
      ...(args.pct_start !== undefined && { riseShare: args.pct_start }),
      ...(args.div_factor !== undefined && { startDivisor: args.div_factor }),
      ...(args.final_div_factor !== undefined && { endDivisor: args.final_div_factor }),
      ...(args.anneal_strategy && { shape: args.anneal_strategy }),
    });
    assertRates(ratesOf(schedule, epochs, { stepsPerEpoch: 1, epochs }), lr_sequence);
  }
});

test("system 004's schedule, step by step", () => {
  for (const { base_lr, epochs, warmup_epochs, iters_per_epoch, lr_sequence } of golden.ecg_warmup_cosine) {
    const schedule = warmupCosine({ rate: base_lr, warmupEpochs: warmup_epochs });
    const plan = { stepsPerEpoch: iters_per_epoch, epochs };
    assertRates(ratesOf(schedule, lr_sequence.length, plan), lr_sequence);
  }
});

test("a warm-up from a tenth and a cosine to a hundredth of the rate", () => {
  for (const { base_lr, total_steps, warm_up_steps, lr_sequence } of golden.linear_warmup_cosine) {
    const schedule = warmupCosine({
      rate: base_lr,
      warmupEpochs: warm_up_steps,
      startFraction: 0.1,
      endFraction: 0.01,
    });
    const plan = { stepsPerEpoch: 1, epochs: total_steps };
    assertRates(ratesOf(schedule, total_steps + 1, plan), lr_sequence);
    const byShare = warmupCosine({ rate: base_lr, warmupShare: 0.1, startFraction: 0.1, endFraction: 0.01 });
    assertRates(ratesOf(byShare, total_steps + 1, plan), lr_sequence);
  }
});

test("wrong rates and warm-ups throw", () => {
  assert.throws(() => warmupCosine({ rate: 0, warmupEpochs: 1 }), /learning rate/);
  assert.throws(() => warmupCosine({ rate: 1 }), /told twice, or not at all/);
  assert.throws(() => warmupCosine({ rate: 1, warmupEpochs: 1, warmupShare: 0.1 }), /told twice/);
  assert.throws(() => cosineAnnealing({ rate: 1, minimum: 2 }), /above the first/);
  assert.throws(() => cosineWarmRestarts({ rate: 1, period: 3, periodFactor: 1.5 }), /whole number/);
  assert.throws(() => cosineWarmRestarts({ rate: 1, period: 3, movesPerEpoch: 2 }), /unit/);
  assert.throws(() => reduceOnPlateau({ rate: 1, metric: "loss", mode: "min", factor: 1 }), /factor/);
  assert.throws(() => oneCycle({ rate: 1, riseShare: 1 }), /between 0 and 1/);
  assert.throws(() => oneCycle({ rate: 1 }).rate(0, { stepsPerEpoch: 1, epochs: 3 }, []), /too short/);
  assert.throws(() => constantRate(Number.NaN), /learning rate/);
  const schedule = warmupCosine({ rate: 1, warmupEpochs: 4 });
  assert.throws(() => schedule.rate(0, { stepsPerEpoch: 5, epochs: 4 }, []), /as long as the run/);
});

test("early stopping keeps the best epoch and stops when patience is used up", () => {
  const stopper = new EarlyStopping({ metric: "auc", mode: "max", patience: 2, minDelta: 0.01 });
  const told = [0.5, 0.6, 0.605, 0.7, 0.7, 0.69].map((auc, epoch) => stopper.update(epoch, { auc }));
  assert.deepEqual(
    told.map((t) => t.improved),
    [true, true, false, true, false, false],
  );
  assert.deepEqual(
    told.map((t) => t.stop),
    [false, false, false, false, false, true],
  );
  assert.deepEqual(stopper.state, { best: 0.7, bestEpoch: 3, epochsSinceBest: 2 });
});

test("early stopping goes on from its state, and ignores epochs before fromEpoch", () => {
  const options = { metric: "loss", mode: "min", patience: 2, fromEpoch: 2 } as const;
  const first = new EarlyStopping(options);
  assert.deepEqual(first.update(0, { loss: 0.1 }), { improved: false, stop: false });
  first.update(2, { loss: 0.5 });
  const second = new EarlyStopping(options, JSON.parse(JSON.stringify(first.state)));
  assert.deepEqual(second.update(3, { loss: 0.6 }), { improved: false, stop: false });
  assert.deepEqual(second.update(4, { loss: 0.7 }), { improved: false, stop: true });
  assert.equal(second.state.bestEpoch, 2);
});

test("a metric that is missing or NaN throws", () => {
  const stopper = new EarlyStopping({ metric: "auc", mode: "max", patience: 2 });
  assert.throws(() => stopper.update(0, { loss: 1 }), /expected auc/);
  assert.throws(() => stopper.update(0, { auc: Number.NaN }), /NaN/);
  assert.throws(() => new EarlyStopping({ metric: "auc", mode: "max", patience: 0 }), /patience/);
});

test("restarts are met where accumulation leaves an epoch a fraction of a step", () => {
  // 7 batches in groups of 3: step 35 begins epoch 15, and 35 / (7 / 3) is less than 15 by rounding
  const plan = { stepsPerEpoch: 7 / 3, epochs: 60 };
  assert.ok(35 / plan.stepsPerEpoch < 15);
  for (const unit of ["epoch", "fraction"] as const)
    assert.equal(cosineWarmRestarts({ rate: 1, period: 5, unit }).rate(35, plan, []), 1);
});
