import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signal } from "../../lib/formats";
import { beforeAfterChart } from "../../lib/report/charts/before-after";
import { renderSvg } from "../../lib/report/charts/render";
import { colours } from "../../lib/report/charts/theme";
import { throwsProblem } from "../support/problems";

const signal = (values: number[], more: Partial<Signal> = {}): Signal => ({
  label: "II",
  unit: "mV",
  sampleRate: 10,
  samples: Float64Array.from(values),
  ...more,
});

test("a panel a change: the trace before in grey, below the one after", async () => {
  const before = signal([0, 1, 0, -1]);
  const svg = await renderSvg(
    beforeAfterChart(
      [
        { caption: "louder", before, after: signal([0, 2, 0, -2]) },
        { caption: "moved", before, after: signal([1, 2, 1, 0]) },
      ],
      { title: "Two changes" },
    ),
  );
  for (const word of ["Two changes", "louder", "moved", "II (mV)", "Time (s)"])
    assert.ok(svg.includes(`>${word}<`), word);
  const strokes = [...svg.matchAll(/<path d="([^"]*)"[^>]*stroke="(#[0-9A-Fa-f]{6})"/g)]
    .filter(([, d]) => d!.split("L").length === 4)
    .map(([, , colour]) => colour);
  assert.deepEqual(strokes, [colours.missing, colours.blue, colours.missing, colours.blue]);
});

test("panels share their axes", () => {
  const before = signal([0, 1]);
  throwsProblem(() => beforeAfterChart([]), { what: /no signal/ });
  for (const after of [signal([0, 1], { unit: "uV" }), signal([0, 1], { sampleRate: 20 }), signal([0, 1, 2])])
    throwsProblem(() => beforeAfterChart([{ caption: "x", before, after }]), {
      place: "x",
      expected: /2 at 10 Hz in mV/,
    });
});
