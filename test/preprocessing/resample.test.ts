import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { readPtbxl, readPtbxlRecording } from "../../lib/formats";
import {
  antiAliasFilter,
  chebyshev,
  decimate,
  decimateChannels,
  type Edges,
  lowPassFir,
  moments,
  resampleChannels,
  resampleFourier,
  resamplePolyphase,
  resampleSignal,
} from "../../lib/preprocessing";
import { type GoldenArray, readGolden, walk } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Input {
  walk: { name: string; n: number; scale: number; span: number };
  values?: GoldenArray;
  first?: number[];
}

const golden = readGolden<{
  resample_poly: {
    input: Input;
    up: number;
    down: number;
    fir: GoldenArray;
    output: GoldenArray;
    output_padtype_mean: GoldenArray;
    output_padtype_line: GoldenArray;
  }[];
  resample_fft: { input: Input; num: number; output: GoldenArray }[];
  decimate: { input: Input; q: number; ftype: "iir" | "fir"; zero_phase: boolean; output: GoldenArray }[];
}>("signals/resample");

/** By the formula; the file's own values, all or the first, show that it is the same one. */
function signalOf({ walk: { name, n, scale, span }, values, first }: Input): Float64Array {
  const signal = walk(name, n, scale, span);
  const given = values?.data ?? first;
  assert.ok(given !== undefined, name);
  assert.ok(maxDifference(signal.subarray(0, given.length), given) < 1e-12, name);
  return signal;
}

test("polyphase resampling as SciPy's: nine ratios, three continuations of the edges, the filter", () => {
  assert.equal(golden.resample_poly.length, 9);
  for (const { input, up, down, fir, output, output_padtype_mean, output_padtype_line } of golden.resample_poly) {
    const samples = signalOf(input);
    const divisor = up % 2 === 0 && down % 2 === 0 ? 2 : 1;
    assert.ok(maxDifference(antiAliasFilter(up / divisor, down / divisor), fir.data) < 1e-15, `filter ${up}/${down}`);
    const expected: [Edges, GoldenArray][] = [
      ["zero", output],
      ["mean", output_padtype_mean],
      ["line", output_padtype_line],
    ];
    for (const [edges, { data }] of expected)
      assert.ok(maxDifference(resamplePolyphase(samples, up, down, { edges }), data) < 1e-11, `${up}/${down} ${edges}`);
  }
});

test("Fourier resampling as SciPy's: 5000 to 2048, odd and even, fewer and more", () => {
  assert.equal(golden.resample_fft.length, 7);
  assert.ok(golden.resample_fft.some(({ num }) => num === 2048));
  for (const { input, num, output } of golden.resample_fft)
    assert.ok(maxDifference(resampleFourier(signalOf(input), num), output.data) < 1e-10, `${input.walk.n} to ${num}`);
});

test("decimation as SciPy's: Chebyshev and sinc, with and without delay", () => {
  assert.equal(golden.decimate.length, 5);
  for (const { input, q, ftype: kind, zero_phase: zeroPhase, output } of golden.decimate) {
    const samples = signalOf(input);
    const found = decimate(samples, q, { kind, zeroPhase });
    assert.ok(maxDifference(found, output.data) < 1e-9, `${kind} by ${q}, ${zeroPhase ? "both ways" : "one way"}`);
    assert.deepEqual(decimateChannels([samples, samples], q, { kind, zeroPhase }), [found, found]);
  }
});

test("a filter of one's own, of any length: what upsampling, convolving and decimating give", () => {
  const samples = walk("own filter", 41, 40, 25);
  for (const [up, down, length] of [
    [3, 2, 7],
    [2, 3, 8],
    [5, 4, 1],
    [1, 4, 30],
    [4, 1, 3],
    [7, 5, 400],
  ] as const) {
    const filter = walk(`filter ${length}`, length, 1, 3);
    const found = resamplePolyphase(samples, up, down, { filter });
    assert.equal(found.length, Math.ceil((41 * up) / down));
    const wanted = found.map((_, m) => {
      let sum = 0;
      for (let k = 0; k < length; k++) {
        const time = m * down + ((length - 1) >> 1) - k;
        if (time % up === 0) sum += up * filter[k]! * (samples[time / up] ?? 0);
      }
      return sum;
    });
    assert.ok(maxDifference(found, wanted) < 1e-10, `${up}/${down}, ${length}`);
  }
});

