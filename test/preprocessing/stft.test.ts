import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { inverseStft, type StftOptions, stft, type TaperName } from "../../lib/preprocessing";
import { type GoldenArray, type GoldenComplex, readGolden } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface StftArguments {
  window: TaperName;
  nperseg: number;
  noverlap: number;
  nfft?: number;
  scaling?: "psd";
  detrend?: "constant";
  boundary?: "even" | null;
  padded?: boolean;
}

const golden = readGolden<{
  input: { values: GoldenArray };
  fs: number;
  stft: {
    args: StftArguments;
    f: GoldenArray;
    t: GoldenArray;
    output: GoldenComplex;
    "istft_of_output_times_linspace_1_to_0.2_over_frequency"?: GoldenArray;
  }[];
}>("signals/spectra");
const x = Float64Array.from(golden.input.values.data);
const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** SciPy's arguments in our words. */
function optionsOf({
  window,
  nperseg,
  noverlap,
  nfft,
  scaling,
  detrend,
  boundary,
  padded,
}: StftArguments): StftOptions {
  return {
    taper: window,
    segment: nperseg,
    overlap: noverlap,
    ...(nfft === undefined ? {} : { points: nfft }),
    ...(scaling === undefined ? {} : { scaling: "density" }),
    ...(detrend === undefined ? {} : { detrend }),
    ...(boundary === undefined ? {} : { edges: boundary ?? "none" }),
    ...(padded === undefined ? {} : { padded }),
  };
}

test("short-time transforms as SciPy's: edges, padding, scaling, trends", () => {
  assert.equal(golden.stft.length, 4);
  for (const { args, f, t, output } of golden.stft) {
    const name = JSON.stringify(args);
    const { frequencies, times, re, im } = stft(x, golden.fs, optionsOf(args));
    assert.ok(maxDifference(frequencies, f.data) < 1e-12, name);
    assert.ok(maxDifference(times, t.data) < 1e-12, name);
    const [bins, columns] = output.re.shape as [number, number];
    const timeMajor = ({ data }: GoldenArray): Float64Array =>
      Float64Array.from(data, (_, i) => data[(i % bins) * columns + Math.floor(i / bins)]!);
    const scale = largest(output.re.data) + largest(output.im.data);
    assert.ok(maxDifference(re, timeMajor(output.re)) < 1e-14 * scale, name);
    assert.ok(maxDifference(im, timeMajor(output.im)) < 1e-14 * scale, name);
  }
});

test("the inverse of a changed transform as SciPy's", () => {
  const [row, ...others] = golden.stft.filter((each) => Object.keys(each).some((key) => key.startsWith("istft")));
  assert.equal(others.length, 0);
  const options = optionsOf(row!.args);
  const transform = stft(x, golden.fs, options);
  const bins = transform.frequencies.length;
  const less = (values: Float64Array): Float64Array =>
    values.map((value, i) => value * (1 - (0.8 * (i % bins)) / (bins - 1)));
  const { taper = "hann", segment = 0, overlap = 0 } = options;
  const back = inverseStft({ ...transform, re: less(transform.re), im: less(transform.im) }, golden.fs, {
    taper,
    segment,
    overlap,
  });
  const expected = row!["istft_of_output_times_linspace_1_to_0.2_over_frequency"]!.data;
  assert.ok(maxDifference(back, expected) < 1e-14 * largest(expected));
});

test("a signal comes back from its transform, whatever the segments", () => {
  const runs = fc.record({
    length: fc.integer({ min: 130, max: 500 }),
    segment: fc.integer({ min: 2, max: 64 }),
    share: fc.double({ min: 0.5, max: 0.9, noNaN: true }),
    more: fc.integer({ min: 0, max: 9 }),
    taper: fc.constantFrom<TaperName>("hann", "hamming", "blackman"),
    edges: fc.constantFrom<"zero" | "even">("zero", "even"),
    scaling: fc.constantFrom<"density" | "spectrum">("density", "spectrum"),
  });
  fc.assert(
    fc.property(runs, ({ length, segment, share, more, edges, ...rest }) => {
      const overlap = Math.min(segment - 1, Math.ceil(segment * share));
      const frames = { ...rest, segment, overlap, points: segment + more };
      const back = inverseStft(stft(x.subarray(0, length), 100, { ...frames, edges }), 100, frames);
      assert.ok(back.length >= length);
      assert.ok(maxDifference(back.subarray(0, length), x.subarray(0, length)) < 1e-10);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("coefficients that do not fit, and segments that lose a sample, are refused", () => {
  const transform = stft(x, 100, { segment: 50, edges: "none" });
  throwsProblem(() => inverseStft(transform, 100, { segment: 64 }), { expected: "33 frequencies for 64 points" });
  throwsProblem(() => inverseStft(transform, 100, { edges: false }), { place: "sample 0", fix: /overlap more/ });
  throwsProblem(() => stft(x, 100, { segment: 50, overlap: 50 }), { what: /do not fit/ });
});
