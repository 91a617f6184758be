/** The batched spectrograms in float32 beside the double precision ones, and their gradients beside differences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, tf, withPrecision } from "../../lib/engine";
import { decibels, MelPowerSpectrogram, PowerSpectrogram } from "../../lib/nn";
import { melBank, melSpectrogram, powerToDecibels, spectrogram, taper } from "../../lib/preprocessing";
import { walk } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

const HMS = { sampleRate: 200, points: 1000, mels: 128, low: 0, high: 20, hop: 40 } as const;
const signals = [walk("batch 0", 2500, 40, 25), walk("batch 1", 2500, 4, 90)];
const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const batch = (): tf.Tensor2D => tf.tensor2d(Float32Array.from(signals.flatMap((x) => Array.from(x))), [2, 2500]);

test("power of whole frames: every bin, hops that do and do not divide a frame, even and odd frames", () => {
  for (const [points, hop] of [
    [200, 50],
    [125, 30],
    [64, 64],
    [90, 7],
  ] as const) {
    const layer = new PowerSpectrogram({ taper: taper("hann", points), hop, edges: "none" });
    const found = tf.tidy(() => layer.forward(batch()));
    const bins = Math.floor(points / 2) + 1;
    assert.equal(layer.bins, bins);
    const options = { segment: points, overlap: points - hop, detrend: "none", scaling: "spectrum" } as const;
    signals.forEach((x, i) => {
      const { power } = spectrogram(x, 1, options);
      assert.deepEqual(found.shape, [2, power.length, bins]);
      // one-sided and scaled there
      const scale = taper("hann", points).reduce((sum, value) => sum + value, 0) ** 2;
      const expected = power.flatMap((row) =>
        Array.from(row, (value, k) => (value * scale) / (k === 0 || 2 * k === points ? 1 : 2)),
      );
      const ours = found.dataSync().slice(i * expected.length, (i + 1) * expected.length);
      assert.ok(maxDifference(ours, expected) < 2e-6 * largest(expected), `${points} by ${hop}, signal ${i}`);
    });
    found.dispose();
  }
});

test("mel power and decibels in a compiled step as in double precision, traced once", () => {
  const bank = melBank(HMS);
  for (const edges of ["none", "zero"] as const) {
    const layer = new MelPowerSpectrogram({ taper: taper("hann", HMS.points), hop: HMS.hop, edges }, bank);
    const step = compile((x: tf.Tensor2D) => {
      const power = layer.forward(x);
      return { power, max: decibels(power, { reference: "max" }), one: decibels(power, { range: null }) };
    });
    for (let round = 0; round < 2; round++) {
      const x = batch();
      const { power, max, one } = step(x);
      signals.forEach((signal, i) => {
        const expected = melSpectrogram(signal, { ...HMS, edges });
        const part = (y: tf.Tensor): Float32Array =>
          (y.dataSync() as Float32Array).slice(i * expected.power.length, (i + 1) * expected.power.length);
        assert.deepEqual(power.shape, [2, expected.frames, 128]);
        assert.ok(maxDifference(part(power), expected.power) < 2e-6 * largest(expected.power), edges);
        assert.ok(maxDifference(part(max), powerToDecibels(expected.power, { reference: "max" })) < 0.01, edges);
        assert.ok(maxDifference(part(one), powerToDecibels(expected.power, { range: null })) < 0.01, edges);
      });
      tf.dispose([x, power, max, one]);
    }
    assert.equal(step.traces, 1);
    step.dispose();
  }
});

test("gradients of mel decibels, compiled, are the differences that double precision shows", () => {
  const bank = melBank({ sampleRate: 100, points: 40, mels: 6, low: 2, high: 30 });
  const layer = new MelPowerSpectrogram({ taper: taper("hann", 40), hop: 10 }, bank);
  const signal = walk("gradient", 90, 5, 9);
  const loss = (x: ArrayLike<number>): number => {
    const { power } = melSpectrogram(x, { sampleRate: 100, points: 40, hop: 10, mels: 6, low: 2, high: 30 });
    return powerToDecibels(power, { range: null }).reduce((sum, value, i) => sum + value * Math.sin(i), 0);
  };
  const step = compile((x: tf.Tensor2D) => {
    const [gradient] = tf.grads((input: tf.Tensor) => {
      const values = decibels(layer.forward(input as tf.Tensor2D), { range: null });
      const weights = tf.sin(tf.range(0, values.size, 1, "float32"));
      return tf.sum(tf.mul(tf.reshape(values, [-1]), weights));
    })([x]);
    return gradient!;
  });
  const x = tf.tensor2d(Float32Array.from(signal), [1, 90]);
  const found = step(x).dataSync();
  const expected = signal.map((value, n) => {
    const moved = (by: number): Float64Array => signal.map((each, i) => (i === n ? value + by : each));
    return (loss(moved(1e-5)) - loss(moved(-1e-5))) / 2e-5;
  });
  assert.ok(maxDifference(found, expected) < 1e-4 * largest(expected), String(maxDifference(found, expected)));
  x.dispose();
  step.dispose();
});

test("float32 under a 16-bit policy too", { skip: tf.getBackend() !== "tensorflow" }, () => {
  const layer = new PowerSpectrogram({ taper: taper("hann", 64), hop: 32 });
  tf.tidy(() => {
    const full = layer.forward(batch()).dataSync();
    const under = withPrecision("bfloat16", () => layer.forward(batch())).dataSync();
    assert.equal(maxDifference(full, under), 0);
  });
});

test("signals shorter than a frame, bands of another spectrum and sizes out of range are refused", () => {
  const shape = taper("hann", 64);
  tf.tidy(() => {
    const layer = new PowerSpectrogram({ taper: shape, hop: 32, edges: "none" });
    throwsProblem(() => layer.forward(tf.zeros([1, 63])), { found: "[1, 63]", expected: "64 samples or more" });
    const power = new PowerSpectrogram({ taper: shape, hop: 32 }).forward(tf.zeros([1, 64]));
    throwsProblem(() => decibels(power, { least: 0 }), { found: /least 0/ });
    assert.ok(power.dataSync().every((value) => value === 0));
  });
  throwsProblem(() => new PowerSpectrogram({ taper: shape, hop: 0 }), { found: "0" });
  throwsProblem(() => new PowerSpectrogram({ taper: shape, hop: 1, bins: 34 }), { expected: "an integer in 1 .. 33" });
  throwsProblem(() => new MelPowerSpectrogram({ taper: shape, hop: 8 }, melBank(HMS)), {
    expected: "bands of 33 bins",
  });
});
