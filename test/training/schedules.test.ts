import assert from "node:assert/strict";
import { test } from "node:test";
import { EarlyStopping } from "../../lib/training/early-stopping";
import { constantRate, warmupCosine } from "../../lib/training/schedules";
import { readGolden } from "../support/golden";

const golden = readGolden<{
  ecg_warmup_cosine: {
    base_lr: number;
    epochs: number;
    warmup_epochs: number;
    iters_per_epoch: number;
    lr_sequence: number[];
  }[];
  linear_warmup_cosine: { base_lr: number; total_steps: number; warm_up_steps: number; lr_sequence: number[] }[];
}>("training/schedules");

function assertRates(rates: number[], expected: number[]): void {
  expected.forEach((value, step) => {
    assert.ok(
      Math.abs(rates[step]! - value) <= 1e-12 * Math.abs(value) + 1e-20,
      `step ${step}: ${rates[step]}, ${value}`,
    );
  });
}

test("system 004's schedule, step by step", () => {
  for (const { base_lr, epochs, warmup_epochs, iters_per_epoch, lr_sequence } of golden.ecg_warmup_cosine) {
    const schedule = warmupCosine({ rate: base_lr, warmupEpochs: warmup_epochs });
    const plan = { stepsPerEpoch: iters_per_epoch, epochs };
    assertRates(
      lr_sequence.map((_, step) => schedule.rate(step, plan, [])),
      lr_sequence,
    );
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
    assertRates(
      lr_sequence.map((_, step) => schedule.rate(step, plan, [])),
      lr_sequence,
    );
  }
});

test("wrong rates and warm-ups throw", () => {
  assert.throws(() => warmupCosine({ rate: 0, warmupEpochs: 1 }), /learning rate/);
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
