import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { HEFEI_ROUND2_LABELS } from "../../lib/formats";
import { simulateBeetl } from "../../lib/simulation/beetl";
import { TRUTH_FILE } from "../../lib/simulation/files";
import { simulateHefei } from "../../lib/simulation/hefei";
import { simulateHms } from "../../lib/simulation/hms";
import { simulateMaic } from "../../lib/simulation/maic";
import { sampleStageStatistics } from "../../lib/simulation/sample";
import { DATA_SETS, dataFolder, dataSetNames, verifyDataSet } from "../../lib/systems/copies/data-sets";
import { rejectsProblem, scratchFolder } from "../support/problems";

const sample = (...path: string[]): string => join(projectRoot, "data", "sample", ...path);
const labels = HEFEI_ROUND2_LABELS.map(([name]) => name);

test("simulated sets are complete, opened file by file; what is taken away or cut is named", async (t) => {
  const statistics = sampleStageStatistics();
  const cases = {
    maic: async (folder: string) => {
      await simulateMaic(folder, { subjects: 1, epochs: 2, seed: 1, statistics, workers: 1 });
      return "A2021-SB-01-0001/A2021-SB-01-0001_0002.png";
    },
    beetl: async (folder: string) => {
      simulateBeetl(folder, { subjects: 1, epochs: 2, seed: 1, statistics });
      return "sleep_target/testing_s0r1X.npy";
    },
    hms: async (folder: string) => {
      simulateHms(folder, { subjects: 1, seed: 5 });
      return "train_eegs/1000000.parquet";
    },
    hefei: async (folder: string) => {
      simulateHefei(folder, { subjects: 1, seed: 1, labels });
      return "records/900001.txt";
    },
  };
  for (const [name, make] of Object.entries(cases)) {
    const folder = scratchFolder(t);
    const file = await make(folder);
    rmSync(join(folder, TRUTH_FILE));
    const verify = (deep: boolean): ReturnType<typeof verifyDataSet> =>
      verifyDataSet(name as keyof typeof cases, folder, { deep });
    const whole = await verify(true);
    assert.deepEqual([whole.missing, whole.wrong], [[], []], name);
    assert.ok(Object.values(whole.counts).every((count) => count > 0));
    truncateSync(join(folder, file), 100);
    assert.ok(
      (await verify(true)).wrong.some((finding) => finding.file === file),
      `${name}: cut`,
    );
    truncateSync(join(folder, file), 0);
    const shallow = await verify(false);
    if (name !== "beetl") assert.deepEqual(shallow.wrong, [{ file, what: "empty" }], name);
    if (name === "beetl") continue; // the nights are what the folder holds: none of them is named anywhere else
    rmSync(join(folder, file));
    assert.deepEqual(
      (await verify(false)).missing.map((finding) => finding.file),
      [file],
      name,
    );
  }
});

test("the bundled part of PTB-XL: at 100 Hz, and the few records at 500 Hz", async () => {
  const { counts, missing, wrong } = await verifyDataSet("ptbxl", sample("ptbxl"), { deep: true });
  assert.equal(counts["records at 100 Hz"], counts["records"]);
  assert.deepEqual(wrong, []);
  assert.ok(missing.length > 0 && missing.every(({ what }) => what === "a record at 500 Hz"));
});

test("Sleep-EDF: a night's two files belong together by their first six letters", async (t) => {
  const folder = scratchFolder(t);
  const cassette = join(folder, "sleep-cassette");
  mkdirSync(cassette);
  cpSync(sample("psg", "subject1.edf"), join(cassette, "SC4001E0-PSG.edf"));
  cpSync(sample("sleep-edf", "SC4001EC-Hypnogram.edf"), join(cassette, "SC4001EC-Hypnogram.edf"));
  writeFileSync(join(cassette, "SC4011E0-PSG.edf"), "no EDF");
  const { counts, missing, wrong } = await verifyDataSet("sleepedf", folder, { deep: true });
  assert.equal(counts["nights of sleep-cassette"], 2);
  assert.deepEqual(
    missing.map(({ file }) => file),
    ["sleep-cassette/SC4011..-Hypnogram.edf"],
  );
  assert.deepEqual(
    wrong.map(({ file }) => file),
    ["sleep-cassette/SC4011E0-PSG.edf"],
  );
});

test("a folder that nobody named, or that is not there, is an error with what to do", async (t) => {
  for (const name of dataSetNames) {
    if (dataFolder(name) !== null) continue; // somebody runs the tests with a copy of their own
    await rejectsProblem(verifyDataSet(name), { place: name, fix: new RegExp(DATA_SETS[name].variable) });
  }
  const file = join(scratchFolder(t), "nowhere");
  await rejectsProblem(verifyDataSet("hms", file), { file, fix: /data\/README.md/ });
});
