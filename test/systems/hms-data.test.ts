import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { simulateHms } from "../../lib/simulation/hms";
import { hmsSource } from "../../lib/systems/hms-data";
import { scratchFolder } from "../support/problems";

const root = mkdtempSync(join(tmpdir(), "hms-data-"));
const data = join(root, "data");
const size = { height: 64, width: 192 };
before(() => void simulateHms(data, { subjects: 1, seed: 3 }));
after(() => rmSync(root, { recursive: true }));

test("images kept on disk or in memory are those that are drawn, mirrored ones too", (t) => {
  const cache = scratchFolder(t);
  const drawn = hmsSource(data, "train", { size });
  const kept = [
    hmsSource(data, "train", { size, cache }),
    hmsSource(data, "train", { size, cache }),
    hmsSource(data, "train", { size, keep: true }),
  ];
  const [row] = drawn.rows;
  for (const mirrored of [false, true])
    for (const source of kept) assert.deepEqual(source.image(row!, mirrored), drawn.image(row!, mirrored));
  assert.notDeepEqual(drawn.image(row!, true), drawn.image(row!, false));
  const entries = (): string[] =>
    readdirSync(cache, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".bin"));
  assert.equal(entries().length, 1);
  hmsSource(data, "train", { size: { height: 32, width: 96 }, cache }).image(row!);
  assert.equal(entries().length, 2);
});
