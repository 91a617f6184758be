import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { zipEntries } from "../../lib/formats/zip";
import { makeZip } from "../setup/zip";
import { throwsProblem } from "../support/problems";

const contents = (archive: Uint8Array): [string, Buffer][] =>
  zipEntries(archive, "a.zip").map((entry) => [entry.name, Buffer.from(entry.read())]);

test("entries, stored and deflated, with ZIP64 fields and without, come back byte for byte", () => {
  const entry = fc.record({ data: fc.uint8Array({ maxLength: 300 }), stored: fc.boolean() });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), fc.boolean(), (entries, zip64) => {
      const named = entries.map(({ data, stored }, i) => ({ name: `é${i}.npy`, data: Buffer.from(data), stored }));
      assert.deepEqual(
        contents(makeZip(named, { zip64 })),
        named.map(({ name, data }) => [name, data]),
      );
    }),
    { seed: 2, numRuns: 100 },
  );
});

test("entries that share their bytes are refused: a small file would fill any memory", () => {
  const archive = makeZip([{ name: "a", data: Buffer.alloc(5000, "x"), stored: true }]);
  const end = archive.length - 22;
  const start = archive.readUInt32LE(end + 16);
  const record = archive.subarray(start, end);
  const copies = ["a", "b", "c"].map((name) => Buffer.concat([record.subarray(0, 46), Buffer.from(name)]));
  const tail = Buffer.from(archive.subarray(end));
  tail.writeUInt16LE(copies.length, 10);
  const bomb = Buffer.concat([archive.subarray(0, start), ...copies, tail]);
  throwsProblem(() => contents(bomb), { what: /entries larger than the file/, place: 'entry "b"' });
  const claim = Buffer.from(makeZip([{ name: "a", data: Buffer.alloc(5000, "x") }]));
  claim.writeUInt32LE(0x7fffffff, claim.readUInt32LE(claim.length - 6) + 24);
  throwsProblem(() => contents(claim), { what: /larger than its bytes can make/ });
});
