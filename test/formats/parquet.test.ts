import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { type ParquetColumn, ParquetFile, type ParquetRange, readParquet } from "../../lib/formats/parquet";
import { fuzzReader } from "../support/fuzz";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { maxDifference, scratchFile, scratchFolder, throwsProblem } from "../support/problems";

const golden = readGolden<{
  eeg: { columns: string[]; rows: number; values: GoldenArray };
  spectrogram: { columns: string[]; time: number[]; values: GoldenArray };
  mixed: { columns: Record<string, (number | string | boolean | null)[]> };
  files: Record<string, { content: "eeg" | "spectrogram" | "mixed"; row_groups?: number }>;
}>("formats/parquet");
const path = (name: string): string => join(goldenFolder, "formats", name);
const filesOf = (content: string): string[] =>
  Object.keys(golden.files).filter((name) => golden.files[name]!.content === content);

/** Column `c` of a row-major table. */
function columnOf({ shape, data }: GoldenArray, c: number): Float32Array {
  return Float32Array.from({ length: shape[0]! }, (_, row) => data[row * shape[1]! + c]!);
}

for (const name of filesOf("eeg")) {
  test(`${name}: every float, in any rows`, () => {
    const { eeg } = golden;
    const file = new ParquetFile(path(name));
    assert.equal(file.rows, eeg.rows);
    assert.equal(file.metadata.groups.length, golden.files[name]!.row_groups);
    assert.deepEqual(
      file.columns.map((column) => [column.name, column.kind]),
      eeg.columns.map((column) => [column, "float32"]),
    );
    // Rows within one page, across pages and groups, none, and the last one.
    for (const [from, to] of [
      [0, 700],
      [255, 257],
      [10, 690],
      [300, 300],
      [699, 700],
    ] as const)
      for (const [c, { values }] of file.read({ from, to }).entries())
        assert.deepEqual(values, columnOf(eeg.values, c).subarray(from, to), `${eeg.columns[c]} ${from} ${to}`);
    const [last, first] = file.read({ columns: ["EKG", "Fp1"] });
    assert.deepEqual([last!.name, first!.name], ["EKG", "Fp1"]);
    assert.deepEqual(first!.values, columnOf(eeg.values, 0));
    file.close();
  });
}

test("a spectrogram: 401 columns, of two types", () => {
  const columns = readParquet(path("spec_snappy.parquet"));
  const { spectrogram } = golden;
  assert.deepEqual([...columns.keys()], spectrogram.columns);
  assert.equal(maxDifference([...(columns.get("time")!.values as BigInt64Array)].map(Number), spectrogram.time), 0);
  spectrogram.columns.slice(1).forEach((name, c) => {
    assert.equal(maxDifference(columns.get(name)!.values as Float32Array, columnOf(spectrogram.values, c)), 0, name);
  });
});

/** A column as plain values, null where missing. */
function plain({ values, nulls, kind }: ParquetColumn): (number | string | boolean | null)[] {
  return Array.from(values as ArrayLike<number | bigint | string | null>, (value, i) => {
    if (value === null || nulls?.[i] === 1 || Number.isNaN(value)) return null;
    if (kind === "boolean") return value === 1;
    return typeof value === "bigint" ? Number(value) : value;
  });
}

for (const name of filesOf("mixed")) {
  test(`${name}: integers, texts, booleans, and what is missing`, () => {
    const wanted = Object.entries(golden.mixed.columns);
    for (const [from, to] of [
      [0, 60],
      [20, 55],
      [24, 26],
    ] as const) {
      const columns = readParquet(path(name), { from, to });
      assert.deepEqual(
        [...columns.keys()],
        wanted.map(([key]) => key),
      );
      for (const [key, values] of wanted)
        assert.deepEqual(plain(columns.get(key)!), values.slice(from, to), `${key} ${from} ${to}`);
    }
  });
}

