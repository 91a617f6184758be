import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { Generator } from "../../lib/core/random";
import { EdfFile, type Recording, readEdf, type Signal } from "../../lib/formats";
import { decodeGreyPng } from "../../lib/formats/png";
import {
  drawPsgEpoch,
  MAIC_LAYOUT,
  MAIC_SLEEP_MONTAGE,
  type PsgLayout,
  type PsgTrace,
  type PsgTraces,
  psgBands,
  psgChannels,
  psgPainter,
  psgTraces,
} from "../../lib/preprocessing";
import { goldenFolder, walk } from "../support/golden";
import { throwsProblem } from "../support/problems";

const psgFile = join(projectRoot, "data", "sample", "psg", "subject1.edf");

test("the published layout: heights, groups, the blank edge, and where the published strips lie", () => {
  const { rows, width, height, reduction } = MAIC_LAYOUT;
  assert.deepEqual([width / reduction, height / reduction], [480, 270]);
  assert.deepEqual(
    rows.map((row) => row.height),
    [...new Array(11).fill(43), 129, ...new Array(7).fill(43), 86, 86],
  );
  assert.deepEqual(
    rows.map(({ group }) => group),
    [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 13, 14],
  );
  const bands = psgBands(MAIC_LAYOUT);
  assert.equal(height - bands.at(-1)!.bottom, 5);
  const starts = Object.fromEntries(rows.map(({ name }, i) => [name, bands[i]!.top / reduction]));
  assert.equal(starts["EEG C3-M2"], 32.25);
  assert.equal(starts["EOG E1-M2"], 75.25);
  assert.equal(starts["chin EMG"], 96.75);
  assert.equal(starts["SpO2 40-100"], 247.25);
  assert.deepEqual(bands[4], { top: 172, bottom: 215, groupTop: 129, groupBottom: 301 });
});

test("the layout's electrodes are those of the challenge's montage", () => {
  const pairs = MAIC_LAYOUT.rows.flatMap(({ electrodes }) => (electrodes === undefined ? [] : [electrodes]));
  assert.deepEqual(
    pairs,
    MAIC_SLEEP_MONTAGE.map(({ plus, minus }) => [plus, minus]),
  );
});

test("layouts that cannot be drawn are refused", () => {
  const [first, second, third] = MAIC_LAYOUT.rows.slice(2);
  throwsProblem(() => psgBands({ ...MAIC_LAYOUT, height: 1000 }), { what: /does not fit/, found: /1075 px/ });
  throwsProblem(() => psgBands({ ...MAIC_LAYOUT, reduction: 7 }), { what: /does not fit/ });
  throwsProblem(() => psgBands({ ...MAIC_LAYOUT, reduction: 20 }), { what: /reduction out of range/, found: "20" });
  const torn = { ...MAIC_LAYOUT, rows: [second!, first!, third!].map((row) => ({ ...row })) };
  throwsProblem(() => psgBands(torn), {
    what: /another between/,
    place: "row EEG C3-M2",
    found: "EEG C3-M2, EEG C4-M1",
  });
});

test("the bundled polysomnography fills every row but the thermistor's", () => {
  const file = new EdfFile(psgFile);
  const { rows, missing } = psgChannels(file.signals, MAIC_LAYOUT);
  const labels = rows.map((positions) => positions?.map((i) => file.signals[i]!.label).join(" - "));
  file.close();
  assert.deepEqual(missing, ["thermistor"]);
  assert.deepEqual(labels, [
    ...["X Axis", "Y Axis", "Z Axis", "C3-M2", "C4-M1", "O1-M2", "O2-M1", "E1-M2", "E2-M1", "1-2", "ECG"],
    ...["Nasal Pressure", undefined, "Chest", "Abdomen", "Snoring", "Audio Volume dB", "Left Leg", "Right Leg"],
    ...["Saturation", "Saturation"],
  ]);
});

