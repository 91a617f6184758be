/** `signalbook evaluate`: each trained network on the examples that were held back from it. */
import { subset, trainTest } from "../training";
import type { OptionValues } from "./command";
import { stageOptions } from "./stage-options";
import { predicted, weightsOf } from "./stage-predict";
import { Stage } from "./stage-record";
import {
  dataRecord,
  leakWarning,
  requireRecord,
  requireSameData,
  requireThreads,
  SPLIT_FILE,
  splitOf,
  trainedRun,
  trainings,
} from "./stage-run";

export async function evaluateCommand(values: OptionValues): Promise<number> {
  const { options, presetName, preset } = trainedRun(stageOptions("evaluate", values));
  requireThreads(options, preset);
  const { done, unfinished } = trainings(options);
  const source = preset.labelled(options.data);
  const labelled = dataRecord("labelled", options.data, source);
  const dataset = source.dataset();
  const { split, record } = splitOf(options, preset, dataset);
  const leak = leakWarning(split);
  const warn = (): void => void (leak !== null && process.stdout.write(`evaluate: ${leak}\n`));
  warn();
  for (const run of done) {
    requireSameData(options, requireRecord(options, "train", run).data, labelled, "labelled data");
    const reads = [SPLIT_FILE, weightsOf(run)];
    const stage = new Stage(options, { preset: presetName, run, data: labelled, split: record, reads });
    const held = subset(dataset, trainTest(split, run.fold).test, `fold ${run.fold}`);
    await predicted(
      stage,
      run,
      preset,
      () => held,
      (answers) => preset.evaluate(answers, held),
    );
  }
  for (const name of unfinished) process.stdout.write(`evaluate ${name}: its training is not finished; left out\n`);
  warn(); // again below the scores, where it is read
  return 0;
}