test("the same values as hyparquet's", async () => {
  for (const name of Object.keys(golden.files)) {
    const bytes = readFileSync(path(name));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file, compressors });
    for (const [key, column] of readParquet(path(name)))
      assert.deepEqual(
        plain(column),
        rows.map((row) => {
          const value: unknown = row[key];
          return typeof value === "bigint" ? Number(value) : Number.isNaN(value) ? null : (value ?? null);
        }),
        `${name} ${key}`,
      );
  }
});

test("only what is needed is read: pages of other rows may be damaged", (t) => {
  const bytes = Buffer.from(readFileSync(path("eeg_gzip.parquet")));
  const whole = new ParquetFile(path("eeg_gzip.parquet"));
  const chunk = whole.metadata.groups[1]!.chunks[4]!;
  whole.close();
  bytes.fill(0xff, chunk.start, chunk.start + chunk.bytes);
  const damaged = scratchFile(t, "a.parquet", bytes);
  const read = (range: ParquetRange): void => void readParquet(damaged, range);
  read({ from: 0, to: 256 });
  read({ from: 512 });
  read({ columns: ["Fp1", "T3"] });
  throwsProblem(() => read({ columns: ["F7"] }), { file: damaged, place: /byte \d+/, fix: /damaged/ });
  throwsProblem(() => read({ from: 200, to: 300 }), { file: damaged, place: /byte \d+/ });
});

test("of a long column only headers and needed pages are read", () => {
  for (const name of Object.keys(golden.files)) {
    const long = new ParquetFile(path(name), { readWhole: 0 });
    const whole = new ParquetFile(path(name));
    for (const range of [{}, { from: 5, to: 20 }]) assert.deepEqual(long.read(range), whole.read(range), name);
    long.close();
    whole.close();
  }
});

test("what is no Parquet file is named, a CSV table for what it is", (t) => {
  const as = (content: string | Uint8Array): (() => unknown) => {
    const file = scratchFile(t, "a.parquet", content);
    return () => readParquet(file);
  };
  throwsProblem(as("eeg_id,patient_id\n1,2\n"), { found: /eeg_id,patient_id/, expected: '"PAR1"', fix: /CSV table/ });
  throwsProblem(as(""), { found: "an empty file" });
  throwsProblem(as(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0])), { what: /no Parquet file/, fix: /check the path/ });
  throwsProblem(as("PARE1234"), { fix: /encrypted/ });
  throwsProblem(as("PAR1"), { what: /truncated/ });
  const bytes = readFileSync(path("eeg_zstd.parquet"));
  throwsProblem(as(bytes.subarray(0, 5000)), { what: /truncated/, place: "byte 4996" });
  const long = Buffer.from(bytes);
  long.writeUInt32LE(0x7fffffff, bytes.length - 8);
  throwsProblem(as(long), { what: /footer longer than the file/ });
  throwsProblem(() => readParquet(scratchFolder(t)), { found: "a folder" });
  throwsProblem(() => readParquet("none.parquet"), { found: "nothing there" });
});

test("columns and rows that are not there", () => {
  const file = new ParquetFile(path("eeg_snappy.parquet"));
  throwsProblem(() => file.read({ columns: ["Fp9"] }), { found: /^"Fp1", "F3"/, expected: '"Fp9"' });
  for (const range of [{ from: -1 }, { to: 701 }, { from: 5, to: 4 }, { from: 0.5 }])
    throwsProblem(() => file.read(range), { what: /rows outside the table/ });
  file.close();
});

for (const content of ["eeg", "mixed"]) {
  test(`fuzz: damaged tables (${content}) are read or refused`, async () => {
    const counts = await fuzzReader({
      name: `parquet-${content}`,
      extension: ".parquet",
      seeds: filesOf(content).map((name) => readFileSync(path(name))),
      rounds: content === "eeg" ? 400 : 1000,
      read: (file) => readParquet(file),
    });
    assert.ok(counts.refused > 100 && counts.read > 10, JSON.stringify(counts));
  });
}
