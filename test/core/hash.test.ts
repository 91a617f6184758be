import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hashFile, hashFiles, hashValue } from "../../lib/core/hash";
import { throwsProblem } from "../support/problems";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

test("files are hashed piece by piece; a set of files by names and contents, in any order", () => {
  const folder = mkdtempSync(join(tmpdir(), "hash-"));
  try {
    const long = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251);
    mkdirSync(join(folder, "in"));
    writeFileSync(join(folder, "in", "long"), long);
    writeFileSync(join(folder, "empty"), "");
    assert.equal(hashFile(join(folder, "in", "long")), sha256(long));
    assert.equal(hashFile(join(folder, "empty")), sha256(""));
    const expected = sha256(`${sha256("")}  empty\n${sha256(long)}  in/long\n`);
    assert.deepEqual(hashFiles(folder, ["in/long", "empty"]), { files: 2, bytes: 3_000_000, sha256: expected });
    assert.deepEqual(hashFiles(folder, ["empty", "in/long", "empty"]).sha256, expected);
    assert.throws(() => hashFiles(folder, ["none"]), /ENOENT/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("values are hashed by what they are, whatever the order of keys; what could be taken for another is not", () => {
  const shared = new Float32Array(new SharedArrayBuffer(8));
  const same: [unknown, unknown][] = [
    [
      { a: 1, b: [2, "x"], c: undefined },
      { b: [2, "x"], a: 1 },
    ],
    [shared, new Float32Array(2)],
    [new Map([["k", 1]]), new Map([["k", 1]])],
  ];
  for (const [a, b] of same) assert.equal(hashValue(a), hashValue(b));
  const different: unknown[] = [
    ...[0, -0, 1, "0", "", null, Number.NaN, false, [], {}, [[]], [0], ["a", "b"], ["ab"], ["a,b"], { a: "b" }],
    ...[new Float32Array(2), new Int32Array(2), Float32Array.of(0, -0), Float32Array.of(0), 0n],
  ];
  assert.equal(new Set(different.map(hashValue)).size, different.length);
  throwsProblem(() => hashValue({ list: [1, () => 1] }), { place: "the value.list[1]", found: "a function" });
  throwsProblem(() => hashValue(new Date()), { what: /no plain data/ });
});
