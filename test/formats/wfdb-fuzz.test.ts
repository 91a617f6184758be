/** Damaged WFDB files by the thousand: headers, signal files in every format, matrices, annotations. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { readMatlab4, readWfdbAnnotations, readWfdbRecord, WFDB_FORMATS } from "../../lib/formats";
import { fuzzReader } from "../support/fuzz";

const fixtures = join(projectRoot, "test", "fixtures", "wfdb");
const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

/** Everything of a record but the file that is damaged. */
function companions(prefix: string, but: string): Record<string, Uint8Array> {
  const names = readdirSync(fixtures).filter((name) => name.startsWith(prefix) && name !== but);
  return Object.fromEntries(names.map((name) => [name, fixture(name)]));
}

for (const { record, damaged } of [
  { record: "binformats", damaged: "binformats" },
  { record: "frames", damaged: "frames" },
  { record: "fixed", damaged: "fixed" },
  { record: "variable", damaged: "variable" },
  { record: "variable", damaged: "variable_layout" },
  { record: "variable", damaged: "variable_0002" },
]) {
  test(`headers: ${damaged} of ${record}`, async () => {
    const { refused } = await fuzzReader({
      name: `wfdb-header-${damaged}`,
      extension: ".hea",
      stem: damaged,
      seeds: [fixture(`${damaged}.hea`)],
      companions: companions(record, `${damaged}.hea`),
      read: (path) => readWfdbRecord(join(path, "..", record)),
      rounds: 400,
    });
    assert.ok(refused > 100, `${refused} refused`);
  });
}

for (const number of WFDB_FORMATS.keys()) {
  test(`signal files: format ${number}`, async () => {
    // No length and no checksums in the header: whatever bytes are there are decoded.
    const header = `fuzz 3 100\n${["fuzz.dat", "fuzz.dat", "fuzz.dat"].map((f, i) => `${f} ${number}x${i + 1}:${i} 10\n`).join("")}`;
    const samples = Array.from({ length: 60 }, (_, i) => (i * 37) % 101);
    const { read } = await fuzzReader({
      name: `wfdb-format-${number}`,
      extension: ".dat",
      seeds: [WFDB_FORMATS.get(number)!.encode(samples), new Uint8Array(7)],
      companions: { "fuzz.hea": Buffer.from(header) },
      read: (path) => readWfdbRecord(path.replace(/\.dat$/, "")),
      rounds: 250,
    });
    assert.ok(read > 200, `${read} read`);
  });
}

/** A MATLAB 4 file with one matrix. */
function matrix(type: number, rows: number, columns: number, values: Uint8Array): Buffer {
  const header = Buffer.alloc(24);
  [type, rows, columns, 0, 4].forEach((value, i) => {
    header.writeInt32LE(value, 4 * i);
  });
  header.write("val\0", 20, "latin1");
  return Buffer.concat([header, values]);
}

test("MATLAB 4 matrices, by themselves and with a header", async () => {
  const bytes = Uint8Array.from({ length: 240 }, (_, i) => (i * 29) % 251);
  const seeds = [0, 10, 20, 30, 40, 50].map((type, i) => {
    const size = [8, 4, 4, 2, 2, 1][i]!;
    return matrix(type, 3, 10, bytes.subarray(0, 30 * size));
  });
  const alone = await fuzzReader({
    name: "matlab4",
    extension: ".mat",
    seeds: [...seeds, Buffer.concat(seeds)],
    read: readMatlab4,
    rounds: 1500,
  });
  assert.ok(alone.read > 100 && alone.refused > 200, JSON.stringify(alone));
  const header = `fuzz 3 100\n${Array(3).fill("fuzz.mat 16+24 100/mV 16 0\n").join("")}`;
  const inRecord = await fuzzReader({
    name: "wfdb-mat",
    extension: ".mat",
    seeds: [seeds[3]!],
    companions: { "fuzz.hea": Buffer.from(header) },
    read: (path) => readWfdbRecord(path.replace(/\.mat$/, "")),
    rounds: 500,
  });
  assert.ok(inRecord.read > 50 && inRecord.refused > 50, JSON.stringify(inRecord));
});

test("annotations", async () => {
  const long = readFileSync(join(projectRoot, "data", "sample", "mit-bih", "100.atr")).subarray(0, 400);
  const { read, refused } = await fuzzReader({
    name: "wfdb-annotations",
    extension: ".atr",
    seeds: [fixture("notes.ann"), fixture("custom.ann"), Buffer.concat([long, Buffer.alloc(2)])],
    read: (path) => readWfdbAnnotations(path, 360),
    rounds: 2000,
  });
  assert.ok(read > 200 && refused > 200, `${read} read, ${refused} refused`);
});
