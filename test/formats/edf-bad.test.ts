/** EDF files that are damaged, or not EDF at all. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { EdfFile, readEdf } from "../../lib/formats";
import { goldenFolder } from "../support/golden";
import { scratchFile, scratchFolder, throwsProblem } from "../support/problems";

const bytesOf = (name: string): Buffer => readFileSync(join(goldenFolder, "formats", name));

/** A golden file with text written over it at a byte. */
function changed(t: TestContext, name: string, ...edits: [byte: number, text: string][]): string {
  const bytes = bytesOf(name);
  for (const [byte, text] of edits) bytes.write(text, byte, "latin1");
  return scratchFile(t, name, bytes);
}

test("truncated files are named with bytes", (t) => {
  const bytes = bytesOf("plain.edf");
  for (const [length, expected] of [
    [0, "256 at least"],
    [200, "256 at least"],
    [300, "1024"],
    [bytes.length - 1, "1812: 6 records of 302 bytes"],
    [1024, "1812: 6 records of 302 bytes"],
  ] as const) {
    const file = scratchFile(t, "cut.edf", bytes.subarray(0, length));
    throwsProblem(() => new EdfFile(file), { what: /truncated/, file, place: `byte ${length}`, expected });
  }
  const long = scratchFile(t, "long.edf", Buffer.concat([bytes, Buffer.from([0])]));
  throwsProblem(() => new EdfFile(long), { what: /too long/ });
});

test("other files, folders and missing files", (t) => {
  const text = scratchFile(t, "x.edf", "I am a text, and not a short one. ".repeat(20));
  throwsProblem(() => readEdf(text), { what: /not an EDF/, place: "byte 0", found: '"I am a t"' });
  const folder = scratchFolder(t);
  throwsProblem(() => readEdf(folder), { file: folder, found: "a folder" });
  throwsProblem(() => readEdf(join(folder, "none.edf")), { found: "nothing there" });
});

test("header fields that cannot be read are named by byte", (t) => {
  const problem = (edit: [number, string], expected: Parameters<typeof throwsProblem>[1]): void => {
    const file = changed(t, "plain.edf", edit);
    throwsProblem(() => new EdfFile(file), { file, place: `byte ${edit[0]}`, ...expected });
  };
  problem([236, "six     "], { what: /number of data records/, found: '"six"' });
  problem([244, "-1      "], { what: /negative duration/ });
  problem([184, "512     "], { what: /header's length/, found: "512", expected: "1024" });
  problem([168, "31.02.19"], { what: /no date/ });
  problem([168, "2019-3-2"], { what: /no date/ });
  problem([252, "x   "], { what: /number of signals/ });
  const samples = 256 + 3 * 216;
  problem([samples + 8, "12.5    "], { what: /samples per record of "EOG horizontal" \(signal 2\)/ });
  problem([256 + 3 * 104, "low     "], { what: /physical minimum of "EEG Fpz-Cz"/, found: '"low"' });
  problem([244, "0       "], { what: /0 s with samples/ });
});

test("a start of zeros is no start; the two-digit year turns at 85", (t) => {
  const start = (date: string): string | undefined => {
    const file = new EdfFile(changed(t, "plain.edf", [168, date]));
    file.close();
    return file.start?.toISOString().slice(0, 10);
  };
  assert.equal(start("00.00.00"), undefined);
  assert.equal(start("01.01.85"), "1985-01-01");
  assert.equal(start("31.12.84"), "2084-12-31");
});

test("a signal without a scale is refused when it is read, and only then", (t) => {
  // plain.edf's second signal: physical minimum and maximum made equal
  const file = new EdfFile(changed(t, "plain.edf", [256 + 3 * 104 + 8, "1       "], [256 + 3 * 112 + 8, "1       "]));
  assert.equal(file.read({ channels: [0] })[0]!.samples.length, 600);
  throwsProblem(() => file.read(), { what: /without a scale/, place: 'signal "EOG horizontal"' });
  file.close();
});

test("a file whose record count was never written counts its records; one that ends within a record is damaged", (t) => {
  const bytes = bytesOf("plain.edf");
  bytes.write("-1      ", 236, "latin1");
  const file = new EdfFile(scratchFile(t, "x.edf", bytes));
  assert.equal(file.duration, 6);
  assert.equal(file.read()[0]!.samples.length, 600);
  file.close();
  const cut = scratchFile(t, "y.edf", bytes.subarray(0, bytes.length - 100));
  throwsProblem(() => new EdfFile(cut), { what: /bytes after the last whole/, place: "byte 2534", found: "202 bytes" });
});

test("annotations that are no annotations, records without time, and records that overlap", (t) => {
  const plus = bytesOf("plus.edf");
  const at = plus.indexOf("Lights off");
  const damaged = Buffer.from(plus);
  damaged[at + "Lights off".length] = 0x20; // the byte that ends the text
  const broken = scratchFile(t, "plus.edf", damaged);
  throwsProblem(() => new EdfFile(broken), {
    what: /annotation/,
    place: /^data record 1, byte \d+$/,
    found: /Lights off/,
  });
  // Those of later records are read when they are asked for.
  const later = Buffer.from(plus);
  later[later.lastIndexOf(0x14)] = 0x20;
  const file = new EdfFile(scratchFile(t, "later.edf", later));
  throwsProblem(() => file.annotations, { what: /annotation/, place: /^data record \d+, byte \d+$/ });
  file.close();
  throwsProblem(() => file.read(), { what: /closed/ });
  const gaps = bytesOf("gaps.edf");
  const keeper = gaps.indexOf("+7.25");
  const timeless = Buffer.from(gaps);
  timeless.fill(0, keeper, timeless.indexOf(0, keeper));
  throwsProblem(() => new EdfFile(scratchFile(t, "a.edf", timeless)), {
    what: /without its time/,
    place: /^data record 4, byte \d+$/,
  });
  const overlapping = Buffer.from(gaps);
  overlapping.write("+1.25", keeper, "latin1");
  throwsProblem(() => new EdfFile(scratchFile(t, "b.edf", overlapping)), {
    what: /overlap/,
    place: /^data record 4, byte \d+$/,
    found: "1.25 s",
    expected: "1.5 s or later",
  });
});
