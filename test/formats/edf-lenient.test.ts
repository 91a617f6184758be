/** What a lenient reader saves of a damaged EDF file, and what it says was lost. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { EdfFile, type EdfLoss, readEdf, type Signal } from "../../lib/formats";
import { goldenFolder } from "../support/golden";
import { scratchFile, throwsProblem } from "../support/problems";

const path = (name: string): string => join(goldenFolder, "formats", name);
const bytesOf = (name: string): Buffer => readFileSync(path(name));

/** plain.edf: 3 signals, 6 records of 1 s and 302 bytes, 1024 bytes of header. */
const plain = bytesOf("plain.edf");
const field = (column: number, width: number, signal: number): number => 256 + 3 * column + signal * width;

function edited(source: Buffer, ...edits: [byte: number, text: string][]): Buffer {
  const bytes = Buffer.from(source);
  for (const [byte, text] of edits) bytes.write(text, byte, "latin1");
  return bytes;
}

/** Reads leniently what a strict reader must refuse. */
function save(t: TestContext, bytes: Buffer, strictly = (file: string): unknown => readEdf(file)): EdfFile {
  const scratch = scratchFile(t, "damaged.edf", bytes);
  throwsProblem(() => strictly(scratch), { file: scratch });
  const file = new EdfFile(scratch, { lenient: true });
  t.after(() => file.close());
  return file;
}

const told = (losses: readonly EdfLoss[]): [number, string][] => losses.map(({ byte, instead }) => [byte, instead]);
const samples = (signals: readonly Signal[]): number[][] => signals.map((signal) => [...signal.samples]);
const whole = readEdf(path("plain.edf")).signals;
const firstSeconds = (seconds: number): number[][] =>
  whole.map((signal) => [...signal.samples.subarray(0, seconds * signal.sampleRate)]);

test("a whole file has no losses", () => {
  for (const name of ["plain.edf", "odd.edf", "plus.edf", "gaps.edf", "hypnogram.edf", "plain.bdf", "plus.bdf"]) {
    const [strict, lenient] = [new EdfFile(path(name)), new EdfFile(path(name), { lenient: true })];
    assert.deepEqual(lenient.losses, []);
    assert.deepEqual(lenient.read(), strict.read());
    assert.deepEqual(lenient.annotations, strict.annotations);
    assert.deepEqual(lenient.segments, strict.segments);
    for (const file of [strict, lenient]) file.close();
  }
});

test("a truncated file: its whole records; the error of the strict reader says how to save them", (t) => {
  const cut = plain.subarray(0, 1024 + 4 * 302 + 100);
  throwsProblem(() => readEdf(scratchFile(t, "x.edf", cut)), { what: /truncated/, place: `byte ${cut.length}` });
  const file = save(t, cut);
  assert.deepEqual(samples(file.read()), firstSeconds(4));
  assert.deepEqual(told(file.losses), [[cut.length, "4 of 6 data records read"]]);
});

test("bytes after the last record; more whole records than the header says", (t) => {
  const longer = save(t, Buffer.concat([plain, Buffer.alloc(100)]));
  assert.deepEqual(samples(longer.read()), firstSeconds(6));
  assert.deepEqual(told(longer.losses), [[2836, "the bytes after the last data record left out"]]);
  const more = save(t, edited(plain, [236, "4       "]));
  assert.deepEqual(samples(more.read()), firstSeconds(6));
  assert.deepEqual(told(more.losses), [[1024 + 4 * 302, "6 whole data records read"]]);
  const never = save(t, edited(plain, [236, "-1      "]).subarray(0, 2800));
  assert.deepEqual(samples(never.read()), firstSeconds(5));
  assert.deepEqual(told(never.losses), [[1024 + 5 * 302, "left out"]]);
});

test("record counts that are no counts", (t) => {
  for (const count of ["six     ", "-7      ", "6.5     ", "        "]) {
    const file = save(t, edited(plain, [236, count]));
    assert.deepEqual(samples(file.read()), firstSeconds(6));
    assert.deepEqual(told(file.losses), [[236, "taken as unknown"]]);
  }
});

test("the number of signals and the header's length: whichever fits the header", (t) => {
  for (const [edits, losses] of [
    [[[184, "1280    "]], [184]],
    [[[184, "long    "]], [184]],
    [[[252, "2   "]], [184]],
    [[[252, "    "]], [252]],
  ] as [[number, string][], number[]][]) {
    const file = save(t, edited(plain, ...edits));
    assert.deepEqual(samples(file.read()), firstSeconds(6), JSON.stringify(edits));
    assert.deepEqual(
      file.losses.map(({ byte }) => byte),
      losses,
    );
  }
});

test("a version that is none, a start that is no date, decimal commas", (t) => {
  const version = save(t, edited(plain, [0, "7"]));
  assert.equal(version.header.kind, "EDF");
  assert.deepEqual(told(version.losses), [[0, "read as EDF: the rest of the header is one"]]);
  const start = save(t, edited(plain, [168, "31.02.19"]));
  assert.equal(start.start, null);
  assert.deepEqual(told(start.losses), [[168, "the start is unknown"]]);
  const physicalMinimum = new EdfFile(path("odd.edf")).signals[0]!.physicalMinimum;
  const odd = bytesOf("odd.edf");
  const at = 256 + (odd.readUInt8(252) - 0x30) * 104;
  const comma = save(t, edited(odd, [at, `${physicalMinimum.toFixed(1).replace(".", ",")}    `.slice(0, 8)]));
  assert.equal(comma.signals[0]!.physicalMinimum, Number(physicalMinimum.toFixed(1)));
  assert.deepEqual(
    comma.losses.map(({ byte }) => byte),
    [at],
  );
});

