import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readHmsSubmission, writeHmsSubmission } from "../../lib/formats/hms-submission";
import { scratchFile, scratchFolder, throwsProblem } from "../support/problems";

test("shares are handed in by EEG, adding up to 1", (t) => {
  const file = join(scratchFolder(t), "submission.csv");
  writeHmsSubmission(file, [
    { eegId: "7", shares: [2, 1, 0, 0, 0, 1] },
    { eegId: "3911565283", shares: Float32Array.of(0.1, 0.2, 0.3, 0.1, 0.1, 0.2) },
  ]);
  const [first, second] = readHmsSubmission(file, ["7", "3911565283"]);
  assert.deepEqual(first, { eegId: "7", shares: [0.5, 0.25, 0, 0, 0, 0.25] });
  assert.equal(second!.eegId, "3911565283");
  const [header] = readFileSync(file, "utf8").split("\n");
  assert.equal(header, "eeg_id,seizure_vote,lpd_vote,gpd_vote,lrda_vote,grda_vote,other_vote");
});

test("what the competition would refuse", (t) => {
  const file = join(scratchFolder(t), "submission.csv");
  for (const shares of [
    [1, 0, 0],
    [0, 0, 0, 0, 0, 0],
    [1, -1, 0, 0, 0, 1],
    [Number.NaN, 1, 1, 1, 1, 1],
  ])
    throwsProblem(() => writeHmsSubmission(file, [{ eegId: "7", shares }]), { place: "eeg_id 7" });
  const header = "eeg_id,seizure_vote,lpd_vote,gpd_vote,lrda_vote,grda_vote,other_vote\n";
  for (const row of ["7,0.5,0.5,0.5,0,0,0\n", "seven,1,0,0,0,0,0\n", "7,1,0,0,0,0,0\n7,1,0,0,0,0,0\n"])
    throwsProblem(() => readHmsSubmission(scratchFile(t, "x.csv", header + row), ["7"]), {
      place: /line [23]/,
    });
  const one = scratchFile(t, "x.csv", `${header}7,1,0,0,0,0,0\n`);
  throwsProblem(() => readHmsSubmission(one, ["7", "8", "9"]), {
    what: /without a row/,
    found: "none for 8, 9",
  });
  throwsProblem(() => readHmsSubmission(one, ["8"]), { place: "line 2", found: "7" });
  const sums = scratchFile(t, "y.csv", `${header}7,0.7,0.5,0,0,0,0\n`);
  throwsProblem(() => readHmsSubmission(sums, ["7"]), { what: /add up to 1/, place: "line 2" });
});
