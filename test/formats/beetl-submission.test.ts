import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readBeetlSubmission, writeBeetlSubmission } from "../../lib/formats";
import { scratchFolder, throwsProblem } from "../support/problems";

test("answers are integers, one a line, and come back", (t) => {
  const file = join(scratchFolder(t), "answer.txt");
  writeBeetlSubmission(file, [0, 5, 2, 2]);
  assert.equal(readFileSync(file, "utf8"), "0\n5\n2\n2\n");
  assert.deepEqual([...readBeetlSubmission(file, 4)], [0, 5, 2, 2]);
});

test("what is no stage, and another number of lines, is refused with its place", (t) => {
  const file = join(scratchFolder(t), "answer.txt");
  for (const wrong of [6, -1, 1.5, Number.NaN])
    throwsProblem(() => writeBeetlSubmission(file, [1, wrong]), { place: "line 2", found: String(wrong) });
  throwsProblem(() => writeBeetlSubmission(file, []), { found: "0 lines" });
  for (const wrong of ["6", "W", " 1", "2.0", ""]) {
    writeFileSync(file, `0\n${wrong}\n1\n`);
    throwsProblem(() => readBeetlSubmission(file, 3), { file, place: "line 2", found: wrong });
  }
  writeFileSync(file, "0\n1\n");
  throwsProblem(() => readBeetlSubmission(file, 3), { file, found: "2 lines", expected: /^3,/ });
});