test("a signal without a scale is left out, and still readable as stored", (t) => {
  const at = field(104, 8, 1);
  const file = save(t, edited(plain, [at, "low     "]));
  assert.deepEqual(samples(file.read()), [firstSeconds(6)[0], firstSeconds(6)[2]]);
  assert.deepEqual(told(file.losses), [
    [at, "taken as unknown"],
    [256 + 3 * 104 + 8, "left out; readStored() reads it"],
  ]);
  const [stored] = file.readStored({ channels: [1] });
  const healthy = new EdfFile(path("plain.edf"));
  assert.deepEqual(stored!.samples, healthy.readStored({ channels: [1] })[0]!.samples);
  healthy.close();
});

test("one signal's samples per record are told from the others'; two signals' cannot be", (t) => {
  const at = field(216, 8, 1);
  const file = save(t, edited(plain, [at, "many    "]));
  assert.deepEqual(samples(file.read()), firstSeconds(6));
  assert.deepEqual(told(file.losses), [[at, "taken as unknown"]]);
  const two = scratchFile(t, "two.edf", edited(plain, [at, "many    "], [at + 8, "few     "]));
  throwsProblem(() => new EdfFile(two, { lenient: true }), { what: /how many samples/, place: /^byte \d+$/ });
});

test("a records' duration that is none is told from the records' own times; without those it cannot be", (t) => {
  for (const [duration, losses] of [
    ["none    ", 1],
    ["-1      ", 1],
    ["0       ", 1],
  ] as const) {
    const file = save(t, edited(bytesOf("plus.edf"), [244, duration]));
    const healthy = readEdf(path("plus.edf"));
    assert.deepEqual(file.read(), healthy.signals);
    assert.equal(file.losses.length, losses);
    const timeless = scratchFile(t, "plain.edf", edited(plain, [244, duration]));
    throwsProblem(() => new EdfFile(timeless, { lenient: true }), {
      what: /how long a data record/,
      place: "byte 244",
    });
  }
});

test("annotations that cannot be read are left out, the others kept", (t) => {
  const plus = bytesOf("plus.edf");
  const at = plus.indexOf("Lights off");
  const bytes = Buffer.from(plus);
  bytes[at + "Lights off".length] = 0x20;
  const file = save(t, bytes);
  const healthy = readEdf(path("plus.edf")).annotations;
  assert.deepEqual(
    file.annotations,
    healthy.filter(({ text }) => text !== "Lights off"),
  );
  assert.equal(file.losses.length, 1);
  assert.equal(file.losses[0]!.instead, "left out");
  assert.ok(file.losses[0]!.byte < at && file.losses[0]!.byte > at - 10);
});

test("a discontinuous file: a record without its time, or with one that cannot be, follows the one before", (t) => {
  const gaps = bytesOf("gaps.edf");
  const keeper = gaps.indexOf("+7.25");
  const timeless = Buffer.from(gaps);
  timeless.fill(0, keeper, timeless.indexOf(0, keeper));
  const healthy = new EdfFile(path("gaps.edf"));
  const spans = (file: EdfFile): number[][] => file.segments.map(({ onset, records }) => [onset, records]);
  assert.deepEqual(spans(healthy), [
    [0, 3],
    [7.25, 2],
    [20, 1],
  ]);
  healthy.close();
  for (const [bytes, what] of [
    [timeless, /without its time/],
    [edited(gaps, [keeper, "+1.25"]), /overlap/],
    [edited(gaps, [keeper, "+9725"]), /overlap/],
  ] as const) {
    const file = save(t, bytes);
    assert.deepEqual(spans(file), [
      [0, 4],
      [7.75, 1],
      [20, 1],
    ]);
    assert.equal(file.losses.length, 1);
    assert.match(file.losses[0]!.what, what);
    assert.equal(file.losses[0]!.byte, file.header.headerBytes + 3 * file.header.recordBytes);
  }
});

test("what leaves nothing to read is an error also when lenient", (t) => {
  const refused = (bytes: Buffer, what: RegExp, place: string): void => {
    const file = scratchFile(t, "x.edf", bytes);
    throwsProblem(() => new EdfFile(file, { lenient: true }), { file, what, place });
  };
  refused(Buffer.alloc(0), /truncated header/, "byte 0");
  refused(plain.subarray(0, 900), /truncated header/, "byte 900");
  refused(Buffer.from("I am a text, and not a short one. ".repeat(20)), /not an EDF/, "byte 0");
  refused(edited(plain, [252, "    "], [184, "        "]), /neither the number/, "byte 184");
});

test("a time centuries later is an error that says so, not an array of the gap", (t) => {
  const gaps = bytesOf("gaps.edf");
  const last = gaps.indexOf("+20\x14\x14", 0, "latin1");
  gaps.fill(0, last).write("+999999999\x14\x14", last, "latin1");
  const file = new EdfFile(scratchFile(t, "late.edf", gaps));
  throwsProblem(() => file.read(), { what: /nearly all gap/, fix: /segments/ });
  assert.equal(file.read({ to: 1.5 })[0]!.samples.length, 150);
  file.close();
});
