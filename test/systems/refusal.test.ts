import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readBeetlSubmission } from "../../lib/formats";
import { refusalOf } from "../../lib/systems";
import { throwsProblem } from "../support/problems";

test("a refusal names the file without the folder it was tried in; what is accepted, and other errors, are thrown", () => {
  const said = refusalOf((file) => readBeetlSubmission(file, 3), "/somewhere/answer.zip", "0\n1\n");
  assert.match(said, /^answer\.zip, byte 4: no ZIP archive/);
  throwsProblem(() => refusalOf((file) => readFileSync(file), "a.txt", "fine"), {
    what: /was accepted/,
    file: "a.txt",
  });
  assert.throws(
    () =>
      refusalOf(
        () => {
          throw new TypeError("a defect");
        },
        "a.txt",
        "",
      ),
    TypeError,
  );
});
