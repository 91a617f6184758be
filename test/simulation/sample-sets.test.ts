import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { SAMPLE_SETS, type SampleLayout, sampleSet, sampleSetFolder } from "../../lib/simulation";
import { scratchFolder } from "../support/problems";

test("each set has a folder of its own in the outputs; one that is there is used as it is", async (t) => {
  const outputs = scratchFolder(t);
  const before = process.env["SIGNALBOOK_OUTPUTS"];
  process.env["SIGNALBOOK_OUTPUTS"] = outputs;
  t.after(() => {
    if (before === undefined) delete process.env["SIGNALBOOK_OUTPUTS"];
    else process.env["SIGNALBOOK_OUTPUTS"] = before;
  });
  for (const layout of Object.keys(SAMPLE_SETS) as SampleLayout[]) {
    const folder = sampleSetFolder(layout);
    assert.equal(dirname(folder), join(outputs, "simulated"));
    assert.match(folder, new RegExp(`${layout}-[0-9a-f]{12}$`));
    assert.equal(sampleSetFolder(layout), folder);
    mkdirSync(folder, { recursive: true });
    assert.equal(await sampleSet(layout, () => assert.fail("written again")), folder);
  }
});
