/** `signalbook ensemble`: the trained networks' predictions blended as the system does. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { equalReplicas, readPredictions, writePredictions } from "../ensembling";
import type { PipelineAnswer } from "../systems";
import type { OptionValues } from "./command";
import { stageOptions } from "./stage-options";
import { PREDICTIONS_FILE } from "./stage-predict";
import { runFolder, Stage } from "./stage-record";
import { dataRecord, requireRecord, requireSameData, trainedRun, trainings } from "./stage-run";

export async function ensembleCommand(values: OptionValues): Promise<number> {
  const { options, presetName, preset, classes } = trainedRun(stageOptions("ensemble", values));
  const { done, unfinished } = trainings(options);
  const toLabel = dataRecord("to label", options.data, preset.unlabelled(options.data, classes));
  const reads: string[] = [];
  const answers = done.map((run): PipelineAnswer => {
    const name = runFolder(run);
    const [evaluated, predicted] = [requireRecord(options, "evaluate", run), requireRecord(options, "predict", run)];
    requireSameData(options, predicted.data, toLabel, "data to label");
    const file = `predict/${name}/${PREDICTIONS_FILE}`;
    reads.push(file, `evaluate/${name}/evaluate.json`);
    const scores = evaluated.results["scores"] as Record<string, number>;
    return { name, probabilities: readPredictions(join(options.out, file)), scores };
  });
  const stage = new Stage(options, { preset: presetName, run: null, data: toLabel, split: null, reads });
  const state = stage.state();
  if (state === "done") {
    process.stdout.write("ensemble: done before, nothing to do\n");
    return 0;
  }
  if (state === "changed") process.stdout.write("ensemble: what it was made of has changed; made anew\n");
  const twins = equalReplicas(answers.map(({ name, probabilities }) => ({ name, scores: probabilities })));
  if (twins.length > 0)
    throw new SignalbookError("trainings that say the same: one counted twice", {
      file: options.out,
      found: twins.map(({ name, equals }) => `${name} equals ${equals}`).join(", "),
      fix: "remove one of them",
    });
  const started = new Date();
  const { blend, weights } = preset.ensemble(answers);
  writePredictions(stage.path(PREDICTIONS_FILE), blend);
  const members = answers.map(({ name, scores }, m) => ({ name, weight: weights[m]!, scores }));
  stage.write("done", started, [PREDICTIONS_FILE], { members, leftOut: unfinished });
  for (const { name, weight } of members) process.stdout.write(`ensemble: ${name}, weight ${weight.toFixed(4)}\n`);
  for (const name of unfinished) process.stdout.write(`ensemble: ${name} is not finished; left out\n`);
  return 0;
}
