import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CsvHypnogramOptions,
  type Hypnogram,
  readCsvHypnogram,
  readTextHypnogram,
  STAGE_CODINGS,
} from "../../lib/formats";
import { scratchFile, throwsProblem } from "../support/problems";

test("CSV: one column or several, with a header or without, names or numbers", (t) => {
  const read = (content: string, options: CsvHypnogramOptions = {}): Hypnogram =>
    readCsvHypnogram(scratchFile(t, "n.csv", content), options);
  const expected = ["W", "N1", "N3", "REM", "?"];
  assert.deepEqual(read("W\nN1\nN3\nR\n?\n").stages, expected);
  assert.deepEqual(read("\ufeffStage\r\nwake\r\nN1\r\nn3\r\nREM\r\n?\r\n").stages, expected);
  assert.deepEqual(read('"epoch","stage"\n1,"W"\n2,"N1"\n3,"N3"\n4,"R"\n5,"?"\n').stages, expected);
  assert.deepEqual(read("# scorer 1\n0\n1\n3\n4\n-1\n", { coding: STAGE_CODINGS.aasm }).stages, expected);
  assert.deepEqual(read("0;10\n30;1\n", { coding: { 1: "W", 10: "M" }, stage: 1, separator: ";" }).stages, ["M", "W"]);
  const rk = read("id,score\na,0\nb,3\nc,4\nd,6\n", { coding: STAGE_CODINGS.rk, stage: "Score" });
  assert.deepEqual(
    [rk.stages, rk.rkStages],
    [
      ["W", "N3", "N3", "M"],
      ["W", "S3", "S4", "M"],
    ],
  );
  assert.equal(rk.epochSeconds, 30);
});

test("CSV: onsets and durations put stages on the grid, gaps are not scored", (t) => {
  const file = scratchFile(t, "n.csv", "Onset,Duration,Stage,note\n60,40,S2,a\n120,20,R,b\n0,20,W,c\n");
  const night = readCsvHypnogram(file, { epochSeconds: 20 });
  assert.deepEqual(night.stages, ["W", "?", "?", "N2", "N2", "?", "REM"]);
  assert.deepEqual(night.rkStages, ["W", "?", "?", "S2", "S2", "?", "REM"]);
  assert.deepEqual([night.start, night.epochSeconds, night.source], [null, 20, file]);
  const noDuration = scratchFile(t, "n.csv", "0,W\n60,W\n");
  assert.deepEqual(readCsvHypnogram(noDuration, { onset: 0, stage: 1 }).stages, ["W", "?", "W"]);
});

test("CSV that cannot be read is named by line and column", (t) => {
  const problem = (
    content: string,
    options: CsvHypnogramOptions,
    expected: Parameters<typeof throwsProblem>[1],
  ): void => {
    const file = scratchFile(t, "n.csv", content);
    throwsProblem(() => readCsvHypnogram(file, options), { file, ...expected });
  };
  problem("", {}, { what: /no stages/ });
  problem("stage\n", {}, { what: /no stages/, found: "a header" });
  problem("stage\nW\nN7\n", {}, { place: "line 3, column 1", found: '"N7"' });
  problem("stage\nW\n1\n", {}, { place: "line 3, column 1", found: '"1"' });
  problem("0\n1\n", {}, { what: /numbers/, found: "0, 1", fix: /coding/ });
  problem("0\n7\n", { coding: STAGE_CODINGS.aasm }, { place: "line 2, column 1", expected: /^-1 \?, 0 W, 1 N1/ });
  problem("a,b\n1,W\n", {}, { what: /no column of stages/, found: '"a", "b"' });
  problem("a,b\n1,W\n", { stage: "c" }, { what: /not there/, expected: '"c"' });
  problem("a,b\n1,W\n", { stage: 2 }, { what: /not there/, expected: /column 2/ });
  problem("a,stage\n1,W\n1\n", {}, { place: "line 3", found: "1 cells", expected: /^2/ });
  problem("onset,stage\nx,W\n", {}, { place: "line 2, column 1", found: '"x"' });
  problem("onset,stage\n,W\n", {}, { place: "line 2, column 1", found: '""' });
  problem("onset,stage\n0,W\n10,W\n", {}, { what: /whole epochs/, place: "line 3" });
  problem("onset,duration,stage\n0,60,W\n30,30,W\n", {}, { what: /overlap/, place: "line 3" });
  problem("onset,duration,stage\n0,-30,W\n", {}, { what: /whole epochs/ });
  problem("duration,stage\n30,W\n", {}, { what: /durations without onsets/ });
  problem("W\n", { epochSeconds: 0 }, { what: /epoch's length/ });
});

test("numbers of a text by a coding of one's own", (t) => {
  const file = scratchFile(t, "n.txt", "0\n4\n5\n9\n");
  const night = readTextHypnogram(file, 30, STAGE_CODINGS.rk);
  assert.deepEqual(
    [night.stages, night.rkStages],
    [
      ["W", "N3", "REM", "?"],
      ["W", "S4", "REM", "?"],
    ],
  );
});
