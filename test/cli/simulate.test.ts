import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../lib/cli/command";
import { layoutNames, simulateCommand } from "../../lib/cli/simulate";
import { readHefeiLabels } from "../../lib/formats";
import { TRUTH_FILE } from "../../lib/simulation/files";
import { rejectsProblem, scratchFolder } from "../support/problems";

test("a data set is written where it is asked for, and says that it is simulated", async (t) => {
  const out = join(scratchFolder(t), "hefei");
  assert.equal(await simulateCommand("hefei", { out, subjects: "2", seed: "4" }), 0);
  assert.equal(readHefeiLabels(join(out, "hf_round2_arrythmia.txt")).length, 34);
  assert.ok(existsSync(join(out, TRUTH_FILE)));
});

test("what is wrong with a command line is said before anything is written", async (t) => {
  const out = join(scratchFolder(t), "new");
  await assert.rejects(simulateCommand("ecg", { out }), UsageError);
  await assert.rejects(simulateCommand("hefei", {}), UsageError);
  await assert.rejects(simulateCommand("hefei", { out, subjects: "two" }), UsageError);
  await rejectsProblem(simulateCommand("hms", { out, epochs: "4" }), { place: "hms" });
  assert.ok(!existsSync(out));
  assert.deepEqual(layoutNames, ["maic", "beetl", "hms", "hefei"]);
});
