import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { blendByScore } from "../../lib/ensembling";
import {
  HEFEI_PIPELINE,
  type PipelinePreset,
  runPipeline,
  SAMPLE_PRESET,
  trainEcg,
  writeHefeiSampleFolder,
} from "../../lib/systems";
import { scratchFolder } from "../support/problems";

test("every member is trained on every fold, scored on what was held back, asked and blended; the file is accepted", async (t) => {
  const folder = scratchFolder(t);
  writeHefeiSampleFolder(folder, { records: 36 });
  const learnt: string[][] = [];
  const preset: PipelinePreset = {
    ...HEFEI_PIPELINE.preset("sample"),
    train(_member, run) {
      learnt.push([...run.train.ids]);
      return trainEcg({ ...SAMPLE_PRESET, epochs: 2 }, run);
    },
  };
  const begun: string[] = [];
  const run = await runPipeline(preset, folder, {
    seed: 3,
    onTraining: (name) => {
      begun.push(name);
      return () => {};
    },
  });
  assert.deepEqual(begun, ["small_seed3_fold0", "small_seed3_fold1"]);
  assert.deepEqual([...learnt[0]!, ...learnt[1]!].sort(), [...run.labelled.ids].sort(), "two halves, each learnt once");
  assert.deepEqual([run.members.length, run.members[0]!.result.history.length], [2, 2]);
  const scored = run.members.map(({ probabilities, scores }) => ({ probabilities, score: scores["f1"]! }));
  assert.deepEqual(run.blend.values, blendByScore(scored).values);
  assert.ok(Math.abs(run.members.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-12);
  const file = join(folder, "submission.txt");
  assert.deepEqual(preset.submit(file, run.blend, folder), HEFEI_PIPELINE.check(file, folder));
  assert.deepEqual(run.blend.ids, run.asked.ids);
});
