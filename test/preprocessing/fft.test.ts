import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fft, inverseFft, inverseRfft, rfft } from "../../lib/preprocessing";
import { PlanCache } from "../../lib/preprocessing/fft-plans";
import { type GoldenArray, type GoldenComplex, readGolden, walk } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

const golden = readGolden<{
  input: { values: GoldenArray };
  rfft: { n: number; output: GoldenComplex }[];
}>("signals/spectra");
const x = golden.input.values.data;
const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** Signals of any length to 400: products of 2, 3 and 5, powers of two and others alike. */
const signals = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 400 });
const runs = { seed: 5, numRuns: 150 };

/** The definition, term by term. */
function slow(re: ArrayLike<number>, im: ArrayLike<number>): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const angle = (-2 * Math.PI * ((i * k) % n)) / n;
      out.re[k]! += re[i]! * Math.cos(angle) - im[i]! * Math.sin(angle);
      out.im[k]! += re[i]! * Math.sin(angle) + im[i]! * Math.cos(angle);
    }
  }
  return out;
}

test("real transforms of power-of-two, even, odd and prime lengths as NumPy's", () => {
  assert.equal(golden.rfft.length, 5);
  for (const { n, output } of golden.rfft) {
    const { re, im } = rfft(x.slice(0, n));
    const scale = largest(output.re.data) + largest(output.im.data);
    assert.ok(maxDifference(re, output.re.data) < 1e-14 * scale, `length ${n}`);
    assert.ok(maxDifference(im, output.im.data) < 1e-14 * scale, `length ${n}`);
  }
});

test("real and complex transforms as their definition says, at every length to 130", () => {
  for (let n = 1; n <= 130; n++) {
    const input = { re: walk(`re${n}`, n, 1, 7), im: walk(`im${n}`, n, 1, 5) };
    const expected = slow(input.re, input.im);
    const found = fft(input);
    assert.ok(maxDifference(found.re, expected.re) < 1e-12, `length ${n}`);
    assert.ok(maxDifference(found.im, expected.im) < 1e-12, `length ${n}`);
    const real = slow(input.re, new Float64Array(n));
    const half = rfft(input.re);
    assert.equal(half.re.length, Math.floor(n / 2) + 1);
    assert.ok(maxDifference(half.re, real.re.subarray(0, half.re.length)) < 1e-12, `length ${n}`);
    assert.ok(maxDifference(half.im, real.im.subarray(0, half.im.length)) < 1e-12, `length ${n}`);
  }
});

test("a transform and its inverse give the signal back: complex and real, of any length", () => {
  for (const n of [1, 2, 3, 1000, 1024, 4999, 5000, 6000]) {
    const input = { re: walk(`re${n}`, n, 1, 7), im: walk(`im${n}`, n, 1, 5) };
    const back = inverseFft(fft(input));
    assert.ok(maxDifference(back.re, input.re) < 1e-12, `length ${n}`);
    assert.ok(maxDifference(back.im, input.im) < 1e-12, `length ${n}`);
    assert.ok(maxDifference(inverseRfft(rfft(input.re), n), input.re) < 1e-12, `length ${n}`);
  }
  fc.assert(
    fc.property(signals, (values) => {
      assert.ok(maxDifference(inverseRfft(rfft(values), values.length), values) < 1e-10);
    }),
    runs,
  );
  throwsProblem(() => rfft([]), { found: "0 samples" });
  throwsProblem(() => fft({ re: new Float64Array(0), im: new Float64Array(0) }), { found: "0 samples" });
  throwsProblem(() => inverseRfft(rfft([1, 2, 3]), 4), { found: "2 and 2", expected: "3 for 4 samples" });
});

test("zeros beyond a signal's end, and a signal cut to a transform's length", () => {
  const padded = rfft([1, 2, 3], 6);
  const whole = rfft([1, 2, 3, 0, 0, 0]);
  assert.deepEqual(padded, whole);
  assert.deepEqual(rfft([1, 2, 3, 4, 5], 3), rfft([1, 2, 3]));
});

test("Parseval: the energy of a signal is that of its coefficients", () => {
  fc.assert(
    fc.property(signals, (values) => {
      const n = values.length;
      const { re, im } = rfft(values);
      let energy = 0;
      for (let k = 0; k < re.length; k++)
        energy += (k === 0 || 2 * k === n ? 1 : 2) * (re[k]! * re[k]! + im[k]! * im[k]!);
      const expected = values.reduce((sum, value) => sum + value * value, 0);
      assert.ok(Math.abs(energy / n - expected) <= 1e-12 * (1 + expected));
    }),
    runs,
  );
});

test("linearity: the transform of a sum is the sum of transforms", () => {
  fc.assert(
    fc.property(signals, fc.double({ min: -10, max: 10, noNaN: true }), (values, factor) => {
      const other = values.map((_, i) => Math.cos(i * i));
      const together = rfft(values.map((value, i) => factor * value + other[i]!));
      const [a, b] = [rfft(values), rfft(other)];
      const expected = a.re.map((value, k) => factor * value + b.re[k]!);
      assert.ok(maxDifference(together.re, expected) < 1e-9);
      assert.ok(
        maxDifference(
          together.im,
          a.im.map((value, k) => factor * value + b.im[k]!),
        ) < 1e-9,
      );
    }),
    runs,
  );
});

test("plans are kept up to a number of samples, the oldest make room, and one too long for it is not kept", () => {
  const cache = new PlanCache<number>(100);
  let made = 0;
  const make = (length: number): number => {
    made++;
    return length;
  };
  for (const length of [60, 30, 60, 10]) assert.equal(cache.get(length, make), length);
  assert.equal(made, 3);
  cache.get(50, make);
  assert.deepEqual(cache.lengths, [30, 10, 50]);
  cache.get(101, make);
  assert.deepEqual(cache.lengths, [30, 10, 50]);
  const few = new PlanCache<number>(100, 2);
  for (const length of [1, 2, 3]) few.get(length, make);
  assert.deepEqual(few.lengths, [2, 3]);
  throwsProblem(() => cache.get(1.5, make), { found: "1.5 samples" });
});
