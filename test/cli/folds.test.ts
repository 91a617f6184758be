import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stageOptions } from "../../lib/cli/stage-options";
import { begunPreset, claimRun, leakWarning, splitOf } from "../../lib/cli/stage-run";
import { MAIC_STAGES } from "../../lib/formats";
import { memoryDataset } from "../../lib/training";
import { scratchFolder, throwsProblem } from "../support/problems";

/** Six exams of ten epochs, each with every stage. */
const dataset = memoryDataset(
  "exams",
  MAIC_STAGES,
  [1],
  Array.from({ length: 60 }, (_, i) => ({
    id: `e${i}`,
    input: Float32Array.of(i),
    extras: {},
    target: Float32Array.from(MAIC_STAGES, (_stage, k) => (k === i % 5 ? 1 : 0)),
    group: `exam${Math.floor(i / 10)}`,
    weight: 1,
  })),
);
const source = { labelled: { files: 1, bytes: 1, sha256: "0".repeat(64) }, classes: MAIC_STAGES };

for (const system of ["sleepingdragon", "yai"])
  test(`${system}: folds as published tear exams, the run says so ever after, and no other folds are mixed in`, (t) => {
    const out = scratchFolder(t);
    const options = (folds?: string) =>
      stageOptions("train", { system, data: "d", out, ...(folds !== undefined && { folds }) });
    const preset = options().pipeline.preset("sample");
    assert.equal(begunPreset(options()), undefined);
    assert.equal(claimRun(options("published"), "sample", source), "published");
    assert.equal(begunPreset(options()), "sample");
    assert.equal(claimRun(options(), "sample", source), "published", "the folder's, where none are asked for");
    throwsProblem(() => claimRun(options("own"), "sample", source), { what: /other folds/, found: "published" });

    const { split, record } = splitOf(options("published"), preset, dataset);
    assert.deepEqual(record.leak, { groups: 6, of: 6 });
    assert.match(leakWarning(split)!, /^LEAKY FOLDS, as published: 6 of 6 subjects or exams lie on both sides\. /);
    // Dealt out stage by stage: a fold has its share of each.
    for (const stage of MAIC_STAGES.keys()) {
      const folds = split.foldOf.filter((_, i) => i % 5 === stage);
      assert.deepEqual(
        [0, 1].map((fold) => folds.filter((own) => own === fold).length),
        [6, 6],
      );
    }
    throwsProblem(() => splitOf(options("own"), preset, dataset), { what: /a leak/ });
    assert.match(readFileSync(join(out, "split.json"), "utf8"), /"leak": \{"groups":6,"of":6\}/);
  });

test("folds of its own say nothing, and a run begins with them", (t) => {
  const out = scratchFolder(t);
  const options = stageOptions("train", { system: "sleepingdragon", data: "d", out });
  assert.equal(claimRun(options, "sample", source), "own");
  const { split, record } = splitOf(options, options.pipeline.preset("sample"), dataset);
  assert.deepEqual([record.leak, leakWarning(split)], [null, null]);
});
