import assert from "node:assert/strict";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { Generator } from "../../lib/core/random";
import type { Signal } from "../../lib/formats/types";
import * as charts from "../../lib/report/charts";
import { jupyterDisplay } from "../../lib/report/display";
import { assertUniqueIds, elementsOf } from "./markup";
import { leadNames, night, twelveLeads } from "./seeded";

/** The texts drawn in an SVG, in order. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text\b[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]!);
}

/** The drawn strokes: the d attributes of paths that are lines (stroke, no fill). */
function linesOf(svg: string): string[] {
  return [...svg.matchAll(/<path ([^>]*)>/g)]
    .map((match) => match[1]!)
    .filter((attributes) => /stroke="#/.test(attributes) && !/ fill="#/.test(attributes))
    .map((attributes) => /(?:^| )d="([^"]*)"/.exec(attributes)?.[1] ?? "");
}

async function draw(spec: charts.ChartSpec): Promise<string> {
  const svg = await charts.renderSvg(spec);
  const elements = elementsOf(svg);
  assertUniqueIds(elements);
  assert.equal(elements[0]!.name, "svg");
  assert.equal(elements[0]!.attributes["role"], "img");
  assert.ok(elements[0]!.attributes["aria-label"]!.includes(spec.title.text));
  assert.ok(!/NaN|undefined|Infinity/.test(svg), "coordinates are numbers");
  assert.ok(textsOf(svg).includes(spec.title.text), "the title is drawn");
  return svg;
}

test("an ECG page holds twelve leads, a rhythm strip and four calibration pulses at 25 mm/s and 10 mm/mV", async () => {
  const signals = twelveLeads();
  // A step of exactly 1 mV in lead I after 1 s.
  signals[0] = { ...signals[0]!, samples: Float64Array.from({ length: 1000 }, (_, i) => (i >= 100 ? 1 : 0)) };
  const spec = charts.ecgPaper(signals, { pixelsPerMillimetre: 4 });
  const svg = await draw(spec);
  const texts = textsOf(svg);
  const conventional = leadNames.map((name) => name.replace(/^AV/, "aV"));
  for (const name of conventional) assert.ok(texts.includes(name), name);
  assert.equal(texts.filter((text) => text === "II").length, 2, "lead II and the rhythm strip");
  assert.ok(texts.some((text) => text.includes("25 mm/s") && text.includes("10 mm/mV")));
  const lines = linesOf(svg);
  assert.equal(lines.length, 12 + 1 + 4);
  const points = (d: string) => [...d.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])]);
  const [pulse, leadI] = [points(lines[0]!), points(lines[1]!)];
  const height = (line: number[][]) => Math.max(...line.map((p) => p[1]!)) - Math.min(...line.map((p) => p[1]!));
  assert.ok(Math.abs(height(pulse) - 40) < 0.1, "1 mV is 10 mm, 40 px");
  assert.ok(Math.abs(height(leadI) - 40) < 0.1);
  const rise = leadI.findIndex((p, i) => i > 0 && p[1]! < leadI[i - 1]![1]! - 1);
  assert.ok(Math.abs(leadI[rise]![0]! - leadI[0]![0]! - 25 * 4) < 0.1, "1 s is 25 mm, 100 px");
});

test("an ECG page takes microvolts and uneven labels, and names what is missing", () => {
  const microvolts = twelveLeads().map((lead) => ({
    ...lead,
    unit: "uV",
    samples: Float64Array.from(lead.samples, (v) => v * 1000),
  }));
  const strokes = (signals: Signal[]) => JSON.stringify(charts.ecgPaper(signals)["layer"]);
  assert.equal(strokes(microvolts), strokes(twelveLeads()));
  assert.throws(() => charts.ecgPaper(twelveLeads().slice(0, 11)), /no lead V6 to draw/);
  assert.throws(() => charts.ecgPaper(twelveLeads(100, 8)), /too short for the page/);
  const wrongUnit = twelveLeads().map((lead) => ({ ...lead, unit: "%" }));
  assert.throws(() => charts.ecgPaper(wrongUnit), SignalbookError);
});

