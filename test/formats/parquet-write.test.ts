import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ParquetFile, readParquet } from "../../lib/formats/parquet";
import { writeParquet } from "../../lib/formats/parquet-write";
import { scratchFolder, throwsProblem } from "../support/problems";

test("columns of numbers come back as they were written", (t) => {
  const folder = scratchFolder(t);
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, maxLength: 3000 }), (values) => {
      const file = join(folder, "table.parquet");
      const doubles = Float64Array.from(values, (value) => value / 3);
      const integers = Int32Array.from(values, (_, i) => i - 5);
      writeParquet(file, [
        { name: "Fp1", data: values },
        { name: "time", data: integers },
        { name: "LL_0.59", data: doubles },
      ]);
      const table = readParquet(file);
      assert.deepEqual([...table.keys()], ["Fp1", "time", "LL_0.59"]);
      assert.deepEqual(Float32Array.from(table.get("Fp1")!.values as ArrayLike<number>), values);
      assert.deepEqual(Float64Array.from(table.get("LL_0.59")!.values as ArrayLike<number>), doubles);
      assert.deepEqual(Int32Array.from(table.get("time")!.values as ArrayLike<number>), integers);
    }),
    { seed: 3, numRuns: 30 },
  );
});

test("ranges of rows of a long column", (t) => {
  const file = join(scratchFolder(t), "long.parquet");
  const values = Float32Array.from({ length: 250_000 }, (_, i) => Math.fround(Math.sin(i)));
  writeParquet(file, [{ name: "C3", data: values }]);
  const opened = new ParquetFile(file);
  try {
    assert.deepEqual(opened.readFloats("C3", 99_990, 200_010), values.slice(99_990, 200_010));
  } finally {
    opened.close();
  }
});

test("columns that make no table", (t) => {
  const file = join(scratchFolder(t), "x.parquet");
  throwsProblem(() => writeParquet(file, []), { file, found: "no column" });
  const column = { name: "a", data: Float32Array.of(1) };
  throwsProblem(() => writeParquet(file, [column, { name: "b", data: Float32Array.of(1, 2) }]), {
    found: "a of 1, b of 2",
  });
  throwsProblem(() => writeParquet(file, [column, column]), { expected: /name of its own/ });
});