test("rows by other files' labels, by electrodes, by hand", () => {
  const named = (...labels: string[]) => {
    const { rows } = psgChannels(
      labels.map((label) => ({ label })),
      MAIC_LAYOUT,
    );
    return Object.fromEntries(rows.flatMap((found, i) => (found === null ? [] : [[MAIC_LAYOUT.rows[i]!.name, found]])));
  };
  assert.deepEqual(named("EEG C3-A2", "EEG C4-A1", "LOC-A2", "ROC-A1"), {
    "EEG C3-M2": [0],
    "EEG C4-M1": [1],
    "EOG E1-M2": [2],
    "EOG E2-M1": [3],
  });
  assert.deepEqual(named("M1", "M2", "C4", "C3", "E1-REF"), { "EEG C3-M2": [3, 1], "EEG C4-M1": [2, 0] });
  // Sleep-EDF's own labels: no row of the challenge's EEG is among them.
  assert.deepEqual(
    named("EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal", "Resp oro-nasal", "EMG submental", "Temp rectal"),
    {
      "chin EMG": [4],
      thermistor: [3],
    },
  );
  const signals = ["EEG Fpz-Cz", "SpO2", "SpO2", "left", "right"].map((label) => ({ label }));
  throwsProblem(() => psgChannels(signals, MAIC_LAYOUT), { place: "row SpO2 85-100", found: /position 1.*position 2/ });
  assert.deepEqual(psgChannels(signals, MAIC_LAYOUT, {}, { ambiguous: "first" }).rows.slice(19), [[1], [1]]);
  const { rows, missing, unused } = psgChannels(signals, MAIC_LAYOUT, {
    "EEG C3-M2": "EEG Fpz-Cz",
    "SpO2 85-100": 2,
    "SpO2 40-100": null,
    "EOG E1-M2": ["left", 4],
  });
  assert.deepEqual([rows[3], rows[7], rows[19], rows[20]], [[0], [3, 4], [2], null]);
  assert.equal(missing.length, 18);
  assert.deepEqual(unused, ["SpO2"]);
  throwsProblem(() => psgChannels(signals, MAIC_LAYOUT, { chin: 0 }), { what: /a row that is not there/ });
  throwsProblem(() => psgChannels(signals, MAIC_LAYOUT, { ECG: "EKG" }), {
    what: /signal that is not there/,
    place: "row ECG",
  });
  throwsProblem(() => psgChannels(signals, MAIC_LAYOUT, { ECG: 5 }), { found: "5", expected: /0 to 4/ });
});

const recording = (...signals: Signal[]): Recording => ({
  id: "r",
  source: "r.edf",
  start: null,
  signals,
  annotations: [],
  comments: [],
});

const signal = (label: string, unit: string, sampleRate: number, samples: Float64Array): Signal => ({
  label,
  unit,
  sampleRate,
  samples,
});

test("scales are converted between volts, and nothing else is guessed", () => {
  const flat = new Float64Array(60 * 10);
  const { traces, missing } = psgTraces(recording(signal("ECG", "mV", 10, flat), signal("SpO2", "%", 1, flat)));
  const [ecg, spo2] = [traces[10]!, traces[20]!];
  assert.deepEqual([ecg.low, ecg.high, ecg.unit], [-1, 1, "mV"]);
  assert.deepEqual([spo2.low, spo2.high], [40, 100]);
  assert.equal(missing.length, 18);
  const noUnit = recording(signal("SpO2", "", 1, flat));
  throwsProblem(() => psgTraces(noUnit), {
    what: /another unit/,
    file: "r.edf",
    place: "row SpO2 85-100, signal SpO2",
    found: "no unit",
    expected: "%",
    fix: /give a scale/,
  });
  const low = { kind: "physical", low: 0.85, high: 1, unit: "" } as const;
  const own = psgTraces(noUnit, { scales: { "SpO2 85-100": low }, choices: { "SpO2 40-100": null } });
  assert.deepEqual([own.traces[19]!.low, own.traces[19]!.high], [0.85, 1]);
  throwsProblem(() => psgTraces(noUnit, { scales: { SpO2: low } }), { what: /scale for a row/ });
  throwsProblem(() => psgTraces(recording(signal("Light", "lx", 1, flat))), {
    what: /no signal for any row/,
    found: "Light",
  });
});

