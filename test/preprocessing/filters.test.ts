import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ButterworthDesign,
  butterworth,
  filterSections,
  filterZeroPhase,
  notch,
  peak,
  type Sections,
  steadyState,
} from "../../lib/preprocessing";
import { type GoldenArray, readGolden } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

interface Case {
  design: {
    kind: "butter" | "iirnotch" | "iirpeak";
    order: number;
    btype: ButterworthDesign["kind"];
    freq: number | [number, number];
    fs: number;
    q: number;
  };
  sos: GoldenArray;
  sosfilt: GoldenArray;
  sosfiltfilt: GoldenArray;
  sosfilt_zi: GoldenArray;
  sosfilt_stream: { cut: number; state_at_cut: GoldenArray; state_at_end: GoldenArray; tail: GoldenArray };
}

const golden = readGolden<{ input: { values: GoldenArray }; cases: Case[] }>("signals/filters");
const x = golden.input.values.data;

function design(
  kind: ButterworthDesign["kind"],
  order: number,
  freq: number | readonly [number, number],
  sampleRate: number,
): Sections {
  const where = typeof freq === "number" ? { frequency: freq } : { frequencies: freq };
  return butterworth({ kind, order, sampleRate, ...where } as ButterworthDesign);
}

function designOf({ kind, order, btype, freq, fs, q }: Case["design"]): Sections {
  if (kind === "butter") return design(btype, order, freq, fs);
  return (kind === "iirnotch" ? notch : peak)(freq as number, q, fs);
}

for (const wanted of golden.cases) {
  const { kind, order, btype, freq, fs } = wanted.design;
  test(`${kind} ${btype ?? ""} ${order ?? ""} at ${freq} of ${fs} Hz: design, one way, both ways, in parts`, () => {
    const sections = designOf(wanted.design);
    assert.ok(maxDifference(sections.flat(), wanted.sos.data) < 1e-12, "sections");
    assert.ok(maxDifference(steadyState(sections).flat(), wanted.sosfilt_zi.data) < 1e-9, "steady state");
    assert.ok(maxDifference(filterSections(sections, x).samples, wanted.sosfilt.data) < 1e-9, "forwards");
    assert.ok(maxDifference(filterZeroPhase(sections, x), wanted.sosfiltfilt.data) < 1e-9, "both ways");
    const { cut, state_at_cut, state_at_end, tail } = wanted.sosfilt_stream;
    const first = filterSections(sections, x.slice(0, cut), steadyState(sections, x[0]));
    assert.ok(maxDifference(first.state.flat(), state_at_cut.data) < 1e-9, "state at the cut");
    const second = filterSections(sections, x.slice(cut), first.state);
    assert.ok(maxDifference(second.state.flat(), state_at_end.data) < 1e-9, "state at the end");
    assert.ok(maxDifference(second.samples.slice(-tail.data.length), tail.data) < 1e-9, "tail");
  });
}

test("a real ECG at 500 Hz, as SciPy filters it", () => {
  const ecg = readGolden<{
    x: number[];
    cases: {
      name: string;
      design?: { N: number; Wn: number | [number, number]; btype: ButterworthDesign["kind"] };
      sosfilt?: number[];
      sosfiltfilt?: number[];
      filtfilt?: number[];
    }[];
  }>("signals/filters_ecg");
  assert.equal(ecg.cases.length, 5);
  for (const { name, design: wanted, sosfilt, sosfiltfilt, filtfilt } of ecg.cases) {
    const sections = wanted === undefined ? notch(50, 30, 500) : design(wanted.btype, wanted.N, wanted.Wn, 500);
    if (sosfilt !== undefined) assert.ok(maxDifference(filterSections(sections, ecg.x).samples, sosfilt) < 1e-9, name);
    const both = sosfiltfilt ?? filtfilt;
    assert.ok(both !== undefined, name);
    assert.ok(maxDifference(filterZeroPhase(sections, ecg.x), both) < 1e-9, name);
  }
});

test("every order and kind is stable and passes what it should, at -3 dB where it was asked for", () => {
  const gainAt = (sections: Sections, frequency: number, rate: number): number =>
    sections.reduce((product, [b0, b1, b2, , a1, a2]) => {
      const w = (2 * Math.PI * frequency) / rate;
      const size = (c0: number, c1: number, c2: number): number =>
        Math.hypot(c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w), c1 * Math.sin(w) + c2 * Math.sin(2 * w));
      return (product * size(b0, b1, b2)) / size(1, a1, a2);
    }, 1);
  for (let order = 1; order <= 8; order++) {
    for (const [kind, freq, pass] of [
      ["lowpass", 20, 0],
      ["highpass", 20, 50],
      ["bandpass", [10, 25], null],
      ["bandstop", [10, 25], 0],
    ] as const) {
      const sections = design(kind, order, freq, 100);
      assert.equal(sections.length, Math.ceil((typeof freq === "number" ? order : 2 * order) / 2));
      for (const [, , , , a1, a2] of sections)
        assert.ok(Math.abs(a2) < 1 && Math.abs(a1) < 1 + a2, `${kind} ${order} stable`);
      for (const corner of typeof freq === "number" ? [freq] : freq)
        assert.ok(Math.abs(gainAt(sections, corner, 100) - Math.SQRT1_2) < 1e-9, `${kind} ${order} at ${corner}`);
      if (pass !== null) assert.ok(Math.abs(gainAt(sections, pass, 100) - 1) < 1e-9, `${kind} ${order} at ${pass}`);
    }
  }
});

test("a constant stays a constant: the edges make no transient", () => {
  const sections = design("lowpass", 5, 20, 200);
  assert.ok(
    maxDifference(filterZeroPhase(sections, new Float64Array(100).fill(7)), new Float64Array(100).fill(7)) < 1e-12,
  );
});

test("designs and signals that cannot be are refused", () => {
  throwsProblem(() => design("lowpass", 0, 20, 100), { what: /order/, found: "0" });
  throwsProblem(() => design("lowpass", 2, 50, 100), { what: /corner/, found: "50 Hz at 100 Hz" });
  throwsProblem(() => design("bandpass", 2, [30, 10], 100), { what: /corner/, expected: /rising/ });
  throwsProblem(() => notch(60, 30, 100), { what: /notch/ });
  throwsProblem(() => notch(10, 0, 100), { what: /notch/ });
  const sections = design("bandpass", 4, [1, 40], 100);
  throwsProblem(() => filterZeroPhase(sections, new Float64Array(27)), {
    what: /too short/,
    found: "27 samples",
    expected: "more than 27",
  });
  assert.equal(filterZeroPhase(sections, new Float64Array(28)).length, 28);
  const gap = Float64Array.from({ length: 100 }, (_, i) => (i === 40 ? Number.NaN : i));
  throwsProblem(() => filterZeroPhase(sections, gap), { place: "sample 40", found: "NaN" });
});
