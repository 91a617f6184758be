import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { script, sha256 } from "./clone";
import { makeZip } from "./zip";

interface Entry {
  name: string;
  bytes: number;
}
const { listEntries, extractEntry, readEntry } = script<{
  listEntries(file: string): Promise<Entry[]>;
  extractEntry(file: string, entry: Entry, target: string): Promise<{ sha256: Buffer; bytes: number }>;
  readEntry(file: string, entry: Entry): Promise<Buffer>;
}>("lib/unzip.mjs");

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "signalbook-unzip-"));
});
after(() => rmSync(folder, { recursive: true }));

const large = Buffer.alloc(3_000_000, "signal ");
const contents = [
  { name: "a/deflated.bin", data: large },
  { name: "a/stored.txt", data: "stored as it is", stored: true },
  { name: "empty", data: "", stored: true },
  { name: "a/tool", data: "#!/bin/sh\n", mode: 0o744 },
];

for (const zip64 of [false, true]) {
  test(`entries come out as they went in${zip64 ? ", with zip64 fields" : ""}`, async () => {
    const file = join(folder, `whole-${zip64}.zip`);
    writeFileSync(file, makeZip(contents, { zip64 }));
    const entries = await listEntries(file);
    assert.deepEqual(
      entries.map(({ name, bytes }) => [name, bytes]),
      contents.map(({ name, data }) => [name, Buffer.from(data as string).length]),
    );
    for (const [i, { data, mode = 0o644 }] of contents.entries()) {
      const expected = Buffer.from(data as string);
      const target = join(folder, `out-${zip64}-${i}`);
      const told = await extractEntry(file, entries[i]!, target);
      assert.deepEqual(readFileSync(target), expected);
      assert.equal(told.sha256.toString("hex"), sha256(expected));
      // Readable by all, and run by all where the package says that one may.
      assert.equal(statSync(target).mode & 0o777, (mode === 0o644 ? 0o644 : 0o755) & ~process.umask());
      assert.deepEqual(await readEntry(file, entries[i]!), expected);
    }
  });
}

test("a changed byte, a cut file and a file that is no zip are told", async () => {
  const whole = makeZip([{ name: "stored", data: "0123456789", stored: true }]);
  const changed = Buffer.from(whole);
  changed[changed.indexOf("0123456789")]! ^= 1;
  const file = join(folder, "damaged.zip");
  writeFileSync(file, changed);
  const [entry] = await listEntries(file);
  await assert.rejects(extractEntry(file, entry!, join(folder, "never-1")), /another checksum than its directory says/);

  writeFileSync(file, whole.subarray(0, whole.length - 30));
  await assert.rejects(listEntries(file), /not a whole zip file: its end record is missing/);
  writeFileSync(file, "no zip at all");
  await assert.rejects(listEntries(file), /not a whole zip file/);
});

test("an existing target is not overwritten", async () => {
  const file = join(folder, "once.zip");
  writeFileSync(file, makeZip([{ name: "x", data: "new" }]));
  const target = join(folder, "already-there");
  writeFileSync(target, "old");
  await assert.rejects(extractEntry(file, (await listEntries(file))[0]!, target), /EEXIST/);
  assert.equal(readFileSync(target, "utf8"), "old");
});
