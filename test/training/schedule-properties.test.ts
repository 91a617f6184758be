/** What holds for every schedule, whatever its numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  cosineAnnealing,
  cosineWarmRestarts,
  oneCycle,
  reduceOnPlateau,
  type Schedule,
  warmupCosine,
} from "../../lib/training/schedules";
import { plateauStates } from "../../lib/training/schedules-plateau";

const settings = { numRuns: 200, seed: 20 };
const rate = fc.double({ min: 1e-6, max: 1, noNaN: true });
const share = fc.double({ min: 0, max: 0.9, noNaN: true });
const plan = fc.record({ stepsPerEpoch: fc.integer({ min: 2, max: 30 }), epochs: fc.integer({ min: 2, max: 12 }) });
const unit = fc.constantFrom("step" as const, "epoch" as const, "fraction" as const);

test("rates stay between the smallest and the highest, and configurations are plain JSON", () => {
  const within = (
    schedule: Schedule,
    run: { stepsPerEpoch: number; epochs: number },
    [least, most]: number[],
  ): void => {
    assert.deepEqual(JSON.parse(JSON.stringify(schedule.config)), schedule.config);
    for (let step = 0; step < run.stepsPerEpoch * run.epochs; step++) {
      const found = schedule.rate(step, run, []);
      assert.ok(found >= least! * (1 - 1e-12) && found <= most! * (1 + 1e-12), `step ${step}: ${found}`);
    }
  };
  fc.assert(
    fc.property(rate, share, plan, unit, fc.integer({ min: 1, max: 9 }), (most, part, run, by, period) => {
      const minimum = part * most;
      within(cosineAnnealing({ rate: most, minimum, period, unit: by }), run, [minimum, most]);
      within(cosineAnnealing({ rate: most, minimum, unit: by }), run, [minimum, most]);
      for (const periodFactor of [1, 2])
        within(cosineWarmRestarts({ rate: most, minimum, period, periodFactor, unit: by }), run, [minimum, most]);
      within(warmupCosine({ rate: most, warmupShare: part, endFraction: 0.01 }), run, [0, most]);
      if (run.stepsPerEpoch * run.epochs > 4) within(oneCycle({ rate: most }), run, [0, most]);
    }),
    settings,
  );
});

test("warm restarts by whole epochs: the same rate within an epoch, and that of the fraction at its start", () => {
  fc.assert(
    fc.property(rate, plan, fc.integer({ min: 1, max: 7 }), (most, run, period) => {
      const byEpoch = cosineWarmRestarts({ rate: most, period, unit: "epoch" });
      const byFraction = cosineWarmRestarts({ rate: most, period, unit: "fraction" });
      for (let step = 0; step < run.stepsPerEpoch * run.epochs; step++) {
        const start = step - (step % run.stepsPerEpoch);
        assert.equal(byEpoch.rate(step, run, []), byFraction.rate(start, run, []));
      }
    }),
    settings,
  );
});

test("on a plateau the rate never rises, and the past does not change with what comes later", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
      fc.constantFrom("min" as const, "max" as const),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 3 }),
      (values, mode, patience, cooldown) => {
        const options = { rate: 1, metric: "loss", mode, patience, cooldown, minimum: 0.01 };
        const states = plateauStates(values, options);
        states.forEach((state, i) => {
          assert.ok(state.rate <= (states[i - 1]?.rate ?? 1) && state.rate >= 0.01);
          const history = values.slice(0, i + 1).map((loss, epoch) => ({ epoch: epoch + 1, metrics: { loss } }));
          const asked = reduceOnPlateau(options).rate(0, { stepsPerEpoch: 1, epochs: 99 }, history);
          assert.equal(asked, state.rate);
        });
      },
    ),
    settings,
  );
});