test("a trace with fewer points keeps its peaks", async () => {
  const signals = twelveLeads(1000);
  const spiked = Float64Array.from(signals[1]!.samples, () => 0);
  spiked[4321] = 2;
  signals[1] = { ...signals[1]!, samples: spiked };
  const layers = charts.ecgPaper(signals)["layer"] as { data: { values: { x: number[]; y: number[] }[] } }[];
  const strip = layers
    .flatMap((layer) => layer.data.values ?? [])
    .filter((stroke) => Array.isArray(stroke.x))
    .at(-1)!;
  assert.ok(strip.x.length <= 2 * 1000 + 2 && strip.x.length > 1000);
  const range = Math.max(...strip.y) - Math.min(...strip.y);
  assert.ok(Math.abs(range - 20) < 1e-6, "2 mV stays 20 mm");
});

test("a PSG page stacks derivations with their labels and scale bars in readable units", async () => {
  const random = new Generator(3);
  const signal = (label: string, unit: string, scale: number): Signal => ({
    label,
    unit,
    sampleRate: 200,
    samples: Float64Array.from({ length: 200 * 60 }, () => scale * random.normal()),
  });
  const spec = charts.psgPage(
    [signal("C4-M1", "V", 20e-6), signal("Nasal Pressure", "cmH2O", 0.5), signal("SpO2", "%", 0)],
    {
      from: 15,
      scales: { "C4-M1": 200e-6 },
      annotations: [{ onset: 20, duration: 5, text: "arousal" }],
    },
  );
  const texts = textsOf(await draw(spec));
  for (const text of ["C4-M1", "100 µV", "Nasal Pressure", "SpO2", "1 %", "arousal", "20", "45"])
    assert.ok(texts.includes(text), `${text} in ${texts.join("|")}`);
  assert.throws(() => charts.psgPage([signal("C4-M1", "V", 1)], { from: 40 }), /does not reach over the page/);
});

test("short hypnograms are told in minutes", async () => {
  const { stages, ...rest } = night();
  const short = { ...rest, stages: stages.slice(0, 40) };
  for (const spec of [
    charts.hypnogramChart(short),
    charts.scorersChart([{ scorer: "one", hypnogram: short }]),
    charts.hypnodensityChart(charts.votes([short, short])),
  ]) {
    const texts = textsOf(await draw(spec));
    assert.ok(texts.includes("Time from the first epoch (min)") && texts.includes("20"), texts.join("|"));
  }
});

test("a hypnogram has wake on top, REM under it, and marks unscored epochs", async () => {
  const svg = await draw(charts.hypnogramChart(night()));
  const texts = textsOf(svg);
  const stages = texts.filter((text) => ["W", "REM", "N1", "N2", "N3"].includes(text));
  assert.deepEqual(stages, ["W", "REM", "N1", "N2", "N3"]);
  assert.ok(texts.includes("Time from the first epoch (min)"));
  assert.ok(textsOf(await draw(charts.hypnogramChart(night(300)))).includes("Time from the first epoch (h)"));
  assert.ok(texts.includes("not scored"));
  const runs = night().stages.filter((stage, i, all) => stage === "REM" && all[i - 1] !== "REM").length;
  assert.ok(runs > 0);
  assert.equal(svg.match(/<line[^>]*stroke="#D55E00"/g)?.length, runs, "one thick line a REM period");
});

