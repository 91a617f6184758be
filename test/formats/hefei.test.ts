import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { projectRoot } from "../../lib/core/files";
import {
  HEFEI_LEADS,
  HEFEI_MICROVOLTS_PER_UNIT,
  listHefeiRecords,
  readHefeiLabels,
  readHefeiList,
  readHefeiRecord,
  readHefeiStored,
  readWfdbRecord,
  writeHefeiSubmission,
} from "../../lib/formats";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { maxDifference, scratchFile, scratchFolder, throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample");
const records = join(sample, "hefei-layout", "records");
const golden = readGolden<{
  records: Record<string, { rows: number; columns: string[]; values: GoldenArray; sum_by_column: number[] }>;
  labels: string[];
  list: { file: string; labels: number[]; age_slot: number; sex: number }[];
}>("formats/tianchi");

test("records, value for value", () => {
  for (const [name, expected] of Object.entries(golden.records)) {
    const { id, stored } = readHefeiStored(join(goldenFolder, "formats", name), { rows: expected.rows });
    assert.equal(`${id}.txt`, name);
    assert.deepEqual(expected.columns, HEFEI_LEADS);
    const rows = Int16Array.from({ length: expected.rows * 8 }, (_, i) => stored[i % 8]![Math.floor(i / 8)]!);
    assert.equal(maxDifference(rows, expected.values.data), 0);
    assert.deepEqual(
      stored.map((lead) => lead.reduce((sum, value) => sum + value, 0)),
      expected.sum_by_column,
    );
  }
});

test("microvolts: the same ECG in PTB-XL's own file differs by the rounding to units", () => {
  const name = "00001_hr";
  const original = readWfdbRecord(join(sample, "ptbxl", "records500", "00000", name));
  const { signals } = readHefeiRecord(join(records, "1.txt"));
  for (const { label, unit, samples } of signals) {
    const lead = original.signals.find((signal) => signal.label === label)!;
    const microvolts = Float64Array.from(lead.samples, (value) => value * 1000);
    assert.equal(unit, "uV");
    assert.ok(maxDifference(samples, microvolts) <= HEFEI_MICROVOLTS_PER_UNIT / 2 + 1e-9, label);
  }
});

test("the sample's list, labels and records belong together", () => {
  const labels = readHefeiLabels(join(sample, "hefei-layout", "arrythmia.txt"));
  const list = readHefeiList(join(sample, "hefei-layout", "label_given.txt"), labels);
  assert.deepEqual(
    list.map(({ file }) => file),
    listHefeiRecords(records),
  );
  for (const { file } of list) assert.equal(readHefeiStored(join(records, file)).stored.length, 8);
});

test("lists with missing age and sex, and without labels", () => {
  const labels = readHefeiLabels(join(goldenFolder, "formats", "hf_round2_arrythmia.txt"));
  assert.deepEqual(labels, golden.labels);
  const list = readHefeiList(join(goldenFolder, "formats", "hf_round2_train.txt"), labels);
  const slot = (age: number | null): number => (age === null ? 0 : 1 + Math.min(Math.floor(age / 10), 8));
  assert.deepEqual(
    list.map((entry) => ({
      file: entry.file,
      labels: entry.labels.map((label) => labels.indexOf(label)).sort((a, b) => a - b),
      age_slot: slot(entry.age),
      sex: entry.sex === null ? 0 : entry.sex === "female" ? 1 : 2,
    })),
    golden.list,
  );
});

test("CRLF, a byte-order mark and a tab at the line's end make no difference", (t) => {
  const path = scratchFile(t, "list.txt", "\ufeff1.txt\t\tMALE\tA\t\r\n2.txt\t40\t\r\n");
  assert.deepEqual(
    readHefeiList(path, ["A"]).map(({ file, age, sex, labels }) => [file, age, sex, labels]),
    [
      ["1.txt", null, "male", ["A"]],
      ["2.txt", 40, null, []],
    ],
  );
  const record = scratchFile(t, "r.txt", `${HEFEI_LEADS.join(" ")}\r\n1 2 3 4 5 6 7 -8\r\n`);
  assert.deepEqual(
    readHefeiStored(record, { rows: 1 }).stored.map((lead) => lead[0]),
    [1, 2, 3, 4, 5, 6, 7, -8],
  );
});

test("rows in every spelling that is allowed are read the same", (t) => {
  const folder = scratchFolder(t);
  const value = fc.oneof(fc.integer({ min: -32768, max: 32767 }), fc.constantFrom(0, -32768, 32767));
  const spelling = (n: number): fc.Arbitrary<string> =>
    fc.constantFrom(String(n), `${n < 0 ? "-" : ""}00${Math.abs(n)}`, n < 0 ? String(n) : `+${n}`);
  const blank = fc.constantFrom(" ", "  ", "\t", " \t ", "\u00a0");
  const row = fc.array(value, { minLength: 8, maxLength: 8 }).chain((values) =>
    fc.record({
      values: fc.constant(values),
      cells: fc.tuple(...values.map(spelling)),
      blanks: fc.array(blank, { minLength: 7, maxLength: 7 }),
      before: fc.constantFrom("", " ", "\t"),
      after: fc.constantFrom("", " ", "\r"),
    }),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), fc.boolean(), fc.boolean(), (rows, mark, last) => {
      const lines = rows.map(({ cells, blanks, before, after }) => {
        const text = cells.map((cell, i) => `${cell}${blanks[i] ?? ""}`).join("");
        return `${before}${text}${after}`;
      });
      const file = join(folder, "r.txt");
      writeFileSync(file, `${mark ? "\ufeff" : ""}${[HEFEI_LEADS.join(" "), ...lines].join("\n")}${last ? "\n" : ""}`);
      const { stored } = readHefeiStored(file, { rows: rows.length });
      assert.deepEqual(
        rows.map((_, i) => stored.map((lead) => lead[i])),
        rows.map(({ values }) => values),
      );
    }),
    { seed: 31, numRuns: 200 },
  );
});

