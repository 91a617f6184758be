import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ButterworthDesign,
  butterworth,
  butterworthRoots,
  butterworthTransfer,
  filterSections,
  filterSectionsChannels,
  filterTransfer,
  filterTransferChannels,
  filterTransferZeroPhase,
  filterZeroPhase,
  filterZeroPhaseChannels,
  frequencyResponse,
  notch,
  peak,
  type Root,
  responseFrequencies,
  type Sections,
  steadyState,
  steadyTransferState,
  type TransferFunction,
  toTransferFunction,
} from "../../lib/preprocessing";
import { type GoldenArray, type GoldenComplex, readGolden, walk } from "../support/golden";
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
  zpk?: { z: GoldenComplex; p: GoldenComplex; k: number };
  b: GoldenArray;
  a: GoldenArray;
  sos: GoldenArray;
  freqz: { f: GoldenArray; h: GoldenComplex };
  lfilter: GoldenArray;
  sosfilt: GoldenArray;
  sosfiltfilt: GoldenArray;
  filtfilt: GoldenArray;
  lfilter_zi: GoldenArray;
  sosfilt_zi: GoldenArray;
  sosfilt_stream: { cut: number; state_at_cut: GoldenArray; state_at_end: GoldenArray; tail: GoldenArray };
  measured: { output_abs_max: number; lfilter_change_when_b_and_a_move_by_one_ulp_abs: number };
}

const golden = readGolden<{ input: { values: GoldenArray }; cases: Case[]; hms_cascade: GoldenArray }>(
  "signals/filters",
);
const x = golden.input.values.data;

function designFor(
  kind: ButterworthDesign["kind"],
  order: number,
  freq: number | readonly [number, number],
  sampleRate: number,
): ButterworthDesign {
  const where = typeof freq === "number" ? { frequency: freq } : { frequencies: freq };
  return { kind, order, sampleRate, ...where } as ButterworthDesign;
}

function design(...args: Parameters<typeof designFor>): Sections {
  return butterworth(designFor(...args));
}

function sectionsOf({ kind, order, btype, freq, fs, q }: Case["design"]): Sections {
  if (kind === "butter") return design(btype, order, freq, fs);
  return (kind === "iirnotch" ? notch : peak)(freq as number, q, fs);
}

function transferOf({ kind, order, btype, freq, fs, q }: Case["design"]): TransferFunction {
  if (kind === "butter") return butterworthTransfer(designFor(btype, order, freq, fs));
  return toTransferFunction((kind === "iirnotch" ? notch : peak)(freq as number, q, fs));
}

/** The largest distance of a root from the nearest one of the other side: the order of roots means nothing. */
function apart(roots: readonly Root[], { re, im }: GoldenComplex): number {
  assert.equal(roots.length, re.data.length, "number of roots");
  const nearest = ({ re: x, im: y }: Root): number =>
    Math.min(...Array.from(re.data, (value, i) => Math.hypot(x - value, y - im.data[i]!)));
  return Math.max(0, ...roots.map(nearest));
}

const largest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));

/** Relative to the largest value expected. */
function closeTo(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  const found = maxDifference(actual, expected) / largest(expected);
  assert.ok(found < tolerance, `${what}: ${found}, at most ${tolerance}`);
}

