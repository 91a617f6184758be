import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { HMS_SPECTROGRAM_COLUMNS, type Signal } from "../../lib/formats";
import {
  bandWindows,
  composeHmsImage,
  encodePng,
  filterHmsTraces,
  HMS_RASTER,
  HMS_TRACES,
  hmsColumnsByFrequency,
  hmsDifferences,
  hmsImage,
  hmsRaster,
  type Image,
  normaliseHmsSpectrogram,
  quantiles,
  resize,
} from "../../lib/preprocessing";
import { type GoldenArray, readGolden, uniform, walk } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Walks {
  channels: string[];
  walk: { n: number; scale: number; scale_EKG: number; span: number };
  nan: [channel: string, first: number, last: number][];
}

const golden = readGolden<{
  eeg: Walks;
  traces: { trace: string; clip: number; rows: [number, number]; filtered_l2: number; filtered_last: number[] }[];
  filtered_full: Record<string, GoldenArray>;
  image: {
    h: number;
    w: number;
    ones: number;
    crc32_of_bytes_0_1: number;
    run_lengths_row_major_zeros_first: GoldenArray;
  };
}>("signals/raster");

/** The golden EEG: walks in single precision, missing where the file says. */
function eegOf({ channels, walk: { n, scale, scale_EKG, span }, nan }: Walks): Signal[] {
  return channels.map((label) => {
    const samples = Float32Array.from(walk(`eeg/${label}`, n, label === "EKG" ? scale_EKG : scale, span));
    for (const [channel, first, last] of nan) if (channel === label) samples.fill(Number.NaN, first, last + 1);
    return { label, unit: "uV", sampleRate: 200, samples };
  });
}

const eeg = eegOf(golden.eeg);

test("the traces are the published ones: order, constants, bands", () => {
  assert.deepEqual(
    HMS_TRACES.map(({ label, constant }) => [label, constant]),
    golden.traces.map(({ trace, clip }) => [trace, clip]),
  );
  assert.deepEqual(
    bandWindows(20, HMS_RASTER).map(({ top, height }) => [top, top + height - 1]),
    golden.traces.map(({ rows }) => rows),
  );
});

test("filtered traces are SciPy's, start transient and missing samples included", () => {
  const traces = hmsDifferences(eeg);
  filterHmsTraces(traces);
  for (const [label, wanted] of Object.entries(golden.filtered_full)) {
    const found = traces[HMS_TRACES.findIndex((trace) => trace.label === label)]!;
    // One unit in the last place of the coefficients moves these by 1e-7 (two filters of order 10).
    assert.ok(maxDifference(found, wanted.data) < 1e-5, label);
  }
  golden.traces.forEach(({ trace, filtered_l2, filtered_last }, i) => {
    assert.ok(Math.abs(Math.hypot(...traces[i]!) - filtered_l2) <= 1e-9 * filtered_l2, trace);
    assert.ok(maxDifference(traces[i]!.slice(-4), filtered_last) < 1e-5, trace);
  });
});

test("the plot is the published one, pixel for pixel", () => {
  const { pixels, width, height } = hmsRaster(eeg);
  assert.deepEqual([height, width], [golden.image.h, golden.image.w]);
  const expected = new Uint8Array(width * height);
  let at = 0;
  golden.image.run_lengths_row_major_zeros_first.data.forEach((length, run) => {
    expected.fill(run % 2, at, at + length);
    at += length;
  });
  assert.deepEqual(pixels, expected);
  assert.equal(crc32(pixels) >>> 0, golden.image.crc32_of_bytes_0_1);
  assert.equal(
    pixels.reduce((sum, pixel) => sum + pixel, 0),
    golden.image.ones,
  );
});

const minutes = readGolden<{
  spectrogram_a: {
    input: { name: string; scale: number; nan_mod: number; nan_row: number };
    q01_f64: number;
    q99_f64: number;
    output_f64_rounded_to_f32: GoldenArray;
    resized_320x320_cv2_linear_f32: GoldenArray;
    measured: { float32_pipeline_vs_float64_abs: number };
  };
}>("signals/normalise").spectrogram_a;

function spectrogram(): Image<Float32Array> {
  const { name, scale, nan_mod, nan_row } = minutes.input;
  const pixels = Float32Array.from(uniform(name, 300 * 400), (u) => {
    const v = u + 0.5;
    return v * v * v * v * scale;
  });
  for (let i = 0; i < pixels.length; i++)
    if (i % nan_mod === 5 || Math.floor(i / 400) === nan_row) pixels[i] = Number.NaN;
  return { width: 400, height: 300, channels: 1, pixels };
}

