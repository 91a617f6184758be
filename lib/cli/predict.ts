/** `signalbook predict`: each trained network on the examples to label. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../training";
import type { OptionValues } from "./command";
import { type StageOptions, stageOptions } from "./stage-options";
import { predicted, weightsOf } from "./stage-predict";
import { type DataRecord, readRecord, Stage } from "./stage-record";
import { dataRecord, requireSameData, requireThreads, trainedRun, trainings } from "./stage-run";

export async function predictCommand(values: OptionValues): Promise<number> {
  const { options, presetName, preset, classes } = trainedRun(stageOptions("predict", values));
  requireThreads(options, preset);
  const { done, unfinished } = trainings(options);
  const source = preset.unlabelled(options.data, classes);
  const toLabel = dataRecord("to label", options.data, source);
  refuseOtherData(options, toLabel);
  let dataset: Dataset | undefined;
  for (const run of done) {
    const begin = { preset: presetName, run, data: toLabel, split: null, reads: [weightsOf(run)] };
    const read = (): Dataset => {
      dataset ??= source.dataset();
      return dataset;
    };
    await predicted(new Stage(options, begin), run, preset, read, () => ({}));
  }
  for (const name of unfinished) process.stdout.write(`predict ${name}: its training is not finished; left out\n`);
  return 0;
}

/** What was predicted before, by any training, must be of the same examples: an ensemble would mix them. */
function refuseOtherData(options: StageOptions, toLabel: DataRecord): void {
  const folder = join(options.out, "predict");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const before = readRecord(options.out, `predict/${name}/predict.json`);
    if (before !== null) requireSameData(options, before.data, toLabel, "data to label");
  }
}
