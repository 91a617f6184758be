import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hashFile, hashFiles } from "../../lib/core/hash";

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