test("a recording's own scale: its quantiles over two thirds of the row; a flat signal is a line in the middle", () => {
  const ramp = Float64Array.from({ length: 1001 }, (_, i) => i / 1000);
  const { traces } = psgTraces(
    recording(signal("Audio volume", "dB", 1, ramp), signal("Snore", "V", 1, ramp.fill(7, 0, 0))),
  );
  const { low, high } = traces[16]!;
  assert.ok(Math.abs((low + high) / 2 - 0.5) < 1e-6 && Math.abs(high - low - 0.98 * 1.5) < 1e-6, `${low} to ${high}`);
  const still = psgTraces(recording(signal("Audio volume", "dB", 1, new Float64Array(60).fill(3)))).traces[16]!;
  assert.deepEqual([still.low, still.high], [2, 4]);
});

test("filters stop at gaps: what lies behind one is as if recorded alone", () => {
  const random = new Generator(1);
  const noise = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal() * 1e-5);
  const [before, after] = [noise(4000), noise(3000)];
  const gap = new Float64Array(500).fill(Number.NaN);
  const chin = (samples: Float64Array) => psgTraces(recording(signal("Chin", "V", 100, samples))).traces[9]!.samples;
  const whole = chin(Float64Array.from([...before, ...gap, ...after]));
  assert.deepEqual(whole.slice(0, 4000), chin(before).slice());
  assert.deepEqual(whole.slice(4500), chin(after).slice());
  assert.ok(whole.slice(4000, 4500).every(Number.isNaN));
  const crumb = chin(Float64Array.from([...before, ...gap, 1, 2, 3]));
  assert.ok(crumb.slice(4000).every(Number.isNaN), "a stretch too short for the filter");
});

/** A page as it is described: every pixel white or black, reduced by counting. Slow, and in no way like the painter. */
function drawnByHand({ layout, traces }: PsgTraces, from: number): Uint8Array {
  const { width, height, reduction, epochSeconds, lineWidth } = layout;
  const bands = psgBands(layout);
  const page = new Uint8Array(width * height);
  traces.forEach((trace, row) => {
    if (trace === null) return;
    const { top, bottom, groupTop, groupBottom } = bands[row]!;
    const count = epochSeconds * trace.sampleRate;
    const samples = [...trace.samples].slice(from * trace.sampleRate, from * trace.sampleRate + count);
    const y = (value: number) => Math.floor(top + (trace.high - value) * ((bottom - top) / (trace.high - trace.low)));
    for (let x = 0; x < width; x++) {
      const heights: number[] = [];
      const left = (x * count) / width;
      const right = ((x + 1) * count) / width;
      samples.forEach((value, i) => {
        if (i >= left && i <= right) heights.push(value);
      });
      for (const at of [left, right]) {
        const before = Math.floor(at);
        if (before >= count - 1) heights.push(samples[count - 1]!);
        else if (before < at)
          heights.push(samples[before]! + (samples[before + 1]! - samples[before]!) * (at - before));
      }
      const seen = heights.filter((value) => !Number.isNaN(value));
      if (seen.length === 0) continue;
      const highest = y(Math.max(...seen)) - Math.floor(lineWidth / 2);
      const lowest = y(Math.min(...seen)) + lineWidth - 1 - Math.floor(lineWidth / 2);
      for (let p = Math.max(highest, groupTop); p <= Math.min(lowest, groupBottom - 1); p++) page[p * width + x] = 1;
    }
  });
  const image = new Uint8Array((width / reduction) * (height / reduction));
  const white = new Float64Array(image.length);
  page.forEach((pixel, i) => {
    const [px, py] = [i % width, Math.floor(i / width)];
    white[Math.floor(py / reduction) * (width / reduction) + Math.floor(px / reduction)]! += pixel;
  });
  return image.map((_, i) => Math.round((255 * white[i]!) / reduction ** 2));
}

const small: PsgLayout = {
  width: 240,
  height: 60,
  reduction: 4,
  epochSeconds: 10,
  lineWidth: 2,
  rows: [
    ["a", 1],
    ["b", 1],
    ["c", 1],
    ["d", 2],
    ["e", 3],
  ].map(([name, group]) => ({
    name: name as string,
    group: group as number,
    height: 11,
    labels: [name as string],
    scale: { kind: "physical", low: -1, high: 1, unit: "" },
  })),
};

