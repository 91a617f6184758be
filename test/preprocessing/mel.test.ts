import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Signal } from "../../lib/formats";
import {
  cutHmsMel,
  decibelsToPower,
  HMS_CHAINS,
  hertzToMel,
  hmsMelSpectrogram,
  melBank,
  melSpectrogram,
  melToHertz,
  powerToDecibels,
  resize,
  rfft,
  taper,
} from "../../lib/preprocessing";
import { slidingPays } from "../../lib/preprocessing/spectra-sliding";
import { type GoldenArray, readGolden, walk } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Walk {
  name: string;
  n: number;
  scale: number;
  span: number;
}

const golden = readGolden<{
  bank: {
    args: Record<string, number>;
    full_shape: [number, number];
    columns_kept: number;
    values: GoldenArray;
    empty_rows: number[];
  };
  bank_speech: { args: { sr: number; n_fft: number; n_mels: number }; values: GoldenArray };
  input: { walk: Walk; first: number[] };
  mel_power: GoldenArray;
  power_to_db_ref_max: GoldenArray;
  power_to_db_ref1_top60: GoldenArray;
  spectrogram_b: {
    eeg: { channels: string[]; walk: Walk & { scale_EKG: number }; nan: [string, number, number][] };
    chains: string[][];
    uint8_from_float32_input: GoldenArray;
    uint8_from_float64_input: GoldenArray;
    before_rounding_chain0_frame0: GoldenArray;
    cut: {
      start_sample: number;
      first_column: number;
      columns: number;
      resize_w_h: [number, number];
      output: GoldenArray;
    };
  };
}>("signals/mel");

const HMS = { sampleRate: 200, points: 1000, mels: 128, low: 0, high: 20, hop: 40, edges: "none" } as const;
const { name, n, scale, span } = golden.input.walk;
const x = walk(name, n, scale, span);
const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
/** [rows, columns] to [columns, rows]. */
const transposed = (values: ArrayLike<number>, rows: number, columns: number): Float64Array =>
  Float64Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);

test("the mel bank is librosa's to the last bit: 128 bands to 20 Hz, and one for speech", () => {
  const { full_shape: shape, columns_kept: kept, values, empty_rows: empty } = golden.bank;
  const bank = melBank(HMS);
  assert.deepEqual([bank.mels, bank.bins], shape);
  for (let m = 0; m < bank.mels; m++) {
    const row = bank.weights.subarray(m * bank.bins, (m + 1) * bank.bins);
    assert.equal(maxDifference(row.subarray(0, kept), values.data.subarray(m * kept, (m + 1) * kept)), 0, `band ${m}`);
    assert.equal(
      row.subarray(kept).every((weight) => weight === 0),
      true,
      `band ${m}`,
    );
    assert.equal(bank.end[m] === 0, empty.includes(m), `band ${m}`);
  }
  const { sr, n_fft: points, n_mels: mels } = golden.bank_speech.args;
  const speech = melBank({ sampleRate: sr, points, mels });
  assert.ok(maxDifference(speech.weights, golden.bank_speech.values.data) < 1e-9);
});

test("mel power as librosa's in double precision", () => {
  assert.deepEqual(Array.from(x.subarray(0, 4)), golden.input.first);
  const { frames, mels, power } = melSpectrogram(x, HMS);
  assert.deepEqual([mels, frames], golden.mel_power.shape);
  const expected = transposed(golden.mel_power.data, mels, frames);
  assert.ok(maxDifference(power, expected) < 1e-13 * largest(expected));
});

test("dB as librosa's: reference, least power, range; and back", () => {
  const { frames, mels, power } = melSpectrogram(x, HMS);
  const decibels = powerToDecibels(power, { reference: "max" });
  assert.ok(maxDifference(decibels, transposed(golden.power_to_db_ref_max.data, mels, frames)) < 1e-10);
  const three = powerToDecibels(power.subarray(0, 3 * mels), { reference: 1, least: 1e-10, range: 60 });
  assert.ok(maxDifference(three, transposed(golden.power_to_db_ref1_top60.data, mels, 3)) < 1e-10);
  assert.ok(maxDifference(powerToDecibels([1, 10, 0]), [0, 10, -70]) < 1e-13);
  assert.ok(maxDifference(powerToDecibels([1, 10, 0], { range: null }), [0, 10, -100]) < 1e-13);
  assert.deepEqual(Array.from(powerToDecibels([0, 0], { reference: "max" })), [0, 0]);
  const back = decibelsToPower(powerToDecibels(power, { range: null, reference: 7 }), 7);
  for (let i = 0; i < back.length; i++) assert.ok(Math.abs(back[i]! / power[i]! - 1) < 1e-12);
  const wide = Float64Array.from({ length: 5000 }, (_, i) => 10 ** (-250 + i / 10) * (1 + (i % 7) / 3));
  const expected10 = wide.map((value) => 10 * Math.log10(value));
  const found10 = powerToDecibels(wide, { range: null, least: 1e-299 });
  assert.ok(found10.every((value, i) => Math.abs(value - expected10[i]!) <= 1e-15 * Math.max(10, Math.abs(value))));
  throwsProblem(() => powerToDecibels([1], { least: 0 }), { found: /least 0/ });
  throwsProblem(() => powerToDecibels([1, Number.NaN]), { place: "value 1", found: "NaN" });
  throwsProblem(() => powerToDecibels([Number.POSITIVE_INFINITY]), { found: "Infinity" });
});