test("short, empty and garbled records are named by line", (t) => {
  const header = HEFEI_LEADS.join("\t");
  const problem = (content: string | Uint8Array, expected: Parameters<typeof throwsProblem>[1]): void => {
    const file = scratchFile(t, "9.txt", content);
    throwsProblem(() => readHefeiStored(file, { rows: 2 }), { file, ...expected });
  };
  const row = "1 2 3 4 5 6 7 8";
  problem("", { place: "line 1", what: /missing/ });
  problem(header, { what: /truncated/, place: "line 1", found: "0 rows of values", expected: /^2 / });
  problem(`${header}\n${row}`, { what: /truncated/, place: "line 2", found: "1 rows of values" });
  problem(`${header}\r\n${row}\r\n`, { what: /truncated/, place: "line 2", found: "1 rows of values" });
  problem(`${header}\n${row}\n${row}\n${row}`, { what: /too long/, place: "line 3", found: "3 rows of values" });
  problem(`${header}\n${row}\n${row}\n\n`, { what: /too long/, found: "3 rows of values" });
  problem(`${header}\n${row}\n\n`, { place: "line 3", found: "an empty line" });
  problem(`${header}\r\n${row}\r\n1 2 3 4 5 6 7`, { place: "line 3", found: "7 values" });
  problem(`${header}\n${row}\n${row} 9`, { place: "line 3", found: "9 values" });
  problem(`${header}\n${row}\n1 2 3 4 5 6 7 -32769`, { place: "line 3, lead V6", found: '"-32769"' });
  problem(`${header}\n${row}\n1 2 3 4 5 6 7 1e3`, { place: "line 3, lead V6", found: '"1e3"' });
  problem(`${header}\n${row}\n1 - 3 4 5 6 7 8`, { place: "line 3, lead II", found: '"-"' });
  problem(`${header}\n${row}\n1,2,3,4,5,6,7,8`, { place: "line 3", found: "1 values" });
  problem(Buffer.from(`${header}\n${row}\n1 2 \xff 4 5 6 7 8`, "latin1"), { what: /UTF-8/, found: "byte 0xff" });
  problem(Buffer.from(`\ufeff${header}`, "utf16le"), { what: /UTF-8/, found: /UTF-16/ });
});

test("any submission reads back as it was meant", (t) => {
  const folder = scratchFolder(t);
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((text) => /^[^\s]+$/u.test(text));
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6 });
  const entry = fc.record({
    age: fc.option(fc.integer({ min: 0, max: 120 })),
    sex: fc.constantFrom("", "MALE", "FEMALE"),
    chosen: fc.uniqueArray(fc.nat(5)),
  });
  fc.assert(
    fc.property(names, fc.array(entry, { minLength: 1, maxLength: 6 }), (labels, entries) => {
      const list = join(folder, "list.txt");
      writeFileSync(list, entries.map(({ age, sex }, i) => `${i}.txt\t${age ?? ""}\t${sex}\n`).join(""));
      const predicted = entries.map(({ chosen }) => chosen.filter((index) => index < labels.length));
      const path = join(folder, "result.txt");
      writeHefeiSubmission(path, readHefeiList(list), predicted, labels);
      const back = readHefeiList(path, labels);
      assert.deepEqual(
        back.map((line) => line.labels.map((label) => labels.indexOf(label))),
        predicted.map((classes) => [...classes].sort((a, b) => a - b)),
      );
      assert.deepEqual(
        back.map(({ age }) => age),
        entries.map(({ age }) => age),
      );
    }),
    { seed: 32, numRuns: 60 },
  );
});

test("a submission repeats the three columns and adds the labels' names in the order of the list", (t) => {
  const folder = scratchFolder(t);
  const labels = golden.labels;
  const list = readHefeiList(join(goldenFolder, "formats", "hf_round2_train.txt"), labels);
  const path = join(folder, "out", "result.txt");
  const predicted = list.map((_, i) => (i === 0 ? [] : [33, i]));
  writeHefeiSubmission(path, list, predicted, labels);
  const expected = list.map(({ columns }, i) => [...columns, ...(i === 0 ? [] : [labels[i]!, labels[33]!])].join("\t"));
  assert.equal(readFileSync(path, "utf8"), `${expected.join("\n")}\n`);
  assert.deepEqual(readdirSync(dirname(path)), ["result.txt"]);
});

