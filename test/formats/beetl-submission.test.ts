import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readBeetlSubmission, writeBeetlSubmission } from "../../lib/formats";
import { zipEntries } from "../../lib/formats/zip";
import { zipArchive } from "../../lib/formats/zip-write";
import { scratchFolder, throwsProblem } from "../support/problems";

test("answers are integers, one a line, in an archive, and come back", (t) => {
  const file = join(scratchFolder(t), "answer.zip");
  writeBeetlSubmission(file, [0, 5, 2, 2]);
  const entries = zipEntries(readFileSync(file), file);
  assert.deepEqual(
    entries.map(({ name, read }) => [name, Buffer.from(read()).toString()]),
    [["answer.txt", "0\n5\n2\n2\n"]],
  );
  assert.deepEqual([...readBeetlSubmission(file, 4)], [0, 5, 2, 2]);
});

test("what is no stage, another number of lines, and another archive are refused with their place", (t) => {
  const file = join(scratchFolder(t), "answer.zip");
  const zip = (text: string, name = "answer.txt"): void =>
    writeFileSync(file, zipArchive([{ name, bytes: Buffer.from(text) }]));
  for (const wrong of [6, -1, 1.5, Number.NaN])
    throwsProblem(() => writeBeetlSubmission(file, [1, wrong]), { place: "answer.txt, line 2", found: String(wrong) });
  throwsProblem(() => writeBeetlSubmission(file, []), { found: "0 lines" });
  for (const wrong of ["6", "W", " 1", "2.0", ""]) {
    zip(`0\n${wrong}\n1\n`);
    throwsProblem(() => readBeetlSubmission(file, 3), { file, place: "answer.txt, line 2", found: wrong });
  }
  zip("0\n1\n");
  throwsProblem(() => readBeetlSubmission(file, 3), { file, found: "2 lines", expected: /^3,/ });
  zip("0\n1\n", "answers.txt");
  throwsProblem(() => readBeetlSubmission(file, 2), { file, found: "answers.txt", expected: "answer.txt alone" });
  writeFileSync(file, "0\n1\n");
  throwsProblem(() => readBeetlSubmission(file, 2), { file, what: /no ZIP archive/ });
});