test("Slaney's scale: 15 mels at 1000 Hz, continuous there, and its inverse", () => {
  assert.ok(Math.abs(hertzToMel(1000) - 15) < 1e-14);
  for (const hertz of [0, 20, 999.999, 1000, 1000.001, 6400, 16000])
    assert.ok(Math.abs(melToHertz(hertzToMel(hertz)) - hertz) < 1e-10 * (1 + hertz));
});

test("centred frames: one frame more than the hops, the first over half zeros", () => {
  const whole = melSpectrogram(x, { ...HMS, edges: "zero" });
  const inner = melSpectrogram(x, HMS);
  assert.equal(whole.frames, 1 + Math.floor(x.length / 40));
  // frame 25 of the centred ones begins at 25 * 40 - 500 = 500: frame 12.5 of the others, so hop 20 finds it
  const fine = melSpectrogram(x, { ...HMS, hop: 20 });
  const at = (spectrogram: { power: Float64Array }, frame: number): Float64Array =>
    spectrogram.power.subarray(frame * 128, (frame + 1) * 128);
  assert.ok(maxDifference(at(whole, 25), at(fine, 25)) < 1e-12 * largest(at(fine, 25)));
  assert.ok(maxDifference(at(fine, 2), at(inner, 1)) < 1e-12 * largest(at(inner, 1)));
  throwsProblem(() => melSpectrogram(x.subarray(0, 999), HMS), { found: "999 samples", expected: "1000 or more" });
  throwsProblem(() => melSpectrogram([1, Number.NaN], HMS), { place: "sample 1" });
  throwsProblem(() => melBank({ ...HMS, high: 101 }), { expected: /100 Hz/ });
  throwsProblem(() => melBank({ ...HMS, mels: 0 }), { found: /0 bands/ });
});

test("frames built from blocks are frames transformed one by one: any hop, any number of bands", () => {
  const cases = fc.record({
    blocks: fc.integer({ min: 2, max: 30 }),
    hop: fc.integer({ min: 1, max: 45 }),
    mels: fc.integer({ min: 1, max: 41 }),
    share: fc.double({ min: 0.02, max: 0.3, noNaN: true }),
    offset: fc.constantFrom(0, 1e4),
    edges: fc.constantFrom<"zero" | "none">("zero", "none"),
  });
  let slid = 0;
  fc.assert(
    fc.property(cases, ({ blocks, hop, mels, share, offset, edges }) => {
      const points = blocks * hop;
      const options = { sampleRate: 100, points, hop, mels, high: 50 * share, edges } as const;
      const bank = melBank(options);
      const top = Math.max(1, ...bank.end);
      if (slidingPays(points, hop, top)) slid++;
      const signal = x.subarray(0, Math.min(x.length, 3 * points + 7)).map((value) => value + offset);
      const { frames, power } = melSpectrogram(signal, options);
      const edge = edges === "zero" ? Math.floor(points / 2) : 0;
      assert.equal(frames, Math.floor((signal.length + 2 * edge - points) / hop) + 1);
      const shape = taper("hann", points);
      for (const frame of new Set([0, 1, blocks - 1, blocks, frames - 1].filter((each) => each < frames))) {
        const start = frame * hop - edge;
        const { re, im } = rfft(shape.map((value, n) => value * (signal[start + n] ?? 0)));
        const squares = re.map((value, k) => value * value + im[k]! * im[k]!);
        const scale = largest(squares);
        for (let m = 0; m < mels; m++) {
          const row = bank.weights.subarray(m * bank.bins, (m + 1) * bank.bins);
          const expected = row.reduce((sum, weight, k) => sum + weight * squares[k]!, 0);
          assert.ok(Math.abs(power[frame * mels + m]! - expected) <= 1e-13 * scale * (1 + largest(row)));
        }
      }
    }),
    { seed: 8, numRuns: 60 },
  );
  assert.ok(slid > 20, `${slid} of 60`);
});