test("a submission that would not read back the same is never left behind", (t) => {
  const folder = scratchFolder(t);
  const list = readHefeiList(scratchFile(t, "list.txt", "1.txt\t\tMALE\n"), ["A"]);
  const path = join(folder, "result.txt");
  throwsProblem(() => writeHefeiSubmission(path, list, [[0]], ["tab\tinside"]), { place: "line 1" });
  throwsProblem(() => writeHefeiSubmission(path, list, [[1]], ["A"]), {
    place: "record 1.txt",
    found: "1",
    expected: "0 .. 0",
  });
  throwsProblem(() => writeHefeiSubmission(path, list, [], ["A"]), { found: "0 predictions", expected: /^1/ });
  assert.equal(existsSync(path), false);
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(path, "before");
  throwsProblem(() => writeHefeiSubmission(path, list, [[0]], ["line\nend"]), {});
  assert.equal(readFileSync(path, "utf8"), "before");
});

test("bad records are named by file, line and lead", (t) => {
  const good = readFileSync(join(records, "1.txt"), "utf8").split("\n");
  const problem = (lines: string[], expected: Parameters<typeof throwsProblem>[1]): void => {
    const file = scratchFile(t, "1.txt", lines.join("\n"));
    throwsProblem(() => readHefeiRecord(file), { file, ...expected });
  };
  const line = (i: number, text: string): string[] => good.map((original, k) => (k === i - 1 ? text : original));
  problem(line(1, "I II V1 V2 V3 V4 V5"), { what: /lead V6 missing/, place: "line 1", fix: /eight leads/ });
  problem(line(1, "II I V1 V2 V3 V4 V5 V6"), { what: /another order/ });
  problem(line(1, good[1]!), { what: /leads I, II, V1/, place: "line 1" });
  problem(good.slice(0, 2500), { what: /truncated/, found: "2499 rows of values", expected: /^5000/, fix: /500 Hz/ });
  problem([...good.slice(0, 5001), ...good.slice(1, 3)], { what: /too long/, place: "line 5001" });
  problem(line(7, "1 2 3 x 5 6 7 8"), { place: "line 7, lead V2", found: '"x"', expected: /integer/ });
  problem(line(7, "1 2 3 4.5 5 6 7 8"), { place: "line 7, lead V2", found: '"4.5"' });
  problem(line(7, "1 2 3 40000 5 6 7 8"), { place: "line 7, lead V2", found: '"40000"' });
  problem(line(7, "1 2 3"), { place: "line 7", found: "3 values" });
  problem(line(7, ""), { place: "line 7", found: "an empty line" });
  problem([], { place: "line 1", what: /missing/ });
});

test("bad lists are named by line", (t) => {
  const problem = (text: string, expected: Parameters<typeof throwsProblem>[1]): void => {
    const file = scratchFile(t, "list.txt", text);
    throwsProblem(() => readHefeiList(file, ["A", "B"]), { file, ...expected });
  };
  problem("1.txt\t1\tMALE\n2.txt\t1\tMALE\tC\n", {
    place: "line 2",
    found: '"C"',
    what: /not in the list/,
    fix: /correct/,
  });
  problem("1.txt\t1\n", { place: "line 1", what: /too few columns/ });
  problem("1.txt\told\tMALE\n", { found: '"old"', what: /age/ });
  problem("1.txt\t-1\tMALE\n", { found: '"-1"' });
  problem("1.txt\t1\tman\n", { found: '"man"', expected: /MALE/ });
  problem("1.txt\t1\tMALE\tA\tA\n", { what: /twice/ });
  problem("1.txt\t1\tMALE\tA\t\tB\n", { what: /without a name/ });
  problem("1.txt\t1\tMALE\n1.txt\t1\tMALE\n", { place: "line 2", expected: "only on line 1" });
  problem("", { what: /empty/ });
  const labels = scratchFile(t, "labels.txt", "A\nB\nA\n");
  throwsProblem(() => readHefeiLabels(labels), { file: labels, place: "line 3", found: /line 1/ });
  const blank = scratchFile(t, "labels.txt", "A\n\nB\n");
  throwsProblem(() => readHefeiLabels(blank), { place: "line 2", what: /empty line/ });
  throwsProblem(() => readHefeiLabels(scratchFile(t, "labels.txt", "")), { what: /empty list/ });
});

test("an empty folder, a missing one, and one with other files", (t) => {
  const folder = scratchFolder(t);
  throwsProblem(() => listHefeiRecords(folder), { file: folder, found: "an empty folder", fix: /unpacked/ });
  throwsProblem(() => listHefeiRecords(join(folder, "none")), { found: "nothing there" });
  mkdirSync(join(folder, "inner"));
  throwsProblem(() => listHefeiRecords(folder), { found: "1 other files" });
});
