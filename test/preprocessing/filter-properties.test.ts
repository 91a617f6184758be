/** What holds for every filter and every ratio, whatever the numbers: linear, time-invariant, stable, without phase. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Generator } from "../../lib/core/random";
import {
  type ButterworthDesign,
  butterworth,
  butterworthTransfer,
  decimate,
  filterSections,
  filterTransfer,
  filterTransferZeroPhase,
  filterZeroPhase,
  frequencyResponse,
  notch,
  peak,
  resampleFourier,
  resamplePolyphase,
  type Sections,
  toTransferFunction,
} from "../../lib/preprocessing";
import { maxDifference } from "../support/problems";

const runs = { seed: 4, numRuns: 40 };

const designs: fc.Arbitrary<ButterworthDesign> = fc
  .record({
    kind: fc.constantFrom<ButterworthDesign["kind"]>("lowpass", "highpass", "bandpass", "bandstop"),
    order: fc.integer({ min: 1, max: 7 }),
    sampleRate: fc.integer({ min: 50, max: 1000 }),
    low: fc.double({ min: 0.04, max: 0.6, noNaN: true }),
    width: fc.double({ min: 0.05, max: 0.35, noNaN: true }),
  })
  .map(({ kind, order, sampleRate, low, width }): ButterworthDesign => {
    const [first, second] = [(low * sampleRate) / 2, ((low + width) * sampleRate) / 2];
    return kind === "lowpass" || kind === "highpass"
      ? { kind, order, sampleRate, frequency: first }
      : { kind, order, sampleRate, frequencies: [first, second] };
  });

const resonators: fc.Arbitrary<Sections> = fc
  .record({
    make: fc.constantFrom(notch, peak),
    frequency: fc.integer({ min: 5, max: 40 }),
    quality: fc.integer({ min: 2, max: 30 }),
  })
  .map(({ make, frequency, quality }) => make(frequency, quality, 100));

const filters: fc.Arbitrary<Sections> = fc.oneof(
  { weight: 4, arbitrary: designs.map(butterworth) },
  { weight: 1, arbitrary: resonators },
);

const noise = fc
  .record({ seed: fc.integer({ min: 0, max: 1e6 }), length: fc.integer({ min: 120, max: 2300 }) })
  .map(({ seed, length }) => {
    const random = new Generator(seed);
    return Float64Array.from({ length }, () => random.normal());
  });

const weight = fc.double({ min: -10, max: 10, noNaN: true });

type Filter = (samples: Float64Array) => Float64Array;
const forwards =
  (sections: Sections): Filter =>
  (samples) =>
    filterSections(sections, samples).samples;
const bothWays =
  (sections: Sections): Filter =>
  (samples) =>
    filterZeroPhase(sections, samples);

function impulse(length: number, at: number): Float64Array {
  const samples = new Float64Array(length);
  samples[at] = 1;
  return samples;
}

/** The filter's answer to an impulse, which here has died away before the end. */
function impulseResponse(filter: Filter, length: number): Float64Array {
  const response = filter(impulse(length, 0));
  const size = (values: Float64Array): number => Math.hypot(...values);
  assert.ok(size(response.subarray(length - 100)) < 1e-6 * size(response.subarray(0, 1000)), "dies away");
  return response;
}

test("linear: the filter of a sum is the sum of the filtered", () => {
  fc.assert(
    fc.property(filters, noise, weight, weight, fc.boolean(), (sections, x, u, v, both) => {
      const filter = (both ? bothWays : forwards)(sections);
      const y = Float64Array.from(x, (_, i) => Math.sin(i * i * 0.01));
      const [fx, fy] = [filter(x), filter(y)];
      const together = filter(x.map((value, i) => u * value + v * y[i]!));
      assert.ok(
        maxDifference(
          together,
          fx.map((value, i) => u * value + v * fy[i]!),
        ) < 1e-8,
      );
    }),
    runs,
  );
});

test("time-invariant: a signal that comes later gives the same, later, to the last bit", () => {
  fc.assert(
    fc.property(filters, noise, fc.integer({ min: 1, max: 1500 }), (sections, x, delay) => {
      const late = new Float64Array(x.length + delay);
      late.set(x, delay);
      const transfer = toTransferFunction(sections);
      for (const filter of [forwards(sections), (samples: Float64Array) => filterTransfer(transfer, samples).samples]) {
        const filtered = filter(late);
        assert.ok(filtered.subarray(0, delay).every((value) => value === 0));
        assert.equal(maxDifference(filtered.subarray(delay), filter(x)), 0);
      }
    }),
    runs,
  );
});

test("stable: poles inside the circle, an impulse dies away, and no bounded input gets out of bounds", () => {
  fc.assert(
    fc.property(filters, noise, (sections, x) => {
      for (const [, , , , a1, a2] of sections) assert.ok(Math.abs(a2) < 1 && Math.abs(a1) < 1 + a2, "poles");
      const response = impulseResponse(forwards(sections), 6000);
      const most = response.reduce((sum, value) => sum + Math.abs(value), 0);
      const bounded = x.map(Math.sign);
      assert.ok(filterSections(sections, bounded).samples.every((value) => Math.abs(value) <= most * (1 + 1e-9)));
    }),
    runs,
  );
});

