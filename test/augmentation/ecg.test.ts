import assert from "node:assert/strict";
import { test } from "node:test";
import { augmentEcg, PUBLISHED_ECG_AUGMENTATION as PUBLISHED } from "../../lib/augmentation/ecg";
import { Generator } from "../../lib/core/random";

const LEADS = 3;
const signal = Float32Array.from({ length: 50 * LEADS }, (_, i) => 100 + i);
const off = { gain: 0, reverse: false, offset: 0, offsetUnit: 1, threshold: 0.5 };

test("every step is applied with probability 0.309, not one half", () => {
  const random = new Generator(0);
  const runs = 4000;
  for (const only of [{ gain: 0.1 }, { reverse: true }, { offset: 20 }]) {
    let changed = 0;
    for (let i = 0; i < runs; i++) {
      const result = augmentEcg(signal, LEADS, random, { ...off, ...only });
      // an offset of 0 in all three leads is as good as impossible (1 in 64,000)
      if (result.some((value, j) => value !== signal[j])) changed++;
    }
    assert.ok(Math.abs(changed / runs - 0.3085) < 0.03, `${Object.keys(only)}: ${changed / runs}`);
  }
});

test("time reversal turns rows around and leaves leads in their place", () => {
  const result = augmentEcg(signal, LEADS, new Generator(0), { ...off, reverse: true, threshold: -100 });
  for (let t = 0; t < 50; t++)
    for (let lead = 0; lead < LEADS; lead++) assert.equal(result[t * LEADS + lead], signal[(49 - t) * LEADS + lead]);
});

test("inversion turns the sign of every sample, at the same chance", () => {
  const always = augmentEcg(signal, LEADS, new Generator(0), { ...off, invert: true, threshold: -100 });
  assert.deepEqual(
    [...always],
    [...signal].map((value) => -value),
  );
  const random = new Generator(3);
  const turned = Array.from({ length: 2000 }, () => augmentEcg(signal, LEADS, random, { ...off, invert: true }));
  const share = turned.filter((result) => result[0]! < 0).length / turned.length;
  assert.ok(Math.abs(share - 0.3085) < 0.04, `${share}`);
});

test("gain is one factor a lead around 1, offset one integer a lead in -20 .. 19", () => {
  const random = new Generator(1);
  const gains: number[] = [];
  const offsets: number[] = [];
  for (let run = 0; run < 500; run++) {
    const scaled = augmentEcg(signal, LEADS, random, { ...off, gain: 0.1, threshold: -100 });
    const moved = augmentEcg(signal, LEADS, random, { ...off, offset: 20, threshold: -100 });
    for (let lead = 0; lead < LEADS; lead++) {
      gains.push(scaled[lead]! / signal[lead]!);
      offsets.push(moved[lead]! - signal[lead]!);
      assert.ok(Math.abs(scaled[60 + lead]! / signal[60 + lead]! - gains.at(-1)!) < 1e-6, "the same over time");
      assert.equal(moved[60 + lead]! - signal[60 + lead]!, offsets.at(-1));
    }
  }
  const mean = gains.reduce((a, b) => a + b, 0) / gains.length;
  const deviation = Math.sqrt(gains.reduce((a, b) => a + (b - mean) ** 2, 0) / gains.length);
  assert.ok(Math.abs(mean - 1) < 0.01 && Math.abs(deviation - 0.1) < 0.01, `${mean} ${deviation}`);
  assert.equal(Math.min(...offsets), -20);
  assert.equal(Math.max(...offsets), 19);
});

test("pure: the same generator state gives the same result, and the input stays as it is", () => {
  const before = Float32Array.from(signal);
  const one = augmentEcg(signal, LEADS, new Generator(7), PUBLISHED);
  assert.deepEqual(augmentEcg(signal, LEADS, new Generator(7), PUBLISHED), one);
  assert.deepEqual(signal, before);
  assert.throws(() => augmentEcg(signal, 4, new Generator(7), PUBLISHED), /rows of leads/);
});