test("the 10-minute spectrogram is NumPy's, in double and in single precision, and resized OpenCV's", () => {
  const single = spectrogram();
  const double = { ...single, pixels: Float64Array.from(single.pixels) };
  const logs = double.pixels.map((value) => Math.log10((Number.isNaN(value) ? 0 : value) + 1e-6));
  assert.ok(maxDifference(quantiles(logs, [0.01, 0.99]), [minutes.q01_f64, minutes.q99_f64]) < 1e-12);

  const wanted = minutes.output_f64_rounded_to_f32.data;
  const normal = normaliseHmsSpectrogram(single);
  assert.ok(maxDifference(normal.pixels, wanted) <= 2 ** -24, "single precision");
  assert.ok(maxDifference(Float32Array.from(normaliseHmsSpectrogram(double).pixels), wanted) <= 2 ** -24, "double");
  assert.ok(Number.isNaN(single.pixels[5]), "the values given are left as they were");

  const small = resize(normal, { width: 320, height: 320, method: "opencv-linear" });
  assert.ok(maxDifference(small.pixels, minutes.resized_320x320_cv2_linear_f32.data) < 3e-7);

  const flat = { ...single, pixels: new Float32Array(120_000).fill(Number.NaN) };
  throwsProblem(() => normaliseHmsSpectrogram(flat), { what: /without a spread/ });
  single.pixels[401] = -1;
  throwsProblem(() => normaliseHmsSpectrogram(single), { place: "row 1, column 1", found: "-1" });
});

test("the image: 10 minutes over 50 seconds at the left, the plot at the right", () => {
  const traces = hmsRaster(eeg);
  const ramp = (width: number, height: number): Image<Float32Array> => ({
    width,
    height,
    channels: 1,
    pixels: Float32Array.from({ length: width * height }, (_, i) => (i % width) / (width - 1)),
  });
  const upper = normaliseHmsSpectrogram(spectrogram());
  const image = composeHmsImage({ minutes: upper, seconds: ramp(320, 320), traces });
  assert.deepEqual([image.width, image.height, image.channels, image.pixels.length], [1920, 640, 1, 640 * 1920]);
  const at = (x: number, y: number): number => image.pixels[y * 1920 + x]!;
  for (const [x, y] of [
    [0, 0],
    [319, 319],
    [100, 7],
  ] as const)
    assert.ok(Math.abs(at(x, y) - minutes.resized_320x320_cv2_linear_f32.data[y * 320 + x]!) < 3e-7);
  assert.deepEqual([at(0, 320), at(319, 320), at(319, 639)], [0, 1, 1]);
  for (let y = 0; y < 640; y++)
    for (let x = 0; x < 1600; x += 7) assert.equal(at(320 + x, y), traces.pixels[y * 1600 + x]);
  throwsProblem(
    () => composeHmsImage({ minutes: upper, seconds: upper, traces: { ...traces, width: 1, height: 1024000 } }),
    {
      found: "1 x 1024000, 1 channels",
    },
  );
});

test("a window of a recording as an image, and as a PNG", async () => {
  const long = eegOf({ ...golden.eeg, walk: { ...golden.eeg.walk, n: 12_000 }, nan: [["F7", 100, 180]] });
  const recording = { signals: long, source: "made by the test" };
  const image = hmsImage({ recording, startSample: 1234, spectrogram: spectrogram() });
  const central = long.map((signal) => ({ ...signal, samples: signal.samples.slice(4234, 8234) }));
  const plot = hmsRaster(central);
  for (let y = 0; y < 640; y += 13)
    assert.deepEqual(
      image.pixels.subarray(y * 1920 + 320, (y + 1) * 1920),
      Float32Array.from(plot.pixels.subarray(y * 1600, (y + 1) * 1600)),
    );
  assert.ok(image.pixels.every((value) => value >= 0 && value <= 1));

  const png = await encodePng(image);
  const { width, height, channels } = await sharp(png).metadata();
  assert.deepEqual([width, height, channels], [1920, 640, 1]);
  const data = await sharp(png).toColourspace("b-w").raw().toBuffer();
  assert.ok(
    maxDifference(
      data,
      Float32Array.from(image.pixels, (value) => value * 255),
    ) <=
      0.5 + 1e-5,
  );

  const window = { recording, spectrogram: spectrogram() };
  throwsProblem(() => hmsImage({ ...window, startSample: 2001 }), { found: "samples 2001 to 12000", file: /test/ });
  const slow = long.map((signal) => ({ ...signal, sampleRate: 100 }));
  throwsProblem(() => hmsRaster(slow), { found: "100 Hz" });
  throwsProblem(() => hmsRaster(long.slice(1)), { place: /C3/ });
});

test("columns by frequency: the two places of each region that the published order gets wrong, and nothing else", () => {
  const frequencies = HMS_SPECTROGRAM_COLUMNS.map((name) => Number(name.split("_")[1]));
  const [first, second] = [Float32Array.from(frequencies), Float32Array.from(frequencies, (_, x) => x)];
  const pixels = Float32Array.from([...first, ...second]);
  const sorted = hmsColumnsByFrequency({ width: 400, height: 2, channels: 1, pixels });
  for (let region = 0; region < 4; region++) {
    const row = sorted.pixels.slice(100 * region, 100 * region + 100);
    assert.deepEqual(
      [...row],
      [...row].sort((a, b) => a - b),
      `region ${region}`,
    );
  }
  const moved = [...sorted.pixels.slice(400)].flatMap((from, x) => (from === x ? [] : [x]));
  assert.deepEqual(
    moved.filter((x) => x < 100).map((x) => frequencies[x]!.toFixed(2)),
    ["12.30", "12.50", "12.70", "12.11", "16.60", "16.80", "16.21", "16.41"],
  );
  assert.equal(moved.length, 4 * 8);
  throwsProblem(() => hmsColumnsByFrequency({ width: 2, height: 1, channels: 1, pixels: new Float32Array(2) }), {
    found: "2 columns, 1 channels",
  });
});
