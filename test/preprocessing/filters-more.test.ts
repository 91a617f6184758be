/** Filters of every order and shape beside SciPy: what the larger golden files leave out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ButterworthDesign,
  butterworth,
  decimate,
  filterSections,
  filterTransfer,
  filterTransferZeroPhase,
  filterZeroPhase,
  resamplePolyphase,
  steadyTransferState,
} from "../../lib/preprocessing";
import { readGolden, walk } from "../support/golden";
import { maxDifference } from "../support/problems";

const golden = readGolden<{
  input: { walk: { name: string; n: number; scale: number; span: number } };
  butter: {
    order: number;
    kind: ButterworthDesign["kind"];
    corners: number[];
    fs: number;
    sos: number[];
    sosfilt_end: number[];
    sosfiltfilt_middle: number[];
  }[];
  transfer: {
    b: number[];
    a: number[];
    state: number[];
    lfilter: number[];
    state_after: number[];
    state_after_two: number[];
    filtfilt: number[];
    lfilter_zi: number[];
  }[];
  decimate: { q: number; ftype: "iir" | "fir"; order: number; zero_phase: boolean; output: number[] }[];
  own_fir: { up: number; down: number; fir: number[]; zero: number[]; mean: number[]; line: number[] }[];
}>("signals/filters_more");
const { name, n, scale, span } = golden.input.walk;
const x = walk(name, n, scale, span);

test("Butterworth of orders 1 to 20, every kind", () => {
  assert.equal(golden.butter.length, 24);
  for (const { order, kind, corners, fs: sampleRate, sos, sosfilt_end, sosfiltfilt_middle } of golden.butter) {
    const where = corners.length === 1 ? { frequency: corners[0] } : { frequencies: corners };
    const sections = butterworth({ kind, order, sampleRate, ...where } as ButterworthDesign);
    assert.ok(maxDifference(sections.flat(), sos) < 1e-11, `${kind} ${order}: sections`);
    const forwards = filterSections(sections, x).samples;
    assert.ok(maxDifference(forwards.slice(-5), sosfilt_end) < 1e-9, `${kind} ${order}: forwards`);
    const both = filterZeroPhase(sections, x);
    assert.ok(maxDifference(both.slice(198, 203), sosfiltfilt_middle) < 1e-9, `${kind} ${order}: both ways`);
  }
});

test("transfer functions of unequal lengths, a[0] not 1, from a state, and for fewer samples than delays", () => {
  assert.equal(golden.transfer.length, 7);
  for (const { b, a, state, lfilter, state_after, state_after_two, filtfilt, lfilter_zi } of golden.transfer) {
    const title = `${b.length} over ${a.length}`;
    const whole = filterTransfer({ b, a }, x, state);
    assert.ok(maxDifference(whole.samples.slice(0, lfilter.length), lfilter) < 1e-12, `${title}: forwards`);
    assert.ok(maxDifference(whole.state, state_after) < 1e-12, `${title}: state`);
    const short = filterTransfer({ b, a }, x.slice(0, 2), state);
    assert.ok(maxDifference(short.state, state_after_two) < 1e-12, `${title}: state after two samples`);
    const both = filterTransferZeroPhase({ b, a }, x).filter((_, i) => i % 20 === 0);
    assert.ok(maxDifference(both, filtfilt) < 1e-9, `${title}: both ways`);
    assert.ok(maxDifference(steadyTransferState({ b, a }), lfilter_zi) < 1e-12, `${title}: steady state`);
  }
});

test("decimation with filters of other orders", () => {
  assert.equal(golden.decimate.length, 5);
  for (const { q, ftype: kind, order, zero_phase: zeroPhase, output } of golden.decimate) {
    const found = decimate(x, q, { kind, order, zeroPhase }).slice(0, output.length);
    assert.ok(maxDifference(found, output) < 1e-9, `${kind} of order ${order} by ${q}`);
  }
});

test("polyphase resampling with a filter of one's own, neither symmetric nor of odd length", () => {
  assert.equal(golden.own_fir.length, 4);
  for (const { up, down, fir: filter, ...wanted } of golden.own_fir) {
    for (const edges of ["zero", "mean", "line"] as const) {
      const found = resamplePolyphase(x, up, down, { filter, edges }).slice(0, wanted[edges].length);
      assert.ok(maxDifference(found, wanted[edges]) < 1e-11, `${up}/${down}, ${filter.length}, ${edges}`);
    }
  }
});