test("several channels: as each alone, from and into single precision; NaN as far as the filter reaches", () => {
  for (const [up, down] of [
    [1, 5],
    [25, 32],
    [3, 1],
  ] as const) {
    const channels = Array.from({ length: 3 }, (_, c) => walk(`channel ${c}`, 9001, 40, 25));
    const alone = channels.map((channel) => resamplePolyphase(channel, up, down, { edges: "line" }));
    assert.deepEqual(resampleChannels(channels, up, down, { edges: "line" }), alone);
    const into = alone.map(({ length }) => new Float32Array(length));
    const single = channels.map((channel) => Float32Array.from(channel));
    assert.equal(resampleChannels(single, up, down, { into }), into);
    into.forEach((out, c) => {
      assert.deepEqual(out, Float32Array.from(resamplePolyphase(single[c]!, up, down)));
    });
    const stored = channels.map((channel) => Int16Array.from(channel));
    assert.deepEqual(resampleChannels(stored, up, down)[0], resamplePolyphase(Array.from(stored[0]!), up, down));

    const gap = channels[0]!.slice();
    gap[4000] = Number.NaN;
    const holes = Array.from(resamplePolyphase(gap, up, down)).flatMap((value, m) => (Number.isNaN(value) ? [m] : []));
    const reach = 10 * Math.max(1, down / up) + 1;
    assert.ok(holes.length > 0);
    assert.ok(
      holes.every((m) => Math.abs((m * down) / up - 4000) <= reach),
      `${holes}`,
    );
  }
  assert.deepEqual(resampleChannels([], 1, 2), []);
  assert.ok(resampleFourier([1, 2, Number.NaN, 4, 5], 8).every(Number.isNaN));
});

test("PTB-XL's own two rates: 500 Hz resampled to 100 Hz is close to the 100 Hz file", () => {
  const folder = join(projectRoot, "data", "sample", "ptbxl");
  const record = readPtbxl(folder).records[0]!;
  const high = readPtbxlRecording(folder, record, 500);
  const low = readPtbxlRecording(folder, record, 100);
  high.signals.forEach((signal, i) => {
    const { sampleRate, samples } = resampleSignal(signal, 100);
    assert.equal(sampleRate, 100);
    const reference = low.signals[i]!.samples;
    const apart = (shift: number): number => {
      const difference = Float64Array.from({ length: 980 }, (_, k) => samples[k + 10]! - reference[k + 10 + shift]!);
      return moments(difference).deviation / moments(reference).deviation;
    };
    // Their filter is not ours: the difference is a tenth of the ECG's own spread. A shift by one sample would be half.
    assert.ok(apart(0) < 0.15, `${signal.label}: ${apart(0)}`);
    assert.ok(apart(-1) > 0.3 && apart(1) > 0.3, signal.label);
  });
});

test("ratios, edges, filters and decimations that cannot be are refused", () => {
  throwsProblem(() => resamplePolyphase([1, 2, 3], 0, 1), { found: "0 / 1" });
  throwsProblem(() => resamplePolyphase([1, 2, 3], 1.5, 1), { found: "1.5 / 1" });
  throwsProblem(() => resamplePolyphase([1, 2, 3], 2, 1, { edges: "mirror" as Edges }), {
    found: "mirror",
    expected: "zero, mean or line",
  });
  throwsProblem(() => resamplePolyphase([1, 2, 3], 2, 1, { filter: [] }), { what: /without coefficients/ });
  const samples = new Float64Array(64);
  throwsProblem(() => resampleChannels([samples, new Float64Array(3)], 1, 2), { place: "channel 1" });
  throwsProblem(() => resampleChannels([samples], 1, 2, { into: [new Float64Array(31)] }), { expected: /32 samples/ });
  throwsProblem(() => resampleChannels([samples], 1, 2, { into: [samples.subarray(32)] }), { what: /in place/ });
  throwsProblem(() => resampleFourier([], 4), { found: "0 to 4 samples" });
  throwsProblem(() => resampleFourier([1], 0), { found: "1 to 0 samples" });
  const signal = { label: "x", unit: "mV", sampleRate: 12.8, samples };
  throwsProblem(() => resampleSignal(signal, 10), { place: "signal x", found: "12.8 Hz to 10 Hz", fix: /ratio/ });
  assert.deepEqual(resamplePolyphase([1, 2, 3], 3, 3), Float64Array.of(1, 2, 3));
  assert.deepEqual(resamplePolyphase([], 2, 3, { edges: "mean" }), new Float64Array(0));
  assert.deepEqual(resamplePolyphase([], 2, 3, { edges: "line" }), new Float64Array(0));
  throwsProblem(() => decimate(samples, 2.5), { found: "factor 2.5, order 8" });
  throwsProblem(() => decimate(samples, 2, { order: 0 }), { found: "factor 2, order 0" });
  throwsProblem(() => decimate(samples, 2, { kind: "best" as "iir" }), { found: "best", expected: "iir or fir" });
  throwsProblem(() => decimate(new Float64Array(27), 2), { what: /too short/, expected: "more than 27" });
  throwsProblem(() => lowPassFir(5, 0, "hamming"), { found: "0", expected: /Nyquist/ });
  throwsProblem(() => chebyshev({ kind: "lowpass", order: 2, frequency: 1, sampleRate: 8, ripple: 0 }), {
    found: "0 dB",
  });
});
