import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { projectRoot } from "../../lib/core/files";
import {
  type Recording,
  readWfdbRecord,
  readWfdbStored,
  type Signal,
  WFDB_FORMATS,
  type WfdbSignalToWrite,
  writeWfdbRecord,
  writeWfdbStored,
} from "../../lib/formats";
import { maxDifference, scratchFolder, throwsProblem } from "../support/problems";

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter((text) => /^\S+$/u.test(text));
const line = fc
  .string({ unit: "grapheme", maxLength: 20 })
  .filter((text) => text.trim() === text && !/[\p{Cc}\u2028\u2029]/u.test(text));

/** A signal of `frames` frames that its format can hold. */
function signalOf(frames: number): fc.Arbitrary<WfdbSignalToWrite> {
  return fc
    .record({ format: fc.constantFrom(...WFDB_FORMATS.keys()), samplesPerFrame: fc.integer({ min: 1, max: 3 }) })
    .chain(({ format, samplesPerFrame }) => {
      const { minimum, maximum, differences } = WFDB_FORMATS.get(format)!;
      const length = frames * samplesPerFrame;
      const value = differences ? fc.integer({ min: -128, max: 127 }) : fc.integer({ min: minimum, max: maximum });
      const stored = fc.array(value, { minLength: length, maxLength: length });
      return fc.record({
        format: fc.constant(format),
        samplesPerFrame: fc.constant(samplesPerFrame),
        stored: differences ? stored.map((steps) => steps.map((_, i) => sumTo(steps, i))) : stored,
        label: line,
        unit: word,
        gain: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        baseline: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
      });
    });
}

const sumTo = (steps: readonly number[], index: number): number =>
  steps.slice(0, index + 1).reduce((sum, step) => sum + step, 0);

test("what is written is read: every format, several samples a frame, any texts", (t) => {
  const folder = scratchFolder(t);
  const record = fc.integer({ min: 1, max: 12 }).chain((frames) =>
    fc.record({
      frames: fc.constant(frames),
      sampleRate: fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      start: fc.option(fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })),
      comments: fc.array(line, { maxLength: 3 }),
      signals: fc.array(signalOf(frames), { minLength: 1, maxLength: 5 }),
    }),
  );
  fc.assert(
    fc.property(record, ({ frames, ...given }) => {
      writeWfdbStored(join(folder, "r"), given);
      const { header, stored } = readWfdbStored(join(folder, "r"));
      assert.equal(header.sampleRate, given.sampleRate);
      assert.equal(header.samples, frames);
      assert.equal(header.start?.getTime(), given.start?.getTime());
      assert.deepEqual(header.comments, given.comments);
      given.signals.forEach((signal, i) => {
        const { label, unit, format, gain, baseline, samplesPerFrame } = header.signals[i]!;
        assert.deepEqual(
          { label, unit, format, gain, baseline, samplesPerFrame, stored: Array.from(stored[i]!) },
          { ...signal },
        );
      });
    }),
    { seed: 12, numRuns: 150 },
  );
});

test("a recording in physical units comes back within half a stored unit, missing samples as NaN", (t) => {
  const folder = scratchFolder(t);
  const sample = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.double({ min: -50, max: 50, noNaN: true }).filter((value) => value === 0 || Math.abs(value) > 1e-9),
    },
    fc.constant(Number.NaN),
  );
  const formats = [...WFDB_FORMATS].filter(([, { differences }]) => !differences).map(([number]) => number);
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), fc.constantFrom(...formats), (samples, format) => {
      const twice = [...samples, ...samples];
      const signal = (sampleRate: number, values: number[]): Signal => ({
        label: `at ${sampleRate}`,
        unit: "uV",
        sampleRate,
        samples: Float64Array.from(values),
      });
      const given = { start: null, comments: [], signals: [signal(10, samples), signal(20, twice)] };
      writeWfdbRecord(join(folder, "r"), given, { format });
      const { header } = readWfdbStored(join(folder, "r"));
      readWfdbRecord(join(folder, "r")).signals.forEach((back, i) => {
        const { gain } = header.signals[i]!;
        assert.equal(back.sampleRate, given.signals[i]!.sampleRate);
        assert.ok(maxDifference(back.samples, given.signals[i]!.samples) <= 0.5000001 / gain, `gain ${gain}`);
        const peak = Math.max(...given.signals[i]!.samples.map((value) => (Number.isNaN(value) ? 0 : Math.abs(value))));
        const { maximum } = WFDB_FORMATS.get(format)!;
        assert.ok(peak === 0 || peak * gain * 10 >= maximum / 1.01, "the largest power of ten");
      });
    }),
    { seed: 13, numRuns: 150 },
  );
});

