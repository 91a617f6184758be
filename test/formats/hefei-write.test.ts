import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { HEFEI_LEADS, writeHefeiRecord } from "../../lib/formats";
import { readHefeiStored } from "../../lib/formats/hefei";

test("a written record reads back; what does not fit the layout is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "hefei-write-"));
  const file = join(folder, "7.txt");
  try {
    const stored = HEFEI_LEADS.map((_, lead) => [lead, -32768, 32767, 100 * lead]);
    writeHefeiRecord(file, stored);
    const back = readHefeiStored(file, { rows: 4 });
    assert.deepEqual([back.id, back.stored.map((lead) => [...lead])], ["7", stored]);
    assert.throws(() => writeHefeiRecord(file, stored.slice(1)), /do not fit the layout/);
    assert.throws(() => writeHefeiRecord(file, [...stored.slice(1), [1]]), /do not fit the layout/);
    const odd = stored.map((lead, i) => (i === 2 ? [0, 0.5, 0, 0] : lead));
    assert.throws(() => writeHefeiRecord(file, odd), /row 2, lead V1: not a stored ECG value; found 0.5/);
    assert.throws(
      () =>
        writeHefeiRecord(
          file,
          stored.map(() => [40_000]),
        ),
      /row 1, lead I: /,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