assert.equal(golden.cases.length, 8);
for (const wanted of golden.cases) {
  const { kind, order, btype, freq, fs } = wanted.design;
  const title = `${kind} ${btype ?? ""} ${order ?? ""} at ${freq} of ${fs} Hz`;

  test(`${title}: roots, polynomials, sections, response`, () => {
    if (kind === "butter") {
      const { zeros, poles, gain } = butterworthRoots(designFor(btype, order, freq, fs));
      assert.ok(apart(poles, wanted.zpk!.p) < 1e-12, "poles");
      assert.ok(apart(zeros, wanted.zpk!.z) < 1e-12, "zeros");
      assert.ok(Math.abs(gain / wanted.zpk!.k - 1) < 1e-12, "gain");
    } else assert.equal(wanted.zpk, undefined);
    const sections = sectionsOf(wanted.design);
    assert.ok(maxDifference(sections.flat(), wanted.sos.data) < 1e-12, "sections");
    const transfer = transferOf(wanted.design);
    closeTo(transfer.b, wanted.b.data, 1e-12, "b");
    closeTo(transfer.a, wanted.a.data, 1e-12, "a");
    const frequencies = responseFrequencies(16, fs);
    assert.ok(maxDifference(frequencies, wanted.freqz.f.data) < 1e-12, "frequencies");
    const { re, im } = wanted.freqz.h;
    const response = frequencyResponse(sections, frequencies, fs);
    assert.ok(maxDifference(response.re, re.data) < 1e-9 && maxDifference(response.im, im.data) < 1e-9, "response");
    // The polynomials' own loss of digits: twelve orders below, near a zero of order ten.
    const whole = frequencyResponse(transfer, frequencies, fs);
    assert.ok(maxDifference(whole.re, re.data) < 1e-6 && maxDifference(whole.im, im.data) < 1e-6, "of polynomials");
  });

  test(`${title}: sections one way, both ways, in parts`, () => {
    const sections = sectionsOf(wanted.design);
    assert.ok(maxDifference(steadyState(sections).flat(), wanted.sosfilt_zi.data) < 1e-9, "steady state");
    closeTo(filterSections(sections, x).samples, wanted.sosfilt.data, 1e-9, "forwards");
    closeTo(filterZeroPhase(sections, x), wanted.sosfiltfilt.data, 1e-9, "both ways");
    const { cut, state_at_cut, state_at_end, tail } = wanted.sosfilt_stream;
    const first = filterSections(sections, x.slice(0, cut), steadyState(sections, x[0]));
    assert.ok(maxDifference(first.state.flat(), state_at_cut.data) < 1e-9, "state at the cut");
    const second = filterSections(sections, x.slice(cut), first.state);
    assert.ok(maxDifference(second.state.flat(), state_at_end.data) < 1e-9, "state at the end");
    closeTo(second.samples.slice(-tail.data.length), tail.data, 1e-9, "tail");
  });

  test(`${title}: transfer function one way, both ways, steady state, in parts`, () => {
    const given = { b: Float64Array.from(wanted.b.data), a: Float64Array.from(wanted.a.data) };
    const { samples, state } = filterTransfer(given, x);
    assert.deepEqual(samples, wanted.lfilter.data, "forwards, coefficients given: to the last bit");
    // Both sides divide by the sum of a, each with its own rounding of it, and start both ways from there.
    const sum = given.a.reduce((total, value) => total + value, 0);
    const lost = (Number.EPSILON * given.a.reduce((total, value) => total + Math.abs(value), 0)) / Math.abs(sum);
    closeTo(steadyTransferState(given), wanted.lfilter_zi.data, Math.max(1e-9, lost), "steady state");
    closeTo(filterTransferZeroPhase(given, x), wanted.filtfilt.data, 2e-9, "both ways, coefficients given");
    // With coefficients of our own, equal to their last bits only: as far as that moves the peer's own result.
    const own = transferOf(wanted.design);
    const bound = 1e-5 * (wanted.measured.output_abs_max / 150);
    assert.ok(maxDifference(filterTransfer(own, x).samples, wanted.lfilter.data) < bound, "forwards");
    assert.ok(maxDifference(filterTransferZeroPhase(own, x), wanted.filtfilt.data) < bound, "both ways");
    const first = filterTransfer(given, x.slice(0, 417));
    const second = filterTransfer(given, x.slice(417), first.state);
    assert.deepEqual(Float64Array.of(...first.samples, ...second.samples), samples, "in parts");
    assert.deepEqual(second.state, state, "state at the end");
  });
}

test("the cascade of the HMS traces: band-stop 59 to 61 Hz, then band-pass 1 to 70 Hz, as polynomials from rest", () => {
  const stop = butterworthTransfer(designFor("bandstop", 5, [59, 61], 200));
  const pass = butterworthTransfer(designFor("bandpass", 5, [1, 70], 200));
  const filtered = filterTransfer(pass, filterTransfer(stop, x).samples).samples;
  assert.ok(maxDifference(filtered, golden.hms_cascade.data) < 1e-5, "coefficients of our own");
  const [given, then] = golden.cases.map(({ b, a }) => ({ b: b.data, a: a.data }));
  closeTo(filterTransfer(then!, filterTransfer(given!, x).samples).samples, golden.hms_cascade.data, 1e-9, "given");
});