test("scorers stand above each other; their votes add up to one", async () => {
  const nights = [1, 2, 3].map((seed) => night(120, seed));
  const svg = await draw(charts.scorersChart(nights.map((hypnogram, i) => ({ scorer: `Scorer ${i + 1}`, hypnogram }))));
  for (const scorer of ["Scorer 1", "Scorer 2", "Scorer 3"]) assert.ok(textsOf(svg).includes(scorer));
  const density = charts.votes(nights);
  density.shares.forEach((share, epoch) => {
    const sum = Object.values(share).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - (epoch < 3 ? 0 : 1)) < 1e-12);
  });
  const legend = textsOf(await draw(charts.hypnodensityChart(density))).slice(-7, -2);
  assert.deepEqual(legend, ["W", "REM", "N1", "N2", "N3"]);
  assert.throws(() => charts.votes([night(10), night(11)]), /scorings of different lengths/);
});

test("a spectrum has a logarithmic axis with its unit and the named bands", async () => {
  const frequencies = Float64Array.from({ length: 200 }, (_, i) => i / 4);
  const density = frequencies.map((f) => 100 / (1 + f * f));
  const spec = charts.spectrumChart([{ name: "C4-M1", frequencies, density }], {
    bands: charts.eegBands,
    maxFrequency: 20,
  });
  const texts = textsOf(await draw(spec));
  for (const text of ["Frequency (Hz)", "Power spectral density (µV²/Hz)", "δ", "σ", "β"])
    assert.ok(texts.includes(text), text);
  assert.throws(() => charts.spectrumChart([{ name: "x", frequencies: [1], density: [] }]), /differ in number/);
});

test("label counts are sorted, and say what is left out", async () => {
  const spec = charts.labelCounts(
    [
      { label: "MI", count: 5 },
      { label: "NORM", count: 9 },
      { label: "HYP", count: 0 },
    ],
    { top: 2 },
  );
  const texts = textsOf(await draw(spec));
  assert.ok(texts.indexOf("NORM") < texts.indexOf("MI"));
  assert.ok(!texts.includes("HYP"));
  assert.match(spec.description, /1 rarer labels are not shown/);
});

test("a matrix shows counts and shares of rows", async () => {
  const spec = charts.matrixChart(
    [
      [3, 1],
      [0, 0],
    ],
    ["W", "N1"],
    ["W", "N1"],
    { rowTitle: "Scorer 1", columnTitle: "Scorer 2" },
  );
  const texts = textsOf(await draw(spec));
  for (const text of ["3", "75 %", "25 %", "Scorer 1", "Scorer 2"]) assert.ok(texts.includes(text), text);
  assert.throws(
    () => charts.matrixChart([[1]], ["a"], ["b", "c"], { rowTitle: "r", columnTitle: "c" }),
    /does not fit/,
  );
});

test("learning curves draw a line for each split and fold, and their mean", async () => {
  const points = [1, 2, 3].flatMap((fold) =>
    [1, 2, 3, 4].flatMap((epoch) =>
      (["train", "validation"] as const).map((split) => ({ fold, epoch, split, value: fold / epoch })),
    ),
  );
  const svg = await draw(charts.learningCurves(points, { metric: "Loss (nats)" }));
  const short = [1, 2, 3].map((epoch) => ({ epoch, split: "train" as const, value: 1 / epoch }));
  const ticks = [...(await draw(charts.learningCurves(short, { metric: "Loss" }))).matchAll(/>(\d)<\/text>/g)];
  assert.deepEqual(
    ticks.slice(0, 3).map(([, label]) => label),
    ["1", "2", "3"],
    "each epoch once",
  );
  assert.equal(linesOf(svg).filter((d) => d.split("L").length === 4).length, 3 * 2 + 2);
  assert.ok(textsOf(svg).includes("Loss (nats)"));
  const steps = await draw(
    charts.learningCurves(
      [1, 2].map((epoch) => ({ epoch, split: "train" as const, value: epoch })),
      {
        metric: "Loss",
        per: "Step",
      },
    ),
  );
  assert.ok(textsOf(steps).includes("Step") && !textsOf(steps).includes("validation"));
});

