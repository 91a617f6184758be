import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { readWfdbHeader, readWfdbRecord, readWfdbStored, writeWfdbStored } from "../../lib/formats";
import { scratchFolder, throwsProblem } from "../support/problems";

const fixtures = join(projectRoot, "test", "fixtures", "wfdb");

test("a variable layout: segments in their place, NaN where a signal was not recorded", () => {
  const header = readWfdbHeader(join(fixtures, "variable.hea"));
  assert.deepEqual(
    header.segments.map(({ record, samples }) => `${record} ${samples}`),
    ["variable_layout 0", "variable_0001 30", "~ 21", "variable_0002 17", "variable_0003 9", "~ 9"],
  );
  const { id, start, signals } = readWfdbRecord(join(fixtures, "variable"));
  assert.equal(id, "variable");
  assert.equal(start?.toISOString(), "2021-05-04T10:44:18.529Z");
  const recorded = signals.map(({ samples }) =>
    Array.from(samples, (value) => (Number.isNaN(value) ? "-" : "x")).join(""),
  );
  // The sixth sample of each segment is the value that means "missing".
  const first = `${"x".repeat(5)}-`;
  assert.deepEqual(recorded, [
    `${first}${"x".repeat(24)}${"-".repeat(21)}${first}${"x".repeat(11)}${"-".repeat(18)}`,
    "-".repeat(86),
    `${"-".repeat(51)}${first}${"x".repeat(11)}${first}${"xxx"}${"-".repeat(9)}`,
  ]);
});

test("stored integers of segments are not joined: their scales differ", () => {
  throwsProblem(() => readWfdbStored(join(fixtures, "variable")), { what: /multi-segment/, fix: /physical units/ });
});

/** A copy of the segmented records in which one file's text is changed. */
function spoilt(t: TestContext, file: string, from: string | RegExp, to: string): string {
  const folder = scratchFolder(t);
  cpSync(fixtures, folder, { recursive: true });
  const text = readFileSync(join(folder, file), "utf8");
  assert.notEqual(text.replace(from, to), text, "the test changes something");
  writeFileSync(join(folder, file), text.replace(from, to));
  return folder;
}

test("segments that do not fit their record are named", (t) => {
  const problem = (
    record: "fixed" | "variable",
    [file, from, to]: [string, string | RegExp, string],
    expected: Parameters<typeof throwsProblem>[1],
  ): void => {
    const folder = spoilt(t, file, from, to);
    throwsProblem(() => readWfdbRecord(join(folder, record)), expected);
  };
  problem("fixed", ["fixed.hea", "fixed/2 2 50 19", "fixed/2 2 50 20"], { what: /add up/, found: "19 samples" });
  problem("fixed", ["fixed.hea", "fixed/2 2", "fixed/3 2"], { what: /segment lines/, found: "2 segment lines" });
  problem("fixed", ["fixed.hea", "fixed/2 2", "fixed/2 3"], { what: /number of signals/, found: "2", expected: "3" });
  problem("fixed", ["fixed.hea", "fixed_2 7", "../x 7"], { what: /outside/, place: "segment ../x" });
  problem("fixed", ["fixed.hea", "fixed_2 7", "fixed_9 7"], { file: /fixed_9\.hea$/, found: "nothing there" });
  problem("fixed", ["fixed_1.hea", "2 50 12", "2 100 12"], { file: /fixed_1\.hea$/, found: "100 Hz" });
  problem("fixed", ["fixed_1.hea", "2 50 12", "2 50 11"], { what: /another length/, expected: "12" });
  problem("fixed", ["fixed_2.hea", "mV 12 0", "uV 12 0"], { file: /fixed_2\.hea$/, found: /uV/, expected: /mV/ });
  problem("fixed", ["fixed_2.hea", / II$/m, " V"], { found: "signal V", expected: "I, II" });
  problem("fixed", ["fixed_1.hea", "fixed_1 2", "fixed_1/2 2"], { what: /segment/ });
  problem("variable", ["variable_layout.hea", " ABP", " ART"], { found: "signal ABP", expected: "II, V, ART" });
  problem("variable", ["variable_0002.hea", " II", " ABP"], { found: "signal ABP" });
});

test("a nested record, one of gaps only, and one that asks for far more than it has", (t) => {
  const folder = scratchFolder(t);
  const read = (text: string): (() => unknown) => {
    writeFileSync(join(folder, "a.hea"), text);
    return () => readWfdbRecord(join(folder, "a"));
  };
  throwsProblem(read("a/1 1 100 8\na 8\n"), { what: /itself has segments/ });
  throwsProblem(read("a/1 1 100 8\n~ 8\n"), { what: /gaps only/ });
  writeWfdbStored(join(folder, "b"), {
    sampleRate: 100,
    signals: [{ label: "x", unit: "mV", format: 16, stored: [1, 2, 3], gain: 1 }],
  });
  assert.deepEqual(
    Array.from((read("a/3 1 100 5\n~ 1\nb 3\n~ 1\n")() as ReturnType<typeof readWfdbRecord>).signals[0]!.samples),
    [Number.NaN, 1, 2, 3, Number.NaN],
  );
  throwsProblem(read("a/2 1 100\n~ 99999999999\nb 3\n"), { what: /almost all gaps/, found: /of which 3/ });
  throwsProblem(read("a 1 100 99999999999\n~ 0 1/mV\n"), { what: /almost all gaps/ });
});

test("a signal that no file holds is NaN throughout", (t) => {
  const folder = scratchFolder(t);
  writeFileSync(join(folder, "a.hea"), "a 1 100 4\n~ 0x2 1/mV 0 0 0 0 0 lost\n");
  const [signal] = readWfdbRecord(join(folder, "a")).signals;
  assert.deepEqual(
    [signal!.label, signal!.sampleRate, ...signal!.samples],
    ["lost", 200, ...Array(8).fill(Number.NaN)],
  );
});
