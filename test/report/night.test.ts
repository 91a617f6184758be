import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import type { Hypnogram } from "../../lib/formats";
import type { Spectrogram } from "../../lib/preprocessing";
import { nightChart, psgPage, renderSvg } from "../../lib/report/charts";
import { throwsProblem } from "../support/problems";

const minutes = 40;
/** A minute a spectrum, 0 to 4 Hz; the loudest frequency climbs; minutes 20 to 29 were not recorded. */
const night: Spectrogram = {
  frequencies: Float64Array.of(0, 1, 2, 3, 4),
  times: Float64Array.from({ length: minutes }, (_, i) => 60 * i + 30),
  power: Array.from({ length: minutes }, (_, i) =>
    Float64Array.from({ length: 5 }, (_, f) => (i >= 20 && i < 30 ? Number.NaN : f === Math.floor(i / 10) ? 1e4 : 1)),
  ),
};

async function picture(svg: string): Promise<(x: number, y: number) => string> {
  const url = /data:image\/png;base64,([A-Za-z0-9+/=]+)/.exec(svg)![1]!;
  const { data, info } = await sharp(Buffer.from(url, "base64")).raw().toBuffer({ resolveWithObject: true });
  // Places are shares of the picture: 0, 0 is its lower left corner.
  return (x, y) => {
    const at = Math.floor((1 - y) * info.height) * info.width + Math.floor(x * info.width);
    return [...data.subarray(3 * at, 3 * at + 3)].map((value) => value.toString(16).padStart(2, "0")).join("");
  };
}

test("time runs right, frequency up, loud is bright, and what was not recorded is white", async () => {
  const spec = await nightChart(night, { unit: "µV²/Hz", duration: 60 * minutes });
  const svg = await renderSvg(spec);
  const at = await picture(svg);
  const [loud, quiet] = ["fee825", "440154"];
  assert.deepEqual([at(0.05, 0.1), at(0.3, 0.3), at(0.95, 0.7)], [loud, loud, loud]);
  assert.deepEqual([at(0.05, 0.9), at(0.3, 0.1), at(0.95, 0.1)], [quiet, quiet, quiet]);
  assert.equal(at(0.6, 0.5), "ffffff");
  for (const word of ["Time from the recording's start (min)", "Frequency (Hz)", "dB", "40"])
    assert.ok(svg.includes(`>${word.replace("'", "'")}<`), word);
});

test("under a hypnogram the figure covers what it scores, and lines up with it", async () => {
  const hypnogram: Hypnogram = {
    source: "h",
    start: null,
    epochSeconds: 30,
    stages: [...new Array(20).fill("W"), ...new Array(40).fill("N2")],
  };
  // Scored from minute 25 on: five minutes unrecorded, ten recorded, then nothing.
  const spec = await nightChart(night, { unit: "µV²/Hz", duration: 0, hypnogram, offset: 25 * 60, maxFrequency: 3 });
  const svg = await renderSvg(spec);
  const at = await picture(svg);
  assert.equal(at(0.05, 0.5), "ffffff");
  assert.equal(at(0.3, 0.9), "fee825");
  assert.equal(at(0.8, 0.5), "ffffff");
  for (const word of ["Time from the first epoch (min)", "REM", "N2", "Stage"])
    assert.ok(svg.includes(`>${word}<`), word);
  assert.equal((svg.match(/Time from/g) ?? []).length, 1, "one time axis for both");
  // 0 Hz stands at the picture's lower edge, the highest frequency at its upper one.
  const heightOf = (word: string): number =>
    Math.max(
      ...[...svg.matchAll(new RegExp(`translate\\([-\\d.]+,([-\\d.]+)\\)[^>]*>${word}<`, "g"))].map(([, y]) =>
        Number(y),
      ),
    );
  assert.ok(heightOf("0.0") - heightOf("3.0") > 190, `${heightOf("0.0")} and ${heightOf("3.0")}`);
});

test("probabilities stand above the hypnogram, of the same epochs, with the same width", async () => {
  const stages: Hypnogram["stages"] = [...new Array(40).fill("W"), ...new Array(40).fill("N2")];
  const hypnogram: Hypnogram = { source: "h", start: null, epochSeconds: 30, stages };
  const share = { W: 0.5, N1: 0, N2: 0.5, N3: 0, REM: 0 };
  const options = { unit: "µV²/Hz", duration: 0, hypnogram };
  const probabilities = { epochSeconds: 30, shares: stages.map(() => share) };
  const spec = await nightChart(night, { ...options, probabilities });
  const views = spec["vconcat"] as { width: number }[];
  assert.deepEqual(
    views.map(({ width }) => width),
    [600, 600, 600],
  );
  const svg = await renderSvg(spec);
  for (const word of ["Probability", "Stage", "Frequency (Hz)", "Time from the first epoch (min)", "100%"])
    assert.ok(svg.includes(`>${word}<`), word);
  const others = { ...probabilities, shares: [share] };
  await assert.rejects(nightChart(night, { ...options, probabilities: others }), /other epochs than the hypnogram's/);
});

test("a spectrogram of nothing is refused", async () => {
  const empty = { frequencies: Float64Array.of(0, 1), times: new Float64Array(0), power: [] };
  await assert.rejects(nightChart(empty, { unit: "x", duration: 10 }), /nothing to draw/);
  const silent = { ...empty, times: Float64Array.of(5), power: [Float64Array.of(0, 0)] };
  await assert.rejects(nightChart(silent, { unit: "x", duration: 10 }), /nothing to draw/);
});

test("a page of signals that begin within a recording keeps the recording's time", () => {
  const samples = Float64Array.from({ length: 400 }, (_, i) => (i === 150 ? 1 : 0));
  const spec = psgPage([{ label: "C3", unit: "V", sampleRate: 10, samples }], { begins: 60, seconds: 30 });
  const layers = spec["layer"] as { data: { values: { t?: number[]; y?: number[] }[] } }[];
  const { t, y } = layers.map(({ data }) => data.values[0]!).find((values) => values.t !== undefined)!;
  assert.deepEqual([t![0], t!.at(-1)], [60, 89.9]);
  assert.equal(t![y!.indexOf(Math.max(...y!))], 75);
  throwsProblem(() => psgPage([{ label: "C3", unit: "V", sampleRate: 10, samples }], { begins: 60, from: 80 }), {
    found: "60 to 100 s",
    expected: "80 to 110 s",
  });
  throwsProblem(() => psgPage([{ label: "C3", unit: "V", sampleRate: 10, samples }], { begins: 60, from: 50 }), {
    what: /does not reach/,
  });
});