test("the frequency response is the transform of the impulse response, of sections as of one fraction", () => {
  fc.assert(
    fc.property(designs, fc.double({ min: 0, max: 1, noNaN: true }), (design, share) => {
      const sections = butterworth(design);
      const response = impulseResponse(forwards(sections), 6000);
      const frequency = (share * design.sampleRate) / 2;
      const [re, im] = [0, 0.25].map((quarter) =>
        response.reduce((sum, value, n) => sum + value * Math.cos(2 * Math.PI * ((share / 2) * n + quarter)), 0),
      );
      const found = frequencyResponse(sections, [frequency], design.sampleRate);
      assert.ok(Math.hypot(found.re[0]! - re!, found.im[0]! - im!) < 1e-6);
      const whole = frequencyResponse(butterworthTransfer(design), [frequency], design.sampleRate);
      assert.ok(Math.hypot(whole.re[0]! - re!, whole.im[0]! - im!) < 1e-4);
    }),
    runs,
  );
});

test("zero phase: an impulse becomes symmetric, and a sine keeps its place with the gain squared", () => {
  fc.assert(
    fc.property(designs, fc.double({ min: 0.02, max: 0.98, noNaN: true }), (design, share) => {
      const sections = butterworth(design);
      const answer = filterZeroPhase(sections, impulse(8001, 4000));
      assert.ok(maxDifference(answer, answer.slice().reverse()) < 1e-9);
      const frequency = (share * design.sampleRate) / 2;
      const { re, im } = frequencyResponse(sections, [frequency], design.sampleRate);
      const gain = re[0]! ** 2 + im[0]! ** 2;
      const sine = Float64Array.from({ length: 8001 }, (_, n) => Math.sin(Math.PI * share * n));
      const middle = filterZeroPhase(sections, sine).subarray(3900, 4100);
      assert.ok(
        maxDifference(
          middle,
          sine.subarray(3900, 4100).map((value) => gain * value),
        ) < 1e-6,
      );
    }),
    runs,
  );
});

test("a transfer function does what its sections do, as far as its digits go", () => {
  fc.assert(
    fc.property(designs, noise, (design, x) => {
      // Order 7 as a band is order 14: its polynomials are for nobody.
      const small = { ...design, order: Math.min(design.order, 3) };
      const [sections, transfer] = [butterworth(small), butterworthTransfer(small)];
      assert.ok(maxDifference(filterTransfer(transfer, x).samples, filterSections(sections, x).samples) < 1e-6);
      // Both ways they continue the edges over the same length, whatever the order: that of the polynomials.
      assert.ok(maxDifference(filterTransferZeroPhase(transfer, x), filterZeroPhase(sections, x)) < 1e-6);
    }),
    runs,
  );
});

const ratios = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));

/** A sine of `share` of the lower of both Nyquist frequencies, at `rate` samples in the time of `lower`. */
function sine(share: number, phase: number, length: number, perLower: number): Float64Array {
  return Float64Array.from({ length }, (_, n) => Math.sin((Math.PI * share * n) / perLower + phase));
}

test("resampling keeps a sine below both Nyquist frequencies where it was", () => {
  const share = fc.double({ min: 0.01, max: 0.75, noNaN: true });
  const phase = fc.double({ min: 0, max: 6.28, noNaN: true });
  fc.assert(
    fc.property(ratios, share, phase, fc.integer({ min: 700, max: 900 }), ([up, down], share, phase, length) => {
      const before = sine(share, phase, length, Math.max(1, down / up));
      const after = resamplePolyphase(before, up, down);
      assert.equal(after.length, Math.ceil((length * up) / down));
      const wanted = sine(share, phase, after.length, Math.max(1, up / down));
      const edge = Math.ceil(11 * Math.max(1, up / down));
      assert.ok(after.length > 3 * edge);
      // The filter's own ripple, 54 dB down.
      assert.ok(maxDifference(after.subarray(edge, -edge), wanted.subarray(edge, -edge)) < 5e-3);
    }),
    runs,
  );
});

test("up and then down again gives back what is below the Nyquist frequency; by Fourier's method, everything", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), noise, fc.integer({ min: 1, max: 700 }), (factor, x, more) => {
      const smooth = resamplePolyphase(resamplePolyphase(x, 1, 2), 2, 1).subarray(0, x.length);
      const back = resamplePolyphase(resamplePolyphase(smooth, factor, 1), 1, factor);
      assert.equal(back.length, smooth.length);
      assert.ok(maxDifference(back.subarray(25, -25), smooth.subarray(25, -25)) < 2e-2);
      const longer = resampleFourier(x, x.length + more);
      assert.ok(maxDifference(resampleFourier(longer, x.length), x) < 1e-9);
    }),
    runs,
  );
});

test("decimation keeps what is slow and removes what would fold", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 8 }),
      fc.constantFrom<"iir" | "fir">("iir", "fir"),
      fc.double({ min: 0.05, max: 0.6, noNaN: true }),
      (factor, kind, share) => {
        const slow = decimate(sine(share, 1, 4000, factor), factor, { kind });
        const wanted = sine(share, 1, slow.length, 1);
        // The Chebyshev filter's ripple is 0.05 dB each way.
        assert.ok(maxDifference(slow.subarray(100, -100), wanted.subarray(100, -100)) < 0.02, "slow");
        const fast = decimate(sine(1.3 + share / 6, 1, 4000, factor), factor, { kind });
        assert.ok(Math.max(...fast.subarray(100, -100).map(Math.abs)) < 0.01, "fast");
      },
    ),
    runs,
  );
});
