import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { summaryFile } from "../../lib/cli/models";
import { listModels } from "../../lib/models";
import { summarizeModel, summaryCsv } from "../../lib/models/summary";

test("summary.csv is what counting all models anew gives", () => {
  assert.equal(readFileSync(summaryFile, "utf8"), summaryCsv(listModels().map(summarizeModel)));
});
