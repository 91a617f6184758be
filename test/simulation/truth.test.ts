/** What simulators keep, by the ids that the systems' own data sets give the examples to label. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BEETL_STAGES, HEFEI_ROUND2_LABELS, MAIC_STAGES } from "../../lib/formats";
import {
  sampleStageStatistics,
  simulateBeetl,
  simulatedAnswers,
  simulateHefei,
  simulateMaic,
  TRUTH_FILE,
} from "../../lib/simulation";
import { BEETL_PIPELINE, HEFEI_PIPELINE, SLEEPINGDRAGON_PIPELINE } from "../../lib/systems";
import { withTargets } from "../../lib/training";
import { scratchFolder } from "../support/problems";

const truthOf = (folder: string): Record<string, (string | number)[]> =>
  JSON.parse(readFileSync(join(folder, TRUTH_FILE), "utf8"));

test("MAIC: a stage for each image of the test list", async (t) => {
  const folder = scratchFolder(t);
  await simulateMaic(folder, { subjects: 1, epochs: 4, seed: 1, statistics: sampleStageStatistics(), workers: 1 });
  const asked = SLEEPINGDRAGON_PIPELINE.preset("sample").unlabelled(folder, MAIC_STAGES).dataset();
  const known = withTargets(asked, simulatedAnswers("maic", folder), "known");
  const [stages] = Object.values(truthOf(folder));
  assert.deepEqual(
    Array.from({ length: 4 }, (_, i) => MAIC_STAGES[known.example(i).target.indexOf(1)]),
    stages,
  );
});

test("BEETL: a stage for each window of both rounds; Hefei: the learnt labels of each record", (t) => {
  const folder = scratchFolder(t);
  simulateBeetl(folder, { subjects: 1, epochs: 3, seed: 2, statistics: sampleStageStatistics() });
  const asked = BEETL_PIPELINE.preset("sample").unlabelled(folder, BEETL_STAGES).dataset();
  const known = withTargets(asked, simulatedAnswers("beetl", folder), "known");
  const truth = truthOf(folder);
  const night = Object.keys(truth).find((name) => name.endsWith(known.ids[4]!.split(":")[0]!))!;
  assert.equal(known.example(4).target.indexOf(1), truth[night]![Number(known.ids[4]!.split(":")[1])]);

  const hefei = scratchFolder(t);
  const labels = HEFEI_ROUND2_LABELS.map(([name]) => name);
  simulateHefei(hefei, { subjects: 24, seed: 3, labels });
  assert.ok(existsSync(join(hefei, TRUTH_FILE)));
  const pipeline = HEFEI_PIPELINE.preset("published");
  const records = pipeline.unlabelled(hefei, labels).dataset();
  const given = withTargets(records, simulatedAnswers("hefei", hefei, labels), "known");
  const names = truthOf(hefei)[`${records.ids[2]}.txt`]!;
  assert.deepEqual(
    labels.filter((_, k) => given.example(2).target[k] === 1),
    labels.filter((name) => names.includes(name)),
  );
});