test("a real ECG at 500 Hz, as SciPy filters it", () => {
  const ecg = readGolden<{
    x: number[];
    cases: ({ name: string } & (
      | {
          design: { N: number; Wn: number | [number, number]; btype: ButterworthDesign["kind"] };
          sos: number[][];
          sosfilt: number[];
          sosfiltfilt: number[];
        }
      | { b: number[]; a: number[]; filtfilt: number[] }
    ))[];
  }>("signals/filters_ecg");
  assert.equal(ecg.cases.length, 5);
  for (const wanted of ecg.cases) {
    if ("design" in wanted) {
      const { N, Wn, btype } = wanted.design;
      const sections = design(btype, N, Wn, 500);
      assert.ok(maxDifference(sections.flat(), wanted.sos.flat()) < 1e-9, `${wanted.name}: sections`);
      assert.ok(maxDifference(filterSections(sections, ecg.x).samples, wanted.sosfilt) < 1e-9, wanted.name);
      assert.ok(maxDifference(filterZeroPhase(sections, ecg.x), wanted.sosfiltfilt) < 1e-9, `${wanted.name} both ways`);
    } else {
      assert.equal(wanted.name, "iirnotch50_Q30");
      const transfer = toTransferFunction(notch(50, 30, 500));
      assert.ok(maxDifference(transfer.b, wanted.b) < 1e-12 && maxDifference(transfer.a, wanted.a) < 1e-12, "b and a");
      assert.ok(maxDifference(filterTransferZeroPhase(transfer, ecg.x), wanted.filtfilt) < 1e-9, wanted.name);
      assert.ok(maxDifference(filterZeroPhase(notch(50, 30, 500), ecg.x), wanted.filtfilt) < 1e-9, "as a section");
    }
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
  throwsProblem(() => design("lowpass", 2, 50, 100), {
    what: /corner/,
    found: "50 Hz at 100 Hz",
    expected: /below the Nyquist frequency, half the sampling rate \(50 Hz\)/,
  });
  throwsProblem(() => design("bandpass", 2, [30, 10], 100), { what: /corner/, expected: /rising/ });
  throwsProblem(() => design("bandpass", 2, 30, 100), { what: /bandpass/, expected: "two: frequencies" });
  throwsProblem(() => design("lowpass", 2, Number.NaN, 100), { found: "NaN Hz at 100 Hz" });
  throwsProblem(() => design("comb" as "lowpass", 2, 20, 100), {
    what: /unknown kind/,
    found: "comb",
    expected: /lowpass, highpass, bandpass, bandstop/,
  });
  throwsProblem(() => notch(60, 30, 100), { what: /notch/, expected: /Nyquist/ });
  throwsProblem(() => peak(10, 0, 100), { what: /peak/, expected: /quality/ });
  throwsProblem(() => frequencyResponse(notch(10, 30, 100), [1], 0), { found: "0 Hz" });
  throwsProblem(() => responseFrequencies(0, 100), { found: "0" });
  throwsProblem(() => filterSections([], x), { what: /without sections/ });
  throwsProblem(() => filterSections([[1, 2, 1, 1, Number.NaN, 0]], x), { place: "section 0", found: /NaN/ });
  throwsProblem(() => filterTransfer({ b: [1], a: [0, 1] }, x), { found: /a\[0\] = 0/ });
  throwsProblem(() => filterTransfer({ b: [], a: [1] }, x), { found: /b of 0/ });
  throwsProblem(() => steadyTransferState({ b: [1], a: [1, -1] }), { what: /steady state/ });
  const sections = design("bandpass", 4, [1, 40], 100);
  throwsProblem(() => filterSections(sections, x, steadyState(notch(10, 30, 100))), {
    found: "1 sections",
    expected: /^4/,
  });
  throwsProblem(() => filterTransfer(toTransferFunction(sections), x, [0, 0]), { found: /2 delays/, expected: /8/ });
  throwsProblem(() => filterZeroPhase(sections, new Float64Array(27)), {
    what: /too short/,
    found: "27 samples",
    expected: "more than 27",
  });
  assert.equal(filterZeroPhase(sections, new Float64Array(28)).length, 28);
  const transfer = toTransferFunction(sections);
  throwsProblem(() => filterTransferZeroPhase(transfer, new Float64Array(27)), { expected: "more than 27" });
  assert.equal(filterTransferZeroPhase(transfer, new Float64Array(28)).length, 28);
});

test("NaN spreads as in SciPy: forwards from where it is, both ways everywhere, without feedback as far as taps reach", () => {
  const gap = Float64Array.from({ length: 100 }, (_, i) => (i === 40 ? Number.NaN : i));
  const holes = (values: ArrayLike<number>): number[] =>
    Array.from(values).flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
  const all = Array.from({ length: 100 }, (_, i) => i);
  const sections = design("lowpass", 3, 20, 100);
  const transfer = toTransferFunction(sections);
  assert.deepEqual(holes(filterSections(sections, gap).samples), all.slice(40));
  assert.deepEqual(holes(filterTransfer(transfer, gap).samples), all.slice(40));
  assert.deepEqual(holes(filterZeroPhase(sections, gap)), all);
  assert.deepEqual(holes(filterTransferZeroPhase(transfer, gap)), all);
  assert.deepEqual(holes(filterTransfer({ b: [0.25, 0.5, 0.25], a: [1] }, gap).samples), [40, 41, 42]);
});

test("several channels: as each alone, in place, in single precision, from stored integers, in parts", () => {
  const sections = design("bandpass", 5, [1, 40], 100);
  const transfer = toTransferFunction(sections);
  for (const count of [1, 2, 3, 4, 5, 7]) {
    const channels = Array.from({ length: count }, (_, c) => walk(`channel ${c}`, 3000, 40, 25));
    const original = channels.map((channel) => channel.slice());
    const alone = channels.map((channel) => filterSections(sections, channel).samples);
    const both = channels.map((channel) => filterZeroPhase(sections, channel));
    assert.deepEqual(filterSectionsChannels(sections, channels).channels, alone);
    assert.deepEqual(filterZeroPhaseChannels(sections, channels), both);
    const fractions = filterTransferChannels(transfer, channels).channels;
    assert.deepEqual(
      fractions,
      channels.map((channel) => filterTransfer(transfer, channel).samples),
    );
    assert.deepEqual(channels, original, "the input is left alone");
    const copies = channels.map((channel) => channel.slice());
    assert.equal(filterZeroPhaseChannels(sections, copies, { into: copies }), copies);
    assert.deepEqual(copies, both, "in place");

    const parts = [channels.map((channel) => channel.subarray(0, 1100)), channels.map((c) => c.subarray(1100))];
    const first = filterSectionsChannels(sections, parts[0]!);
    const second = filterSectionsChannels(sections, parts[1]!, { states: first.states });
    first.channels.forEach((channel, c) => {
      assert.deepEqual(Float64Array.of(...channel, ...second.channels[c]!), alone[c], "in parts");
    });

    // Single precision in and out: one rounding each, none between the two ways.
    const single = channels.map((channel) => Float32Array.from(channel));
    const into = channels.map(() => new Float32Array(3000));
    filterZeroPhaseChannels(sections, single, { into });
    into.forEach((out, c) => {
      assert.deepEqual(out, Float32Array.from(filterZeroPhase(sections, single[c]!)));
    });
    filterSectionsChannels(sections, single, { into: single });
    single.forEach((out, c) => {
      assert.deepEqual(out, Float32Array.from(filterSections(sections, Float32Array.from(channels[c]!)).samples));
    });
    const stored = channels.map((channel) => Int16Array.from(channel));
    assert.deepEqual(
      filterSectionsChannels(sections, stored).channels,
      stored.map((channel) => filterSections(sections, channel).samples),
    );
  }
  assert.deepEqual(filterZeroPhaseChannels(sections, []), []);
  const pair = [new Float64Array(100), new Float64Array(99)];
  throwsProblem(() => filterZeroPhaseChannels(sections, pair), { place: "channel 1", found: "99 samples" });
  throwsProblem(() => filterSectionsChannels(sections, pair.slice(1), { into: pair }), { found: /^2 of 100, 99/ });
  throwsProblem(() => filterSectionsChannels(sections, [pair[0]!], { states: [[], []] }), { expected: /^1/ });
});

test("a cascade whose later sections have a gain of their own, and none at all", () => {
  // Written out by hand, to compare: a delay of one sample (b0 = 0), then a halved mean of two.
  const sections: Sections = [
    [0, 1, 0, 1, 0, 0],
    [0.25, 0.25, 0, 1, 0, 0],
  ];
  const { samples } = filterSections(sections, [4, 8, 12, 16]);
  assert.deepEqual(samples, Float64Array.of(0, 1, 3, 5));
});
