import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { numberedNotebooks, reportCommand } from "../../lib/cli/report";

let folder = "";
let outside: string | undefined;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "report command "));
  outside = process.env["SIGNALBOOK_OUTPUTS"];
  process.env["SIGNALBOOK_OUTPUTS"] = join(folder, "outputs");
});
after(() => {
  if (outside === undefined) delete process.env["SIGNALBOOK_OUTPUTS"];
  else process.env["SIGNALBOOK_OUTPUTS"] = outside;
  rmSync(folder, { recursive: true, force: true });
});

function notebook(name: string, source: string): string {
  const path = join(folder, `${name}.ipynb`);
  const cell = { cell_type: "code", id: "a", metadata: {}, source, outputs: [], execution_count: null };
  const metadata = { kernelspec: { name: "tslab", display_name: "TypeScript", language: "typescript" } };
  writeFileSync(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: [cell] }));
  return path;
}

test("a failing notebook gives exit code 1 and a report of it and of the others", async () => {
  const stale = join(folder, "outputs", "results", "02_good.json");
  mkdirSync(join(folder, "outputs", "results"), { recursive: true });
  writeFileSync(stale, '{"results": []}');
  const renamed = join(folder, "outputs", "results", "01_renamed_since.json");
  writeFileSync(renamed, "what a notebook of another name recorded");
  const stopped = join(folder, "outputs", "checkpoints", "02_good", "network-1");
  mkdirSync(stopped, { recursive: true });
  const lines: string[] = [];
  const code = await reportCommand({
    notebooks: [notebook("01_bad", 'const a = 1;\nthrow new Error("lead V3 lost");'), notebook("02_good", "[6 * 7]")],
    log: (line) => lines.push(line),
  });
  assert.equal(code, 1);
  assert.ok(!existsSync(renamed), "results of a notebook that is no more");
  const said = lines.join("\n");
  assert.match(said, /notebook 1 of 2/);
  assert.match(said, /failed: .*01_bad\.ipynb, cell 1, line 2: .*lead V3 lost/);
  assert.match(said, /report: .*index\.html$/);
  const page = (name: string) => readFileSync(join(folder, "outputs", "report", name), "utf8");
  assert.match(page("index.html"), /Not every notebook ran to its end[\s\S]*01_bad[\s\S]*lead V3 lost/);
  assert.match(page("01_bad.html"), /class="error"[\s\S]*lead V3 lost/);
  assert.match(page("02_good.html"), /\[ 42 \]/);
  assert.ok(!existsSync(stale), "what an earlier run recorded is gone");
  assert.ok(!existsSync(stopped), "a report goes on from no checkpoint");
});

test("a reference is made of all notebooks or not at all", async () => {
  const options = { notebooks: [join(folder, "01_bad.ipynb")], updateReference: true, log: () => undefined };
  await assert.rejects(reportCommand(options), /a reference of some notebooks only/);
  await assert.rejects(reportCommand({ notebooks: [], log: () => undefined }), /no notebook to run/);
});

test("the notebooks are the numbered ones, in order", () => {
  const other = join(folder, "notebooks");
  mkdirSync(other);
  for (const name of ["10_b.ipynb", "02_a.ipynb", "draft.ipynb", "02_a.md"]) writeFileSync(join(other, name), "");
  assert.deepEqual(numberedNotebooks(other), [join(other, "02_a.ipynb"), join(other, "10_b.ipynb")]);
});
