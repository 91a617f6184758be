import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  collectResults,
  compareResults,
  differenceText,
  type Result,
  readResults,
  recordResult,
  referenceFile,
} from "../../lib/report/results";

let folder = "";
let outside: string | undefined;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "results-"));
  outside = process.env["SIGNALBOOK_OUTPUTS"];
  process.env["SIGNALBOOK_OUTPUTS"] = folder;
});
after(() => {
  if (outside === undefined) delete process.env["SIGNALBOOK_OUTPUTS"];
  else process.env["SIGNALBOOK_OUTPUTS"] = outside;
  rmSync(folder, { recursive: true, force: true });
});

function result(id: string, value: number, changes: Partial<Result> = {}): Result {
  return { id, notebook: "02_ecg", value, n: 44, real: "real", sample: "fold 8", tolerance: 0.02, ...changes };
}

test("results are recorded by notebook, replaced by id, and collected", () => {
  recordResult(result("ecg.auc", 0.81));
  recordResult(result("ecg.f1", 0.6));
  recordResult(result("ecg.auc", 0.83, { interval: [0.8, 0.86] }));
  recordResult(result("ecg.kfold", 0.8, { notebook: "03_kfold" }));
  const { results } = collectResults();
  assert.deepEqual(
    results.map(({ id, value }) => [id, value]),
    [
      ["ecg.f1", 0.6],
      ["ecg.auc", 0.83],
      ["ecg.kfold", 0.8],
    ],
  );
  assert.deepEqual(readdirSync(join(folder, "results")), ["02_ecg.json", "03_kfold.json"]);
  recordResult(result("ecg.auc", 0.5, { notebook: "03_kfold" }));
  assert.throws(() => collectResults(), /two notebooks record the result ecg.auc; found 02_ecg and 03_kfold/);
});

test("a result that can't be right is refused with its field", () => {
  const wrong: [Partial<Result>, RegExp][] = [
    [{ id: "ECG auc" }, /: id; found "ECG auc"/],
    [{ value: Number.NaN }, /: value; found null; expected a finite number/],
    [{ n: 0 }, /: n; found 0/],
    [{ tolerance: -1 }, /: tolerance/],
    [{ interval: [0.9, 0.8] }, /: interval/],
    [{ notebook: "../x" }, /: notebook/],
    [{ system: "yai" }, /: system; found "yai"/],
    [{ who: "" }, /: who/],
    [{ protocol: "" }, /: protocol/],
  ];
  for (const [changes, message] of wrong) assert.throws(() => recordResult(result("a", 1, changes)), message);
  const path = join(folder, "broken.json");
  writeFileSync(path, '{"results": [{"id": "a"}]}');
  assert.throws(() => readResults(path), /broken\.json: result 1 can't be recorded: notebook/);
});

test("a run differs beyond the reference's tolerance, or by an id only one of them has", () => {
  const reference = { results: [result("same", 0.8), result("moved", 0.8), result("gone", 1)] };
  const fresh = { results: [result("same", 0.82), result("moved", 0.7, { tolerance: 1 }), result("new", 1)] };
  const differences = compareResults(fresh, reference);
  assert.deepEqual(
    differences.map(({ kind, id }) => [kind, id]),
    [
      ["changed", "moved"],
      ["missing", "gone"],
      ["extra", "new"],
    ],
  );
  assert.equal(differenceText(differences[0]!), "moved: 0.700, reference 0.800, tolerance 0.020");
  assert.deepEqual(compareResults(reference, reference), []);
});

test("the committed reference is a file of results that this version reads", {
  skip: !existsSync(referenceFile),
}, () => {
  assert.ok(readResults(referenceFile).results.length > 0);
});
