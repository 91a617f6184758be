import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { zipEntries } from "../../lib/formats/zip";
import { zipArchive } from "../../lib/formats/zip-write";
import { scratchFolder, throwsProblem } from "../support/problems";

test("what is stored is read back byte for byte, and the same contents are the same bytes", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (contents) => {
      const named = contents.map((bytes, i) => ({ name: `folder/é${i}.txt`, bytes }));
      const archive = zipArchive(named);
      assert.deepEqual(
        zipEntries(archive, "a.zip").map((entry) => ({ name: entry.name, bytes: new Uint8Array(entry.read()) })),
        named,
      );
      assert.deepEqual(zipArchive(named), archive);
    }),
    { seed: 4, numRuns: 100 },
  );
});

test("names that cannot stand in an archive are refused", () => {
  const bytes = Buffer.from("x");
  for (const name of ["", "/a", "a\\b", "../a", "a/../../b"])
    throwsProblem(() => zipArchive([{ name, bytes }]), { what: /cannot stand/, found: JSON.stringify(name) });
  throwsProblem(() => zipArchive(["a", "a"].map((name) => ({ name, bytes }))), { found: '"a"' });
});

test("another program's reader takes it: Python's zipfile", (t) => {
  const file = join(scratchFolder(t), "a.zip");
  writeFileSync(file, zipArchive([{ name: "answer.txt", bytes: Buffer.from("0\n5\n") }]));
  const program =
    "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print([(i.filename,i.file_size,i.date_time[0]) for i in z.infolist()])";
  let said: string;
  try {
    said = execFileSync("python3", ["-c", program, file], { encoding: "utf8" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return t.skip("no Python here");
    throw error;
  }
  assert.equal(said.trim(), "[('answer.txt', 4, 1980)]");
});