test("the area under a ROC curve is the chance that a positive scores above a negative", async () => {
  const random = new Generator(5);
  const truth = Array.from({ length: 60 }, () => random.below(2));
  const scores = truth.map((t) => Math.round(4 * (t + random.normal())) / 4); // with ties
  let wins = 0;
  let pairs = 0;
  truth.forEach((a, i) => {
    truth.forEach((b, j) => {
      if (a !== 1 || b !== 0) return;
      pairs++;
      wins += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    });
  });
  const curve = charts.rocCurve({ name: "MI", scores, truth });
  assert.ok(Math.abs(curve.auc - wins / pairs) < 1e-12);
  assert.ok(
    textsOf(await draw(charts.rocChart([{ name: "MI", scores, truth }]))).includes(`MI, AUC ${curve.auc.toFixed(2)}`),
  );
  assert.throws(() => charts.rocCurve({ name: "MI", scores: [1, 2], truth: [1, 1] }), /no ROC curve for class MI/);
});

test("a forest plot writes each estimate with its interval, beside the references", async () => {
  const spec = charts.forestPlot(
    [
      { label: "NORM", value: 0.9, interval: [0.85, 0.94] },
      { label: "MI", value: 0.8 },
    ],
    {
      metric: "AUC",
      references: [{ value: 0.82, label: "PyTorch" }],
    },
  );
  const texts = textsOf(await draw(spec));
  for (const text of ["NORM", "0.90 (0.85–0.94)", "MI", "0.80", "PyTorch 0.82"]) assert.ok(texts.includes(text), text);
  assert.throws(() => charts.forestPlot([], { metric: "AUC" }), SignalbookError);
});

test("reliability bins count each prediction once and weigh the calibration error", async () => {
  const probabilities = [0.05, 0.15, 0.12, 0.95, 1];
  const bins = charts.reliabilityBins(probabilities, [0, 0, 1, 1, 1]);
  assert.deepEqual(
    bins.map(({ from, count }) => [from, count]),
    [
      [0, 1],
      [0.1, 2],
      [0.9, 2],
    ],
  );
  const expected = (0.05 + 2 * Math.abs(0.5 - 0.135) + 2 * (1 - 0.975)) / 5;
  assert.ok(Math.abs(charts.calibrationError(bins) - expected) < 1e-12);
  await draw(charts.reliabilityDiagram(bins));
  assert.throws(() => charts.reliabilityBins([1.2], [1]), /example 0: a probability out of range/);
});

test("a chart describes itself with specification, SVG and words; one that can't be drawn says why", async () => {
  const spec = charts.hypnogramChart(night(), { title: "Night <1>" });
  const bundle = await charts.chart(spec)[jupyterDisplay]();
  assert.deepEqual(Object.keys(bundle), [charts.vegaLiteMimeType, "image/svg+xml", "text/plain"]);
  assert.match(bundle["text/plain"], /^\[figure\] Night <1>\n/);
  elementsOf(String(bundle["image/svg+xml"]));
  await assert.rejects(charts.renderSvg({ ...spec, description: "" }), /a figure without words/);
  const misspelt = { ...spec, layer: undefined, data: { values: [] }, mark: "bra", encoding: {} };
  await assert.rejects(charts.renderSvg(misspelt), Error);
});

test("the same data give the same drawing", async () => {
  const draw = () => charts.renderSvg(charts.ecgPaper(twelveLeads()));
  const first = await draw();
  const second = await draw();
  assert.ok(first === second);
});

test("a long subtitle is broken between words, and none of its lines is wider than the figure", async () => {
  const subtitle = "Validation: patients not learnt from, watched and not used, the last weights are taken. "
    .repeat(3)
    .trim();
  const points = [1, 2].map((epoch) => ({ epoch, split: "train" as const, value: 1 / epoch }));
  const spec = charts.learningCurves(points, { metric: "Loss", subtitle });
  const lines = spec.title.subtitle as string[];
  assert.equal(lines.join(" "), subtitle);
  assert.equal(lines.length, 3);
  const svg = await draw(spec);
  for (const line of lines) assert.ok(svg.includes(`>${line}</tspan>`), line);
});
