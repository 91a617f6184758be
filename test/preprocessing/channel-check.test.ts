import assert from "node:assert/strict";
import { test } from "node:test";
import { checkChannel } from "../../lib/preprocessing";

const channel = (...values: number[]) => ({
  label: "C3",
  unit: "uV",
  sampleRate: 2,
  samples: Float64Array.from(values),
});
const range = { minimum: -100, maximum: 100, step: 0.5 };

test("amplitudes, missing and flat stretches", () => {
  const check = checkChannel(channel(3, 1, 1, 1, Number.NaN, 1, 2, 5), range);
  assert.deepEqual(check.amplitudes!.slice(0, 1), [1]);
  assert.equal(check.amplitudes![2], 1);
  assert.equal(check.amplitudes![4], 5);
  assert.equal(check.missing, 1 / 8);
  assert.equal(check.longestFlat, 1.5, "three samples at 2 Hz; a missing one ends the stretch");
  assert.equal(check.clipped, 0);
  assert.equal(checkChannel(channel(1, 2, 3)).longestFlat, 0);
});

test("clipping counts samples at either end of the recorded range, upside down or not", () => {
  const samples = channel(-100, -99.5, 0, 99.76, 100 - 1e-9, 50, 100, Number.NaN);
  assert.equal(checkChannel(samples, range).clipped, 4 / 7);
  assert.equal(checkChannel(samples, { minimum: 100, maximum: -100, step: 0.5 }).clipped, 4 / 7);
  assert.equal(checkChannel(samples).clipped, null);
});

test("a channel without a sample", () => {
  for (const empty of [channel(), channel(Number.NaN, Number.NaN)]) {
    const { amplitudes, clipped, longestFlat, missing } = checkChannel(empty, range);
    assert.deepEqual([amplitudes, clipped, longestFlat], [null, null, 0]);
    assert.equal(missing, empty.samples.length === 0 ? 0 : 1);
  }
});
