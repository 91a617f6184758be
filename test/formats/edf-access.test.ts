/** Reading parts of EDF files: which signals, which bytes, into what. */
import assert from "node:assert/strict";
import fs, { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { EdfFile } from "../../lib/formats";
import { goldenFolder } from "../support/golden";
import { scratchFile, throwsProblem } from "../support/problems";

const golden = (name: string): string => join(goldenFolder, "formats", name);
const fixture = (name: string): string => join(projectRoot, "test", "fixtures", "edf", name);
const psg = join(projectRoot, "data", "sample", "psg", "subject1.edf");

/** Every read of a file while `action` runs: [position, bytes]. */
function readsOf(t: TestContext, action: () => void): [position: number, bytes: number][] {
  const reads: [number, number][] = [];
  const { readSync } = fs;
  const spy = t.mock.method(fs, "readSync", (fd: number, buffer: Buffer, at: number, length: number, from: number) => {
    const got = readSync(fd, buffer, at, length, from);
    reads.push([from, got]);
    return got;
  });
  action();
  spy.mock.restore();
  return reads;
}

test("a window of one signal reads its bytes and no others, one call a record", (t) => {
  const file = new EdfFile(psg);
  const { recordBytes, headerBytes } = file.header;
  const eeg = file.signals.find(({ label }) => label === "C3-M2")!;
  assert.deepEqual([eeg.sampleRate, file.header.recordDuration], [200, 10]);
  const reads = readsOf(t, () => file.read({ channels: ["C3-M2"], from: 28, to: 32 }));
  const at = (record: number, sample: number): number =>
    headerBytes + record * recordBytes + eeg.byteOffset + 2 * sample;
  assert.deepEqual(reads, [
    [at(2, 1600), 800],
    [at(3, 0), 800],
  ]);
  file.close();
});

test("signals beside each other are read together, those far apart are not", (t) => {
  const file = new EdfFile(psg);
  const bytes = (channels: readonly number[]): number[] =>
    readsOf(t, () => file.read({ channels, from: 0, to: 10 })).map(([, length]) => length);
  const size = (index: number): number => 2 * file.header.signals[index]!.samplesPerRecord;
  const [a, b, c] = file.signals.map(({ index }) => index) as [number, number, number];
  assert.deepEqual(bytes([b, a, c]), [size(a) + size(b) + size(c)], "whatever the order asked for");
  const end = file.signals[0]!.byteOffset + size(a);
  const far = file.signals.find(({ byteOffset }) => byteOffset > end + 8192)!.index;
  assert.deepEqual(bytes([a, far]), [size(a), size(far)]);
  const all = readsOf(t, () => file.read());
  assert.ok(all.length <= 2 + Math.ceil((file.header.recordBytes * 12) / (1 << 18)) * 2, `${all.length} calls`);
  file.close();
});

test("opening a file reads its header and the first record's annotations; nothing is read twice", (t) => {
  let file: EdfFile | undefined;
  const opened = readsOf(t, () => {
    file = new EdfFile(fixture("test_utf8.edf"));
  });
  const { header } = file!;
  const list = header.signals.find(({ isAnnotations }) => isAnnotations)!;
  const total = opened.reduce((sum, [, length]) => sum + length, 0);
  // the fixed part of the header is read on its own before the whole
  assert.ok(total <= 512 + header.headerBytes + 2 * list.samplesPerRecord, `${total} bytes`);
  const whole = readsOf(t, () => file!.read());
  assert.ok(whole.reduce((sum, [, length]) => sum + length, 0) <= header.records * header.recordBytes);
  assert.equal(readsOf(t, () => void file!.annotations).length > 0, true);
  assert.deepEqual(
    readsOf(t, () => void file!.annotations),
    [],
    "kept",
  );
  file!.close();
});

test("float32 is the rounded float64; stored samples with the header's scale are both", () => {
  for (const name of [golden("plain.edf"), golden("odd.edf"), golden("plain.bdf"), psg]) {
    const file = new EdfFile(name);
    const doubles = file.read();
    const singles = file.read({ as: "float32" });
    const stored = file.readStored();
    doubles.forEach(({ samples }, i) => {
      assert.ok(samples instanceof Float64Array && singles[i]!.samples instanceof Float32Array);
      assert.deepEqual(singles[i]!.samples, Float32Array.from(samples));
      const { header, samples: integers } = stored[i]!;
      assert.equal(integers.constructor, file.header.bytesPerSample === 2 ? Int16Array : Int32Array);
      const scale = (header.physicalMaximum - header.physicalMinimum) / (header.digitalMaximum - header.digitalMinimum);
      const scaled = Float64Array.from(
        integers,
        (value) => header.physicalMinimum + (value - header.digitalMinimum) * scale,
      );
      assert.deepEqual(samples, scaled);
    });
    file.close();
  }
});

test("arrays that are given are filled, gaps included, whatever was in them", () => {
  for (const name of [golden("odd.edf"), golden("gaps.edf"), golden("plain.bdf")]) {
    const file = new EdfFile(name);
    const fresh = file.read();
    const into = fresh.map(({ samples }, i) => new (i % 2 === 0 ? Float64Array : Float32Array)(samples.length).fill(7));
    const filled = file.read({ into });
    filled.forEach(({ samples, ...signal }, i) => {
      assert.equal(samples, into[i]);
      assert.deepEqual(samples, i % 2 === 0 ? fresh[i]!.samples : Float32Array.from(fresh[i]!.samples));
      assert.deepEqual(signal, { label: fresh[i]!.label, unit: fresh[i]!.unit, sampleRate: fresh[i]!.sampleRate });
    });
    throwsProblem(() => file.read({ into: into.slice(1) }), { what: /another number of arrays/ });
    throwsProblem(() => file.read({ into, to: 0.5 }), { what: /another length/, expected: /0.5 s at/ });
    file.close();
  }
});

test("stored samples of a discontinuous file come segment by segment", () => {
  const file = new EdfFile(golden("gaps.edf"));
  throwsProblem(() => file.readStored(), { what: /into a gap/, fix: /segments/ });
  const parts = file.segments.map(({ onset, duration }) => file.readStored({ from: onset, to: onset + duration }));
  const pieces = [...file.pieces(100)];
  assert.deepEqual(
    pieces.map(({ onset }) => onset),
    file.segments.map(({ onset }) => onset),
  );
  parts.forEach((part, i) => {
    part.forEach(({ header, samples }, s) => {
      const scale = (header.physicalMaximum - header.physicalMinimum) / (header.digitalMaximum - header.digitalMinimum);
      const physical = Float64Array.from(samples, (x) => header.physicalMinimum + (x - header.digitalMinimum) * scale);
      assert.deepEqual(pieces[i]!.signals[s]!.samples, physical);
    });
  });
  file.close();
});

test("pieces of any length, one after another, are the whole", () => {
  for (const name of [golden("plain.edf"), golden("odd.edf"), golden("plain.bdf")]) {
    const file = new EdfFile(name);
    const whole = file.read();
    for (const seconds of [0.1, 1, 2.5, 4, 1000]) {
      const pieces = [...file.pieces(seconds)];
      whole.forEach(({ samples }, s) => {
        const joined = pieces.flatMap(({ signals }) => [...signals[s]!.samples]);
        assert.deepEqual(joined, [...samples], `${name} ${seconds} s`);
      });
    }
    file.close();
  }
});

test("signals of one label by occurrence", () => {
  const file = new EdfFile(fixture("duplicate_channel_labels.edf"));
  const [second] = file.read({ channels: [2] });
  for (const channel of ["EEG F1-Ref#2", { label: "EEG F1-Ref", occurrence: 2 }])
    assert.deepEqual(file.read({ channels: [channel] }), [second]);
  assert.deepEqual(file.read({ channels: ["EEG F2-Ref#1"] }), file.read({ channels: ["EEG F2-Ref"] }));
  throwsProblem(() => file.read({ channels: ["EEG F1-Ref#3"] }), { what: /not there/, expected: '"EEG F1-Ref#3"' });
  throwsProblem(() => file.read({ channels: [{ label: "Fz", occurrence: 1 }] }), { expected: 'number 1 of "Fz"' });
  file.close();
});

test("Latin-1 labels and annotations", (t) => {
  const bytes = readFileSync(golden("plus.edf"));
  bytes.write("R\xe9f\xe9rence \xb5 ", 256, "latin1");
  const text = bytes.indexOf("Lights off");
  bytes.write("Lumi\xe8re !!", text, "latin1");
  const file = new EdfFile(scratchFile(t, "latin1.edf", bytes));
  assert.match(file.signals[0]!.label, /^Référence µ/);
  assert.ok(file.annotations.some((annotation) => annotation.text === "Lumière !!"));
  file.close();
  assert.equal(file.annotations.length, 4, "annotations outlive the file");
});
