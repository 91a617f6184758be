import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { collectEnvironment, hashSubfolders } from "../../lib/report/environment";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("a folder's hash covers names and contents of its files, in an order of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "hash-"));
  try {
    mkdirSync(join(folder, "b", "inner"), { recursive: true });
    mkdirSync(join(folder, "a"));
    writeFileSync(join(folder, "b", "z.txt"), "last");
    writeFileSync(join(folder, "b", "inner", "x.txt"), "first");
    const [a, b] = hashSubfolders(folder);
    assert.deepEqual([a!.files, a!.bytes, a!.sha256], [0, 0, sha256("")]);
    assert.equal(b!.bytes, "last".length + "first".length);
    assert.equal(b!.sha256, sha256(`${sha256("first")}  inner/x.txt\n${sha256("last")}  z.txt\n`));
    writeFileSync(join(folder, "b", "z.txt"), "lost");
    assert.notEqual(hashSubfolders(folder)[1]!.sha256, b!.sha256);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the facts of a run name versions, machine and data", () => {
  const run = { engine: "e", started: "2020-01-01T00:00:00Z", finished: "2020-01-01T00:01:00Z", notebookSeconds: {} };
  const facts = collectEnvironment(run);
  assert.equal(facts.versions["Node"], process.versions.node);
  assert.match(facts.versions["vega-lite"]!, /^5\./, "JupyterLab draws specifications of version 5");
  assert.ok(Object.values(facts.versions).every((version) => /^\d+\.\d+/.test(version)));
  assert.match(facts.machine, /\d+ cores, \d+ GB/);
  assert.ok(facts.data.some(({ folder, files }) => folder === "data/sample/ptbxl" && files > 700));
  assert.ok(facts.commit === null || /^[0-9a-f]{40}$/.test(facts.commit));
});
