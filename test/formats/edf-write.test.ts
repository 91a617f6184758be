/** EDF files that are written: read back as meant, and what cannot be written is refused. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { projectRoot } from "../../lib/core/files";
import { type Annotation, EdfFile, type EdfSignalToWrite, readEdf, storedSignal, writeEdf } from "../../lib/formats";
import { goldenFolder } from "../support/golden";
import { maxDifference, scratchFolder, throwsProblem } from "../support/problems";

const golden = (name: string): string => join(goldenFolder, "formats", name);
const runs = { numRuns: 60, seed: 4 };

/** Half a step of a signal as it was written: what rounding may be off by. */
function halfStep(file: EdfFile, index: number): number {
  const { physicalMaximum, physicalMinimum, digitalMaximum, digitalMinimum } = file.header.signals[index]!;
  return Math.abs((physicalMaximum - physicalMinimum) / (digitalMaximum - digitalMinimum)) / 2;
}

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: "grapheme-ascii", maxLength }).map((value) => value.trim());

/** Signals of one length in seconds, at rates that fit, of sizes from picovolts to thousands of millions. */
const signalsArbitrary = fc.record({
  seconds: fc.integer({ min: 1, max: 7 }),
  described: fc.array(
    fc.record({
      label: text(16).filter((label) => label !== "EDF Annotations"),
      unit: text(8),
      prefilter: text(80),
      sampleRate: fc.constantFrom(1, 2, 12.5, 50, 128, 0.5),
      size: fc.integer({ min: -12, max: 9 }),
      offset: fc.integer({ min: -3, max: 3 }),
      seed: fc.integer({ min: 1, max: 1000 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

function signalsFrom({
  seconds,
  described,
}: typeof signalsArbitrary extends fc.Arbitrary<infer T> ? T : never): EdfSignalToWrite[] {
  return described.map(({ label, unit, prefilter, sampleRate, size, offset, seed }) => {
    const samples = Float64Array.from(
      { length: 2 * seconds * sampleRate },
      (_, i) => (Math.sin(seed * (i + 1)) + offset) * 10 ** size,
    );
    return { label, unit, prefilter, sampleRate, samples };
  });
}

const annotationsArbitrary: fc.Arbitrary<Annotation[]> = fc.array(
  fc.record(
    {
      onset: fc.integer({ min: -1_000_000, max: 20_000_000 }).map((microseconds) => microseconds / 1e6),
      duration: fc.option(fc.integer({ min: 0, max: 9_000_000 }).map((microseconds) => microseconds / 1e6)),
      text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((value) => !/\p{Cc}/u.test(value)),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 30 },
);

const byOnset = (annotations: readonly Annotation[]): Annotation[] =>
  [...annotations].sort((a, b) => a.onset - b.onset);

test("signals, annotations and start are read back: samples to half a step, all else exactly", (t) => {
  const folder = scratchFolder(t);
  const path = join(folder, "written.edf");
  const startArbitrary = fc.option(fc.integer({ min: 473385600000, max: 4102444800000 }));
  fc.assert(
    fc.property(
      signalsArbitrary,
      annotationsArbitrary,
      startArbitrary,
      fc.constantFrom("EDF+C", "BDF+C"),
      (shape, annotations, milliseconds, kind) => {
        const signals = signalsFrom(shape);
        const start = milliseconds === null ? null : new Date(milliseconds);
        writeEdf(path, { signals, annotations, start }, { kind });
        const file = new EdfFile(path);
        assert.equal(file.header.kind, kind);
        assert.deepEqual(file.start, start);
        assert.deepEqual(file.annotations, byOnset(annotations));
        const read = file.read();
        read.forEach((signal, s) => {
          const written = signals[s]!;
          assert.deepEqual(
            [signal.label, signal.unit, signal.sampleRate, file.signals[s]!.prefilter],
            [written.label, written.unit, written.sampleRate, written.prefilter],
          );
          const most = halfStep(file, s);
          // Limits are rounded outwards to what eight characters hold: two digits at least, "-1.2E-12".
          const [least, greatest] = [Math.min(...written.samples), Math.max(...written.samples)];
          const widest = greatest - least + 0.1 * (Math.abs(least) + Math.abs(greatest));
          const steps = kind === "EDF+C" ? 65535 : 16777215;
          const integers = written.samples.every((value) => Number.isInteger(value));
          assert.ok(integers || least === greatest || 2 * most * steps <= widest, `${signal.label} ${most}`);
          assert.ok(maxDifference(signal.samples, written.samples) <= most * (1 + 1e-6), `${signal.label} ${most}`);
        });
        assert.equal(read.length, signals.length);
        file.close();
      },
    ),
    runs,
  );
  assert.deepEqual(readdirSync(folder), ["written.edf"], "no temporary files are left");
});

test("stored samples are written again bit for bit, EDF and BDF, continuous and with gaps", (t) => {
  const path = join(scratchFolder(t), "copy.edf");
  const psg = join(projectRoot, "data", "sample", "psg", "subject1.edf");
  for (const name of [golden("plain.edf"), golden("odd.edf"), golden("plus.edf"), golden("plain.bdf"), psg]) {
    const source = new EdfFile(name);
    const { kind, recordDuration } = source.header;
    const signals = source.readStored().map(storedSignal);
    const { annotations, start } = source;
    writeEdf(path, { signals, annotations, start }, { kind, recordDuration, transliterate: true });
    const copy = new EdfFile(path);
    assert.deepEqual(
      copy.readStored().map(({ samples }) => samples),
      source.readStored().map(({ samples }) => samples),
    );
    assert.deepEqual(
      copy.read().map(({ samples }) => samples),
      source.read().map(({ samples }) => samples),
    );
    assert.deepEqual(copy.annotations, byOnset(annotations));
    assert.deepEqual(copy.start, start);
    for (const file of [source, copy]) file.close();
  }
});

test("a discontinuous recording keeps its gaps", (t) => {
  const path = join(scratchFolder(t), "gaps.edf");
  const source = new EdfFile(golden("gaps.edf"));
  writeEdf(path, {
    signals: source.read().map((signal, s) => ({ ...signal, ...limits(source, s) })),
    annotations: source.annotations,
    start: source.start,
    segments: source.segments,
  });
  const copy = new EdfFile(path);
  assert.equal(copy.header.kind, "EDF+D");
  const spans = (file: EdfFile): number[][] => file.segments.map(({ onset, duration }) => [onset, duration]);
  assert.deepEqual(spans(copy), spans(source));
  assert.deepEqual(copy.read(), source.read());
  assert.deepEqual(copy.annotations, byOnset(source.annotations));
  for (const file of [source, copy]) file.close();
});

function limits(file: EdfFile, signal: number): Partial<EdfSignalToWrite> {
  const { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum } = file.signals[signal]!;
  return { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum };
}

test("gaps of any length between segments of whole records", (t) => {
  const path = join(scratchFolder(t), "d.edf");
  const segmentsArbitrary = fc.array(
    fc.record({ gap: fc.integer({ min: 1, max: 400 }), records: fc.integer({ min: 1, max: 5 }) }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(segmentsArbitrary, annotationsArbitrary, (parts, annotations) => {
      let end = 0;
      const segments = parts.map(({ gap, records }, i) => {
        const onset = i === 0 ? 0 : end + gap / 100;
        end = onset + records * 0.5;
        return { onset, duration: records * 0.5 };
      });
      const inside = (time: number): boolean =>
        segments.some(({ onset, duration }) => time >= onset - 1e-6 && time < onset + duration - 1e-6);
      const samples = Float64Array.from({ length: Math.ceil(end * 100 - 1e-6) }, (_, i) =>
        inside(i / 100) ? Math.sin(i) : Number.NaN,
      );
      const signals = [{ label: "EEG", unit: "uV", sampleRate: 100, samples }];
      writeEdf(path, { signals, annotations, segments }, { kind: "EDF+D", recordDuration: 0.5 });
      const file = new EdfFile(path);
      assert.equal(file.segments.length, segments.length);
      file.segments.forEach(({ onset, duration }, i) => {
        assert.ok(Math.abs(onset - segments[i]!.onset) < 1e-9);
        assert.equal(duration, segments[i]!.duration);
      });
      assert.ok(maxDifference(file.read()[0]!.samples, samples) <= halfStep(file, 0) * (1 + 1e-6));
      assert.deepEqual(file.annotations, byOnset(annotations));
      file.close();
    }),
    runs,
  );
});

test("annotations only: one record of 0 s, as hypnograms are written", (t) => {
  const path = join(scratchFolder(t), "hypnogram.edf");
  const stages = Array.from({ length: 2880 }, (_, i) => ({
    onset: 30 * i,
    duration: 30,
    text: `Sleep stage ${"W1234R"[i % 6]}`,
  }));
  writeEdf(path, { annotations: stages, start: new Date("1989-04-24T16:13:00Z") });
  const file = new EdfFile(path);
  assert.deepEqual([file.header.recordDuration, file.records, file.signals.length], [0, 1, 0]);
  assert.deepEqual(file.annotations, stages);
  file.close();
});

test("the header follows the standard to the byte", (t) => {
  const path = join(scratchFolder(t), "x.edf");
  const samples = Float64Array.from({ length: 400 }, (_, i) => (i - 200) / 7);
  const start = new Date("2031-12-05T04:03:02.500Z");
  const signals = [
    { label: "EEG Fpz-Cz", unit: "uV", sampleRate: 100, samples, transducer: "AgAgCl", prefilter: "HP:0.1Hz" },
  ];
  writeEdf(path, { signals, start, patient: "P1 F 02-MAY-1951 Somebody" }, { recordDuration: 2 });
  const bytes = readFileSync(path);
  const header = bytes.toString("latin1", 0, 768);
  const texts = [8, 80, 80, 8, 8, 8, 44, 8, 8, 4, 32, 160, 16, 16, 16, 16, 16, 160, 16, 64];
  let at = 0;
  const fields = texts.map((width) => {
    at += width;
    return header
      .slice(at - width, at)
      .trimEnd()
      .replace(/ {2,}/g, "|");
  });
  const [low, high] = [-28.5715, 28.42858];
  assert.deepEqual(fields, [
    "0",
    "P1 F 02-MAY-1951 Somebody",
    "Startdate 05-DEC-2031 X X X",
    "05.12.31",
    "04.03.02",
    "768",
    "EDF+C",
    "2",
    "2",
    "2",
    "EEG Fpz-Cz|EDF Annotations",
    "AgAgCl",
    "uV",
    `${low}-1`,
    `${high}1`,
    "-32768|-32768",
    "32767|32767",
    "HP:0.1Hz",
    "200|4",
    "",
  ]);
  assert.equal(bytes.toString("latin1", 768 + 400, 768 + 408), "+0.5\x14\x14\0\0");
  assert.equal(bytes.readInt16LE(768), Math.round((samples[0]! - low) / ((high - low) / 65535)) - 32768);
});

test("integers are stored as they are; a constant keeps its value; plain EDF has no annotation signal", (t) => {
  const path = join(scratchFolder(t), "x.edf");
  const stages = Float64Array.from({ length: 60 }, (_, i) => i % 5);
  const constant = new Float64Array(60).fill(36.6);
  const signals = [
    { label: "Stage", unit: "", sampleRate: 1, samples: stages },
    { label: "Temp", unit: "degC", sampleRate: 1, samples: constant },
    { label: "Zero", unit: "uV", sampleRate: 1, samples: new Float32Array(60) },
  ];
  writeEdf(path, { signals, start: new Date("2020-02-02T00:00:00Z") }, { kind: "EDF" });
  const read = readEdf(path);
  assert.equal(new EdfFile(path).header.signals.length, 3);
  assert.deepEqual(read.signals[0]!.samples, stages);
  assert.ok(maxDifference(read.signals[1]!.samples, constant) < 1e-9);
  assert.deepEqual(read.signals[2]!.samples, new Float64Array(60));
});

test("record durations: the longest that fits whole records, whole samples and the standard's size", (t) => {
  const path = join(scratchFolder(t), "x.edf");
  const duration = (seconds: number, ...rates: number[]): number => {
    const signals = rates.map((sampleRate, i) => ({
      label: `S${i}`,
      unit: "uV",
      sampleRate,
      samples: new Float32Array(Math.round(seconds * sampleRate)),
    }));
    writeEdf(path, { signals });
    const file = new EdfFile(path);
    file.close();
    assert.deepEqual(
      file.signals.map(({ sampleRate }) => sampleRate),
      rates,
    );
    return file.header.recordDuration;
  };
  assert.equal(duration(120, 100, 1), 30);
  assert.equal(duration(10, 100), 10);
  assert.equal(duration(7, 100), 7);
  assert.equal(duration(40, 12.8), 20);
  assert.equal(duration(10.4, 100), 0.4);
  assert.equal(duration(60, ...Array.from({ length: 20 }, () => 256)), 5);
  throwsProblem(() => duration(1 / 3, 300), { what: /no whole number of data records/, fix: /recordDuration/ });
});

test("what EDF cannot hold is refused, and the old file stays", (t) => {
  const path = join(scratchFolder(t), "x.edf");
  const signal = {
    label: "EEG",
    unit: "uV",
    sampleRate: 10,
    samples: Float64Array.from({ length: 20 }, (_, i) => i / 3),
  };
  writeEdf(path, { signals: [signal] });
  const before = readFileSync(path);
  const refused = (recording: Parameters<typeof writeEdf>[1], expected: object, options = {}): void => {
    throwsProblem(() => writeEdf(path, recording, options), { file: path, ...expected });
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(readdirSync(dirname(path)), ["x.edf"]);
  };
  const one = (change: Partial<EdfSignalToWrite>): { signals: EdfSignalToWrite[] } => ({
    signals: [{ ...signal, ...change }],
  });
  const changed = (at: number, value: number): Float64Array => signal.samples.map((x, i) => (i === at ? value : x));
  refused(one({ unit: "µV" }), { what: /unit of "EEG" is not ASCII/, found: /"µ"/, fix: /transliterate/ });
  refused(one({ label: "EEG 中" }), { what: /not ASCII/, fix: "write it another way" }, { transliterate: true });
  refused(one({ label: "EEG Fpz-Cz referential" }), { what: /too long/, expected: "16 at most" });
  refused(one({ samples: changed(3, Number.NaN) }), { place: 'signal "EEG", sample 3', found: "NaN" });
  refused(one({ samples: changed(4, Infinity) }), { place: 'signal "EEG", sample 4' });
  refused(one({ physicalMinimum: 0, physicalMaximum: 5 }), { what: /outside its limits/, place: /sample 16/ });
  refused(one({ physicalMinimum: 0, physicalMaximum: 100.123456 }), { what: /does not fit/, found: "100.123456" });
  refused(one({ physicalMinimum: 0 }), { what: /half a physical range/ });
  refused(one({ physicalMinimum: 1, physicalMaximum: 1 }), { what: /without width/ });
  refused(one({ digitalMinimum: -40000 }), { what: /digital limits/, expected: /-32768/ });
  refused(one({ stored: true }), { what: /without their scale/ });
  refused(one({ sampleRate: 0 }), { what: /rate that is none/ });
  refused({ signals: [signal, { ...signal, samples: signal.samples.slice(1) }] }, { what: /another length/ });
  refused({ signals: [signal], annotations: [{ onset: 0, duration: null, text: "a\x14b" }] }, { found: /control/ });
  refused({ signals: [signal], annotations: [{ onset: 0, duration: null, text: "" }] }, { found: "no text" });
  refused({ signals: [signal], annotations: [{ onset: Number.NaN, duration: null, text: "x" }] }, { found: /NaN/ });
  refused({ signals: [signal], annotations: [{ onset: 0, duration: -1, text: "x" }] }, { found: /-1/ });
  refused({ signals: [signal], start: new Date("1961-01-01") }, { what: /start that EDF cannot say/ });
  refused({ signals: [signal], patient: "Somebody" }, { what: /not EDF\+'s/ });
  refused({ signals: [signal], recording: "Startdate 01-JAN-2000 X X X" }, { what: /another start/ });
  const annotations = [{ onset: 0, duration: null, text: "x" }];
  refused({ signals: [signal], annotations }, { what: /EDF cannot hold/, found: "annotations" }, { kind: "EDF" });
  refused({ signals: [signal], start: new Date(1.7e12 + 1) }, { found: /fraction/ }, { kind: "BDF" });
  const segments = [
    { onset: 0, duration: 1 },
    { onset: 0.5, duration: 1.5 },
  ];
  refused({ signals: [signal], segments }, { what: /segments that cannot be/, place: "segment 2" });
  refused({ signals: [signal] }, { what: /no whole number/ }, { recordDuration: 1.5 });
  throwsProblem(() => writeEdf(path, { signals: [signal] }, { recordDuration: Number.NaN }), {
    what: /no whole number/,
  });
  assert.ok(existsSync(path));
});

test("transliteration spells what is not ASCII", (t) => {
  const path = join(scratchFolder(t), "x.edf");
  const samples = Float64Array.from({ length: 20 }, (_, i) => i / 3);
  const signals = [{ label: "Référence Ä1 Ω", unit: "µV", sampleRate: 10, samples, prefilter: "HP 1°" }];
  writeEdf(path, { signals }, { transliterate: true });
  const { label, unit, prefilter } = new EdfFile(path).signals[0]!;
  assert.deepEqual([label, unit, prefilter], ["Reference A1 Ohm".slice(0, 16), "uV", "HP 1deg"]);
});
