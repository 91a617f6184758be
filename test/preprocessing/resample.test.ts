import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { readPtbxl, readPtbxlRecording } from "../../lib/formats";
import {
  antiAliasFilter,
  type Edges,
  moments,
  resampleFourier,
  resamplePolyphase,
  resampleSignal,
} from "../../lib/preprocessing";
import { type GoldenArray, readGolden, walk } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Input {
  walk: { name: string; n: number; scale: number; span: number };
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
}>("signals/resample");
const signalOf = ({ walk: { name, n, scale, span } }: Input): Float64Array => walk(name, n, scale, span);

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
      assert.ok(maxDifference(resamplePolyphase(samples, up, down, edges), data) < 1e-11, `${up}/${down} ${edges}`);
  }
});

test("Fourier resampling as SciPy's: 5000 to 2048, odd and even, fewer and more", () => {
  assert.ok(golden.resample_fft.some(({ num }) => num === 2048));
  for (const { input, num, output } of golden.resample_fft)
    assert.ok(maxDifference(resampleFourier(signalOf(input), num), output.data) < 1e-10, `${input.walk.n} to ${num}`);
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

test("ratios that cannot be are refused", () => {
  throwsProblem(() => resamplePolyphase([1, 2, 3], 0, 1), { found: "0 / 1" });
  throwsProblem(() => resamplePolyphase([1, 2, 3], 1.5, 1), { found: "1.5 / 1" });
  throwsProblem(() => resampleFourier([], 4), { found: "0 to 4 samples" });
  const signal = { label: "x", unit: "mV", sampleRate: 12.8, samples: new Float64Array(64) };
  throwsProblem(() => resampleSignal(signal, 10), { place: "signal x", found: "12.8 Hz to 10 Hz", fix: /ratio/ });
  assert.deepEqual(resamplePolyphase([1, 2, 3], 3, 3), Float64Array.of(1, 2, 3));
});
