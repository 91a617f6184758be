import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { patientFromComments, readMatlab4, readWfdbHeader, readWfdbRecord, readWfdbStored } from "../../lib/formats";
import { readGolden } from "../support/golden";
import { maxDifference, scratchFile, scratchFolder, throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample");
const ptbxl = join(sample, "ptbxl", "records100", "00000");
const cinc = join(sample, "cinc2021");

test("all 353 PTB-XL records read, each checked against its header's checksums", () => {
  const names = readdirSync(ptbxl).filter((name) => name.endsWith(".hea"));
  assert.equal(names.length, 353);
  for (const name of names) {
    const { header, stored } = readWfdbStored(join(ptbxl, name));
    assert.equal(stored.length, 12);
    // What makes the checksum test mean something: the header gives one for every signal.
    assert.ok(header.signals.every(({ checksum }) => checksum !== null));
    assert.ok(stored.every((samples) => samples.length === 1000));
  }
});

test("format 16 in physical units equals what SciPy was given", () => {
  const { x } = readGolden<{ x: number[] }>("signals/filters_ecg");
  const record = readWfdbRecord(join(sample, "ptbxl", "records500", "00000", "00001_hr"));
  const lead = record.signals[1]!;
  assert.deepEqual([lead.label, lead.unit, lead.sampleRate, lead.samples.length], ["II", "mV", 500, 5000]);
  assert.equal(maxDifference(lead.samples.slice(0, x.length), x), 0);
  assert.equal(record.id, "00001_hr");
});

test("format 212: MIT-BIH record 100 and its comments", () => {
  const record = readWfdbRecord(join(sample, "mit-bih", "100"));
  const [first, second] = record.signals;
  assert.deepEqual([first!.label, second!.label], ["MLII", "V5"]);
  assert.equal(first!.sampleRate, 360);
  assert.equal(first!.samples.length, 650000);
  // First stored values 995 and 1011 (in the header too), 200 units a mV, zero at 1024.
  assert.equal(first!.samples[0], (995 - 1024) / 200);
  assert.equal(second!.samples[0], (1011 - 1024) / 200);
  assert.deepEqual(record.comments.slice(1), ["69 M 1085 1629 x1", "Aldomet, Inderal"]);
  assert.equal(record.start, null);
});

test("MATLAB 4 records of the challenge: signals, start, age, sex and diagnoses", () => {
  const names = readdirSync(cinc).filter((name) => name.endsWith(".hea"));
  assert.equal(names.length, 8);
  for (const name of names) assert.equal(readWfdbRecord(join(cinc, name)).signals.length, 12);
  const record = readWfdbRecord(join(cinc, "JS00001"));
  assert.equal(record.start?.toISOString(), "2021-03-23T20:20:47.000Z");
  assert.deepEqual(patientFromComments({ file: record.source, comments: record.comments }), {
    age: 85,
    sex: "male",
    diagnoses: ["164889003", "59118001", "164934002"],
  });
  const [matrix] = readMatlab4(join(cinc, "JS00001.mat"));
  assert.deepEqual([matrix!.name, matrix!.rows, matrix!.columns, matrix!.byteOffset], ["val", 12, 5000, 24]);
  const fourthOfLeadThree = matrix!.values[3 * 12 + 2]!;
  assert.equal(record.signals[2]!.samples[3], fourthOfLeadThree / 1000);
});

test("ages and sexes that are not known are null; nonsense is refused", () => {
  const read = (...comments: string[]): unknown => patientFromComments({ file: "x.hea", comments });
  assert.deepEqual(read("Age: NaN", "Sex: Unknown", "Dx: Unknown"), { age: null, sex: null, diagnoses: [] });
  assert.deepEqual(read("age: 7", "SEX: F"), { age: 7, sex: "female", diagnoses: [] });
  throwsProblem(() => read("Age: old"), { file: "x.hea", place: "#Age", found: '"old"' });
  throwsProblem(() => read("Sex: 2"), { place: "#Sex" });
});

test("header fields: rates with counters, gains without baseline, samples per frame, descriptions with blanks", (t) => {
  const header = scratchFile(
    t,
    "r.hea",
    "# first\nr 3 250/360(5) 40 10:30:15.5 25/12/2001\n" +
      "a.dat 16x2:1+8 100(-5)/uV 12 3 7 9 0 chest lead one\nb.dat 212 0 12 1024\nc.dat 16\n# last\n",
  );
  const { sampleRate, samples, start, signals, comments } = readWfdbHeader(header);
  assert.equal(sampleRate, 250);
  assert.equal(samples, 40);
  assert.equal(start?.toISOString(), "2001-12-25T10:30:15.500Z");
  assert.deepEqual(comments, ["first", "last"]);
  const [a, b, c] = signals;
  assert.deepEqual(
    [a!.format, a!.samplesPerFrame, a!.skew, a!.byteOffset, a!.gain, a!.baseline, a!.unit, a!.label],
    [16, 2, 1, 8, 100, -5, "uV", "chest lead one"],
  );
  assert.deepEqual([b!.gain, b!.baseline, b!.unit, b!.checksum], [200, 1024, "mV", null]);
  assert.deepEqual([c!.gain, c!.baseline, c!.label], [200, 0, ""]);
});

test("signals of several samples a frame, two files, missing values and an unknown length", (t) => {
  const folder = scratchFolder(t);
  const values = Int16Array.from([1, 2, 10, 3, -32768, 20]);
  writeFileSync(join(folder, "a.dat"), new Uint8Array(values.buffer));
  // 212: 1 and -2048 (missing), in three bytes
  writeFileSync(join(folder, "b.dat"), Uint8Array.from([0x01, 0x80, 0x00]));
  writeFileSync(join(folder, "r.hea"), "r 3 50\na.dat 16x2 1/mV\na.dat 16 10/mV\nb.dat 212 1/mV\n");
  const { signals } = readWfdbRecord(join(folder, "r"));
  assert.deepEqual(
    signals.map(({ sampleRate, samples }) => [sampleRate, ...samples]),
    [
      [100, 1, 2, 3, Number.NaN],
      [50, 1, 2],
      [50, 1, Number.NaN],
    ],
  );
});

/** A copy of PTB-XL record 1 whose header or data can be spoilt. */
function copyOfRecord(t: TestContext): { header: string; data: string } {
  const folder = scratchFolder(t);
  const [header, data] = ["hea", "dat"].map((ending) => join(folder, `00001_lr.${ending}`)) as [string, string];
  copyFileSync(join(ptbxl, "00001_lr.hea"), header);
  copyFileSync(join(ptbxl, "00001_lr.dat"), data);
  return { header, data };
}

test("a truncated or damaged data file is named, with bytes", (t) => {
  const { header, data } = copyOfRecord(t);
  const bytes = readFileSync(data);
  writeFileSync(data, bytes.subarray(0, 23999));
  throwsProblem(() => readWfdbRecord(header), {
    what: /truncated/,
    file: data,
    place: "byte 23999",
    found: "23999 bytes",
    expected: /^24000 /,
    fix: /again/,
  });
  bytes[2000]! ^= 1;
  writeFileSync(data, bytes);
  throwsProblem(() => readWfdbRecord(header), { what: /checksum/, file: data, place: /^signal/ });
  bytes[0]! ^= 1;
  writeFileSync(data, bytes);
  throwsProblem(() => readWfdbRecord(header), { what: /first value/, place: "signal I" });
});

test("headers that cannot be read are named by line", (t) => {
  const { header } = copyOfRecord(t);
  const text = readFileSync(header, "utf8");
  const broken = (from: string | RegExp, to: string): (() => unknown) => {
    return () => {
      writeFileSync(header, text.replace(from, to));
      return readWfdbRecord(header);
    };
  };
  throwsProblem(broken("00001_lr 12", "00001_lr twelve"), { file: header, place: "line 1", found: '"twelve"' });
  throwsProblem(broken("00001_lr 12", "00001_lr 13"), { found: "12 signal lines", expected: /^13/ });
  throwsProblem(broken("00001_lr 12", "00001_lr/2 12"), { what: /segment line/, place: "line 2" });
  throwsProblem(broken("00001_lr 12", "00001_lr/0 12"), { what: /record name/, found: '"00001_lr/0"' });
  throwsProblem(broken("12 100 1000", "12 -100 1000"), { what: /sampling rate/, found: '"-100"' });
  throwsProblem(broken("12 100 1000", "12 100 -3"), { what: /number of samples/ });
  throwsProblem(broken("16 1000.0(0)/mV", "16 1000.0(0/mV"), { place: "line 2", what: /gain/ });
  throwsProblem(broken("16 1000.0(0)/mV", "1.6 1000.0(0)/mV"), { place: "line 2", what: /format/ });
  throwsProblem(broken(/\.dat 16 /g, ".dat 516 "), { found: "516", fix: /xform/ });
  throwsProblem(broken("00001_lr.dat 16 ", "00001_lr.dat 16+2 "), { found: /offset 0/, expected: /offset 2/ });
  throwsProblem(broken("00001_lr.dat 16 ", "00001_lr.dat 16x0 "), { found: /0 samples a frame/ });
  throwsProblem(broken("00001_lr.dat 16 ", "../00001_lr.dat 16 "), { what: /outside/, found: '"../00001_lr.dat"' });
  throwsProblem(broken(/^(.*\n.*\n)00001_lr.dat/, "$1other.dat"), { what: /do not stand together/ });
  throwsProblem(broken(/00001_lr.dat/g, "other.dat"), { file: /other\.dat$/, found: "nothing there" });
  throwsProblem(broken(text, ""), { what: /empty header/ });
  throwsProblem(() => readWfdbHeader(join(ptbxl, "none.hea")), { found: "nothing there" });
});

test("a .mat file that does not fit its header, or is not MATLAB 4", (t) => {
  const folder = scratchFolder(t);
  copyFileSync(join(cinc, "A0002.hea"), join(folder, "A0002.hea"));
  const bytes = readFileSync(join(cinc, "A0002.mat"));
  const file = join(folder, "A0002.mat");
  const header = join(folder, "A0002");
  writeFileSync(file, bytes.subarray(0, 1000));
  throwsProblem(() => readWfdbRecord(header), { what: /truncated/, file, place: "byte 1000", expected: "120024" });
  const shorter = Buffer.from(bytes.subarray(0, 24 + 12 * 4999 * 2));
  shorter.writeInt32LE(4999, 8);
  writeFileSync(file, shorter);
  throwsProblem(() => readWfdbRecord(header), { found: /^12 x 4999 int16/, expected: /^12 x 5000 int16/ });
  writeFileSync(file, "MATLAB 5.0 MAT-file, and more text to be long enough");
  throwsProblem(() => readWfdbRecord(header), { found: /MATLAB 5/, fix: /-v4/ });
  writeFileSync(file, "");
  throwsProblem(() => readWfdbRecord(header), { what: /empty/ });
});

test("MATLAB 4: every numeric type, both byte orders", (t) => {
  const types = [
    { digit: 0, size: 8, write: "writeDouble" },
    { digit: 1, size: 4, write: "writeFloat" },
    { digit: 2, size: 4, write: "writeInt32" },
    { digit: 3, size: 2, write: "writeInt16" },
    { digit: 4, size: 2, write: "writeUInt16" },
  ] as const;
  for (const { digit, size, write } of types) {
    for (const order of ["LE", "BE"] as const) {
      const bytes = Buffer.alloc(20 + 2 + 3 * size);
      [(order === "BE" ? 1000 : 0) + 10 * digit, 1, 3, 0, 2].forEach((value, i) => {
        bytes[`writeInt32${order}`](value, 4 * i);
      });
      bytes.write("x\0", 20, "latin1");
      [7, 300, 5].forEach((value, i) => {
        bytes[`${write}${order}`](value, 22 + i * size);
      });
      const [matrix] = readMatlab4(scratchFile(t, "m.mat", bytes));
      assert.deepEqual([matrix!.name, matrix!.rows, matrix!.columns], ["x", 1, 3]);
      assert.deepEqual(Array.from(matrix!.values), [7, 300, 5], `type ${digit} ${order}`);
    }
  }
});