test("long records are decoded in pieces that fit together", (t) => {
  const folder = scratchFolder(t);
  const frames = 30_011; // seven samples a frame: three pieces and a bit
  for (const [format, { minimum, maximum, differences }] of WFDB_FORMATS) {
    const value = (i: number): number =>
      differences ? Math.round(90 * Math.sin(i)) : minimum + ((i * 2654435761) % (maximum - minimum + 1));
    const signals = [1, 4, 2].map((samplesPerFrame) => ({
      label: `x${samplesPerFrame}`,
      unit: "mV",
      format,
      gain: 1,
      samplesPerFrame,
      stored: Int32Array.from({ length: frames * samplesPerFrame }, (_, i) => value(i + samplesPerFrame)),
    }));
    writeWfdbStored(join(folder, "r"), { sampleRate: 10, signals });
    readWfdbStored(join(folder, "r")).stored.forEach((stored, i) => {
      assert.ok(
        Buffer.from(Int32Array.from(stored).buffer).equals(Buffer.from(signals[i]!.stored.buffer)),
        `${format}`,
      );
    });
  }
});

test("MIT-BIH record 100 written again is the same bytes", (t) => {
  const folder = scratchFolder(t);
  const source = join(projectRoot, "data", "sample", "mit-bih");
  const { header, stored } = readWfdbStored(join(source, "100"));
  writeWfdbStored(join(folder, "100.hea"), {
    sampleRate: header.sampleRate,
    signals: header.signals.map((spec, i) => ({ ...spec, stored: stored[i]! })),
  });
  assert.deepEqual(readdirSync(folder).sort(), ["100.dat", "100.hea"]);
  assert.deepEqual(readFileSync(join(folder, "100.dat")), readFileSync(join(source, "100.dat")));
  assert.match(
    readFileSync(join(folder, "100.hea"), "utf8"),
    /^100 2 360 650000\n100\.dat 212 200\(1024\)\/mV 12 0 995 -22131 0 MLII\n/,
  );
});

test("what a record cannot hold is refused by name", (t) => {
  const folder = scratchFolder(t);
  const good = { label: "II", unit: "mV", format: 16, stored: [1, 2], gain: 100 };
  const write = (signal: Partial<WfdbSignalToWrite>, name = "r"): (() => void) => {
    return () => writeWfdbStored(join(folder, name), { sampleRate: 100, signals: [good, { ...good, ...signal }] });
  };
  throwsProblem(write({ stored: [1, 40000] }), { place: "signal II", found: "40000 at sample 1" });
  throwsProblem(write({ stored: [1, 0.5] }), { found: "0.5 at sample 1" });
  throwsProblem(write({ format: 310, stored: [1, 512] }), { expected: "an integer in -512 .. 511" });
  throwsProblem(write({ format: 8, stored: [0, 200] }), { what: /a step/, found: "200 at sample 1" });
  throwsProblem(write({ format: 508 }), { what: /not written/, found: "508" });
  throwsProblem(write({ stored: [1, 2, 3] }), { what: /another length/, found: "3 samples", expected: "2 frames" });
  throwsProblem(write({ samplesPerFrame: 1.5 }), { what: /no multiple/ });
  throwsProblem(write({ unit: "" }), { what: /a unit/, expected: /NU/ });
  throwsProblem(write({ unit: "beats / min" }), { what: /a unit/ });
  throwsProblem(write({ label: "a\nb" }), { what: /a label/ });
  throwsProblem(write({ label: " a" }), { what: /a label/ });
  throwsProblem(write({ gain: 0 }), { what: /the gain/, found: "0" });
  throwsProblem(write({ baseline: 0.5 }), { what: /baseline/ });
  throwsProblem(write({}, "a b"), { what: /record's name/ });
  const recording = (...samples: number[]): Pick<Recording, "signals" | "start" | "comments"> => ({
    start: null,
    comments: ["one", "two"],
    signals: [{ label: "x", unit: "mV", sampleRate: 7, samples: Float64Array.from(samples) }],
  });
  const path = join(folder, "s");
  throwsProblem(() => writeWfdbRecord(path, recording(400), { gain: 100 }), {
    found: /^400 at sample 0, stored 40000/,
  });
  throwsProblem(() => writeWfdbRecord(path, recording(1, Number.NaN), { format: 8, gain: 1 }), { found: /no value/ });
  throwsProblem(() => writeWfdbRecord(path, recording(Number.POSITIVE_INFINITY)), { what: /infinite/ });
  throwsProblem(() => writeWfdbRecord(path, { ...recording(1), comments: ["a\nb"] }), { what: /a comment/ });
});
