import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  bandPower,
  besselI0,
  magnitudes,
  periodogram,
  type SpectrumOptions,
  spectrogram,
  stft,
  type Taper,
  taper,
  welch,
} from "../../lib/preprocessing";
import { type GoldenArray, readGolden, walk } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface WelchArguments {
  window: Taper;
  nperseg: number;
  noverlap?: number;
  nfft?: number;
  detrend?: "constant" | "linear" | false;
  scaling?: "density" | "spectrum";
  average?: "mean" | "median";
}

const golden = readGolden<{
  input: { walk: { name: string; n: number; scale: number; span: number }; values: GoldenArray };
  fs: number;
  windows: { length: number; values: Record<string, { periodic: GoldenArray; symmetric: GoldenArray }> };
  welch: { args: WelchArguments; f: GoldenArray; output: GoldenArray }[];
  spectrogram: { args: WelchArguments & { mode?: string }; f: GoldenArray; t: GoldenArray; output: GoldenArray }[];
  periodogram: { f: GoldenArray; output: GoldenArray };
}>("signals/spectra");
const x = golden.input.values.data;
const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** [frequencies, times] to [times, frequencies]. */
function timeMajor({ data, shape }: GoldenArray): Float64Array {
  const [rows, columns] = shape as [number, number];
  return Float64Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** SciPy's arguments in our words. */
function optionsOf(args: WelchArguments): SpectrumOptions {
  return {
    taper: args.window,
    segment: args.nperseg,
    ...(args.noverlap === undefined ? {} : { overlap: args.noverlap }),
    ...(args.nfft === undefined ? {} : { points: args.nfft }),
    ...(args.detrend === undefined ? {} : { detrend: args.detrend === false ? "none" : args.detrend }),
    ...(args.scaling === undefined ? {} : { scaling: args.scaling }),
    ...(args.average === undefined ? {} : { average: args.average }),
  };
}

test("tapers are symmetric, or symmetric but for their first value; none is above 1", () => {
  const kinds: Taper[] = [
    "boxcar",
    "hann",
    "hamming",
    "blackman",
    "bartlett",
    ["tukey", 0.3],
    ["kaiser", 5],
    ["gaussian", 9],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.integer({ min: 2, max: 300 }), (kind, length) => {
      const whole = taper(kind, length, true);
      const periodic = taper(kind, length);
      for (let i = 0; i < length; i++) {
        assert.ok(Math.abs(whole[i]! - whole[length - 1 - i]!) < 1e-14);
        if (i > 0) assert.ok(Math.abs(periodic[i]! - periodic[length - i]!) < 1e-14);
        assert.ok(whole[i]! >= -1e-16 && whole[i]! <= 1 + 1e-15);
      }
    }),
    { seed: 6, numRuns: 100 },
  );
});

test("the golden signal is the one its formula gives", () => {
  const { name, n, scale, span } = golden.input.walk;
  assert.equal(maxDifference(walk(name, n, scale, span), x), 0);
});

test("tapers as SciPy's, for spectra and for filters", () => {
  for (const [key, { periodic, symmetric }] of Object.entries(golden.windows.values)) {
    const kind = (key.startsWith("[") ? JSON.parse(key.replaceAll("'", '"')) : key) as Taper;
    assert.ok(maxDifference(taper(kind, golden.windows.length), periodic.data) < 1e-14, key);
    assert.ok(maxDifference(taper(kind, golden.windows.length, true), symmetric.data) < 1e-14, key);
  }
  assert.deepEqual(taper("hann", 1), Float64Array.of(1));
  throwsProblem(() => taper("hann", 0), { found: "0" });
  // I0(1) and I0(10), Abramowitz and Stegun table 9.8
  assert.ok(Math.abs(besselI0(1) - 1.2660658777520084) < 1e-15);
  assert.ok(Math.abs(besselI0(10) / 2815.716628466254 - 1) < 1e-14);
});

test("Welch's spectra as SciPy's: scalings, overlaps, padding, trends, median", () => {
  for (const { args, f, output } of golden.welch) {
    const { frequencies, power } = welch(x, golden.fs, optionsOf(args));
    assert.ok(maxDifference(frequencies, f.data) < 1e-12, JSON.stringify(args));
    assert.ok(maxDifference(power, output.data) < 1e-13 * largest(output.data), JSON.stringify(args));
  }
  const { frequencies, power } = periodogram(x, golden.fs);
  assert.ok(maxDifference(frequencies, golden.periodogram.f.data) < 1e-12);
  assert.ok(maxDifference(power, golden.periodogram.output.data) < 1e-13 * largest(golden.periodogram.output.data));
});

test("the spectrogram of magnitudes as SciPy's, by the short-time transform", () => {
  const [row, ...others] = golden.spectrogram.filter(({ args }) => args.mode === "magnitude");
  assert.equal(others.length, 0);
  const { args, f, t, output } = row!;
  const found = stft(x, golden.fs, { segment: args.nperseg, scaling: "density", edges: "none", padded: false });
  assert.ok(maxDifference(found.frequencies, f.data) < 1e-12);
  assert.ok(maxDifference(found.times, t.data) < 1e-12);
  const expected = timeMajor(output);
  assert.ok(maxDifference(magnitudes(found), expected) < 1e-13 * largest(expected));
});

test("spectrograms of power as SciPy's: tapers, overlaps, padding, trends", () => {
  const ofPower = golden.spectrogram.filter(({ args }) => args.mode === undefined);
  assert.equal(ofPower.length, 4);
  for (const { args, f, t, output } of ofPower) {
    const { frequencies, times, power } = spectrogram(x, golden.fs, optionsOf(args));
    assert.ok(maxDifference(frequencies, f.data) < 1e-12, JSON.stringify(args));
    assert.ok(maxDifference(times, t.data) < 1e-12, JSON.stringify(args));
    const all = Float64Array.from(power.flatMap((row) => Array.from(row)));
    assert.ok(maxDifference(all, timeMajor(output)) < 1e-13 * largest(output.data), JSON.stringify(args));
  }
});

test("the power of a band: a sine of amplitude 3 has the power 4.5, in its own band", () => {
  const sine = Float64Array.from({ length: 1000 }, (_, i) => 3 * Math.sin((2 * Math.PI * 10 * i) / 100));
  const spectrum = welch(sine, 100, { segment: 200 });
  assert.ok(Math.abs(bandPower(spectrum, 8, 12) - 4.5) < 1e-9);
  assert.ok(bandPower(spectrum, 0, 8) + bandPower(spectrum, 12, 50) < 1e-9);
});

test("signals shorter than a segment are one segment; impossible segments and missing samples are refused", () => {
  assert.equal(welch([1, 2, 4, 3, 1], 10).power.length, 3);
  throwsProblem(() => welch([], 10), { what: /no samples/ });
  throwsProblem(() => welch(x, 100, { segment: 100, overlap: 100 }), { what: /do not fit/ });
  throwsProblem(() => welch(x, 100, { segment: 100, points: 64 }), { what: /do not fit/ });
  throwsProblem(() => welch([1, 2, Number.NaN, 4], 10), { place: "sample 2", found: "NaN" });
});