test("mel weights are never negative, and bands cover all bins between the first and the last peak", () => {
  const cases = fc.record({
    sampleRate: fc.integer({ min: 50, max: 48_000 }),
    points: fc.integer({ min: 16, max: 1024 }),
    mels: fc.integer({ min: 1, max: 140 }),
    low: fc.double({ min: 0, max: 0.4, noNaN: true }),
    width: fc.double({ min: 0.05, max: 0.6, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ sampleRate, points, mels, low, width }) => {
      const edges = { low: (low * sampleRate) / 2, high: ((low + width) * sampleRate) / 2 };
      const bank = melBank({ sampleRate, points, mels, ...edges });
      assert.ok(bank.weights.every((weight) => weight >= 0));
      for (let k = 0; k < bank.bins; k++) {
        const hertz = (k * sampleRate) / points;
        if (hertz <= bank.centres[0]! || hertz >= bank.centres[mels - 1]!) continue;
        let sum = 0;
        for (let m = 0; m < mels; m++) sum += bank.weights[m * bank.bins + k]!;
        assert.ok(sum > 0, `${hertz} Hz`);
      }
    }),
    { seed: 9, numRuns: 60 },
  );
});

/** The golden EEG: float32 values, some of them missing. */
function eeg(): Signal[] {
  const { channels, walk: formula, nan } = golden.spectrogram_b.eeg;
  return channels.map((label) => {
    const scaleOf = label === "EKG" ? formula.scale_EKG : formula.scale;
    const samples = Float32Array.from(walk(`eeg/${label}`, formula.n, scaleOf, formula.span));
    for (const [channel, from, last] of nan) if (channel === label) samples.fill(Number.NaN, from, last + 1);
    return { label, unit: "uV", sampleRate: 200, samples };
  });
}

test("the HMS mel spectrograms of a recording with missing samples, byte by byte", () => {
  const { chains, uint8_from_float64_input: bytes, uint8_from_float32_input: single } = golden.spectrogram_b;
  assert.deepEqual(Object.values(HMS_CHAINS), chains);
  const found = hmsMelSpectrogram({ signals: eeg(), source: "golden" });
  assert.deepEqual([found.mels, found.frames, found.chains], bytes.shape);
  const asGolden = Uint8Array.from(bytes.data, (_, i) => {
    const [mel, frame, chain] = [Math.floor(i / (4 * found.frames)), Math.floor(i / 4) % found.frames, i % 4];
    return found.values[(frame * 4 + chain) * 128 + mel]!;
  });
  assert.equal(maxDifference(asGolden, bytes.data), 0);
  // the peer in single precision departs from itself in double precision at two values
  assert.equal(asGolden.filter((value, i) => value !== single.data[i]).length, 2);
  const before = golden.spectrogram_b.before_rounding_chain0_frame0.data;
  assert.deepEqual(found.values.subarray(0, 128), Uint8Array.from(before, Math.trunc));

  const { start_sample: start, first_column: first, columns, ...resized } = golden.spectrogram_b.cut;
  assert.equal(Math.floor(start / 40), first);
  const cut = cutHmsMel(found, start, columns);
  assert.deepEqual([cut.height, cut.width, cut.channels], [columns, 512, 1]);
  const [width, height] = resized.resize_w_h;
  const small = resize(cut, { width, height, method: "opencv-linear" });
  assert.ok(maxDifference(small.pixels, resized.output.data) < 1e-6);
  throwsProblem(() => cutHmsMel(found, 1480, 90), { found: "frames 37 to 126", expected: "within 0 to 125" });
});

test("a missing electrode, another sampling rate and a recording shorter than a frame are refused", () => {
  const signals = eeg();
  const without = signals.filter(({ label }) => label !== "T5");
  throwsProblem(() => hmsMelSpectrogram({ signals: without, source: "" }), { place: "electrode T5" });
  const change = (part: (samples: Signal["samples"]) => Partial<Signal>): Signal[] =>
    signals.map((signal) => ({ ...signal, ...part(signal.samples) }));
  const slow = change(() => ({ sampleRate: 100 }));
  throwsProblem(() => hmsMelSpectrogram({ signals: slow, source: "a.parquet" }), {
    file: "a.parquet",
    found: "100 Hz",
    expected: "200 Hz",
  });
  const short = change((samples) => ({ samples: samples.subarray(0, 999) }));
  throwsProblem(() => hmsMelSpectrogram({ signals: short, source: "" }), { found: "999 samples" });
});
