/** The bundled data are what was written down, and small enough to ship. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { scratchFolder } from "../support/problems";

const script = join(projectRoot, "scripts", "hash-data.mjs");
const sample = join(projectRoot, "data", "sample");

function run(...words: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

test("every file of data/sample has the hash written down, and no other file is there", () => {
  const { status, output } = run("--check");
  assert.equal(status, 0, output);
});

test("a changed, a missing and a new file are each named", (t) => {
  const folder = join(scratchFolder(t), "copy");
  cpSync(join(sample, "dod-o"), folder, { recursive: true });
  assert.equal(run(folder).status, 0);
  assert.equal(run("--check", folder).status, 0);
  const files = readdirSync(join(folder, "scorer_1")).sort();
  appendFileSync(join(folder, "scorer_1", files[0]!), " ");
  rmSync(join(folder, "scorer_1", files[1]!));
  writeFileSync(join(folder, "new.txt"), "");
  const { status, output } = run("--check", folder);
  assert.equal(status, 1);
  assert.match(output, new RegExp(`scorer_1/${files[0]!}: changed`));
  assert.match(output, new RegExp(`scorer_1/${files[1]!}: missing`));
  assert.match(output, /new\.txt: not in SHA256SUMS/);
});

test("data and fixtures stay below 25 MB together", () => {
  const bytesUnder = (folder: string): number =>
    readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? bytesUnder(path) : statSync(path).size);
    }, 0);
  const total = bytesUnder(join(projectRoot, "data")) + bytesUnder(join(projectRoot, "test", "fixtures"));
  assert.ok(total < 25e6, `${total} bytes`);
});
