import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  BEETL_STAGES,
  encodePickledArray,
  listBeetl,
  readBeetlHeader,
  readBeetlNight,
  writeNpy,
} from "../../lib/formats";
import { goldenFolder } from "../support/golden";
import { scratchFolder, throwsProblem } from "../support/problems";

const golden = (name: string): string => join(goldenFolder, "formats", name);
/** Three windows of the layout, as a pickle under a .npy name: what the competition gives out. */
const windows = Float64Array.from({ length: 3 * 2 * 3000 }, (_, i) => Math.sin(i));

test("a folder's nights, in order, with and without labels", (t) => {
  const folder = scratchFolder(t);
  writeFileSync(
    join(folder, "training_s10r1X.npy"),
    encodePickledArray({ dtype: "float64", shape: [3, 2, 3000], data: windows }),
  );
  writeFileSync(
    join(folder, "training_s2r2X.npy"),
    encodePickledArray({ dtype: "float64", shape: [3, 2, 3000], data: windows }),
  );
  copyFileSync(golden("beetl_y_p4_numpy1.npy"), join(folder, "training_s2r2y.npy"));
  copyFileSync(golden("beetl_header_p5_numpy2.npy"), join(folder, "headerInfo.npy"));
  mkdirSync(join(folder, "other"));
  const files = listBeetl(folder);
  assert.deepEqual(
    files.map(({ set, subject, night, labels }) => [set, subject, night, labels !== null]),
    [
      ["training", 2, 2, true],
      ["training", 10, 1, false],
    ],
  );
  const night = readBeetlNight(files[0]!);
  assert.equal(night.length, 3);
  assert.deepEqual(night.samples, windows);
  assert.deepEqual(
    [...night.stages!].map((stage) => BEETL_STAGES[stage]),
    ["W", "REM", "S3"],
  );
  assert.equal(readBeetlNight(files[1]!).stages, null);
  assert.ok(readBeetlHeader(folder) instanceof Map);
});

test("arrays that do not fit the layout", (t) => {
  const folder = scratchFolder(t);
  const signals = join(folder, "s0r1X.npy");
  const labels = join(folder, "s0r1y.npy");
  const files = { set: "", subject: 0, night: 1, signals, labels };
  copyFileSync(golden("beetl_X_p3_numpy1.npy"), signals);
  throwsProblem(() => readBeetlNight(files), { file: signals, found: "Float64Array [3, 2, 20]" });
  writeNpy(signals, { dtype: "float32", shape: [2, 2, 3000], data: new Float32Array(12000) });
  copyFileSync(golden("beetl_y_p4_numpy1.npy"), labels);
  throwsProblem(() => readBeetlNight(files), { file: labels, found: "[3]", expected: "[2]" });
  writeNpy(labels, { dtype: "int32", shape: [2], data: Int32Array.of(0, 6) });
  throwsProblem(() => readBeetlNight(files), { place: "window 1", found: "6", expected: "0 to 5" });
  copyFileSync(golden("beetl_header_p3_numpy1.npy"), signals);
  throwsProblem(() => readBeetlNight(files), { found: "a dictionary of 8 entries" });
});

test("folders without nights", (t) => {
  const folder = scratchFolder(t);
  throwsProblem(() => listBeetl(folder), { what: /no BEETL files/ });
  throwsProblem(() => listBeetl(join(folder, "none")), { found: "nothing there" });
  writeFileSync(join(folder, "testing_s5r1y.npy"), "");
  throwsProblem(() => listBeetl(folder), { what: /labels without/, expected: "testing_s5r1X.npy" });
});
