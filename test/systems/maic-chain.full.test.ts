/** Systems 000 and 001 by command line: simulated exams in the challenge's layout to a checked files.csv. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { main } from "../../lib/cli/main";
import { readMaicList, readMaicSubmission } from "../../lib/formats";
import {
  maicDataset,
  maicImages,
  maicInputs,
  maicList,
  SLEEPINGDRAGON_PRESETS,
  sleepingdragonAsPublished,
  sleepingdragonNetwork,
  trainMaic,
} from "../../lib/systems";
import { predict, subset } from "../../lib/training";

const root = mkdtempSync(join(tmpdir(), "maic-chain-"));
const data = join(root, "data");
const subjects = 4;
const epochs = 20;
before(async () => {
  const numbers = ["--subjects", String(subjects), "--epochs", String(epochs), "--seed", "1"];
  assert.equal(await main(["simulate", "maic", "--out", data, ...numbers]), 0);
});
after(() => rmSync(root, { recursive: true }));

/** Runs the stages after training, and checks what is handed in. @returns its record's results */
async function finish(system: string, out: string, trained: readonly string[]): Promise<Record<string, unknown>> {
  for (const stage of ["evaluate", "predict", "ensemble", "submit"])
    assert.equal(await main([stage, "--system", system, "--data", data, "--out", out]), 0, stage);
  for (const run of trained) {
    const { results } = JSON.parse(readFileSync(join(out, "evaluate", run, "evaluate.json"), "utf8"));
    const { macroF1, accuracy } = results.scores;
    assert.ok(macroF1 >= 0 && macroF1 <= 1 && accuracy >= 0 && accuracy <= 1, run);
    assert.ok(existsSync(join(out, "predict", run, "predictions.csv")));
  }
  const { members } = JSON.parse(readFileSync(join(out, "ensemble", "ensemble.json"), "utf8")).results;
  assert.deepEqual(members.map(({ name }: { name: string }) => name).sort(), [...trained].sort());
  const shares = members.map(({ weight }: { weight: number }) => weight);
  assert.ok(Math.abs(shares.reduce((sum: number, share: number) => sum + share, 0) - 1) < 1e-9);
  const asked = readMaicList(join(data, "testset-for_user.csv"));
  const handedIn = readMaicSubmission(join(out, "submit", "files.csv"), asked.length);
  assert.equal(asked.length, epochs);
  assert.equal(handedIn.length, asked.length);
  return JSON.parse(readFileSync(join(out, "submit", "submit.json"), "utf8")).results;
}

test("system 000: both networks, square roots, rules, a stage for each image of the test list", async () => {
  const out = join(root, "sleepingdragon");
  assert.equal(await main(["train", "--system", "sleepingdragon", "--data", data, "--out", out]), 0);
  const facts = await finish("sleepingdragon", out, ["vit_seed0_fold0", "efficientnet_seed0_fold0"]);
  assert.equal(facts["images"], epochs);
  assert.equal(typeof facts["corrected by the rules"], "number");
});

test("system 000 as published learns 1,000 outputs from truncated targets, and is scored by what they are folded to", async () => {
  const slips = sleepingdragonAsPublished({ ...SLEEPINGDRAGON_PRESETS.sample, batchSize: 8, accumulated: 2 });
  const network = sleepingdragonNetwork(slips, { ...slips.members["efficientnet"]!, epochs: 1 });
  const list = maicList(data, "labelled");
  const dataset = maicDataset(list, maicImages(list, { height: slips.height, width: slips.width }));
  const train = subset(
    dataset,
    Array.from({ length: 2 * epochs }, (_, i) => i),
  );
  const validation = subset(dataset, [2 * epochs, 3 * epochs + 1]);
  const { model, result } = await trainMaic(network, { train, validation, seed: 0 });
  const inputs = maicInputs(network, validation);
  const answers = await predict(model, inputs, { batchSize: 2, activation: "softmax" });
  model.dispose();
  assert.equal(answers.classes.length, 1000);
  assert.deepEqual([result.steps, result.updates], [5, 2]); // two batches make a step, the fifth waits
  const { loss, ...scores } = result.history[0]!.metrics;
  // Smoothing goes to all 999 others: at first a loss near the logarithm of 1,000.
  assert.ok(loss! > 4 && loss! < 10, String(loss));
  assert.deepEqual(scores, network.scores!(answers, inputs));
});

test("system 001: both strips and the CNN, the mean of folds, a vote of networks", async () => {
  const out = join(root, "yai");
  const train = (...more: string[]): Promise<number> =>
    main(["train", "--system", "yai", "--data", data, "--out", out, ...more]);
  assert.equal(await train("--member", "bilstm-eog"), 0);
  assert.equal(await train("--member", "bilstm-eeg-eog-emg", "--fold", "0"), 0);
  assert.equal(await train("--member", "efficientnet", "--fold", "1"), 0);
  const trained = [
    "bilstm-eog_seed0_fold0",
    "bilstm-eog_seed0_fold1",
    "bilstm-eeg-eog-emg_seed0_fold0",
    "efficientnet_seed0_fold1",
  ];
  const facts = await finish("yai", out, trained);
  assert.equal(facts["images"], epochs);
});
