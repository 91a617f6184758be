import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signal } from "../../lib/formats/types";
import { encodePng, type Image } from "../../lib/preprocessing";
import { colourStops, eegPage, imageChart, inColour, renderSvg } from "../../lib/report/charts";
import { throwsProblem } from "../support/problems";

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text\b[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]!);
}

const ramp: Image<Float32Array> = {
  width: 4,
  height: 2,
  channels: 1,
  pixels: Float32Array.of(0, 0.5, 1, 2, -1, 0, 1, Number.NaN),
};

test("numbers become colours between the map's ends; NaN is white", () => {
  const hex = ({ pixels }: Image<Uint8Array>, at: number): string =>
    `#${[...pixels.subarray(3 * at, 3 * at + 3)].map((value) => value.toString(16).padStart(2, "0")).join("")}`.toUpperCase();
  const viridis = inColour(ramp);
  assert.equal(viridis.channels, 3);
  const [first, last] = [colourStops("viridis")[0], colourStops("viridis").at(-1)];
  assert.deepEqual(
    [0, 2, 3, 4].map((at) => hex(viridis, at)),
    [first, last, last, first],
  );
  assert.equal(hex(viridis, 7), "#FFFFFF");
  assert.equal(hex(inColour(ramp, { low: -1, high: 1, map: "grey" }), 0), "#808080");
  // Lightness rises: the map reads in order without its colours.
  const even = inColour({
    width: 256,
    height: 1,
    channels: 1,
    pixels: Float64Array.from({ length: 256 }, (_, i) => i / 255),
  });
  const lightness = Array.from({ length: 256 }, (_, i) => {
    const [r = 0, g = 0, b = 0] = even.pixels.subarray(3 * i, 3 * i + 3);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  assert.ok(lightness.every((value, i) => i === 0 || value >= lightness[i - 1]! - 0.8));
  throwsProblem(() => inColour(viridis), { found: /3 channels/ });
  throwsProblem(() => inColour(ramp, { low: 1, high: 0 }), { found: /1 to 0/ });
});

test("an image stands in a figure with its axes, a colour bar and words", async () => {
  const png = await encodePng(inColour(ramp));
  const svg = await renderSvg(
    imageChart(png, {
      ...ramp,
      shownWidth: 400,
      title: "Power",
      description: "A ramp.",
      x: { title: "Time (s)", domain: [0, 50] },
      y: { title: "Frequency (Hz)", domain: [20, 0], values: [0, 10], labels: ["nought", "ten"] },
      legend: { title: "dB", domain: [-80, 0] },
      labels: [{ text: "here", x: 0.5, y: 0.5, colour: "#FFFFFF" }],
    }),
  );
  assert.ok(svg.includes(`data:image/png;base64,${Buffer.from(png).toString("base64")}`));
  const texts = textsOf(svg);
  for (const word of ["Power", "Time (s)", "Frequency (Hz)", "nought", "ten", "50", "dB", "-80", "here"])
    assert.ok(texts.includes(word), word);
  assert.match(svg, /width="400" height="200"/);
  // 0 Hz at the bottom: the axis runs from its first value at the top.
  const heightOf = (word: string): number =>
    Number(new RegExp(`translate\\([-\\d.]+,([-\\d.]+)\\)[^>]*>${word}<`).exec(svg)![1]);
  assert.ok(heightOf("nought") > heightOf("ten"));
  throwsProblem(() => imageChart(new Uint8Array(3), ramp), { what: /no PNG/ });
});

test("an EEG page: negative up, one scale, a gap behind each chain, its own scale for the ECG", async () => {
  const signal = (label: string, unit: string, size: number): Signal => ({
    label,
    unit,
    sampleRate: 100,
    samples: Float64Array.from({ length: 1200 }, (_, i) => (i === 550 ? size : 0)),
  });
  const signals = [signal("Fp1-F3", "uV", 50), signal("F3-C3", "V", 50e-6), signal("ECG", "mV", 1)];
  const page = eegPage(signals, { from: 1, seconds: 10, scales: { ECG: 1000 }, breaks: ["F3-C3"] });
  const texts = textsOf(await renderSvg(page));
  for (const word of ["Fp1-F3", "F3-C3", "ECG", "100 µV", "1000 µV a row, positive up"])
    assert.ok(texts.includes(word), word);
  const [lines] = page["layer"] as [{ data: { values: { d: number; t: number[]; y: number[] }[] } }];
  const { values } = lines.data;
  assert.deepEqual(
    values.map(({ d }) => d),
    [0, 1, 2.6],
  );
  const extreme = ({ d, y }: { d: number; y: number[] }): number =>
    y.reduce((most, value) => (Math.abs(value - d) > Math.abs(most) ? value - d : most), 0);
  // Rows count downwards: +50 µV is half a row down, +1 mV of the ECG one row up.
  assert.deepEqual(
    values.map((trace) => Math.round(100 * extreme(trace)) / 100),
    [0.5, 0.5, -1],
  );
  assert.equal(values[0]!.t[values[0]!.y.findIndex((value) => value !== 0)], 5.5);
  throwsProblem(() => eegPage(signals, { from: 3 }), { what: /does not reach/, expected: "3 to 13 s" });
  throwsProblem(() => eegPage([{ ...signals[0]!, unit: "%" }]), { found: 'unit "%"' });
  throwsProblem(() => eegPage([]), { what: /no signal/ });
});