test("pixel for pixel what the description says: dense and sparse rates, overdrawing, cutting, gaps", () => {
  const random = new Generator(7);
  for (let round = 0; round < 6; round++) {
    const rates = [100, 24, 3, 1, 50];
    const signals = rates.map((sampleRate, i) => {
      const samples = Float64Array.from({ length: 30 * sampleRate }, () => 1.5 * random.normal());
      for (let gap = 0; gap < round; gap++) samples[random.below(samples.length)] = Number.NaN;
      return signal("abcde"[i]!, "", sampleRate, samples);
    });
    const prepared = psgTraces(recording(...signals), { layout: { ...small, lineWidth: 1 + (round % 3) } });
    const paint = psgPainter(prepared);
    for (const from of [0, 10, 20]) {
      const image = paint(from);
      assert.deepEqual([image.width, image.height, image.channels], [60, 15, 1]);
      assert.deepEqual(image.pixels, drawnByHand(prepared, from), `round ${round}, from ${from} s`);
    }
  }
});

test("the bundled recording, pixel for pixel", () => {
  const prepared = psgTraces(readEdf(psgFile));
  assert.deepEqual(
    prepared,
    (() => {
      const file = new EdfFile(psgFile);
      try {
        return psgTraces(file);
      } finally {
        file.close();
      }
    })(),
  );
  const image = drawPsgEpoch(prepared, 30);
  assert.deepEqual([image.width, image.height], [480, 270]);
  assert.deepEqual(image.pixels, drawnByHand(prepared, 30));
});

test("rates that do not divide the epoch are drawn from where they are", () => {
  const rate = 12.8;
  const samples = Float64Array.from({ length: 12.8 * 60 }, (_, i) => Math.sin(i / 5));
  const prepared = psgTraces(recording(signal("a", "", rate, samples)), { layout: small });
  // Half a sample later: the same curve, a fraction of a pixel further left, never an error.
  assert.notDeepEqual(drawPsgEpoch(prepared, 10 + 0.5 / rate).pixels, drawPsgEpoch(prepared, 10).pixels);
  assert.ok(drawPsgEpoch(prepared, 50).pixels.some((grey) => grey > 0));
  throwsProblem(() => drawPsgEpoch(prepared, 50.1), {
    what: /outside the recording/,
    file: "r.edf",
    place: "signal a",
    expected: "within 0 s to 60 s",
  });
  throwsProblem(() => drawPsgEpoch(prepared, -1), { what: /outside/ });
});

test("pixel for pixel what NumPy and Pillow draw", async () => {
  const rates = [20, 20, 20, ...new Array(10).fill(200), 25, 25, 200, 100, 200, 200, 3, 3] as number[];
  const traces = MAIC_LAYOUT.rows.map(({ name, scale }, i): PsgTrace => {
    const saturation = scale.kind === "physical" && scale.unit === "%";
    const [centre, spread, low, high] = saturation ? [94, 6, scale.low, scale.high] : [0, 0.35, -1, 1];
    const sampleRate = rates[i]!;
    const span = Math.max(1, Math.round(sampleRate / 4));
    const noise = walk(`psg ${i}`, 30 * sampleRate, Math.sqrt(12 / span), span);
    const samples = Float32Array.from(noise, (value) => centre + spread * value);
    return { label: name, unit: "", sampleRate, samples, low, high };
  });
  const rest = { id: "", source: "", start: null, missing: [], unused: [], duration: 30 };
  const drawn = drawPsgEpoch({ ...rest, layout: MAIC_LAYOUT, traces }, 0);
  const path = join(goldenFolder, "psg", "numpy-pillow.png");
  const { width, height, pixels } = await decodeGreyPng(readFileSync(path), path);
  assert.deepEqual([width, height], [drawn.width, drawn.height]);
  assert.deepEqual(drawn.pixels, new Uint8Array(pixels));
});
