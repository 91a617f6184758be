/** `signalbook submit`: the blend as the file that is handed in, read back and checked. */
import { join } from "node:path";
import { readPredictions } from "../ensembling";
import type { OptionValues } from "./command";
import { stageOptions } from "./stage-options";
import { PREDICTIONS_FILE } from "./stage-predict";
import { Stage } from "./stage-record";
import { dataRecord, requireRecord, requireSameData, trainedRun } from "./stage-run";

const SUBMISSION_FILE = "submission.txt";

export async function submitCommand(values: OptionValues): Promise<number> {
  const { options, presetName, preset, classes } = trainedRun(stageOptions("submit", values));
  const ensemble = requireRecord(options, "ensemble", null);
  const toLabel = dataRecord("to label", options.data, preset.unlabelled(options.data, classes));
  requireSameData(options, ensemble.data, toLabel, "data to label");
  const read = `ensemble/${PREDICTIONS_FILE}`;
  const stage = new Stage(options, { preset: presetName, run: null, data: toLabel, split: null, reads: [read] });
  const name = options.pipeline.submissionFile ?? SUBMISSION_FILE;
  const file = stage.path(name);
  const state = stage.state();
  if (state === "done") {
    process.stdout.write(`submit: done before, nothing to do: ${file}\n`);
    return 0;
  }
  if (state === "changed") process.stdout.write("submit: what it was made of has changed; made anew\n");
  const started = new Date();
  const facts = preset.submit(file, readPredictions(join(options.out, read)), options.data);
  stage.write("done", started, [name], facts);
  const told = Object.entries(facts).map(([what, value]) => `${value} ${what}`);
  process.stdout.write(`submit: ${file}, read back as meant: ${told.join(", ")}\n`);
  return 0;
}
