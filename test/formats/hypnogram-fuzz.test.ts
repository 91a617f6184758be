/** Damaged hypnograms by the thousand. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import {
  readCsvHypnogram,
  readDreemHypnogram,
  readEdfHypnogram,
  readTextHypnogram,
  STAGE_CODINGS,
} from "../../lib/formats";
import { fuzzReader } from "../support/fuzz";
import { goldenFolder } from "../support/golden";

const text = (content: string): Buffer => Buffer.from(content);

test("Dreem JSON", async () => {
  const night = join(projectRoot, "data", "sample", "dod-o", "scorer_1", "039ce8ad-a7fa-5272-a3e3-1f4bfebdd087.json");
  const { read, refused } = await fuzzReader({
    name: "hypnogram-json",
    extension: ".json",
    seeds: [text("[-1, 0, 1, 2, 3, 4, 0]"), text("[0,1]"), readFileSync(night)],
    read: (path) => readDreemHypnogram(path),
    rounds: 1500,
  });
  assert.ok(read > 30 && refused > 300, `${read} read, ${refused} refused`);
});

test("plain text", async () => {
  const { read, refused } = await fuzzReader({
    name: "hypnogram-text",
    extension: ".txt",
    seeds: [text("W\nN1\nS2\nn3\nREM\n?\nM\n"), text("# by hand\r\n0\r\n-1\r\n4\r\n"), text("\ufeffW\nW\nR\n")],
    read: (path) => readTextHypnogram(path),
    rounds: 1500,
  });
  assert.ok(read > 100 && refused > 300, `${read} read, ${refused} refused`);
});

test("CSV", async () => {
  const { read, refused } = await fuzzReader({
    name: "hypnogram-csv",
    extension: ".csv",
    seeds: [
      text("onset,duration,stage\n0,30,W\n30,60,S3\n120,30,REM\n"),
      text('"stage"\n0\n1\n4\n-1\n'),
      text("W\nN1\nN2\n"),
      text("stage,onset\nW,0\nN1,30\nW,3000\n"),
    ],
    read: (path) => readCsvHypnogram(path, { coding: STAGE_CODINGS.aasm }),
    rounds: 2000,
  });
  assert.ok(read > 100 && refused > 300, `${read} read, ${refused} refused`);
});

test("EDF+ annotations", async () => {
  const { refused } = await fuzzReader({
    name: "hypnogram-edf",
    extension: ".edf",
    seeds: [readFileSync(join(goldenFolder, "formats", "hypnogram.edf"))],
    read: (path) => readEdfHypnogram(path),
    rounds: 800,
  });
  assert.ok(refused > 100, `${refused} refused`);
});
